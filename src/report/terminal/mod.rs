//! Text for a terminal: a line for each subject during the run, and after the run the failures, each cause once and on one screen.
//!
//! Pure functions from events and [`Report`] to `String`; nothing here prints. External text is escaped, so the only escape sequences
//! in the result are our own colours, and a plain style has none. Main type: [`Look`].

mod body;
mod case;
mod coverage;
mod diff;
mod mark;
mod paint;
mod snippet;
mod summary;
mod waived;
mod wrapping;

#[cfg(test)]
mod tests;

use super::cause::{What, decisive};
use super::group::{CauseGroup, group};
use super::model::Report;
use super::notes;
use crate::diagnostic::Style;
use crate::event::{RunStarted, SubjectFinished, SubjectKind, Verdict};
use crate::text::{counted, short};

pub use self::coverage::coverage;
pub(crate) use self::paint::{Ink, Paint};

/// The style and width of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub style: Style,
    /// Columns of the terminal. Lines fit down to about 40 columns, except names, places, URLs and the curl line: they are never cut, so
    /// that they can be copied.
    pub width: usize,
}

/// Plain, 100 columns: for files and pipes.
impl Default for Look {
    fn default() -> Self {
        Look {
            style: Style::Plain,
            width: 100,
        }
    }
}

impl Look {
    fn paint(self) -> Paint {
        Paint(self.style)
    }

    /// Columns left after an indentation.
    fn room(self, indent: usize) -> usize {
        self.width.saturating_sub(indent).max(20)
    }

    /// The same look for text that will be indented.
    fn narrower(self, indent: usize) -> Self {
        Look {
            width: self.width.saturating_sub(indent),
            ..self
        }
    }
}

/// Which subjects get a line during a run without a progress bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TerminalLines {
    /// Only failures and errors, and only the first subject of each cause ([`super::SeenCauses`]). (Default)
    #[default]
    NotPassed,
    /// All (`--verbose`).
    All,
    /// None (`--quiet`).
    None,
}

impl TerminalLines {
    /// Whether a subject with this verdict gets its [`line()`].
    pub fn includes(self, verdict: Verdict) -> bool {
        match self {
            TerminalLines::NotPassed => !matches!(verdict, Verdict::Passed | Verdict::Skipped),
            TerminalLines::All => true,
            TerminalLines::None => false,
        }
    }
}

/// The text before a run: one line per system (name, number of subjects, target) and one per contract, with a final line feed.
pub fn opening(run: &RunStarted, look: Look) -> String {
    wrapping::ended(summary::opening(run, look))
}

/// A subject on one line, without a line feed: `PASS magento::customers/me::… (12 ms)`. If it did not pass, the first reason follows:
/// `FAIL magento::customers/me::… (12 ms): body-schema at body /id: "7" is not of type "integer"`.
pub fn line(finished: &SubjectFinished, style: Style) -> String {
    let look = Look {
        style,
        ..Look::default()
    };
    let head = case::headline(finished, look);
    match reason(finished) {
        Some(reason) => format!("{head}: {}", short(&reason, 300)),
        None => head,
    }
}

/// The notes of a subject's steps, a line each, to follow its [`line()`]: what was not sent, sent again, or waited for.
pub fn notes(finished: &SubjectFinished) -> Vec<String> {
    let lines = notes::lines(finished).into_iter();
    lines.map(|note| format!("     {note}")).collect()
}

/// A subject that failed or ended in error, on one screen, without a final line feed.
pub fn case(finished: &SubjectFinished, look: Look) -> String {
    case::case(finished, look)
}

/// The text after a run, with a final line feed: failures and errors (each cause once), lost targets, skips, grouped warnings and waived
/// findings, stale waivers, one line per system, the seed. The last line is always
/// `N cases: P passed, F failed, E errors, S skipped (T s)`; T has two decimals. Entries of a recording are counted as `N entries`.
pub fn closing(report: &Report, look: Look) -> String {
    let summary = report.summary();
    let mut parts = Vec::new();
    parts.extend(subjects(&report.failed(), summary.kind, look));
    parts.extend(subjects(&report.errors(), summary.kind, look));
    parts.push(summary::lost_targets(&summary, look));
    parts.push(summary::skipped(report, look));
    parts.push(summary::warnings(report, look));
    parts.push(waived::waived(report, look));
    parts.push(waived::stale(&summary, look));
    parts.push(summary::closing(report, &summary, look));
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|lines| !lines.is_empty())
        .map(|lines| lines.join("\n"))
        .collect();
    parts.join("\n\n") + "\n"
}

/// A whole run: [`opening`], an empty line, [`closing`].
pub fn render(report: &Report, look: Look) -> String {
    let mut out = match report.run() {
        Some(run) => opening(run, look) + "\n",
        None => String::new(),
    };
    out.push_str(&closing(report, look));
    out
}

/// Maximum number of subjects shown in full; the others have one line each.
const SCREENS: usize = 25;
/// Maximum number of lines about causes that occur only after another cause.
const CONSEQUENCES: usize = 12;
/// Maximum number of named subjects that share a cause.
const NAMED: usize = 5;

fn subjects(subjects: &[&SubjectFinished], kind: SubjectKind, look: Look) -> Vec<Vec<String>> {
    let (groups, consequences) = group(subjects);
    let noun = kind.noun();
    let mut parts = Vec::new();
    for CauseGroup { shown, also, .. } in groups.iter().take(SCREENS) {
        let mut lines = vec![case::case(shown, look)];
        if !also.is_empty() {
            lines.push(String::new());
            let more = counted(also.len(), &format!("more {noun}"));
            lines.push(format!("  the same in {more}:"));
            let named = also.iter().take(NAMED);
            let named = named.map(|subject| subject.subject.to_string());
            lines.extend(named.map(|name| format!("    {}", crate::text::line(&name))));
            if also.len() > NAMED {
                lines.push(format!("    … and {} more", also.len() - NAMED));
            }
        }
        parts.push(lines);
    }
    let in_brief: Vec<String> = groups
        .iter()
        .skip(SCREENS)
        .map(|group| {
            let also = match group.also.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            line(group.shown, look.style) + &also
        })
        .collect();
    if !in_brief.is_empty() {
        let note = "more in brief (see the JSON report for details):";
        let mut lines = vec![look.paint().text(Ink::Strong, note)];
        lines.extend(in_brief);
        parts.push(lines);
    }
    if !consequences.is_empty() {
        let note =
            format!("found only after one of these in the same {noun}, possibly as a consequence:");
        let mut lines = vec![look.paint().text(Ink::Strong, &note)];
        for consequence in consequences.iter().take(CONSEQUENCES) {
            let text = short(&consequence.cause.to_string(), 200);
            let number = counted(consequence.subjects, noun);
            let first = consequence.first.to_string();
            lines.push(format!(
                "  {text} ({number}, first {})",
                crate::text::line(&first)
            ));
        }
        if consequences.len() > CONSEQUENCES {
            let more = consequences.len() - CONSEQUENCES;
            lines.push(format!("  … and {more} more (see the JSON report)"));
        }
        parts.push(lines);
    }
    parts
}

/// The first reason why a subject did not pass, or passed before its last step.
fn reason(finished: &SubjectFinished) -> Option<String> {
    match (
        finished.verdict,
        decisive(finished).map(|occurrence| occurrence.what),
    ) {
        (Verdict::Failed, Some(What::Finding(finding))) => Some(format!(
            "{} at {}: {}",
            finding.code, finding.at, finding.message
        )),
        _ => finished.reason.as_ref().map(ToString::to_string),
    }
}
