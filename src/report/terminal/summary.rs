//! The lines around the cases: what is run before them, what it came to after them.

use crate::event::{RunStarted, TargetLost};
use crate::report::untrusted::{line, short};
use crate::report::{Counts, CutShort, Report, Warning};

use super::Look;
use super::paint::{Ink, Paint};
use super::waived;
use super::words::{WORDS, counted, hanging};

/// One line a system and one for each of its contracts.
pub(super) fn opening(run: &RunStarted, look: Look) -> Vec<String> {
    let paint = look.paint();
    let mut out = Vec::new();
    if let Some(shard) = run.shard {
        let (cases, all) = (run.cases, counted(shard.cases, "case"));
        out.push(paint.text(Ink::Strong, &format!("shard {shard}: {cases} of {all}")));
    }
    for system in &run.systems {
        let name = paint.text(Ink::Strong, &line(&system.system));
        let cases = counted(system.cases, "case");
        // A target without a name of its own is called by its URL.
        let mut called = Vec::new();
        if system.target != system.url {
            called.push(line(&system.target).into_owned());
        }
        if let Some(version) = &system.target_version {
            called.push(format!("version {}", line(version)));
        }
        let called = match called.is_empty() {
            true => String::new(),
            false => format!(" ({})", called.join(", ")),
        };
        out.push(format!(
            "{name}: {cases} against {}{called}",
            line(&system.url)
        ));
        for contract in &system.contracts {
            out.push(format!(
                "  contract {}: {} {}",
                line(&contract.path),
                line(&contract.title),
                line(&contract.version)
            ));
            for overlay in &contract.overlays {
                out.push(format!("    corrected by {}", line(overlay)));
            }
        }
        if system.contract != "real" {
            out.push(format!(
                "  checked against the {} contract: overlays are not applied",
                line(&system.contract)
            ));
        }
    }
    out
}

/// `magento: cannot ask http://127.0.0.1:9: connection refused (41 cases not run); is the server up?`: one line, however many cases.
pub(super) fn lost(lost: &TargetLost, paint: Paint) -> String {
    let TargetLost {
        system,
        target: _,
        url,
        error,
        cases,
    } = lost;
    let head = paint.text(
        Ink::Error,
        &format!("{}: cannot ask {}", line(system), line(url)),
    );
    let advice = match &error.advice {
        Some(advice) => format!("; {}", line(advice)),
        None => String::new(),
    };
    format!(
        "{head}: {} ({} not run){advice}",
        short(&error.message, WORDS),
        counted(*cases, "case")
    )
}

/// Skipped cases by reason.
pub(super) fn skipped(report: &Report, look: Look) -> Vec<String> {
    let reasons = report.skip_reasons();
    let all: usize = reasons.iter().map(|(_, count)| count).sum();
    if all == 0 {
        return Vec::new();
    }
    let title = format!("skipped: {}", counted(all, "case"));
    let mut out = vec![look.paint().text(Ink::Skipped, &title)];
    for (reason, count) in reasons {
        out.extend(hanging(
            &format!("{count:>5}  "),
            &short(reason, WORDS),
            look,
        ));
    }
    out
}

/// Warnings by cause.
pub(super) fn warnings(report: &Report, look: Look) -> Vec<String> {
    const SHOWN: usize = 20;
    let warnings = report.warnings();
    if warnings.is_empty() {
        return Vec::new();
    }
    let title = format!(
        "warnings: {} (no case fails for them)",
        counted(warnings.len(), "kind")
    );
    let mut out = vec![look.paint().text(Ink::Warning, &title)];
    for warning in warnings.iter().take(SHOWN) {
        out.extend(hanging("  ", &short(&warned(warning), WORDS), look));
    }
    let more = warnings.len().saturating_sub(SHOWN) + report.further_warnings();
    if more > 0 {
        out.push(format!("  … and {more} more (see the JSON report)"));
    }
    out
}

fn warned(warning: &Warning) -> String {
    let Warning {
        system,
        code,
        operation,
        at,
        message,
        cases,
        first,
    } = warning;
    let at = if at.is_empty() {
        String::new()
    } else {
        format!(" at {}", at.trim_end())
    };
    let seen = match (cases, first.as_slice()) {
        (1, [only]) => format!("in {only}"),
        _ => format!("in {cases} cases"),
    };
    format!("{code} {system} {operation}{at}: {message}, {seen}")
}

/// How the run ended where it did not end by itself; a line a system; what was waived; the seed; and the last line, which is a
/// contract:
/// `N cases: P passed, F failed, E errors, S skipped (T s)`.
pub(super) fn closing(report: &Report, look: Look) -> Vec<String> {
    let paint = look.paint();
    let mut out = Vec::new();
    let without = counted(report.without_verdict(), "case");
    let notes = report.run().map_or(&[][..], |run| &run.notes);
    out.extend(notes.iter().map(|note| paint.text(Ink::Error, &line(note))));
    let cut_short = report.cut_short().map(|how| match how {
        CutShort::Interrupted => format!("interrupted: {without} without verdict"),
        CutShort::Stopped(why) => format!("stopped {}: {without} not run", line(why)),
        CutShort::Killed => {
            // A report merged from shards says itself which of them did not come to their end.
            match report.run() {
                Some(run) if !run.notes.is_empty() => {
                    format!("cut short: {without} without verdict")
                }
                _ => format!("the recording ends before the run did: {without} without verdict"),
            }
        }
    });
    out.extend(cut_short.map(|text| paint.text(Ink::Error, &text)));
    if report.cut_short() == Some(CutShort::Killed) {
        out.extend(under_way(report));
    }
    for system in report.systems() {
        let name = paint.text(Ink::Strong, &line(&system.system.system));
        out.push(format!("{name}: {}", verdicts(system.counts)));
    }
    out.extend(waived::counts(report));
    if let Some(run) = report.run() {
        out.push(format!("seed {0} (repeat with --seed {0})", run.seed));
    }
    let counts = report.counts();
    let seconds = match report.end() {
        Some(end) => format!("{:.2}", end.milliseconds / 1000.0),
        // Nobody knows how long a killed run took.
        None => "?".to_owned(),
    };
    let total = counts.total();
    // Not `counted`: one form, also for one case, so that a script finds it.
    out.push(format!("{total} cases: {} ({seconds} s)", verdicts(counts)));
    out
}

/// The cases that a killed run took along: the first to look at.
fn under_way(report: &Report) -> Vec<String> {
    const NAMED: usize = 10;
    let cases = report.under_way();
    if cases.is_empty() {
        return Vec::new();
    }
    let mut out = vec![format!(
        "under way at that moment: {}",
        counted(cases.len(), "case")
    )];
    let named = cases.iter().take(NAMED);
    out.extend(named.map(|case| format!("  {}", line(&case.to_string()))));
    if cases.len() > NAMED {
        out.push(format!("  … and {} more", cases.len() - NAMED));
    }
    out
}

fn verdicts(counts: Counts) -> String {
    let Counts {
        passed,
        failed,
        errors,
        skipped,
    } = counts;
    format!("{passed} passed, {failed} failed, {errors} errors, {skipped} skipped")
}
