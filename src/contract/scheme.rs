//! The security schemes that a contract declares, by name, for those who write requests by hand or make a project from a contract.
//! Whether a request carries credentials is for [`SecurityScheme`].

use super::documents::{DocumentPointer, reference_of};
use super::model::{Contract, Operation};
use super::security::{self, SecurityScheme};
use crate::document::Node;

/// A declared security scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredScheme {
    pub name: String,
    /// How a request carries it.
    pub carrier: SecurityScheme,
    /// `http` with `basic`, and `basic` of Swagger 2.0.
    pub is_basic: bool,
}

impl Contract {
    /// The declared schemes, in the order of the document.
    pub fn security_schemes(&self) -> Vec<DeclaredScheme> {
        let documents = &self.basis.documents;
        let root = &documents.document(0).root;
        let pointers = ["/components/securitySchemes", "/securityDefinitions"];
        let Some((pointer, node)) = pointers
            .into_iter()
            .find_map(|pointer| Some((pointer, root.at(pointer)?)))
        else {
            return Vec::new();
        };
        let names = node
            .as_mapping()
            .into_iter()
            .flatten()
            .map(|(name, _)| name);
        names
            .filter_map(|name| {
                let mut location = DocumentPointer::new(0, pointer).child(name);
                let mut node = documents.node(&location)?;
                // A reference to a scheme in another file; to a further one is not followed.
                if let Some(reference) = reference_of(node) {
                    location = documents.resolve(&location, reference).ok()?;
                    node = documents.node(&location)?;
                }
                Some(DeclaredScheme {
                    name: name.clone(),
                    carrier: security::scheme(node),
                    is_basic: is_basic(node),
                })
            })
            .collect()
    }

    /// The names of the schemes that an operation requires: its alternatives, each with the schemes that are needed together. Those of the
    /// document where the operation states none.
    pub fn required_schemes(&self, operation: &Operation) -> Vec<Vec<String>> {
        let documents = &self.basis.documents;
        let own = documents.node(&operation.location.child("security"));
        let security = own.or_else(|| documents.document(0).root.get("security"));
        let alternatives = security.and_then(Node::as_sequence).unwrap_or_default();
        let names = |alternative: &Node| {
            let entries = alternative.as_mapping().into_iter().flatten();
            entries.map(|(name, _)| name.clone()).collect()
        };
        alternatives.iter().map(names).collect()
    }
}

fn field<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::as_str)
}

fn is_basic(node: &Node) -> bool {
    let scheme = field(node, "scheme").unwrap_or_default();
    match field(node, "type") {
        Some("basic") => true,
        Some("http") => scheme.eq_ignore_ascii_case("basic"),
        _ => false,
    }
}
