//! The description of a rule: for `expected`, and for a diff where a value violates a rule that is not a literal.

use serde_json::Value;

use crate::case::{Comparison, JsonType, Matcher, Rule};
use crate::check::excerpt::{SHORT, short_json};
use crate::text::cut;

/// The rule as a short text or JSON: `"Hopper"`, `text matching /^a/`, `an integer or null`.
pub(in crate::check) fn describe(matcher: &Matcher<Value>) -> String {
    let mut text = String::new();
    write(&matcher.rule, &mut text);
    cut(&text, SHORT)
}

/// The word for a kind of value, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The word for a type, with its article.
pub(super) fn type_name(json_type: JsonType) -> &'static str {
    match json_type {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

fn write(rule: &Rule<Value>, text: &mut String) {
    // The rest would be cut off anyway.
    if text.len() > SHORT * 4 {
        return;
    }
    match rule {
        Rule::Value(value) => text.push_str(&short_json(value)),
        Rule::Mapping(entries) => {
            text.push('{');
            for (index, (key, matcher)) in entries.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                text.push_str(&Value::String(key.clone()).to_string());
                text.push_str(": ");
                write(&matcher.rule, text);
            }
            text.push('}');
        }
        Rule::Sequence(items) => list(items, "[", ", ", "]", text),
        Rule::Matches(pattern) => {
            text.push_str("text matching /");
            text.push_str(pattern.as_str());
            text.push('/');
        }
        Rule::Type(types) => {
            let names: Vec<&str> = types
                .iter()
                .map(|&json_type| type_name(json_type))
                .collect();
            text.push_str(&names.join(" or "));
        }
        Rule::Any => text.push_str("any value"),
        Rule::Absent => text.push_str("nothing"),
        Rule::Equals(value) => {
            text.push_str("exactly ");
            text.push_str(&short_json(value));
        }
        Rule::Contains(inner) => prefixed("something that contains ", inner, text),
        Rule::Length(length) => {
            text.push_str("length ");
            text.push_str(&short_json(length));
        }
        Rule::Not(inner) => prefixed("not ", inner, text),
        Rule::OneOf(choices) => list(choices, "", " or ", "", text),
        Rule::Compare(comparison, bound) => {
            text.push_str(sign(*comparison));
            text.push(' ');
            text.push_str(&short_json(bound));
        }
        Rule::Near { value, by } => {
            text.push_str(&format!("{} ± {}", short_json(value), short_operand(by)));
        }
        Rule::Each(inner) => prefixed("an array of items that are each ", inner, text),
        Rule::Unordered(items) => list(items, "in any order [", ", ", "]", text),
    }
}

/// A span of time without quotes.
fn short_operand(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => short_json(other),
    }
}

fn prefixed(prefix: &str, inner: &Matcher<Value>, text: &mut String) {
    text.push_str(prefix);
    write(&inner.rule, text);
}

fn list(items: &[Matcher<Value>], open: &str, comma: &str, close: &str, text: &mut String) {
    text.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(comma);
        }
        write(&item.rule, text);
    }
    text.push_str(close);
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
    }
}
