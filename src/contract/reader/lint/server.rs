//! Servers: the default of a variable must be one of its `enum` (OpenAPI 3.1, "Server Variable Object").

use crate::contract::reader::{DialectReader, LocatedNode};
use crate::diagnostic::Diagnostic;
use crate::document::Node;

impl<'n> DialectReader<'n, '_> {
    /// Checks the `servers` of a document, a path or an operation.
    pub(super) fn lint_servers(&mut self, at: &LocatedNode<'n>) {
        for server in self.items_of(at, "servers") {
            for (name, variable) in self.entries_of(&server, "variables") {
                self.lint_variable(name, &variable);
            }
        }
    }

    fn lint_variable(&mut self, name: &str, variable: &LocatedNode<'n>) {
        let Some(values) = self.child(variable, "enum") else {
            return;
        };
        let listed = values.node.as_sequence().unwrap_or_default();
        if !self.is_new(&values) || listed.iter().any(|value| value.as_str().is_none()) {
            return;
        }
        if listed.is_empty() {
            let place = self.key_place(&values);
            self.warning(
                "empty-enum",
                format!("the `enum` of the server variable `{name}` is empty"),
                place,
                "list the values, or remove `enum`",
            );
            return;
        }
        let Some(default) = self.child(variable, "default") else {
            return;
        };
        let Some(text) = default.node.as_str() else {
            return;
        };
        if !listed.iter().any(|value| value.as_str() == Some(text)) {
            let diagnostic = Diagnostic::warning(
                "default-not-in-enum",
                format!(
                    "the default `{text}` of the server variable `{name}` is not in its `enum`"
                ),
                self.place(&default),
            );
            let known = listed.iter().filter_map(Node::as_str);
            self.diagnostics.push(diagnostic.with_nearest(text, known));
        }
    }
}
