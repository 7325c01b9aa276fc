//! The output during a run: a progress bar on a terminal, plain lines elsewhere. Main type: [`Progress`].

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::{Console, Verbosity};
use crate::event::{Event, SubjectFinished, Verdict};
use crate::report::SeenCauses;
use crate::report::terminal::{self, Look, TerminalLines};
use crate::text::line;

/// Receives every event of a run. Lines go to standard output, the bar to standard error, so that redirected output stays clean.
pub(super) struct Progress {
    console: Console,
    look: Look,
    lines: TerminalLines,
    bar: ProgressBar,
    causes: SeenCauses,
    /// Whether the lines about systems and contracts are shown.
    opening: bool,
    /// Cases so far that neither passed nor were skipped.
    broken: usize,
}

impl Progress {
    /// A bar if standard error is a terminal and `--quiet` is not given. Lines for cases that did not pass; with `--verbose` for all, with
    /// `--quiet` for none.
    pub(super) fn new(console: Console, look: Look) -> Progress {
        let lines = match console.verbosity {
            Verbosity::Quiet => TerminalLines::None,
            Verbosity::Normal => TerminalLines::NotPassed,
            Verbosity::Verbose => TerminalLines::All,
        };
        let target = match console.is_terminal() && console.verbosity != Verbosity::Quiet {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        // The template is a constant; if it were invalid, the default would be used.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}{prefix} {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Progress {
            console,
            look,
            lines,
            bar,
            causes: SeenCauses::default(),
            opening: console.verbosity != Verbosity::Quiet,
            broken: 0,
        }
    }

    /// Leaves out the lines about systems and contracts, which an earlier round has shown.
    pub(super) fn without_opening(mut self) -> Progress {
        self.opening = false;
        self
    }

    /// Shows an event.
    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => {
                self.bar.set_length(run.planned as u64);
                if self.opening {
                    self.say(terminal::opening(run, self.look).trim_end());
                }
            }
            Event::Planned(_) | Event::LeftOpen(_) | Event::Coverable(_) | Event::Unknown => {}
            Event::SubjectStarted { subject } => {
                let name = subject.to_string();
                self.bar.set_message(line(&name).into_owned());
            }
            Event::SubjectFinished(case) => self.finished(case),
            // The closing text reports it, in one line for each system; a second line would look like a second problem.
            Event::TargetLost(lost) => self.bar.inc(lost.not_run as u64),
            Event::RunFinished(_) => self.bar.finish_and_clear(),
        }
    }

    /// Shows a line above the bar, besides those for events.
    pub(super) fn note(&self, text: &str) {
        self.bar.suspend(|| self.console.warn(text));
    }

    fn finished(&mut self, case: &SubjectFinished) {
        self.bar.inc(1);
        if !matches!(case.verdict, Verdict::Passed | Verdict::Skipped) {
            self.broken += 1;
            self.bar
                .set_prefix(format!(" ({} not passed)", self.broken));
        }
        let is_already_reported =
            self.lines == TerminalLines::NotPassed && !self.causes.are_new(case);
        if self.lines.includes(case.verdict) && !is_already_reported {
            self.say(&terminal::line(case, self.look.style));
            if self.lines == TerminalLines::All {
                let notes = terminal::notes(case);
                notes.iter().for_each(|note| self.say(note));
            }
        }
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| self.console.say(text));
    }
}
