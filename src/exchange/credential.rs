//! The credentials that a request is signed with, once it is composed. Main type: [`Credential`].

use std::fmt;

use http::HeaderValue;
use http::header::AUTHORIZATION;

use super::Request;
use crate::text::MASK;

/// How a request is signed. Signing comes last: it may depend on everything that is sent.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// Nothing: the request stays as it is.
    None,
    /// `Authorization: SCHEME TOKEN` (RFC 9110, section 11.6.2).
    Token { scheme: String, token: String },
}

/// `Debug` shows no secrets.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::None => f.write_str("None"),
            Credential::Token { scheme, .. } => write!(f, "Token({scheme} {MASK})"),
        }
    }
}

/// Which kind of credentials a request is sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// None of an auth profile. The request itself may carry credentials anyway: in `Authorization`, in a cookie, in an API key.
    Unauthenticated,
    /// With a token that the server must refuse.
    Refused,
    /// With credentials that may be valid.
    Authenticated,
}

impl Credential {
    /// Signs a request. Fails where the token holds a line break or another control character; the request is then unchanged.
    pub fn sign(&self, request: &mut Request) -> Result<(), http::header::InvalidHeaderValue> {
        match self {
            Credential::None => Ok(()),
            Credential::Token { scheme, token } => {
                let value = HeaderValue::from_bytes(format!("{scheme} {token}").as_bytes())?;
                request.headers.insert(AUTHORIZATION, value);
                Ok(())
            }
        }
    }

    /// The part of it that must not be shown.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Credential::None => None,
            Credential::Token { token, .. } => Some(token),
        }
    }
}
