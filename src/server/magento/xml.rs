//! A response as XML, as Magento renders it: `<response>`, list items as `<item>`, two blanks per level.

use serde_json::Value;

/// The document for the value of a response.
pub fn render(value: &Value) -> String {
    let mut out = String::from("<?xml version=\"1.0\"?>\n");
    element(&mut out, "response", value, 0);
    out
}

fn element(out: &mut String, name: &str, value: &Value, depth: usize) {
    let name = tag(name);
    out.push_str(&"  ".repeat(depth));
    let children: Vec<(&str, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .collect(),
        Value::Array(items) => items.iter().map(|item| ("item", item)).collect(),
        scalar => {
            let text = match scalar {
                Value::String(text) => escape(text),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            if text.is_empty() {
                out.push_str(&format!("<{name}/>\n"));
            } else {
                out.push_str(&format!("<{name}>{text}</{name}>\n"));
            }
            return;
        }
    };
    if children.is_empty() {
        out.push_str(&format!("<{name}/>\n"));
        return;
    }
    out.push_str(&format!("<{name}>\n"));
    for (key, child) in children {
        element(out, key, child, depth + 1);
    }
    out.push_str(&"  ".repeat(depth));
    out.push_str(&format!("</{name}>\n"));
}

/// A key that is not an XML name (usually a number) is written as `item`, followed by the key.
fn tag(key: &str) -> String {
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if is_name {
        key.to_owned()
    } else {
        format!("item{key}")
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_lists_and_scalars() {
        assert_eq!(
            render(&json!({"a": 1, "b": ["x<y"], "c": []})),
            "<?xml version=\"1.0\"?>\n<response>\n  <a>1</a>\n  <b>\n    <item>x&lt;y</item>\n  </b>\n  <c/>\n</response>\n"
        );
        assert_eq!(
            render(&json!("token")),
            "<?xml version=\"1.0\"?>\n<response>token</response>\n"
        );
    }
}
