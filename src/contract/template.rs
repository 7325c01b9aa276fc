//! The vendor extension `x-counterpart-message-template`: an error message with placeholders, and the parameters that fill them.
//!
//! ```yaml
//! type: object
//! x-counterpart-message-template: { message: message, parameters: parameters }
//! properties: { message: { type: string }, parameters: { type: [object, array] } }
//! ```
//!
//! Main type: [`MessageTemplate`].

use serde_json::Value;

use super::place::ContractPlace;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Fields, Node, expect_sequence, expect_string};
use crate::source::Source;

/// The extension's key in a schema object.
pub(super) const KEY: &str = "x-counterpart-message-template";

/// An object in a body that holds a message and its parameters, as the schema that applies to it says.
#[derive(Debug, Clone)]
pub struct MessageTemplate {
    /// JSON pointer of the object in the body.
    pub object: String,
    /// The property that holds the message.
    pub message: String,
    /// The property that holds the parameters.
    pub parameters: String,
    /// Parameters that are allowed even if the message does not use them.
    pub unused: Vec<String>,
    /// Where the extension is written.
    pub place: ContractPlace,
}

impl MessageTemplate {
    /// The extension as the normalised tree holds it; `None` where [`read`] refused it.
    pub(super) fn of(extension: &Value, object: &str, place: ContractPlace) -> Option<Self> {
        let name = |key: &str| Some(extension.get(key)?.as_str()?.to_owned());
        let unused = extension.get("unused").and_then(Value::as_array);
        let names = unused.into_iter().flatten().filter_map(Value::as_str);
        Some(MessageTemplate {
            object: object.to_owned(),
            message: name("message")?,
            parameters: name("parameters")?,
            unused: names.map(str::to_owned).collect(),
            place,
        })
    }
}

/// Checks the extension's value. `None`, with diagnostics, where it is wrong.
pub(super) fn read(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Value> {
    let before = diagnostics.count(crate::diagnostic::DiagnosticSeverity::Error);
    let mut fields = Fields::of(
        "`x-counterpart-message-template`",
        node,
        source,
        diagnostics,
    )?;
    for name in ["message", "parameters"] {
        if fields.required(name, diagnostics).is_some()
            && let Some(property) = fields.string(name, diagnostics)
            && property.is_empty()
        {
            diagnostics.push(
                Diagnostic::error("empty-field", format!("`{name}` is empty"), property.place)
                    .with_advice("name the property of this object that holds it"),
            );
        }
    }
    if let Some(unused) = fields.get("unused") {
        let names = expect_sequence("unused", unused, source, diagnostics);
        for name in names.unwrap_or_default() {
            let _ = expect_string("the name of a parameter", name, source, diagnostics);
        }
    }
    fields.finish(diagnostics);
    let is_right = diagnostics.count(crate::diagnostic::DiagnosticSeverity::Error) == before;
    is_right.then(|| node.to_json())
}
