//! What happened at the steps of a subject besides requests and responses, as text. Main function: [`lines`].

use crate::event::{StepRecord, SubjectFinished};
use crate::text::line;

/// Maximum number of lines of a subject.
const LINES: usize = 20;

/// The notes of a subject, an escaped line each, with the label of the step: `GET /jobs/{id}: polled 5 times in 812 ms: 4 × 202, 200`.
pub(super) fn lines(finished: &SubjectFinished) -> Vec<String> {
    let mut lines: Vec<String> = finished.steps.iter().flat_map(of_step).collect();
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("… and {more} more (see the JSON report)"));
    }
    lines
}

/// The notes of a step.
pub(super) fn of_step(step: &StepRecord) -> impl Iterator<Item = String> {
    let notes = step.notes.iter();
    notes.map(|note| format!("{}: {note}", line(&step.label.to_string())))
}
