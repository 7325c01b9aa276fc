//! The credentials that a request carries, as the contract's security schemes define them. Main function: [`carried`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};

use crate::contract::SecurityScheme;
use crate::exchange::{Request, sent_cookies};

/// What a request carries for one security scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CarriedCredential {
    Absent,
    /// It cannot be a credential of any client: it is empty, or not in the form of its scheme.
    Malformed,
    Present,
    /// The request does not show it: a client certificate, or a scheme that is not declared.
    Unknowable,
}

/// What a request carries for a scheme.
pub(super) fn carried(scheme: &SecurityScheme, request: &Request) -> CarriedCredential {
    match scheme {
        SecurityScheme::Header(name) => api_key(header_values(&request.headers, name)),
        SecurityScheme::Query(name) => api_key(parameters(request.url.query(), name)),
        SecurityScheme::Cookie(name) => {
            let cookies = sent_cookies(&request.headers).into_iter();
            api_key(
                cookies
                    .filter(|(known, _)| known == name)
                    .map(|(_, value)| value)
                    .collect(),
            )
        }
        SecurityScheme::Authorization => authorization(&request.headers),
        SecurityScheme::AccessToken => match authorization(&request.headers) {
            CarriedCredential::Absent => access_token(request),
            carried => carried,
        },
        SecurityScheme::ClientCertificate | SecurityScheme::Unknown => {
            CarriedCredential::Unknowable
        }
    }
}

/// Where a scheme's credential is missing: `the header X-Key`.
pub(super) fn place_of(scheme: &SecurityScheme) -> String {
    match scheme {
        SecurityScheme::Header(name) => format!("the header {name}"),
        SecurityScheme::Query(name) => format!("the query parameter {name}"),
        SecurityScheme::Cookie(name) => format!("the cookie {name}"),
        SecurityScheme::Authorization | SecurityScheme::AccessToken => {
            "the header Authorization".to_owned()
        }
        SecurityScheme::ClientCertificate => "a client certificate".to_owned(),
        SecurityScheme::Unknown => "credentials".to_owned(),
    }
}

/// An API key is any text that is not empty.
fn api_key(values: Vec<String>) -> CarriedCredential {
    match values.iter().all(|value| value.trim().is_empty()) {
        _ if values.is_empty() => CarriedCredential::Absent,
        true => CarriedCredential::Malformed,
        false => CarriedCredential::Present,
    }
}

/// Any scheme counts: servers know more of them than their contracts name. Malformed is what names a scheme and holds nothing for it
/// (RFC 9110, section 11.4), and `Basic` with something else than a user name and a password in base64 (RFC 7617, section 2).
fn authorization(headers: &HeaderMap) -> CarriedCredential {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return CarriedCredential::Absent;
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    let (scheme, credentials) = match value.trim().split_once(' ') {
        Some((scheme, credentials)) => (scheme, credentials.trim()),
        None => (value.trim(), ""),
    };
    let is_known = ["basic", "bearer", "digest", "negotiate"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let is_well_formed = match credentials {
        // One word: a token without scheme, as some servers accept it.
        "" => !scheme.is_empty() && !is_known,
        credentials if scheme.eq_ignore_ascii_case("basic") => STANDARD
            .decode(credentials)
            .is_ok_and(|pair| pair.contains(&b':')),
        _ => true,
    };
    match is_well_formed {
        true => CarriedCredential::Present,
        false => CarriedCredential::Malformed,
    }
}

/// The parameter `access_token` of the query or of a form (RFC 6750, sections 2.2 and 2.3).
fn access_token(request: &Request) -> CarriedCredential {
    let mut tokens = parameters(request.url.query(), "access_token");
    let is_form = header_values(&request.headers, CONTENT_TYPE.as_str())
        .iter()
        .any(|value| value.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        tokens.extend(parameters(
            std::str::from_utf8(&request.body).ok(),
            "access_token",
        ));
    }
    api_key(tokens)
}

/// The values of a header; none for a name that HTTP does not allow.
fn header_values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Vec::new();
    };
    let lines = headers.get_all(name).iter();
    lines
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

/// The values of a parameter in a query or form.
fn parameters(text: Option<&str>, name: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(text.unwrap_or_default().as_bytes());
    pairs
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}
