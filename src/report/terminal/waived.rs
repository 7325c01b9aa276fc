//! Waivers in the text below a run: what they covered, and which covered nothing.

use crate::event::WaiverRecord;
use crate::report::untrusted::{line, short};
use crate::report::{Report, Waived};

use super::paint::Ink;
use super::words::{WORDS, counted, hanging};
use super::{Look, snippet};

/// Kinds shown; the others are in the JSON report.
const SHOWN: usize = 20;

/// Waived findings by cause, each with the waiver's words.
pub(super) fn waived(report: &Report, look: Look) -> Vec<String> {
    let waived = report.waived();
    if waived.is_empty() {
        return Vec::new();
    }
    let title = format!(
        "waived: {} (no case fails for them)",
        counted(waived.len(), "kind")
    );
    let mut out = vec![look.paint().text(Ink::Skipped, &title)];
    for one in waived.iter().take(SHOWN) {
        out.extend(hanging("  ", &short(&told(one), WORDS), look));
        let reason = short(&crate::report::waived::accepted(&one.waiver), WORDS);
        out.extend(hanging("    ", &reason, look));
    }
    if waived.len() > SHOWN {
        let more = waived.len() - SHOWN;
        out.push(format!("  … and {more} more (see the JSON report)"));
    }
    out
}

fn told(one: &Waived) -> String {
    let Waived {
        system,
        code,
        operation,
        at,
        message,
        waiver: _,
        findings: _,
        cases,
        ended,
        place: _,
        contract: _,
    } = one;
    let ended = match ended {
        0 => String::new(),
        ended => format!(" ({ended} ended there; later steps were not taken)"),
    };
    let cases = counted(*cases, "case");
    format!("{code} {system} {operation} at {at}: {message}, in {cases}{ended}")
}

/// Waivers that matched nothing, with what to do.
pub(super) fn stale(report: &Report, look: Look) -> Vec<String> {
    let stale = report.stale_waivers();
    if stale.is_empty() {
        return Vec::new();
    }
    let strict = report.end().is_some_and(|end| end.strict_waivers);
    let (ink, consequence) = if strict {
        (Ink::Failed, "; the run fails for them (--strict-waivers)")
    } else {
        (Ink::Warning, "")
    };
    let title = format!(
        "stale: {} matched nothing{consequence}",
        counted(stale.len(), "waiver")
    );
    let mut out = vec![look.paint().text(ink, &title)];
    for waiver in stale.iter().take(SHOWN) {
        let WaiverRecord {
            place,
            code,
            operation,
            at,
            ..
        } = waiver;
        let text = format!(
            "{} {code} {operation} at {at}: remove it, or limit it by `target`, `system` or `case`",
            snippet::position(place)
        );
        out.extend(hanging("  ", &line(&text), look));
    }
    if stale.len() > SHOWN {
        let more = stale.len() - SHOWN;
        out.push(format!("  … and {more} more (see the JSON report)"));
    }
    out
}

/// The waiver of a finding, on one line.
pub(super) fn accepted(waiver: &WaiverRecord) -> String {
    let position = snippet::position(&waiver.place);
    format!("{position} {}", crate::report::waived::accepted(waiver))
}

/// `waived: 5 findings in 3 cases`, where there are any.
pub(super) fn counts(report: &Report) -> Option<String> {
    let (findings, cases) = report.waived_counts();
    (findings > 0).then(|| {
        format!(
            "waived: {} in {}",
            counted(findings, "finding"),
            counted(cases, "case")
        )
    })
}
