//! A rule in words: what `expected` says, and what a diff shows where a value breaks a rule that is no literal.

use serde_json::Value;

use crate::case::{Comparison, JsonType, Matcher, Rule};
use crate::check::excerpt::{SHORT, short_json};
use crate::text::cut;

/// The rule in short words or JSON: `"Hopper"`, `text matching /^a/`, `an integer or null`.
pub(in crate::check) fn describe(matcher: &Matcher<Value>) -> String {
    let mut words = String::new();
    write(&matcher.rule, &mut words);
    cut(&words, SHORT)
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
pub(super) fn type_name(wanted: JsonType) -> &'static str {
    match wanted {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

fn write(rule: &Rule<Value>, words: &mut String) {
    // What is cut off in the end need not be written.
    if words.len() > SHORT * 4 {
        return;
    }
    match rule {
        Rule::Value(value) => words.push_str(&short_json(value)),
        Rule::Mapping(entries) => {
            words.push('{');
            for (index, (key, matcher)) in entries.iter().enumerate() {
                if index > 0 {
                    words.push_str(", ");
                }
                words.push_str(&Value::String(key.clone()).to_string());
                words.push_str(": ");
                write(&matcher.rule, words);
            }
            words.push('}');
        }
        Rule::Sequence(items) => list(items, "[", ", ", "]", words),
        Rule::Matches(pattern) => {
            words.push_str("text matching /");
            words.push_str(pattern.as_str());
            words.push('/');
        }
        Rule::Type(types) => {
            let names: Vec<&str> = types.iter().map(|&wanted| type_name(wanted)).collect();
            words.push_str(&names.join(" or "));
        }
        Rule::Any => words.push_str("any value"),
        Rule::Absent => words.push_str("nothing"),
        Rule::Equals(value) => {
            words.push_str("exactly ");
            words.push_str(&short_json(value));
        }
        Rule::Contains(inner) => prefixed("something that contains ", inner, words),
        Rule::Length(length) => {
            words.push_str("length ");
            words.push_str(&short_json(length));
        }
        Rule::Not(inner) => prefixed("not ", inner, words),
        Rule::OneOf(choices) => list(choices, "", " or ", "", words),
        Rule::Compare(comparison, bound) => {
            words.push_str(sign(*comparison));
            words.push(' ');
            words.push_str(&short_json(bound));
        }
        Rule::Each(inner) => prefixed("an array of items that are each ", inner, words),
        Rule::Unordered(items) => list(items, "in any order [", ", ", "]", words),
    }
}

fn prefixed(prefix: &str, inner: &Matcher<Value>, words: &mut String) {
    words.push_str(prefix);
    write(&inner.rule, words);
}

fn list(items: &[Matcher<Value>], open: &str, comma: &str, close: &str, words: &mut String) {
    words.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            words.push_str(comma);
        }
        write(&item.rule, words);
    }
    words.push_str(close);
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
    }
}
