//! TOML into a [`Node`] tree.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Mapping, MappingEntry, Node, Value, number};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};

/// Reads a TOML text. All syntax errors (duplicate keys are one in TOML) are diagnostics; then the result is `None`.
/// Dates become text as written.
pub(super) fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        diagnostics.push(
            Diagnostic::error(
                "syntax",
                format!("not valid TOML: {}", error.message().trim_end()),
                source.place(Span::new(span.start, span.end)),
            )
            .with_advice("correct the syntax; nothing else of this file was read"),
        );
    }
    let span = Span::new(table.span().start, table.span().end);
    errors.is_empty().then(|| mapping(span, table.get_ref()))
}

fn mapping(span: Span, table: &DeTable<'_>) -> Node {
    let entries: Mapping = table
        .iter()
        .map(|(key, value)| {
            let key_span = Span::new(key.span().start, key.span().end);
            (
                key.get_ref().to_string(),
                MappingEntry {
                    key_span,
                    value: node(value),
                },
            )
        })
        .collect();
    Node::new(span, Value::Mapping(entries))
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let span = Span::new(value.span().start, value.span().end);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => {
            let parsed = i64::from_str_radix(integer.as_str(), integer.radix());
            parsed.map_or_else(
                |_| Value::String(integer.as_str().to_owned()),
                |value| Value::Number(value.into()),
            )
        }
        DeValue::Float(float) => match number(float.as_str()) {
            Some(number) => Value::Number(number),
            None => Value::String(float.as_str().to_owned()),
        },
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(value) => Value::String(value.to_string()),
        DeValue::Array(items) => Value::Sequence(items.iter().map(node).collect()),
        DeValue::Table(table) => return mapping(span, table),
    };
    Node::new(span, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_and_values_with_their_places() {
        let text = "jobs = 4\n[targets.live]\nurl = \"https://x\"\nlist = [1.5, true]\n";
        let mut diagnostics = Diagnostics::new();
        let root = parse(&Source::new("c.toml", text), &mut diagnostics).unwrap();
        assert_eq!(
            root.to_json(),
            json!({"jobs": 4, "targets": {"live": {"url": "https://x", "list": [1.5, true]}}})
        );
        let entry = root
            .at("/targets/live")
            .and_then(|live| live.entry("url"))
            .unwrap();
        assert_eq!(&text[entry.key_span.range()], "url");
    }

    #[test]
    fn every_syntax_error_is_reported() {
        let mut diagnostics = Diagnostics::new();
        let parsed = parse(
            &Source::new("c.toml", "a = \nb = 1\nb = 2\n"),
            &mut diagnostics,
        );
        assert!(parsed.is_none());
        assert!(diagnostics.iter().count() >= 2);
    }
}
