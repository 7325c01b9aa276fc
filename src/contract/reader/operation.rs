//! What operations have in common in all dialects: paths, methods, names of parameters, statuses, security.

use std::collections::HashSet;
use std::sync::Arc;

use http::Method;

use super::method::MethodEntry;
use super::security::DeclaredSchemes;
use super::{DialectReader, LocatedNode, server};
use crate::contract::dialect::Dialect;
use crate::contract::edition::versions_of;
use crate::contract::model::{
    DocumentedResponse, Operation, Parameter, RequestBody, StatusKey, UNREACHABLE,
};
use crate::contract::security::{Security, SecurityAlternatives};
use crate::contract::style::ParameterLocation;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Place;
use crate::version::Versions;

/// The parts of an operation that each dialect reads in its own way.
pub(super) struct Parts {
    pub(super) parameters: Vec<Parameter>,
    pub(super) request_body: Option<RequestBody>,
    pub(super) responses: Vec<DocumentedResponse>,
}

/// How a dialect reads the parts of one operation: the path item, the operation, and the parameters that apply to it.
pub(super) type ReadParts<'n, 'd, 'f> =
    dyn FnMut(&mut DialectReader<'n, 'd>, &LocatedNode<'n>, &[LocatedNode<'n>]) -> Parts + 'f;

impl<'n, 'd> DialectReader<'n, 'd> {
    /// All operations, in the order of the document. `schemes` are the declared security schemes.
    pub(super) fn operations(
        &mut self,
        schemes: &DeclaredSchemes<'n>,
        read: &mut ReadParts<'n, 'd, '_>,
    ) -> Vec<Arc<Operation>> {
        let root = self.root();
        self.lint_document();
        let Some(paths) = self.child(&root, "paths") else {
            // OpenAPI 3.1 allows documents that contain only components or webhooks.
            let others = ["components", "webhooks"];
            let optional = self.dialect.may_omit_paths()
                && others.iter().any(|key| root.node.get(key).is_some());
            if !optional {
                self.missing("the contract", "paths", &root);
            }
            return Vec::new();
        };
        let document_security = self.security(&root, schemes);
        let mut operations = Vec::new();
        let paths = self.entries("`paths`", &paths);
        self.lint_paths(&paths);
        for (path, item) in paths {
            if path.starts_with("x-") {
                continue;
            }
            if !path.starts_with('/') {
                let place = self.key_place(&item);
                let message = format!("the path `{path}` does not begin with a slash");
                self.error("invalid-path", message, place, "write `/` before it");
                continue;
            }
            let entry = item.clone();
            match self.follow(item) {
                Some(item) => self.path_item(
                    path,
                    &entry,
                    &item,
                    document_security.as_ref(),
                    schemes,
                    read,
                    &mut operations,
                ),
                // Any of its methods may be what a case calls.
                None => {
                    for method in self.known_methods() {
                        self.unreadable_operation(method, path, &entry, &entry);
                    }
                }
            }
        }
        self.check_operation_ids(&operations);
        operations
    }

