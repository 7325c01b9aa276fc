//! Reads the step `parallel` into [`Parallel`].

use super::context::Context;
use super::expectation;
use super::sending;
use super::step::{self, Role};
use crate::case::matcher::notation;
use crate::case::{ExpectedOutcome, Parallel, Step};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::source::Spanned;

/// Reads a step `parallel: { steps, outcomes }` or `parallel: { times, step, outcomes }` from its fields.
pub(super) fn read(
    fields: &mut Fields<'_>,
    name: Option<String>,
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Parallel> {
    let source = context.source;
    let when = sending::when(fields, source, diagnostics);
    let mut inner = Fields::of("`parallel`", node, source, diagnostics)?;
    let place = source.place(node.span);
    let steps = inner.entry("steps");
    let step = inner.entry("step");
    let times = inner.get("times").and_then(|node| {
        let times = match &node.value {
            document::Value::Number(number) => number.as_u64(),
            _ => None,
        };
        let fits = times.filter(|times| (2..=Parallel::MAX).contains(times));
        if fits.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "parallel-steps",
                    "`times` must be a whole number from 2 to 100",
                    source.place(node.span),
                )
                .with_advice("say how many copies of the step are sent at the same time"),
            );
        }
        fits
    });
    let has_times = inner.get("times").is_some();
    let (steps, times) = match (steps, step) {
        (Some(entry), None) if !has_times => {
            let items = document::expect_sequence("steps", &entry.value, source, diagnostics)?;
            let read: Vec<Step> = items
                .iter()
                .filter_map(|item| step::read(item, Role::Parallel, context, diagnostics))
                .collect();
            if !(2..=Parallel::MAX as usize).contains(&items.len()) {
                diagnostics.push(
                    Diagnostic::error(
                        "parallel-steps",
                        format!("{} parallel steps", items.len()),
                        source.place(entry.value.span),
                    )
                    .with_advice("list 2 to 100 steps, or send one several times: `parallel: { times: 5, step: { … } }`"),
                );
            }
            if read.len() != items.len() {
                return None;
            }
            (read, None)
        }
        (None, Some(entry)) => {
            let read = step::read(&entry.value, Role::Parallel, context, diagnostics);
            if !has_times {
                diagnostics.push(
                    Diagnostic::error(
                        "parallel-steps",
                        "`step` without `times`",
                        source.place(entry.key_span),
                    )
                    .with_advice("say how often it is sent: `times: 5`"),
                );
            }
            (vec![read?], times)
        }
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    "parallel-steps",
                    "`parallel` needs either `steps`, or `times` and `step`",
                    place,
                )
                .with_advice(
                    "write `parallel: { steps: [ … ] }`, or `parallel: { times: 5, step: { … } }`",
                ),
            );
            return None;
        }
    };
    let outcomes = inner
        .get("outcomes")
        .map(|node| outcomes(node, context, diagnostics))
        .unwrap_or_default();
    inner.finish(diagnostics);
    if steps.len() == 1 && times.is_none() {
        return None;
    }
    Some(Parallel {
        name,
        when,
        steps,
        times: times.map(|times| times as usize),
        outcomes,
        place: Some(place),
    })
}

/// How many responses have which status.
fn outcomes(
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<ExpectedOutcome> {
    let source = context.source;
    let entries = document::expect_mapping("outcomes", node, source, diagnostics);
    let mut found = Vec::new();
    for (key, entry) in entries.into_iter().flatten() {
        let place = source.place(entry.key_span);
        let Some(status) = expectation::status_of_text(key) else {
            diagnostics.push(
                Diagnostic::error("bad-status", "not an HTTP status", place)
                    .with_advice("write a number from 100 to 599, or a range such as `4XX`, and how many responses have it: `outcomes: { 201: 1, 409: 4 }`"),
            );
            continue;
        };
        found.push(ExpectedOutcome {
            status: Spanned::new(status, place).into(),
            count: notation::read(&entry.value, source, diagnostics),
        });
    }
    found
}
