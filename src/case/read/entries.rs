//! Reads a list of steps: requests, and what is between them.

use super::context::Context;
use super::step::{self, Role};
use super::{parallel, sending};
use crate::case::StepEntry;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};

/// The fields that make an entry of a list of steps something other than a request.
const OTHER_ENTRIES: [&str; 2] = ["wait", "parallel"];

/// Reads a list of steps: requests, and what is between them.
pub(super) fn read_entries(
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<StepEntry> {
    let items =
        document::expect_sequence("steps", node, context.source, diagnostics).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| entry(item, context, diagnostics))
        .collect()
}

fn entry(node: &Node, context: Context<'_>, diagnostics: &mut Diagnostics) -> Option<StepEntry> {
    let kind = OTHER_ENTRIES
        .into_iter()
        .find(|kind| node.entry(kind).is_some());
    let Some(kind) = kind else {
        return step::read(node, Role::Checked, context, diagnostics).map(StepEntry::from);
    };
    let source = context.source;
    let mut fields = Fields::of("a step", node, source, diagnostics)?;
    let name = fields.string("name", diagnostics).map(|name| name.value);
    let value = fields.get(kind)?;
    let request = step::FIELDS
        .into_iter()
        .filter(|field| *field != "when")
        .find_map(|field| Some((field, fields.entry(field)?)));
    if let (Some((field, entry)), Some(kind_entry)) = (request, fields.entry(kind)) {
        diagnostics.push(
            Diagnostic::error(
                "two-steps",
                format!("`{field}` beside `{kind}`: these are two steps"),
                source.place(entry.key_span),
            )
            .with_related(source.place(kind_entry.key_span), "the other step")
            .with_advice(format!(
                "write `{kind}` as a step of its own, before or after the request"
            )),
        );
        return None;
    }
    let entry = match kind {
        "wait" => sending::wait(&mut fields, name, value, source, diagnostics).map(StepEntry::Wait),
        _ => parallel::read(&mut fields, name, value, context, diagnostics)
            .map(|parallel| StepEntry::Parallel(Box::new(parallel))),
    };
    fields.finish(diagnostics);
    entry
}
