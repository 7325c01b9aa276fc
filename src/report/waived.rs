//! Waived findings as text. Main functions: [`lines`], [`accepted`].

use super::cause::{Weight, What, occurrences};
use crate::event::{SubjectFinished, WaiverRecord};
use crate::text::line;

/// The waived findings of a subject, an escaped line each: code, place, message, and the waiver's owner, ticket and last day.
pub(super) fn lines(finished: &SubjectFinished) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for occurrence in
        occurrences(finished).filter(|occurrence| occurrence.weight() == Weight::Waived)
    {
        let What::Finding(finding) = occurrence.what else {
            continue;
        };
        let Some(waiver) = &finding.waived else {
            continue;
        };
        let line = format!(
            "waived: {} at {}: {} ({})",
            finding.code,
            finding.at.without_indices(),
            finding.message,
            accepted(waiver)
        );
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// `until 2026-12-31: the import sends null [ABC-123]`, escaped.
pub(super) fn accepted(waiver: &WaiverRecord) -> String {
    let accepted_by: Vec<&str> = [&waiver.ticket, &waiver.owner]
        .into_iter()
        .filter_map(|text| text.as_deref())
        .collect();
    let text = format!(
        "until {}: {} [{}]",
        waiver.until,
        waiver.reason,
        accepted_by.join(", ")
    );
    line(&text).into_owned()
}
