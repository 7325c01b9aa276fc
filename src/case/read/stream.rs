//! Reads `stream` of a step: how much of a stream is read.

use crate::case::Located;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::exchange::StreamLimit;
use crate::source::{Source, Spanned};

use super::expectation::read_duration;

/// How much of a stream is read; `None`, with diagnostics, where it names no limit.
pub(super) fn read(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Located<StreamLimit>> {
    let mut fields = Fields::of("`stream`", node, source, diagnostics)?;
    let events = fields.get("events").and_then(|node| {
        let number = match &node.value {
            document::Value::Number(number) => number.as_u64(),
            _ => None,
        };
        let events = number.and_then(|number| usize::try_from(number).ok());
        let events = events.filter(|&events| events > 0);
        if events.is_none() {
            let place = source.place(node.span);
            let written = place.text();
            let message = format!("`events` must be a whole number from 1, not `{written}`");
            diagnostics.push(Diagnostic::error("wrong-value", message, place.clone()));
        }
        events
    });
    let within = fields
        .get("within")
        .and_then(|node| read_duration("within", node, source, diagnostics))
        .map(|within| within.value);
    let has_limit = fields.get("events").is_some() || fields.get("within").is_some();
    fields.finish(diagnostics);
    let place = source.place(node.span);
    if !has_limit {
        diagnostics.push(
            Diagnostic::error("missing-field", "`stream` without a limit", place.clone())
                .with_advice("say how much is read: `stream: { events: 5, within: 10s }`"),
        );
    }
    (events.is_some() || within.is_some())
        .then(|| Spanned::new(StreamLimit { events, within }, place).into())
}
