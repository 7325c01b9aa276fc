//! Why a request cannot be signed. Main type: [`SignError`].

use http::HeaderName;

/// Why a request cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    #[error("the value of the header `{0}` contains a line break or another control character")]
    UnfitHeader(HeaderName),
    #[error(
        "the cookie `{0}` cannot have a value with spaces, commas, semicolons, quotes or backslashes"
    )]
    UnfitCookie(String),
    #[error("the form field `{field}` cannot be added to a body of `{content_type}`")]
    NoForm { field: String, content_type: String },
}
