//! The credentials that a request is signed with, once it is composed. Main type: [`Credential`].

mod basic;
mod error;
mod oauth1;
mod place;

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use super::Request;
use crate::text::MASK;

pub use basic::basic_credentials;
pub use error::SignError;
pub use oauth1::{OAuth1Method, OAuth1Signer};
pub use place::CredentialPlace;

/// How a request is signed. Signing comes last: it may depend on everything that is sent.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// Nothing: the request stays as it is.
    None,
    /// A text in one place: a token with its scheme, an API key.
    Text {
        place: CredentialPlace,
        text: String,
    },
    /// The cookies of a session, by name. They are sent as the server set them.
    Cookies(Vec<(String, String)>),
    /// Headers as a program returned them.
    Headers(HeaderMap),
    /// A signature over method, URL and form (RFC 5849).
    OAuth1(OAuth1Signer),
    /// The certificate of the connection that the request is sent over.
    ClientCertificate,
    /// Several, in this order.
    Several(Vec<Credential>),
}

/// `Debug` shows no secrets.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::None => f.write_str("None"),
            Credential::Text { place, .. } => write!(f, "Text({MASK} in {place})"),
            Credential::Cookies(cookies) => {
                let names = cookies.iter().map(|(name, _)| name);
                f.debug_set().entries(names).finish()
            }
            Credential::Headers(headers) => f.debug_set().entries(headers.keys()).finish(),
            Credential::OAuth1(signer) => signer.fmt(f),
            Credential::ClientCertificate => f.write_str("ClientCertificate"),
            Credential::Several(credentials) => f.debug_list().entries(credentials).finish(),
        }
    }
}

/// Which kind of credentials a request is sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// None of an auth profile. The request itself may carry credentials anyway: in `Authorization`, in a cookie, in an API key.
    Unauthenticated,
    /// With credentials that the server must refuse.
    Refused,
    /// With credentials that may be valid.
    Authenticated,
}

impl Credential {
    /// A text in a header.
    pub fn header(name: HeaderName, text: impl Into<String>) -> Self {
        Credential::Text {
            place: CredentialPlace::Header(name),
            text: text.into(),
        }
    }

    /// Signs a request, except in the places that `kept` names: what the request has there has priority.
    ///
    /// Fails where a place cannot have the credential; the request is then of no use.
    pub fn sign(&self, request: &mut Request, kept: &[CredentialPlace]) -> Result<(), SignError> {
        match self {
            Credential::None | Credential::ClientCertificate => Ok(()),
            Credential::Text { place, .. } if place.is_among(kept) => Ok(()),
            Credential::Text { place, text } => place.put(text, request),
            Credential::Cookies(cookies) => {
                let is_kept = |name: &String| CredentialPlace::Cookie(name.clone()).is_among(kept);
                let sent = cookies.iter().filter(|(name, _)| !is_kept(name));
                place::put_cookies(sent, request)
            }
            Credential::Headers(headers) => {
                for (name, value) in headers {
                    if !CredentialPlace::Header(name.clone()).is_among(kept) {
                        request.headers.insert(name.clone(), value.clone());
                    }
                }
                Ok(())
            }
            Credential::OAuth1(signer) => {
                let place = CredentialPlace::Header(AUTHORIZATION);
                match place.is_among(kept) {
                    true => Ok(()),
                    false => place.put(&signer.authorization(request), request),
                }
            }
            Credential::Several(credentials) => credentials
                .iter()
                .try_for_each(|credential| credential.sign(request, kept)),
        }
    }

    /// The places of a request in which it is carried.
    pub fn places(&self) -> Vec<CredentialPlace> {
        match self {
            Credential::None => Vec::new(),
            Credential::Text { place, .. } => vec![place.clone()],
            Credential::Cookies(cookies) => {
                let names = cookies.iter().map(|(name, _)| name.clone());
                names.map(CredentialPlace::Cookie).collect()
            }
            Credential::Headers(headers) => {
                let names = headers.keys().cloned();
                names.map(CredentialPlace::Header).collect()
            }
            Credential::OAuth1(_) => vec![CredentialPlace::Header(AUTHORIZATION)],
            Credential::ClientCertificate => vec![CredentialPlace::Connection],
            Credential::Several(credentials) => {
                credentials.iter().flat_map(Credential::places).collect()
            }
        }
    }
}
