//! Waivers in the text after a run: what they covered, and which covered nothing.

use super::Look;
use super::paint::Ink;
use super::wrapping::{MESSAGE, hanging};
use crate::event::WaiverRecord;
use crate::report::model::Report;
use crate::report::summary::{ProblemKind, Summary};
use crate::report::waived::accepted as accepted_until;
use crate::text::{counted, short};

/// Maximum number of kinds shown; the others are in the JSON report.
const SHOWN: usize = 20;

/// Waived findings by cause, each with its waiver.
pub(super) fn waived(report: &Report, look: Look) -> Vec<String> {
    let waived = report.waived();
    if waived.is_empty() {
        return Vec::new();
    }
    let noun = report.subject_kind().noun();
    let kinds = counted(waived.len(), "kind");
    let title = format!("waived: {kinds} (no {noun} fails for them)");
    let mut out = vec![look.paint().text(Ink::Skipped, &title)];
    for cause in waived.iter().take(SHOWN) {
        let ended = match cause.ended {
            0 => String::new(),
            ended => format!(" ({ended} ended there; later steps were not run)"),
        };
        let subjects = counted(cause.subjects, noun);
        let text = format!("{}: {cause}, in {subjects}{ended}", cause.system);
        out.extend(hanging("  ", &short(&text, MESSAGE), look));
        if let Some(waiver) = &cause.waiver {
            let reason = short(&accepted_until(waiver), MESSAGE);
            out.extend(hanging("    ", &reason, look));
        }
    }
    if waived.len() > SHOWN {
        let more = waived.len() - SHOWN;
        out.push(format!("  … and {more} more (see the JSON report)"));
    }
    out
}

/// Waivers that matched nothing, with advice.
pub(super) fn stale(summary: &Summary, look: Look) -> Vec<String> {
    let mut out = Vec::new();
    for problem in summary.problems_of(ProblemKind::StaleWaivers) {
        let ink = match problem.fails() {
            true => Ink::Failed,
            false => Ink::Warning,
        };
        out.push(
            look.paint()
                .text(ink, &format!("stale: {}", problem.message)),
        );
        let advice = problem.advice.as_deref().unwrap_or_default();
        for waiver in problem.details.iter().take(SHOWN) {
            out.extend(hanging("  ", &format!("{waiver}: {advice}"), look));
        }
        if problem.details.len() > SHOWN {
            let more = problem.details.len() - SHOWN;
            out.push(format!("  … and {more} more (see the JSON report)"));
        }
    }
    out
}

/// The waiver of a finding, on one line.
pub(super) fn accepted(waiver: &WaiverRecord) -> String {
    format!("{} {}", waiver.place, accepted_until(waiver))
}

/// `waived: 5 findings in 3 cases`, if there are waived findings.
pub(super) fn counts(report: &Report) -> Option<String> {
    let (findings, subjects) = report.waived_counts();
    (findings > 0).then(|| {
        format!(
            "waived: {} in {}",
            counted(findings, "finding"),
            counted(subjects, report.subject_kind().noun())
        )
    })
}
