//! Reads `binary` of `expect:` into a [`BinaryExpectation`].

use super::attachment::Attachments;
use crate::case::matcher::notation;
use crate::case::{BinaryExpectation, Matcher, Rule, Template};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::source::Source;

/// `None`, with a diagnostic, where it is not a mapping.
pub(super) fn read(
    node: &Node,
    source: &Source,
    attachments: Attachments<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<BinaryExpectation<Template>> {
    let mut fields = Fields::of("`binary`", node, source, diagnostics)?;
    let size = fields.get("size").and_then(|node| {
        let is_size = serde_json::Value::is_u64;
        scalar(
            "size",
            "a number of bytes or a matcher",
            is_size,
            node,
            source,
            diagnostics,
        )
    });
    let media_type = fields.get("media_type").and_then(|node| {
        let is_text = serde_json::Value::is_string;
        scalar(
            "media_type",
            "a media type or a matcher",
            is_text,
            node,
            source,
            diagnostics,
        )
    });
    let sha256 = fields
        .get("sha256")
        .and_then(|node| hash(node, source, diagnostics));
    let file = fields
        .get("file")
        .and_then(|node| document::expect_string("file", node, source, diagnostics))
        .and_then(|path| attachments.find(path, diagnostics));
    fields.finish(diagnostics);
    if node.as_mapping().is_some_and(|entries| entries.is_empty()) {
        diagnostics.push(
            Diagnostic::error(
                "missing-field",
                "`binary` expects nothing",
                source.place(node.span),
            )
            .with_advice("write at least one of `size`, `media_type`, `sha256` and `file`"),
        );
    }
    Some(BinaryExpectation {
        size,
        media_type,
        sha256,
        file,
        place: Some(source.place(node.span)),
    })
}

/// A literal that fits, a template, or a matcher.
fn scalar(
    field: &str,
    expected: &str,
    fits: fn(&serde_json::Value) -> bool,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Matcher<Template>> {
    let matcher = notation::read(node, source, diagnostics);
    let is_wrong = match &matcher.rule {
        Rule::Value(Template::Literal(value)) => !fits(value),
        Rule::Mapping(_) | Rule::Sequence(_) => true,
        _ => false,
    };
    if is_wrong {
        diagnostics.push(document::wrong_type(field, expected, node, source));
        return None;
    }
    Some(matcher)
}

fn hash(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Template> {
    let text = document::expect_string("sha256", node, source, diagnostics)?;
    let is_hash = text.value.len() == 64 && text.value.bytes().all(|c| c.is_ascii_hexdigit());
    if !is_hash && !text.value.contains("{{") {
        diagnostics.push(
            Diagnostic::error(
                "wrong-type",
                "`sha256` must be 64 hexadecimal digits",
                text.place,
            )
            .with_advice("write what `sha256sum FILE` prints, or name the file: `file: …`"),
        );
        return None;
    }
    Some(Template::parse_text(&text.value, &text.place, diagnostics))
}
