//! The text of an element or attribute as a value.

use serde_json::{Number, Value};

use super::Mapper;
use super::view::{Reach, types};
use crate::contract::NodeId;

impl Mapper<'_> {
    /// A text as the value that the schemas describe: of several that it can be, the first that they accept. A text that is not a value of
    /// the described type stays a text.
    pub(super) fn scalar(&self, text: &str, ids: &[NodeId]) -> Value {
        let parts = self.view.parts(ids, Reach::Possible);
        let mut candidates = candidates(text, types(&parts).as_deref());
        let accepted = match candidates.len() {
            1 => None,
            _ => candidates
                .iter()
                .position(|candidate| self.view.accept(ids, candidate)),
        };
        candidates.swap_remove(accepted.unwrap_or(0))
    }
}

/// The values that a text can be, with those of the named types first.
fn candidates(text: &str, types: Option<&[&str]>) -> Vec<Value> {
    let has = |name: &str| types.is_some_and(|types| types.contains(&name));
    let mut found = Vec::with_capacity(2);
    if types.is_none() {
        // A text, unless a constraint without a type is about something else (`enum: [1, 2]`).
        found.push(Value::from(text));
        found.extend(number(text));
        found.extend(boolean(text));
        return found;
    }
    if has("integer") || has("number") {
        found.extend(number(text));
    }
    if has("boolean") {
        found.extend(boolean(text));
    }
    if has("null") && text.trim().is_empty() {
        found.push(Value::Null);
    }
    if has("string") || found.is_empty() {
        found.push(Value::from(text));
    }
    found
}

/// A number as XML Schema writes it (part 2, `xs:decimal` and `xs:double`).
fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    let is_exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && all_digits(exponent)
    });
    if !(has_digits && all_digits(whole) && all_digits(fraction) && is_exponent) {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if digits == whole && exponent.is_none() {
        if let Ok(number) = text.parse::<i64>() {
            return Some(number.into());
        }
        if let Ok(number) = text.parse::<u64>() {
            return Some(number.into());
        }
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

/// A boolean as XML Schema writes it (part 2, `xs:boolean`).
fn boolean(text: &str) -> Option<Value> {
    match text.trim() {
        "true" | "1" => Some(true.into()),
        "false" | "0" => Some(false.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_those_of_xml_schema() {
        for (text, expected) in [
            ("7", json!(7)),
            (" -07 ", json!(-7)),
            ("+1.50", json!(1.5)),
            (".5", json!(0.5)),
            ("5.", json!(5.0)),
            ("1e3", json!(1000.0)),
            ("18446744073709551615", json!(u64::MAX)),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        for text in [
            "", "x", "1,5", "0x1", "--1", ".", "1e", "NaN", "INF", "1 2", "e3",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_can_be_what_the_types_allow() {
        assert_eq!(candidates("7", Some(&["string"])), [json!("7")]);
        assert_eq!(candidates("x", Some(&["integer"])), [json!("x")]);
        assert_eq!(candidates("1", Some(&["boolean"])), [json!(true)]);
        assert_eq!(candidates("yes", Some(&["boolean"])), [json!("yes")]);
        assert_eq!(
            candidates("", Some(&["string", "null"])),
            [json!(null), json!("")]
        );
        assert_eq!(
            candidates("7", Some(&["string", "integer"])),
            [json!(7), json!("7")]
        );
    }
}
