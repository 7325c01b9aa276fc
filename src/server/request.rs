//! A request as the systems receive it: read completely, but not parsed. Main type: [`ServerRequest`].

use axum::body::Bytes;
use axum::http::HeaderMap;

/// A client's request. Path and query are still percent-encoded.
pub struct ServerRequest {
    /// As sent: `GET`, but also `PATCH` or `FOO`.
    pub method: String,
    /// The path from the slash on, without the query.
    pub path: String,
    /// Without the question mark; empty if there is none.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl ServerRequest {
    /// The first value of a header, if it is present and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token of `Authorization: Bearer TOKEN` (RFC 6750, the scheme's case does not matter), or `None`.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        let alone = !token.is_empty() && !token.contains(' ');
        (scheme.eq_ignore_ascii_case("bearer") && alone).then_some(token)
    }
}
