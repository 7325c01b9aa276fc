//! Texts of a format, a pattern, a length.

use serde_json::{Map, Value};

use super::pattern;

/// A text of each format that JSON Schema 2020-12 (validation, section 7.3) and the OpenAPI Format Registry define.
const FORMATS: [(&str, &str); 23] = [
    ("date-time", "2020-01-01T00:00:00Z"),
    ("date", "2020-01-01"),
    ("time", "00:00:00Z"),
    ("duration", "P1D"),
    ("email", "user@example.com"),
    ("idn-email", "user@example.com"),
    ("hostname", "example.com"),
    ("idn-hostname", "example.com"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("uri", "https://example.com/"),
    ("url", "https://example.com/"),
    ("uri-reference", "/"),
    ("iri", "https://example.com/"),
    ("iri-reference", "/"),
    ("uri-template", "/{id}"),
    ("uuid", "00000000-0000-4000-8000-000000000001"),
    ("json-pointer", "/a"),
    ("relative-json-pointer", "0"),
    ("regex", "^a$"),
    ("byte", "dGV4dA=="),
    ("password", "Passw0rd!Passw0rd!"),
    ("decimal", "1"),
];

/// Longest text that is made only because a schema demands a length.
const LONGEST: u64 = 1_000_000;

/// Texts to try for schemas that all apply. Whether one satisfies them is for them to say.
pub(super) fn candidates(schemas: &[&Map<String, Value>]) -> Vec<Value> {
    let all = |keyword: &'static str| schemas.iter().filter_map(move |schema| schema.get(keyword));
    let shortest = all("minLength")
        .filter_map(Value::as_f64)
        .fold(0.0, f64::max);
    let longest = all("maxLength").filter_map(Value::as_f64);
    let longest = longest.fold(f64::INFINITY, f64::min);
    if shortest > LONGEST as f64 {
        return Vec::new();
    }
    let shortest = shortest as usize;
    let mut texts: Vec<String> = Vec::new();
    for format in all("format").filter_map(Value::as_str) {
        let known = FORMATS.iter().find(|(name, _)| *name == format);
        texts.extend(known.map(|(_, text)| (*text).to_owned()));
    }
    for written in all("pattern").filter_map(Value::as_str) {
        texts.extend(pattern::text(written, shortest));
    }
    texts.push("text".to_owned());
    texts.push("1".to_owned());
    let most = match longest.is_finite() {
        true => longest as usize,
        false => usize::MAX,
    };
    // Of the right length, whatever they say.
    let padded: Vec<String> = texts
        .iter()
        .map(|text| {
            let length = text.chars().count();
            let padding = std::iter::repeat_n('a', shortest.saturating_sub(length));
            text.chars().chain(padding).take(most).collect()
        })
        .collect();
    texts.extend(padded);
    texts.into_iter().map(Value::from).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(schema: &Value) -> Vec<Value> {
        candidates(&[schema.as_object().unwrap()])
    }

    #[test]
    fn formats_patterns_and_lengths_are_heeded() {
        assert_eq!(of(&json!({"format": "date"}))[0], json!("2020-01-01"));
        assert_eq!(of(&json!({"pattern": "^[0-9]{3}$"}))[0], json!("111"));
        assert!(of(&json!({"minLength": 6})).contains(&json!("textaa")));
        assert!(of(&json!({"maxLength": 2})).contains(&json!("te")));
        assert!(of(&json!({"minLength": 1e9})).is_empty());
    }
}
