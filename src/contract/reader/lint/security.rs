//! Security schemes: what a type needs (OpenAPI 3.1, "Security Scheme Object"; Swagger 2.0, "Security Scheme Object").

use crate::contract::dialect::Dialect;
use crate::contract::reader::{DialectReader, LocatedNode};
use crate::diagnostic::Diagnostic;

/// A type of scheme, and the fields that it needs.
type SchemeType = (&'static str, &'static [&'static str]);

const SWAGGER: &[SchemeType] = &[
    ("basic", &[]),
    ("apiKey", &["name", "in"]),
    ("oauth2", &["flow", "scopes"]),
];

/// The last is one since OpenAPI 3.1.
const OPENAPI: &[SchemeType] = &[
    ("apiKey", &["name", "in"]),
    ("http", &["scheme"]),
    ("oauth2", &["flows"]),
    ("openIdConnect", &["openIdConnectUrl"]),
    ("mutualTLS", &[]),
];

const SWAGGER_FLOWS: &[SchemeType] = &[
    ("implicit", &["authorizationUrl"]),
    ("password", &["tokenUrl"]),
    ("application", &["tokenUrl"]),
    ("accessCode", &["authorizationUrl", "tokenUrl"]),
];

/// The last is one since OpenAPI 3.2.
const FLOWS: &[SchemeType] = &[
    ("implicit", &["authorizationUrl", "scopes"]),
    ("password", &["tokenUrl", "scopes"]),
    ("clientCredentials", &["tokenUrl", "scopes"]),
    (
        "authorizationCode",
        &["authorizationUrl", "tokenUrl", "scopes"],
    ),
    (
        "deviceAuthorization",
        &["deviceAuthorizationUrl", "tokenUrl", "scopes"],
    ),
];

const CODE: &str = "invalid-security-scheme";

impl<'n> DialectReader<'n, '_> {
    /// Checks all declared security schemes.
    pub(super) fn lint_security_schemes(&mut self) {
        let root = self.root();
        let schemes = match self.dialect {
            Dialect::Swagger2 => self.entries_of(&root, "securityDefinitions"),
            _ => match self.child(&root, "components") {
                Some(components) => self.entries_of(&components, "securitySchemes"),
                None => Vec::new(),
            },
        };
        for (name, at) in schemes
            .into_iter()
            .filter(|(name, _)| !name.starts_with("x-"))
        {
            match self.child(&at, "$ref") {
                Some(reference) => self.lint_scheme_reference(name, &at, &reference),
                None => self.lint_scheme(name, &at),
            }
        }
    }

    fn lint_scheme_reference(
        &mut self,
        name: &str,
        at: &LocatedNode<'n>,
        reference: &LocatedNode<'n>,
    ) {
        let text = reference.node.as_str().unwrap_or_default();
        match self.documents.resolve(&at.location, text) {
            Ok(_) => {
                if let Some(scheme) = self.followed(at) {
                    self.lint_scheme(name, &scheme);
                }
            }
            Err(fault) => {
                let diagnostic =
                    Diagnostic::warning(fault.code, fault.message, self.place(reference));
                self.diagnostics
                    .push(diagnostic.with_optional_advice(fault.advice));
            }
        }
    }

    fn lint_scheme(&mut self, name: &str, at: &LocatedNode<'n>) {
        if !self.is_new(at) {
            return;
        }
        if at.node.as_mapping().is_none() {
            let message = format!("the security scheme `{name}` is {}", at.node.kind());
            self.invalid_scheme(message, at, "write a mapping with `type`");
            return;
        }
        let known = match self.dialect {
            Dialect::Swagger2 => SWAGGER,
            Dialect::OpenApi30 => &OPENAPI[..OPENAPI.len() - 1],
            Dialect::OpenApi31 | Dialect::OpenApi32 => OPENAPI,
        };
        let Some(kind) = self.named("the type of the security scheme", name, at, "type", known)
        else {
            return;
        };
        self.needs(&format!("the security scheme `{name}`"), at, kind.1);
        match (kind.0, self.dialect) {
            ("apiKey", dialect) => {
                let locations: &'static [SchemeType] = match dialect {
                    Dialect::Swagger2 => &[("query", &[]), ("header", &[])],
                    _ => &[("query", &[]), ("header", &[]), ("cookie", &[])],
                };
                if at.node.get("in").is_some() {
                    self.named("the location of the API key", name, at, "in", locations);
                }
            }
            ("oauth2", Dialect::Swagger2) if at.node.get("flow").is_some() => {
                let flow = self.named(
                    "the flow of the security scheme",
                    name,
                    at,
                    "flow",
                    SWAGGER_FLOWS,
                );
                if let Some((flow, fields)) = flow {
                    self.needs(&format!("the flow `{flow}`"), at, fields);
                }
            }
            ("oauth2", _) => self.lint_flows(at),
            _ => {}
        }
    }

    fn lint_flows(&mut self, scheme: &LocatedNode<'n>) {
        let known = match self.dialect {
            Dialect::OpenApi32 => FLOWS,
            _ => &FLOWS[..FLOWS.len() - 1],
        };
        for (name, flow) in self.entries_of(scheme, "flows") {
            match known.iter().find(|(known, _)| *known == name) {
                Some((_, fields)) => self.needs(&format!("the flow `{name}`"), &flow, fields),
                None if name.starts_with("x-") => {}
                None => {
                    let diagnostic = Diagnostic::warning(
                        CODE,
                        format!("there is no OAuth flow `{name}`"),
                        self.key_place(&flow),
                    );
                    let known = known.iter().map(|(name, _)| *name);
                    self.diagnostics.push(diagnostic.with_nearest(name, known));
                }
            }
        }
    }

    /// The one of `known` that the field names; a warning and `None` where it is missing or another.
    fn named(
        &mut self,
        what: &str,
        scheme: &str,
        at: &LocatedNode<'n>,
        field: &str,
        known: &'static [SchemeType],
    ) -> Option<SchemeType> {
        let Some(written) = self.child(at, field) else {
            let message = format!("the security scheme `{scheme}` has no `{field}`");
            self.invalid_scheme(message, at, format!("add `{field}`"));
            return None;
        };
        let text = written.node.as_str().unwrap_or_default();
        let found = known.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let place = self.place(&written);
            let message = format!("{what} `{scheme}` cannot be `{}`", place.text());
            let diagnostic = Diagnostic::warning(CODE, message, place);
            let names = known.iter().map(|(name, _)| *name);
            self.diagnostics.push(diagnostic.with_nearest(text, names));
        }
        found.copied()
    }

    fn needs(&mut self, what: &str, at: &LocatedNode<'n>, fields: &[&str]) {
        for field in fields {
            if at.node.get(field).is_none() {
                let message = format!("{what} has no `{field}`");
                self.invalid_scheme(message, at, format!("add `{field}`"));
            }
        }
    }

    fn invalid_scheme(&mut self, message: String, at: &LocatedNode<'n>, advice: impl Into<String>) {
        let place = self.key_place(at);
        self.warning(CODE, message, place, advice.into());
    }
}
