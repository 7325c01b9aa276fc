//! Reads XPaths: the keys of `expect.xml`, and `xpath` of captures, with the `namespaces` of their prefixes.

use crate::case::matcher::notation;
use crate::case::{Matcher, Template, XPathExpectation};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::source::{Place, Source, Span, Spanned};
use crate::xml::XPath;

/// `xml` of an expectation: XPaths with what each of them finds.
pub(super) fn expectations(
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<XPathExpectation<Template>> {
    let namespaces = namespaces(fields, "xml", source, diagnostics);
    let Some(node) = fields.get("xml") else {
        return Vec::new();
    };
    let Some(entries) = document::expect_mapping("xml", node, source, diagnostics) else {
        return Vec::new();
    };
    let mut found = Vec::with_capacity(entries.len());
    for (text, entry) in entries {
        let value: Matcher<Template> = notation::read(&entry.value, source, diagnostics);
        let place = source.place(entry.key_span);
        if let Some(path) = path(text, place.clone(), &namespaces, diagnostics) {
            found.push(XPathExpectation {
                path: Spanned::new(path, place).into(),
                value,
            });
        }
    }
    found
}

/// `xpath` of a capture.
pub(super) fn captured(
    node: &Node,
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<XPath> {
    let namespaces = namespaces(fields, "xpath", source, diagnostics);
    let text = document::expect_string("an XPath", node, source, diagnostics)?;
    path(&text.value, text.place, &namespaces, diagnostics)
}

/// Prefixes and their namespaces. `user` is the field that uses them.
fn namespaces(
    fields: &mut Fields<'_>,
    user: &'static str,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, String)> {
    let used = fields.entry(user).is_some();
    let Some(entry) = fields.entry("namespaces") else {
        return Vec::new();
    };
    if !used {
        diagnostics.push(
            Diagnostic::error(
                "unused-namespaces",
                format!("`namespaces` without `{user}`"),
                source.place(entry.key_span),
            )
            .with_advice(format!(
                "they are for the prefixes in `{user}`; remove them"
            )),
        );
    }
    let entries = document::expect_mapping("namespaces", &entry.value, source, diagnostics);
    let mut found = Vec::new();
    for (prefix, entry) in entries.into_iter().flatten() {
        let uri = document::expect_string("a namespace", &entry.value, source, diagnostics);
        found.extend(uri.map(|uri| (prefix.clone(), uri.value)));
    }
    found
}

/// An XPath; a diagnostic at the byte that is wrong.
fn path(
    text: &str,
    place: Place,
    namespaces: &[(String, String)],
    diagnostics: &mut Diagnostics,
) -> Option<XPath> {
    match XPath::parse(text, namespaces) {
        Ok(path) => Some(path),
        Err(fault) => {
            let advice = fault.advice.unwrap_or_else(|| {
                "correct it; XPaths look like `//order/@id`, `count(//line)` (XPath 1.0)".to_owned()
            });
            let message = format!("`{text}` is not an XPath: {}", fault.message);
            let place = mark(&place, text, fault.at);
            diagnostics.push(Diagnostic::error("bad-xpath", message, place).with_advice(advice));
            None
        }
    }
}

/// The place of a byte of a text, where the file has the text as it is; else the place of the whole.
fn mark(place: &Place, text: &str, at: usize) -> Place {
    let written = place.text();
    let length = text[at.min(text.len())..]
        .chars()
        .next()
        .map_or(0, char::len_utf8);
    match written.find(text) {
        Some(start) if !text.is_empty() => {
            let begin = place.span.start + start + at;
            place.source.place(Span::new(begin, begin + length))
        }
        _ => place.clone(),
    }
}
