//! A query string with PHP's brackets: `a[b][0]=x` is a tree.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Deeper brackets are dropped, as by PHP beyond its `max_input_nesting_level`.
const MAX_DEPTH: usize = 64;

/// The parameters of a query; all leaves are texts. Of duplicate names the last one wins. `[]` takes the next free number.
pub fn parse_query(query: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name);
        let path = split(&name);
        if !path.is_empty() && path.len() <= MAX_DEPTH {
            insert(&mut parameters, &path, decode(value));
        }
    }
    parameters
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// `a[b][]` as `a`, `b` and the empty key; a bracket that never closes belongs to the name.
fn split(name: &str) -> Vec<&str> {
    let Some(open) = name.find('[').filter(|_| name.ends_with(']')) else {
        return if name.is_empty() { vec![] } else { vec![name] };
    };
    let inner = &name[open + 1..name.len() - 1];
    std::iter::once(&name[..open])
        .chain(inner.split("]["))
        .collect()
}

fn insert(map: &mut Map<String, Value>, path: &[&str], value: String) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let key = if first.is_empty() {
        map.len().to_string()
    } else {
        (*first).to_owned()
    };
    if rest.is_empty() {
        map.insert(key, Value::String(value));
        return;
    }
    let inner = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_make_a_tree() {
        let query =
            "searchCriteria%5BpageSize%5D=1&searchCriteria[a][0][field]=x%20y&fields=id,email&c=";
        assert_eq!(
            Value::Object(parse_query(query)),
            json!({
                "searchCriteria": { "pageSize": "1", "a": { "0": { "field": "x y" } } },
                "fields": "id,email",
                "c": "",
            })
        );
    }

    #[test]
    fn unusual_queries_are_accepted() {
        assert_eq!(
            Value::Object(parse_query("&&=x&a[&b]=1&d[]=1&d[]=2")),
            json!({"a[": "", "b]": "1", "d": {"0": "1", "1": "2"}})
        );
        assert!(parse_query(&format!("a{}=1", "[x]".repeat(100))).is_empty());
    }
}
