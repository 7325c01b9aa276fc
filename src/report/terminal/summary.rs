//! The lines before and after the subjects: what is run, and the result.

use super::Look;
use super::paint::{Ink, Paint};
use super::waived;
use super::wrapping::{MESSAGE, hanging};
use crate::contract::Reading;
use crate::event::RunStarted;
use crate::report::model::Report;
use crate::report::summary::{Problem, ProblemKind, Summary};
use crate::text::{counted, line, short};

/// One line per system and one per contract.
pub(super) fn opening(run: &RunStarted, look: Look) -> Vec<String> {
    let paint = look.paint();
    let mut out = Vec::new();
    if let Some(shard) = run.shard {
        let all = counted(shard.planned, run.subjects.noun());
        let text = format!("shard {shard}: {} of {all}", run.planned);
        out.push(paint.text(Ink::Strong, &text));
    }
    for system in &run.systems {
        let name = paint.text(Ink::Strong, &line(&system.system));
        let planned = counted(system.planned, run.subjects.noun());
        // A target without a name is identified by its URL.
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
            "{name}: {planned} against {}{called}",
            line(&system.url)
        ));
        for note in system.connection.notes() {
            out.push(format!("  {}", line(&note)));
        }
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
        if system.contract != Reading::Corrected {
            out.push(format!(
                "  checked against the {} contract: overlays are not applied",
                system.contract
            ));
        }
    }
    out
}

/// `magento: cannot reach http://127.0.0.1:9: connection refused (41 cases not run); is the server up?`: one line for any number of subjects.
pub(super) fn lost(problem: &Problem, paint: Paint) -> String {
    paint.text(Ink::Error, &problem.with_advice())
}

/// The lost targets, one line each.
pub(super) fn lost_targets(summary: &Summary, look: Look) -> Vec<String> {
    let lost = summary.problems_of(ProblemKind::LostTarget);
    lost.map(|problem| self::lost(problem, look.paint()))
        .collect()
}

/// Skipped subjects by reason.
pub(super) fn skipped(report: &Report, look: Look) -> Vec<String> {
    let reasons = report.skip_reasons();
    let all: usize = reasons.iter().map(|(_, count)| count).sum();
    if all == 0 {
        return Vec::new();
    }
    let title = format!("skipped: {}", counted(all, report.subject_kind().noun()));
    let mut out = vec![look.paint().text(Ink::Skipped, &title)];
    for (reason, count) in reasons {
        out.extend(hanging(
            &format!("{count:>5}  "),
            &reason.short(MESSAGE),
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
    let noun = report.subject_kind().noun();
    let kinds = counted(warnings.len(), "kind");
    let title = format!("warnings: {kinds} (no {noun} fails for them)");
    let mut out = vec![look.paint().text(Ink::Warning, &title)];
    for cause in warnings.iter().take(SHOWN) {
        let seen = match (cause.subjects, &cause.first[..]) {
            (1, [only]) => format!("in {}", only.subject),
            (subjects, _) => format!("in {}", counted(subjects, noun)),
        };
        let text = format!("{}: {cause}, {seen}", cause.system);
        out.extend(hanging("  ", &short(&text, MESSAGE), look));
    }
    let more = warnings.len().saturating_sub(SHOWN) + report.further_warnings();
    if more > 0 {
        out.push(format!("  … and {more} more (see the JSON report)"));
    }
    out
}

/// Why the run was cut short, one line per system, the waived findings, the seed, and the last line, whose format is fixed:
/// [`Summary::last_line`].
pub(super) fn closing(report: &Report, summary: &Summary, look: Look) -> Vec<String> {
    let paint = look.paint();
    let mut out = Vec::new();
    let remarks = summary.notes.iter().chain(&summary.cut_short);
    out.extend(remarks.map(|text| paint.text(Ink::Error, text)));
    out.extend(summary.running.iter().cloned());
    for system in report.systems() {
        let name = paint.text(Ink::Strong, &line(&system.system.system));
        out.push(format!("{name}: {}", system.counts));
    }
    out.extend(waived::counts(report));
    if let Some(seed) = summary.seed {
        out.push(format!("seed {seed} (repeat with --seed {seed})"));
    }
    out.push(summary.last_line());
    out
}