    #[expect(clippy::too_many_arguments, reason = "one path item and its context")]
    fn path_item(
        &mut self,
        path: &str,
        entry: &LocatedNode<'n>,
        item: &LocatedNode<'n>,
        document_security: Option<&(Security, SecurityAlternatives)>,
        schemes: &DeclaredSchemes<'n>,
        read: &mut ReadParts<'n, 'd, '_>,
        operations: &mut Vec<Arc<Operation>>,
    ) {
        let contract: Arc<str> = self.documents.source(0).name().into();
        let key = self.key_place(entry);
        let entries = self.entries("a path", item);
        let shared = self.parameter_list(item);
        let path_servers = server::servers(self.dialect, item.node);
        for MethodEntry { method, name, at } in self.methods(entries) {
            let Some(at) = self.operation_object(name, at.clone()) else {
                self.unreadable_operation(method, path, entry, &at);
                continue;
            };
            let own = self.parameter_list(&at);
            let parameters = self.merge_parameters(shared.clone(), own);
            self.lint_operation(item, &at, &parameters);
            let parts = read(self, &at, &parameters);
            self.check_template(path, &key, &parts.parameters, &at);
            let security = self.security(&at, schemes);
            let (security, security_alternatives) = security
                .or_else(|| document_security.cloned())
                .unwrap_or_else(|| (Security::Unstated, Arc::default()));
            let own_servers = server::servers(self.dialect, at.node);
            operations.push(Arc::new(Operation {
                contract: Arc::clone(&contract),
                name: format!("{method} {path}").into(),
                method,
                path: path.to_owned(),
                operation_id: self.label(&at, "operationId"),
                summary: self.label(&at, "summary"),
                tags: self.labels(&at, "tags"),
                parameters: parts.parameters,
                request_body: parts.request_body,
                servers: match own_servers.is_empty() {
                    true => path_servers.clone(),
                    false => own_servers,
                },
                responses: parts.responses,
                security,
                security_alternatives,
                versions: versions_of(item.node).and(&versions_of(at.node)),
                place: self.key_place(&at),
                pointer: at.location.pointer.clone(),
                faults: Vec::new(),
                location: at.location,
                path_location: item.location.clone(),
                path_entry: entry.location.clone(),
            }));
        }
    }

