//! PHP's handling of values, as far as a client can observe it: conversions of scalars, arrays that are maps, and the JSON of `json_encode`.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A PHP array from a JSON object or list (whose keys are then `0`, `1`, ...); `None` for a scalar or null.
pub fn array(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map.clone()),
        Value::Array(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| (index.to_string(), item.clone()))
                .collect(),
        ),
        _ => None,
    }
}

/// `(string)` of a scalar: `true` is `1`, `false` and null are empty; `None` for an array.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(if *flag { "1".to_owned() } else { String::new() }),
        Value::Number(number) => Some(number_text(number)),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn number_text(number: &serde_json::Number) -> String {
    if let Some(float) = number.as_f64().filter(|_| number.is_f64()) {
        // PHP omits the decimal point of whole floats, and uses an exponent from 1e15 on.
        if float.fract() == 0.0 && float.abs() < 1e15 {
            return format!("{float:.0}");
        }
        if float.abs() >= 1e15 {
            let text = format!("{float:E}");
            let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
            let point = if mantissa.contains('.') { "" } else { ".0" };
            return format!("{mantissa}{point}E+{exponent}");
        }
        return float.to_string();
    }
    number.to_string()
}

/// `is_numeric`: decimal digits with an optional sign, point and exponent; white space around is allowed.
pub fn is_numeric(text: &str) -> bool {
    let text = text.trim_matches(is_space);
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_is_number = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    !(whole.is_empty() && fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && exponent_is_number
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// `(int)` of a text: the number at its start, truncated; 0 if there is none; saturated at 64 bits.
pub fn int(text: &str) -> i64 {
    let text = text.trim_start_matches(is_space);
    let end = text
        .char_indices()
        .find(|(index, c)| !(c.is_ascii_digit() || (*index == 0 && matches!(c, '+' | '-'))))
        .map_or(text.len(), |(index, _)| index);
    let head = &text[..end];
    if is_numeric(text) && text[end..].contains(['e', 'E']) {
        return text
            .trim_end_matches(is_space)
            .parse::<f64>()
            .map_or(0, |float| float as i64);
    }
    match head.parse::<i128>() {
        Ok(number) => number.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
        Err(_) if head.trim_start_matches(['+', '-']).is_empty() => 0,
        Err(_) if head.starts_with('-') => i64::MIN,
        Err(_) => i64::MAX,
    }
}

/// `FILTER_VALIDATE_BOOLEAN` of a scalar: `1`, `true`, `on`, `yes` in any case are true, all other values false.
pub fn truth(text: &str) -> bool {
    let text = text.trim_matches(is_space);
    ["1", "true", "on", "yes"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// The text as stored by a MySQL column with three-byte UTF-8 and a length limit. Magento disables the strict mode, so each byte of a
/// four-byte character becomes `?`, and a text that is too long is silently truncated.
pub fn stored(text: &str, characters: usize) -> String {
    text.chars()
        .flat_map(|c| {
            let (shown, times) = if c.len_utf8() == 4 { ('?', 4) } else { (c, 1) };
            std::iter::repeat_n(shown, times)
        })
        .take(characters)
        .collect()
}

/// `json_encode` with its defaults: no blanks, `/` as `\/`, everything outside ASCII as `\uXXXX`.
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value);
    out
}

fn write_json(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_json_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json_text(out, key);
                out.push(':');
                write_json(out, item);
            }
            out.push('}');
        }
    }
}

fn write_json_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a `String` cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_escaped_as_php_does() {
        assert_eq!(
            json(&json!("a/b \"é\" 😀\n")),
            r#""a\/b \"\u00e9\" \ud83d\ude00\n""#
        );
        assert_eq!(
            json(&json!({"a": [1, null, true], "b": {}})),
            r#"{"a":[1,null,true],"b":{}}"#
        );
    }

    #[test]
    fn numeric_texts() {
        for text in [
            "1",
            "1.5",
            " 2",
            "2 ",
            "-1",
            ".5",
            "1e3",
            "99999999999999999999",
        ] {
            assert!(is_numeric(text), "{text}");
        }
        for text in ["", " ", "abc", "2abc", "0x1A", "1e", ".", "true", "/"] {
            assert!(!is_numeric(text), "{text}");
        }
    }

    #[test]
    fn integers_are_cut_and_held_within_64_bits() {
        assert_eq!(int("1.5"), 1);
        assert_eq!(int("2abc"), 2);
        assert_eq!(int("abc"), 0);
        assert_eq!(int("-1"), -1);
        assert_eq!(int("1e3"), 1000);
        assert_eq!(int("99999999999999999999"), 9_223_372_036_854_775_807);
    }

    #[test]
    fn scalars_become_texts() {
        assert_eq!(text(&json!(true)).unwrap(), "1");
        assert_eq!(text(&json!(false)).unwrap(), "");
        assert_eq!(text(&json!(1.5)).unwrap(), "1.5");
        assert_eq!(text(&json!(1e20)).unwrap(), "1.0E+20");
        assert_eq!(text(&json!([])), None);
    }

    #[test]
    fn four_byte_characters_become_question_marks_and_long_texts_are_cut() {
        assert_eq!(stored("Zoë 😀", 255), "Zoë ????");
        assert_eq!(stored("Zoë 😀", 5), "Zoë ?");
    }
}
