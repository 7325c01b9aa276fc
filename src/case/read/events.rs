//! Reads `events` of an expectation: what the events of a stream must be.

use crate::case::matcher::notation;
use crate::case::{Matcher, Rule, Template};
use crate::diagnostic::Diagnostics;
use crate::document::{self, Fields};
use crate::source::Source;

/// The list of a stream's events: a list of matchers, or a matcher of lists.
pub(super) fn read(
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Matcher<Template>> {
    let node = fields.get("events")?;
    let matcher = notation::read(node, source, diagnostics);
    let is_list = match &matcher.rule {
        Rule::Value(Template::Literal(value)) => value.is_array(),
        Rule::Mapping(_) | Rule::Matches(_) | Rule::Compare(..) => false,
        _ => true,
    };
    if !is_list {
        diagnostics.push(
            document::wrong_type("events", "a list of matchers, or a matcher of lists", node, source)
                .with_advice("write what each event must be: `events: [{ data: a }, { data: b }]`, or `{ $each: … }`, `{ $contains: … }`, `{ $length: 3 }`"),
        );
    }
    is_list.then_some(matcher)
}
