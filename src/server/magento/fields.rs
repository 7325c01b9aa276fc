//! `?fields=a,b[c]`: only these members of the response.

use serde_json::{Map, Value};

/// A filter: each name with the filter of its members if it has brackets; without brackets everything below the name is kept.
#[derive(Debug, Default, PartialEq, Eq)]
struct Filter(Vec<(String, Option<Filter>)>);

/// Filters the response; `[]` for an invalid filter. A scalar response is not filtered.
pub fn filter(response: Value, fields: Option<&str>) -> Value {
    let Some(fields) = fields.filter(|fields| !fields.is_empty()) else {
        return response;
    };
    if !response.is_object() && !response.is_array() {
        return response;
    }
    let empty = Value::Array(Vec::new());
    match parse(fields).map(|filter| apply(&response, &filter)) {
        Some(Value::Null) | None => empty,
        Some(filtered) => filtered,
    }
}

/// No response is nested this deeply, and dropping a deeper filter could overflow the stack.
const MAX_DEPTH: usize = 32;

/// `None` for unbalanced or too many brackets, and for characters that no name has.
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
                around.0.push((parent, Some(std::mem::take(&mut current))));
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
            self.0.push((std::mem::take(name), None));
        }
    }

    fn get(&self, name: &str) -> Option<&Option<Filter>> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, filter)| filter)
    }
}

/// A list is filtered item by item, and an empty list becomes null. The depth of the response limits the recursion.
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
                let value = match inner {
                    Some(inner) => apply(value, inner),
                    None => value.clone(),
                };
                kept.insert(key.clone(), value);
            }
            // To PHP an object without members is an empty list.
            if kept.is_empty() {
                Value::Array(Vec::new())
            } else {
                Value::Object(kept)
            }
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
        let response = json!({"id": 1, "email": "a@example.com", "addresses": [], "items": [{"id": 2, "x": 3}]});
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
            ("id, email", json!([])),
            ("items[]", json!({"items": [[]]})),
            ("id[x]", json!({"id": 1})),
            ("", response.clone()),
        ] {
            assert_eq!(filter(response.clone(), Some(fields)), expected, "{fields}");
        }
        assert_eq!(filter(json!(true), Some("id")), json!(true));
        let deep = format!("{}x{}", "a[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(filter(response, Some(&deep)), json!([]));
    }
}