    /// The mapping that describes an operation. A `$ref` in its place is followed, with a warning: OpenAPI allows it only for a whole path
    /// item (OpenAPI 3.1, "Path Item Object"), but what is meant is clear.
    fn operation_object(&mut self, name: &str, at: LocatedNode<'n>) -> Option<LocatedNode<'n>> {
        let key = at.key;
        let reference = self.child(&at, "$ref");
        if let Some(reference) = &reference {
            let place = self.key_place(reference);
            self.warning(
                "misplaced-ref",
                format!("`{name}` holds a `$ref`, which a path item does not allow"),
                place,
                "it is followed all the same; write the operation here, or refer to a whole path item",
            );
        }
        let at = self.follow(at)?;
        self.is_mapping("an operation", &at).then_some(LocatedNode {
            key: key.filter(|_| reference.is_none()).or(at.key),
            ..at
        })
    }

    /// Keeps the name of an operation that cannot be read at `at`.
    fn unreadable_operation(
        &mut self,
        method: Method,
        path: &str,
        entry: &LocatedNode<'n>,
        at: &LocatedNode<'n>,
    ) {
        self.unreadable.push(Arc::new(Operation {
            contract: self.documents.source(0).name().into(),
            name: format!("{method} {path}").into(),
            method,
            path: path.to_owned(),
            operation_id: None,
            summary: None,
            tags: Vec::new(),
            parameters: Vec::new(),
            request_body: None,
            servers: Vec::new(),
            responses: Vec::new(),
            security: Security::Unstated,
            security_alternatives: Arc::default(),
            versions: Versions::all(),
            place: self.key_place(at),
            pointer: at.location.pointer.clone(),
            faults: Vec::new(),
            location: at.location.clone(),
            path_location: entry.location.clone(),
            path_entry: entry.location.clone(),
        }));
    }

    /// The parameters listed at `at`, references followed.
    fn parameter_list(&mut self, at: &LocatedNode<'n>) -> Vec<LocatedNode<'n>> {
        let Some(list) = self.child(at, "parameters") else {
            return Vec::new();
        };
        let items = self.items("`parameters`", &list);
        let mut parameters: Vec<LocatedNode<'n>> = Vec::new();
        for item in items {
            let written = item.clone();
            let Some(parameter) = self.follow(item) else {
                continue;
            };
            if !self.is_mapping("a parameter", &parameter) {
                continue;
            }
            let same = parameters
                .iter()
                .find(|other| identity(other).is_some() && identity(other) == identity(&parameter));
            if let (Some(first), Some((name, location))) = (same, identity(&parameter)) {
                let diagnostic = Diagnostic::error(
                    "duplicate-parameter",
                    format!("the {location} parameter `{name}` is declared twice"),
                    self.place(&written),
                );
                self.diagnostics.push(
                    diagnostic
                        .with_related(self.place(first), "first declared here")
                        .with_advice("keep one of the two"),
                );
                continue;
            }
            parameters.push(parameter);
        }
        parameters
    }

    /// Path-level parameters and the operation's own, which win (OpenAPI 3.1, "Path Item Object").
    fn merge_parameters(
        &self,
        shared: Vec<LocatedNode<'n>>,
        own: Vec<LocatedNode<'n>>,
    ) -> Vec<LocatedNode<'n>> {
        let mut all: Vec<LocatedNode<'n>> = shared
            .into_iter()
            .filter(|parameter| {
                identity(parameter).is_none()
                    || own
                        .iter()
                        .all(|other| identity(other) != identity(parameter))
            })
            .collect();
        all.extend(own);
        all
    }

    /// The variables of a path and the path parameters must be the same.
    fn check_template(
        &mut self,
        path: &str,
        key: &Place,
        parameters: &[Parameter],
        operation: &LocatedNode<'n>,
    ) {
        let variables = variables(path);
        let mut seen = HashSet::new();
        for variable in &variables {
            if !seen.insert(*variable) {
                let message = format!("the path names its variable `{variable}` twice");
                self.warning(
                    "duplicate-variable",
                    message,
                    key.clone(),
                    "rename one of the two",
                );
            }
            let declared = parameters.iter().any(|parameter| {
                parameter.location == ParameterLocation::Path && parameter.name == *variable
            });
            if !declared {
                let names = parameters
                    .iter()
                    .filter(|parameter| parameter.location == ParameterLocation::Path)
                    .map(|parameter| parameter.name.as_str());
                let advice = match nearest(variable, names) {
                    Some(near) => format!("`{near}` is declared: give both the same name"),
                    None => {
                        format!("declare it: `{{ name: {variable}, in: path, required: true }}`")
                    }
                };
                let diagnostic = Diagnostic::warning(
                    "undeclared-parameter",
                    format!("the path's variable `{variable}` is not declared as a parameter"),
                    self.key_place(operation),
                );
                self.diagnostics.push(diagnostic.with_advice(advice));
            }
        }
        for parameter in parameters {
            let missing = parameter.location == ParameterLocation::Path
                && !variables.contains(&parameter.name.as_str());
            if missing {
                let message = format!(
                    "the path parameter `{}` does not appear in the path `{path}`",
                    parameter.name
                );
                let place = parameter.place.clone();
                self.warning(
                    "unused-parameter",
                    message,
                    place,
                    format!(
                        "write `{{{}}}` into the path, or remove the parameter",
                        parameter.name
                    ),
                );
            }
        }
    }

    fn check_operation_ids(&mut self, operations: &[Arc<Operation>]) {
        let mut first: std::collections::HashMap<&str, &Operation> =
            std::collections::HashMap::new();
        for operation in operations {
            let Some(id) = operation.operation_id.as_deref() else {
                continue;
            };
            if let Some(other) = first.get(id) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "duplicate-operation-id",
                        format!("two operations are called `{id}`"),
                        operation.place.clone(),
                    )
                    .with_related(other.place.clone(), "first used here")
                    .with_advice("give each operation an `operationId` of its own"),
                );
            } else {
                first.insert(id, operation);
            }
        }
    }

    /// The name, location and `required` of a parameter; a diagnostic and `None` when one of them is invalid.
    pub(super) fn parameter_head(
        &mut self,
        at: &LocatedNode<'n>,
        locations: &[(&str, ParameterLocation)],
    ) -> Option<(String, ParameterLocation, bool)> {
        let name = self.required_text("a parameter", at, "name");
        let written = self.required_text("a parameter", at, "in");
        let location = written.as_deref().and_then(|written| {
            let known = locations.iter().find(|(name, _)| *name == written);
            if known.is_none() {
                let field = self.child(at, "in").unwrap_or_else(|| at.clone());
                let diagnostic = Diagnostic::error(
                    "unknown-location",
                    format!("a parameter cannot be in `{written}`"),
                    self.place(&field),
                );
                let names = locations.iter().map(|(name, _)| *name);
                self.diagnostics
                    .push(diagnostic.with_nearest(written, names));
            }
            known.map(|(_, location)| *location)
        });
        let required = self.flag(at, "required");
        Some((name?, location?, required))
    }

    /// The responses under `responses`, each read by `read` after its key and its reference.
    pub(super) fn responses(
        &mut self,
        operation: &LocatedNode<'n>,
        mut read: impl FnMut(&mut Self, &LocatedNode<'n>, StatusKey, Place) -> DocumentedResponse,
    ) -> Vec<DocumentedResponse> {
        let Some(list) = self.child(operation, "responses") else {
            // Optional since OpenAPI 3.1.
            if !self.dialect.may_omit_paths() {
                self.missing("an operation", "responses", operation);
            }
            return Vec::new();
        };
        let mut responses = Vec::new();
        for (key, at) in self.entries("`responses`", &list) {
            if key.starts_with("x-") {
                continue;
            }
            let place = self.key_place(&at);
            let Some(status) = status_key(key, self.dialect) else {
                let allowed = match self.dialect {
                    Dialect::Swagger2 => "write a status such as `200`, or `default`",
                    _ => "write a status such as `200`, a range such as `4XX`, or `default`",
                };
                let message = format!("`{key}` is not a status");
                self.error("invalid-status", message, place, allowed);
                continue;
            };
            // Allowed beside a `$ref`: then it applies to this operation's response alone.
            let unreachable = match at.node.get("$ref") {
                Some(_) => self.text(&at, UNREACHABLE),
                None => None,
            };
            if let Some(at) = self.follow(at)
                && self.is_mapping("a response", &at)
            {
                let response = read(self, &at, status, place);
                responses.push(DocumentedResponse {
                    unreachable: unreachable.or(response.unreachable),
                    ..response
                });
            }
        }
        responses
    }

    /// The keys of the mapping at a pointer of the contract, `x-` ones included.
    pub(super) fn names_at(&self, pointer: &str) -> HashSet<&'n str> {
        let node = self.documents.document(0).at(pointer);
        let entries = node.and_then(|node| node.as_mapping());
        entries
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// A description, "" when not given.
    pub(super) fn description(&mut self, at: &LocatedNode<'n>) -> String {
        self.label(at, "description").unwrap_or_default()
    }
}

