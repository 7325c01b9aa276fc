//! What a plain scalar of YAML means.

use serde_json::Number;

use super::node::{Value, number};

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

fn radix(digits: &str, radix: u32, text: &str) -> Value {
    match u64::from_str_radix(digits, radix) {
        Ok(value) => Value::Number(Number::from(value)),
        Err(_) => Value::String(text.to_owned()),
    }
}
