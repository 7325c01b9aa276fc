//! The examples that a contract documents (OpenAPI 3.1.1, "Example Object"). Their values are read only when they are needed: documents
//! may consist of little else.

use serde_json::Value;

use super::documents::DocumentPointer;
use super::model::Contract;

/// An example of a body or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedExample {
    /// Its name under `examples`; `None`: the only one, under `example`.
    pub name: Option<String>,
    pub(super) location: DocumentPointer,
}

impl Contract {
    /// The value of one of its examples. Of a media type that is not JSON, it is usually a text.
    pub fn example(&self, example: &DocumentedExample) -> Value {
        let node = self.basis.documents.node(&example.location);
        node.map_or(Value::Null, crate::document::Node::to_json)
    }
}
