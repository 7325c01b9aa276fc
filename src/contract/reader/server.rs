//! The servers at a document, a path or an operation. Main function: [`servers`].

use crate::contract::dialect::Dialect;
use crate::contract::server::{DocumentedServer, ServerVariable};
use crate::document::Node;

/// The servers that a mapping lists under `servers`; none where it has no such list. What cannot be read is left out: it only matters
/// to requests that need it.
pub(in crate::contract) fn servers(dialect: Dialect, node: &Node) -> Vec<DocumentedServer> {
    if dialect == Dialect::Swagger2 {
        return Vec::new();
    }
    let items = node.get("servers").and_then(Node::as_sequence);
    items.into_iter().flatten().filter_map(server).collect()
}

fn server(node: &Node) -> Option<DocumentedServer> {
    let variables = node.get("variables").and_then(Node::as_mapping);
    let variables = variables.into_iter().flatten();
    Some(DocumentedServer {
        url: node.get("url")?.as_str()?.to_owned(),
        name: node.get("name").and_then(Node::as_str).map(str::to_owned),
        variables: variables
            .map(|(name, entry)| variable(name, &entry.value))
            .collect(),
    })
}

fn variable(name: &str, node: &Node) -> ServerVariable {
    let allowed = node.get("enum").and_then(Node::as_sequence);
    let allowed = allowed.into_iter().flatten().filter_map(Node::as_str);
    ServerVariable {
        name: name.to_owned(),
        default: node
            .get("default")
            .and_then(Node::as_str)
            .map(str::to_owned),
        allowed: allowed.map(str::to_owned).collect(),
    }
}
