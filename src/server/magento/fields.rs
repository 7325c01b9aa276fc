//! `?fields=a,b[c]`: only these members of the answer.

use serde_json::{Map, Value};

/// A filter: each name with the filter of what is below it; an empty one lets everything through.
#[derive(Debug, Default, PartialEq, Eq)]
struct Filter(Vec<(String, Filter)>);

/// The answer, filtered; `[]` for a filter that cannot be read. Scalars and an absent filter leave it as it is.
pub fn filter(answer: Value, fields: Option<&str>) -> Value {
    let Some(fields) = fields.filter(|fields| !fields.is_empty()) else {
        return answer;
    };
    if !answer.is_object() && !answer.is_array() {
        return answer;
    }
    let empty = Value::Array(Vec::new());
    match parse(fields).map(|filter| apply(&answer, &filter)) {
        Some(Value::Object(map)) if map.is_empty() => empty,
        Some(Value::Null) | None => empty,
        Some(filtered) => filtered,
    }
}

/// No answer is nested so deep, and a deeper filter would cost the stack when it is dropped.
const MAX_DEPTH: usize = 32;

/// `None` for unbalanced brackets, too many of them, and characters that no name has.
fn parse(text: &str) -> Option<Filter> {
    if !text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_[],".contains(c))
    {
        return None;
    }
    let mut current = Filter::default();
    let mut outer: Vec<(Filter, String)> = Vec::new();
    let mut name = String::new();
    for c in text.chars() {
        match c {
            '[' if outer.len() == MAX_DEPTH => return None,
            '[' => outer.push((std::mem::take(&mut current), std::mem::take(&mut name))),
            ']' => {
                current.take(&mut name);
                let (mut around, parent) = outer.pop()?;
                around.0.push((parent, std::mem::take(&mut current)));
                current = around;
            }
            ',' => current.take(&mut name),
            c => name.push(c),
        }
    }
    current.take(&mut name);
    outer.is_empty().then_some(current)
}

impl Filter {
    fn take(&mut self, name: &mut String) {
        if !name.is_empty() {
            self.0.push((std::mem::take(name), Filter::default()));
        }
    }

    fn get(&self, name: &str) -> Option<&Filter> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, filter)| filter)
    }
}

/// A list is filtered item by item, and an empty one becomes null. The answer's depth bounds the recursion.
fn apply(value: &Value, filter: &Filter) -> Value {
    match value {
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => items.iter().map(|item| apply(item, filter)).collect(),
        Value::Object(map) => {
            let mut kept = Map::new();
            for (key, value) in map {
                let Some(inner) = filter.get(key) else {
                    continue;
                };
                let has_below = value.is_object() || value.is_array();
                let value = if inner.0.is_empty() || !has_below {
                    value.clone()
                } else {
                    apply(value, inner)
                };
                kept.insert(key.clone(), value);
            }
            Value::Object(kept)
        }
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters() {
        let answer = json!({"id": 1, "email": "a@example.com", "addresses": [], "items": [{"id": 2, "x": 3}]});
        for (fields, expected) in [
            (
                "id,email,addresses[city]",
                json!({"id": 1, "email": "a@example.com", "addresses": null}),
            ),
            ("items[id],id", json!({"id": 1, "items": [{"id": 2}]})),
            ("nope", json!([])),
            ("id[", json!([])),
            ("id]", json!([])),
            ("id;x", json!([])),
            ("", answer.clone()),
        ] {
            assert_eq!(filter(answer.clone(), Some(fields)), expected, "{fields}");
        }
        assert_eq!(filter(json!(true), Some("id")), json!(true));
        let deep = format!("{}x{}", "a[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(filter(answer, Some(&deep)), json!([]));
    }
}
