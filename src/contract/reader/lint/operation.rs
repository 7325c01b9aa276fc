//! Paths, and the parameters, headers and statuses of operations.

use std::collections::HashMap;

use crate::contract::dialect::Dialect;
use crate::contract::reader::method::is_method;
use crate::contract::reader::{DialectReader, LocatedNode};
use crate::diagnostic::Diagnostic;

impl<'n> DialectReader<'n, '_> {
    /// Checks that no two paths with a method in common differ only in the names of their variables: "Templated paths with the same
    /// hierarchy but different templated names MUST NOT exist as they are identical" (OpenAPI 3.1, "Paths Object"). Without a common
    /// method it is still clear which operation a request belongs to.
    pub(in crate::contract::reader) fn lint_paths(&mut self, paths: &[(&'n str, LocatedNode<'n>)]) {
        let mut known: HashMap<String, Vec<(&str, &LocatedNode<'n>)>> = HashMap::new();
        for (path, at) in paths {
            let path: &str = path;
            let alike = known.entry(without_names(path)).or_default();
            let shared = alike.iter().find_map(|(other, related)| {
                Some((*other, *related, self.shared_method(related, at)?))
            });
            alike.push((path, at));
            let Some((other, related, method)) = shared else {
                continue;
            };
            let diagnostic = Diagnostic::warning(
                "ambiguous-path",
                format!(
                    "the paths `{other}` and `{path}` both have `{method}` and differ only in names"
                ),
                self.key_place(at),
            );
            let related = self.key_place(related);
            self.diagnostics.push(
                diagnostic
                    .with_related(related, "the other path")
                    .with_advice("remove one of the two: the same requests belong to both"),
            );
        }
    }

    /// A method that two path items have.
    fn shared_method(&self, one: &LocatedNode<'n>, other: &LocatedNode<'n>) -> Option<&'n str> {
        let (one, other) = (self.followed(one)?, self.followed(other)?);
        let methods = one.node.as_mapping()?.keys().map(String::as_str);
        methods
            .filter(|name| is_method(name, self.dialect))
            .find(|name| other.node.get(name).is_some())
    }

    /// Checks an operation and the parameters that apply to it, its own and those of its path.
    pub(in crate::contract::reader) fn lint_operation(
        &mut self,
        path: &LocatedNode<'n>,
        operation: &LocatedNode<'n>,
        parameters: &[LocatedNode<'n>],
    ) {
        self.lint_servers(path);
        self.lint_servers(operation);
        for parameter in parameters {
            self.lint_parameter(parameter);
        }
        self.lint_locations(parameters);
        let headers = parameters
            .iter()
            .filter(|at| field(at, "in") == Some("header"));
        let headers: Vec<_> = headers
            .filter_map(|at| Some((field(at, "name")?, at.clone())))
            .collect();
        self.lint_header_names("header parameters", &headers);
        for (status, response) in self.entries_of(operation, "responses") {
            self.lint_status(status, &response);
            if let Some(response) = self.followed(&response)
                && self.is_new(&response)
            {
                let headers = self.entries_of(&response, "headers");
                self.lint_header_names("headers", &headers);
                for (name, header) in &headers {
                    if let Some(header) = self.followed(header) {
                        self.lint_content(&format!("the header `{name}`"), &header);
                    }
                }
            }
        }
    }

    fn lint_parameter(&mut self, at: &LocatedNode<'n>) {
        if !self.is_new(at) {
            return;
        }
        let name = field(at, "name").unwrap_or_default();
        let is_required = at.node.get("required").and_then(|node| node.as_bool());
        if field(at, "in") == Some("path") && is_required != Some(true) {
            let place = self.place(at);
            self.warning(
                "optional-path-parameter",
                format!("the path parameter `{name}` is not `required: true`"),
                place,
                "add `required: true`: a path cannot leave its variable out",
            );
        }
        self.lint_content(&format!("the parameter `{name}`"), at);
    }

    /// A parameter or header has either `schema` or `content` (OpenAPI 3.1, "Parameter Object").
    fn lint_content(&mut self, what: &str, at: &LocatedNode<'n>) {
        if self.dialect == Dialect::Swagger2 || at.node.get("schema").is_none() {
            return;
        }
        if let Some(content) = self.child(at, "content")
            && self.is_new(&content)
        {
            let place = self.key_place(&content);
            self.warning(
                "schema-beside-content",
                format!("{what} has both `schema` and `content`"),
                place,
                "keep one of the two; `schema` is used until then",
            );
        }
    }

    /// Locations that exclude each other: in 2.0 `body` and `formData`, since 3.2 `query` and `querystring`.
    fn lint_locations(&mut self, parameters: &[LocatedNode<'n>]) {
        let first = |location: &str| {
            let mut all = parameters.iter();
            all.find(|at| field(at, "in") == Some(location))
        };
        for (dialect, one, other) in [
            (Dialect::Swagger2, "body", "formData"),
            (Dialect::OpenApi32, "query", "querystring"),
        ] {
            if self.dialect == dialect
                && let (Some(one_at), Some(other_at)) = (first(one), first(other))
            {
                let diagnostic = Diagnostic::warning(
                    "conflicting-parameters",
                    format!("an operation cannot have parameters in both `{one}` and `{other}`"),
                    self.place(other_at),
                );
                let related = self.place(one_at);
                self.diagnostics.push(
                    diagnostic
                        .with_related(related, format!("in `{one}`"))
                        .with_advice("describe the request by one of the two"),
                );
            }
        }
    }

    /// Names of headers compare case-insensitively (RFC 9110, section 5.1).
    fn lint_header_names(&mut self, what: &str, headers: &[(&'n str, LocatedNode<'n>)]) {
        let mut first: HashMap<String, (&str, &LocatedNode<'n>)> = HashMap::new();
        for (name, at) in headers {
            let name: &str = name;
            let key = name.to_ascii_lowercase();
            let (other, related) = *first.entry(key).or_insert((name, at));
            if other == name {
                continue;
            }
            let diagnostic = Diagnostic::warning(
                "duplicate-header",
                format!("the {what} `{other}` and `{name}` differ only in case"),
                self.key_place(at),
            );
            let related = self.key_place(related);
            self.diagnostics.push(
                diagnostic
                    .with_related(related, "the same header")
                    .with_advice("keep one of the two: HTTP does not distinguish them"),
            );
        }
    }

    fn lint_status(&mut self, status: &str, at: &LocatedNode<'n>) {
        let is_range = status.len() == 3 && status.ends_with("xx");
        if is_range && self.dialect != Dialect::Swagger2 {
            let place = self.key_place(at);
            self.warning(
                "lowercase-status",
                format!("the range `{status}` is in lower case"),
                place,
                format!(
                    "write `{}`: other tools do not know it otherwise",
                    status.to_ascii_uppercase()
                ),
            );
        }
    }
}

fn field<'n>(at: &LocatedNode<'n>, key: &str) -> Option<&'n str> {
    at.node.get(key)?.as_str()
}

/// The path with all its variables called alike.
fn without_names(path: &str) -> String {
    let mut text = String::new();
    let mut rest = path;
    while let Some((before, variable)) = rest.split_once('{') {
        let Some((_, after)) = variable.split_once('}') else {
            break;
        };
        text.push_str(before);
        text.push_str("{}");
        rest = after;
    }
    text + rest
}
