//! The examples that a contract documents (OpenAPI 3.1.1, "Example Object"). Their values are read only when they are needed: documents
//! may consist of little else.

use super::documents::DocumentPointer;

/// An example of a body or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedExample {
    /// Its name under `examples`; `None`: the only one, under `example`.
    pub name: Option<String>,
    pub(super) location: DocumentPointer,
}
