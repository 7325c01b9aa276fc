//! What a schema object says that is understood, but is not allowed or not what was meant. Main function: [`lint`].

use super::keyword::TYPES;
use crate::contract::dialect::Dialect;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Mapping, Node, Value, is_integer};
use crate::source::Source;

/// Keywords that constrain values and that older dialects do not know, with the first that does.
const SINCE: [(&str, Dialect); 17] = [
    ("anyOf", Dialect::OpenApi30),
    ("oneOf", Dialect::OpenApi30),
    ("not", Dialect::OpenApi30),
    ("const", Dialect::OpenApi31),
    ("contains", Dialect::OpenApi31),
    ("maxContains", Dialect::OpenApi31),
    ("minContains", Dialect::OpenApi31),
    ("dependentRequired", Dialect::OpenApi31),
    ("dependentSchemas", Dialect::OpenApi31),
    ("if", Dialect::OpenApi31),
    ("then", Dialect::OpenApi31),
    ("else", Dialect::OpenApi31),
    ("patternProperties", Dialect::OpenApi31),
    ("prefixItems", Dialect::OpenApi31),
    ("propertyNames", Dialect::OpenApi31),
    ("unevaluatedItems", Dialect::OpenApi31),
    ("unevaluatedProperties", Dialect::OpenApi31),
];

/// The warnings about one schema object, without the schemas below it.
pub(super) fn lint(schema: &Mapping, dialect: Dialect, source: &Source) -> Diagnostics {
    let mut found = Diagnostics::new();
    newer_keywords(schema, dialect, source, &mut found);
    if !dialect.is_json_schema() {
        missing_items(schema, source, &mut found);
    }
    mismatched_enum(schema, source, &mut found);
    found
}

fn newer_keywords(schema: &Mapping, dialect: Dialect, source: &Source, found: &mut Diagnostics) {
    let mut report = |keyword: &str, what: &str, since: Dialect| {
        let Some(entry) = schema.get(keyword) else {
            return;
        };
        found.push(
            Diagnostic::warning(
                "newer-keyword",
                format!(
                    "{what} exists since {since}, and this document is {dialect}: it is checked here, but not by other tools"
                ),
                source.place(entry.key_span),
            )
            .with_advice(format!(
                "declare the document as {since}, or express it with the keywords of {dialect}"
            )),
        );
    };
    let is_written = |keyword: &str| {
        let entry = schema.get(keyword);
        // A list of `items` was renamed.
        entry.is_some_and(|entry| source.place(entry.key_span).text().contains(keyword))
    };
    for (keyword, since) in SINCE {
        if since > dialect && is_written(keyword) {
            report(keyword, &format!("`{keyword}`"), since);
        }
    }
    if dialect.is_json_schema() {
        return;
    }
    let value = |keyword: &str| schema.get(keyword).map(|entry| &entry.value.value);
    match value("type") {
        Some(Value::Sequence(_)) => report("type", "a list as `type`", Dialect::OpenApi31),
        Some(Value::String(name)) if name == "null" => {
            report("type", "`type: null`", Dialect::OpenApi31);
        }
        _ => {}
    }
    for keyword in ["exclusiveMinimum", "exclusiveMaximum"] {
        if let Some(Value::Number(_)) = value(keyword) {
            let what = format!("a number as `{keyword}`");
            report(keyword, &what, Dialect::OpenApi31);
        }
    }
}

/// "`items` MUST be present if the `type` is `array`" (OpenAPI 3.0.4, "Schema Object").
fn missing_items(schema: &Mapping, source: &Source, found: &mut Diagnostics) {
    if let Some(entry) = schema.get("type")
        && entry.value.as_str() == Some("array")
        && !["items", "prefixItems"]
            .iter()
            .any(|keyword| schema.contains_key(*keyword))
    {
        found.push(
            Diagnostic::warning(
                "missing-items",
                "an array needs `items`",
                source.place(entry.value.span),
            )
            .with_advice("add `items` with the schema of an item, `items: {}` for any"),
        );
    }
}

/// Values of `enum` that no type of the schema accepts.
fn mismatched_enum(schema: &Mapping, source: &Source, found: &mut Diagnostics) {
    let (Some(types), Some(listed)) = (types_of(schema), schema.get("enum")) else {
        return;
    };
    let is_nullable = ["nullable", "x-nullable"]
        .iter()
        .any(|keyword| schema.get(*keyword).and_then(|entry| entry.value.as_bool()) == Some(true));
    let values = listed.value.as_sequence().unwrap_or_default();
    let refused: Vec<&Node> = values
        .iter()
        .filter(|value| !(is_nullable && value.is_null()))
        .filter(|value| !types.iter().any(|name| has_type(value, name)))
        .collect();
    let Some(first) = refused.first() else {
        return;
    };
    let shown: Vec<String> = refused
        .iter()
        .take(4)
        .map(|value| format!("`{}`", source.place(value.span).text()))
        .collect();
    let more = if refused.len() > shown.len() {
        ", …"
    } else {
        ""
    };
    let quoted = types == ["string"] && matches!(first.value, Value::Number(_) | Value::Bool(_));
    found.push(
        Diagnostic::warning(
            "enum-type-mismatch",
            format!(
                "`type: {}` refuses values of this `enum`: {}{more}",
                types.join(", "),
                shown.join(", ")
            ),
            source.place(first.span),
        )
        .with_advice(match quoted {
            true => "put the values into quotes, or correct `type`: no value is valid otherwise",
            false => "correct the values or `type`",
        }),
    );
}

/// The names in `type`; `None` where one of them is unknown.
fn types_of(schema: &Mapping) -> Option<Vec<&str>> {
    let value = &schema.get("type")?.value;
    let names: Vec<&str> = match &value.value {
        Value::Sequence(items) => items.iter().map(Node::as_str).collect::<Option<_>>()?,
        _ => vec![value.as_str()?],
    };
    let are_known = names.iter().all(|name| TYPES.contains(name));
    are_known.then_some(names)
}

fn has_type(value: &Node, name: &str) -> bool {
    match &value.value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => name == "number" || (name == "integer" && is_integer(number)),
        Value::String(_) => name == "string",
        Value::Sequence(_) => name == "array",
        Value::Mapping(_) => name == "object",
    }
}
