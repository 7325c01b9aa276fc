//! The methods of a path item: fixed fields in all dialects, `additionalOperations` in OpenAPI 3.2.

use http::Method;

use super::{DialectReader, LocatedNode};
use crate::contract::dialect::Dialect;
use crate::diagnostic::Diagnostic;

/// The fields of a path item that are methods. `query` is one since OpenAPI 3.2.
const METHODS: [(&str, Method); 8] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("options", Method::OPTIONS),
    ("head", Method::HEAD),
    ("patch", Method::PATCH),
    ("trace", Method::TRACE),
];

const OTHER_FIELDS: [&str; 4] = ["parameters", "summary", "description", "servers"];

/// The field of OpenAPI 3.2 whose entries are operations of any other method.
const ADDITIONAL: &str = "additionalOperations";

/// An operation in a path item.
pub(super) struct MethodEntry<'n> {
    pub(super) method: Method,
    /// Its key in the document.
    pub(super) name: &'n str,
    pub(super) at: LocatedNode<'n>,
}

impl<'n> DialectReader<'n, '_> {
    /// The methods that a path item may have by its dialect.
    pub(super) fn known_methods(&self) -> Vec<Method> {
        let query = self.dialect.has_any_method().then(query).flatten();
        let fixed = METHODS.into_iter().map(|(_, method)| method);
        fixed.chain(query).collect()
    }

    /// The operations among the entries of a path item, in the order of the document. Fields that a path item does not have are reported.
    pub(super) fn methods(
        &mut self,
        entries: Vec<(&'n str, LocatedNode<'n>)>,
    ) -> Vec<MethodEntry<'n>> {
        let mut found: Vec<MethodEntry<'n>> = Vec::new();
        for (name, at) in entries {
            match fixed(name, self.dialect) {
                Some(method) => found.push(MethodEntry { method, name, at }),
                None if name == ADDITIONAL && self.dialect.has_any_method() => {
                    found.extend(self.additional(&at));
                }
                None => self.check_path_item_field(name, &at),
            }
        }
        found
    }

    /// The operations in `additionalOperations`: the key is the method as it is sent (OpenAPI 3.2, "Path Item Object").
    fn additional(&mut self, at: &LocatedNode<'n>) -> Vec<MethodEntry<'n>> {
        let mut found = Vec::new();
        for (name, at) in self.entries("`additionalOperations`", at) {
            let place = self.key_place(&at);
            let Ok(method) = Method::from_bytes(name.as_bytes()) else {
                self.error(
                    "invalid-method",
                    format!("`{name}` is not an HTTP method"),
                    place,
                    "write the method as it is sent, such as `COPY`",
                );
                continue;
            };
            if let Some(field) = field_of(&method) {
                self.warning(
                    "misplaced-method",
                    format!("`{name}` does not belong into `additionalOperations`"),
                    place,
                    format!("write it as the field `{field}` of the path"),
                );
            }
            found.push(MethodEntry { method, name, at });
        }
        found
    }

    fn check_path_item_field(&mut self, name: &str, at: &LocatedNode<'n>) {
        if name.starts_with("x-") || name == "$ref" || OTHER_FIELDS.contains(&name) {
            return;
        }
        let diagnostic = Diagnostic::warning(
            "unknown-field",
            format!("`{name}` is neither a method nor a field of a path: it is ignored"),
            self.key_place(at),
        );
        let since_32 = name == "query" || name == ADDITIONAL;
        self.diagnostics.push(match since_32 {
            true => diagnostic.with_advice("it exists since OpenAPI 3.2: declare `openapi: 3.2.0`"),
            false => {
                let newer: &[&str] = match self.dialect.has_any_method() {
                    true => &["query", ADDITIONAL],
                    false => &[],
                };
                let known = METHODS.iter().map(|(name, _)| *name);
                diagnostic
                    .with_nearest(name, known.chain(OTHER_FIELDS).chain(newer.iter().copied()))
            }
        });
    }
}

/// Whether a key of a path item is a method.
pub(super) fn is_method(name: &str, dialect: Dialect) -> bool {
    fixed(name, dialect).is_some()
}

/// The method of a path item's key.
fn fixed(name: &str, dialect: Dialect) -> Option<Method> {
    if name == "query" && dialect.has_any_method() {
        return query();
    }
    let mut methods = METHODS.into_iter();
    methods
        .find(|(key, _)| *key == name)
        .map(|(_, method)| method)
}

/// The field that a path item has for a method.
fn field_of(method: &Method) -> Option<&'static str> {
    if method.as_str() == "QUERY" {
        return Some("query");
    }
    let mut methods = METHODS.iter();
    methods
        .find(|(_, known)| known == method)
        .map(|(name, _)| *name)
}

/// The safe method with a body (draft-ietf-httpbis-safe-method-w-body).
fn query() -> Option<Method> {
    Method::from_bytes(b"QUERY").ok()
}
