//! How an operation is protected (OpenAPI 3.1, "Security Requirement Object" and "Security Scheme Object").
//!
//! Main types: [`Security`], [`SecurityScheme`].

use std::sync::Arc;

use crate::document::Node;

/// Whether an operation needs credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not documented: neither the operation nor the document has a `security` entry.
    Unstated,
    /// `security: []`, or one alternative is `{}`: a request without credentials is allowed.
    Open,
    /// Every alternative names a scheme: a request without credentials must be refused.
    Protected,
}

/// The alternatives of a `security` entry; the schemes of one alternative are needed together.
pub type SecurityAlternatives = Arc<[Vec<SecurityScheme>]>;

/// How a request carries the credential of a security scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// `apiKey` in a header of this name.
    Header(String),
    /// `apiKey` in a query parameter of this name.
    Query(String),
    /// `apiKey` in a cookie of this name.
    Cookie(String),
    /// `http` with another scheme than `bearer` (and `basic` of Swagger 2.0): the header `Authorization`.
    Authorization,
    /// `oauth2`, `openIdConnect`, `http` with `bearer`: the header `Authorization`, or the parameter `access_token` (RFC 6750,
    /// section 2).
    AccessToken,
    /// `mutualTLS`: not in the request, but in the connection.
    ClientCertificate,
    /// Not declared, or not as OpenAPI defines it.
    Unknown,
}

/// The scheme that a node declares, in any dialect.
pub(super) fn scheme(node: &Node) -> SecurityScheme {
    let field = |key: &str| node.get(key).and_then(|node| node.as_str());
    let is_bearer = field("scheme").is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"));
    match (field("type"), field("in"), field("name")) {
        (Some("apiKey"), Some("header"), Some(name)) => SecurityScheme::Header(name.to_owned()),
        (Some("apiKey"), Some("query"), Some(name)) => SecurityScheme::Query(name.to_owned()),
        (Some("apiKey"), Some("cookie"), Some(name)) => SecurityScheme::Cookie(name.to_owned()),
        (Some("oauth2" | "openIdConnect"), ..) => SecurityScheme::AccessToken,
        (Some("http"), ..) if is_bearer => SecurityScheme::AccessToken,
        (Some("http" | "basic"), ..) => SecurityScheme::Authorization,
        (Some("mutualTLS"), ..) => SecurityScheme::ClientCertificate,
        _ => SecurityScheme::Unknown,
    }
}
