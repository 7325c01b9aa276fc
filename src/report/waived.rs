//! Waived findings in words. Main functions: [`lines`], [`accepted`].

use super::cause::{Weight, What, met};
use crate::event::{SubjectFinished, WaiverRecord};
use crate::text::line;

/// The waived findings of one subject, a line each, escaped: code, place, message, and who accepted it until when.
pub(super) fn lines(finished: &SubjectFinished) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for one in met(finished).filter(|one| one.weight() == Weight::Waived) {
        let What::Finding(finding) = one.what else {
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
    let who: Vec<&str> = [&waiver.ticket, &waiver.owner]
        .into_iter()
        .filter_map(|one| one.as_deref())
        .collect();
    let text = format!(
        "until {}: {} [{}]",
        waiver.until,
        waiver.reason,
        who.join(", ")
    );
    line(&text).into_owned()
}