/// What identifies a parameter: name and location.
fn identity<'n>(parameter: &LocatedNode<'n>) -> Option<(&'n str, &'n str)> {
    let field = |key| parameter.node.get(key).and_then(|node| node.as_str());
    Some((field("name")?, field("in")?))
}

/// `200`, `default`, and since OpenAPI 3.0 ranges such as `4XX`.
fn status_key(key: &str, dialect: Dialect) -> Option<StatusKey> {
    if key == "default" {
        return Some(StatusKey::Default);
    }
    let first = key
        .chars()
        .next()?
        .to_digit(10)
        .filter(|digit| (1..=5).contains(digit))?;
    match &key[1..] {
        "XX" | "xx" if dialect != Dialect::Swagger2 => {
            u8::try_from(first).ok().map(StatusKey::Range)
        }
        rest if rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit()) => {
            key.parse().ok().map(StatusKey::Exact)
        }
        _ => None,
    }
}

/// The names between braces in a path template.
fn variables(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_recognised_and_lookalikes_are_not() {
        assert_eq!(
            status_key("404", Dialect::Swagger2),
            Some(StatusKey::Exact(404))
        );
        assert_eq!(
            status_key("4XX", Dialect::OpenApi31),
            Some(StatusKey::Range(4))
        );
        assert_eq!(status_key("4XX", Dialect::Swagger2), None);
        assert_eq!(
            status_key("default", Dialect::Swagger2),
            Some(StatusKey::Default)
        );
        for wrong in ["", "20", "2000", "ok", "6XX", "é00", "40X"] {
            assert_eq!(status_key(wrong, Dialect::OpenApi30), None, "{wrong}");
        }
    }

    #[test]
    fn variables_are_written_between_braces() {
        assert_eq!(variables("/a/{b}/c-{d}.json"), ["b", "d"]);
        assert!(variables("/a/{b").is_empty());
    }
}
