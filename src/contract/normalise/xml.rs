//! `xml` of schemas: how a value is written in XML (OpenAPI 3.2, "XML Object"). Main function: [`read`].

use serde_json::{Map, Value as Json};

use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::{Node, wrong_type};
use crate::source::Source;

/// The kinds of nodes (OpenAPI 3.2, "XML Node Types").
const NODE_TYPES: [&str; 5] = ["element", "attribute", "text", "cdata", "none"];

/// The fields that can be used, and warnings about the others: no value is checked by them alone.
pub(super) fn read(node: &Node, source: &Source) -> (Option<Json>, Diagnostics) {
    let mut faults = Diagnostics::new();
    let warning = |what: &str, expected: &str, node: &Node| Diagnostic {
        severity: DiagnosticSeverity::Warning,
        ..wrong_type(what, expected, node, source)
    };
    let Some(entries) = node.as_mapping() else {
        faults.push(warning("`xml`", "a mapping", node));
        return (None, faults);
    };
    let mut hints = Map::new();
    for (name, entry) in entries {
        let value = &entry.value;
        let what = format!("`xml.{name}`");
        let expected = match name.as_str() {
            "name" | "namespace" | "prefix" if value.as_str().is_none() => "a string",
            "attribute" | "wrapped" if value.as_bool().is_none() => "true or false",
            "nodeType" => match value.as_str() {
                Some(text) if NODE_TYPES.contains(&text) => {
                    hints.insert(name.clone(), text.into());
                    continue;
                }
                Some(text) => {
                    let message = format!("unknown `nodeType` `{text}`");
                    let place = source.place(value.span);
                    faults.push(
                        Diagnostic::warning("unknown-keyword", message, place)
                            .with_nearest(text, NODE_TYPES),
                    );
                    continue;
                }
                None => "a string",
            },
            "name" | "namespace" | "prefix" | "attribute" | "wrapped" => {
                hints.insert(name.clone(), value.to_json());
                continue;
            }
            _ => continue,
        };
        faults.push(warning(&what, expected, value));
    }
    (Some(Json::Object(hints)), faults)
}
