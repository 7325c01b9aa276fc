//! What a plain scalar of YAML means, and how it is written.

use serde_json::Number;

use super::node::{Node, Value, number};
use crate::source::Source;

/// A plain scalar by YAML 1.2's core schema (section 10.3.2); everything that is not null, boolean or number is text,
/// so `no`, `on` and `1990-01-01` stay what they look like.
pub(super) fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8, text);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return radix(hex, 16, text);
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    match numeric
        .then(|| number(text.strip_prefix('+').unwrap_or(text)))
        .flatten()
    {
        Some(number) => Value::Number(number),
        None => Value::String(text.to_owned()),
    }
}

/// The text of a number or boolean as it is written in `source`, where JSON would write it in another way: `1e3`, `1.10`, `True`.
pub fn written_text(node: &Node, source: &Source) -> Option<String> {
    let json = match &node.value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let text = source.text().get(node.span.range())?;
    let is_meant = match (resolve_plain(text), &node.value) {
        (Value::Bool(written), Value::Bool(value)) => written == *value,
        (Value::Number(written), Value::Number(number)) => written == *number,
        _ => false,
    };
    (is_meant && text != json).then(|| text.to_owned())
}

fn radix(digits: &str, radix: u32, text: &str) -> Value {
    match u64::from_str_radix(digits, radix) {
        Ok(value) => Value::Number(Number::from(value)),
        Err(_) => Value::String(text.to_owned()),
    }
}
