//! `run --until-failure`: the same cases, round after round, each with its own seed, until one of them does not pass.

use std::num::NonZeroU64;

use super::ExitStatus;
use super::report_files::Proposals;
use super::round::Runner;
use super::seeds::Seeds;
use super::select::Selected;
use crate::cli::console::Verbosity;
use crate::diagnostic::Diagnostics;
use crate::report::Report;
use crate::text::counted;

/// Repeats the selected cases, at most `most` rounds. Report and exit status are those of the last round. If the user ends it between
/// two rounds, the status is [`ExitStatus::Interrupted`], because no failure was found.
pub(super) async fn repeat(
    runner: &mut Runner<'_>,
    selected: Selected,
    most: Option<NonZeroU64>,
    proposals: Option<Proposals>,
) -> Result<ExitStatus, Diagnostics> {
    let console = runner.setting.console;
    let mut seeds = Seeds::from(selected.settings.seed);
    let mut number = 1;
    loop {
        let round = selected.clone().with_seed(seeds.draw());
        let ended = runner.round(round, number == 1).await?;
        let passed = ended.report.exit_status() == ExitStatus::Passed;
        let stopped = runner.is_stopped();
        if passed && !stopped && most.is_none_or(|most| number < most.get()) {
            if console.verbosity != Verbosity::Quiet {
                console.say(&line(number, &ended.report));
            }
            number += 1;
            continue;
        }
        let before = counted(number as usize - usize::from(!passed), "round");
        console.say(&match (ended.report.exit_status(), stopped) {
            (ExitStatus::Passed, false) => format!("{before} passed, as requested\n"),
            (ExitStatus::Passed | ExitStatus::Interrupted, _) => {
                format!("interrupted: {before} passed, none failed\n")
            }
            (ExitStatus::NothingMatched, _) => "no case was run, so nothing is repeated\n".into(),
            _ => format!("round {number} did not pass; {before} passed before it\n"),
        });
        let status = runner.finish(ended, proposals);
        return Ok(match status {
            ExitStatus::Passed if stopped => ExitStatus::Interrupted,
            status => status,
        });
    }
}

/// `round 3: 12 passed, 2 skipped (0.35 s, seed 77)`
fn line(number: u64, report: &Report) -> String {
    let counts = report.counts();
    let skipped = match counts.skipped {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    let milliseconds = report.end().map_or(0.0, |end| end.milliseconds);
    let seed = report.run().map_or(0, |run| run.seed);
    format!(
        "round {number}: {} passed{skipped} ({:.2} s, seed {seed})",
        counts.passed,
        milliseconds / 1000.0
    )
}
