//! Tokens: known ones (`bearer:`), and those that a login returns (`login:`, `token:`), with where they are sent (`send_in:`).

use std::sync::Arc;

use http::header::AUTHORIZATION;

use crate::case::model::{Capture, Step};
use crate::case::template::Template;
use crate::exchange::CredentialPlace;

/// `bearer: TOKEN`
#[derive(Debug)]
pub struct KnownToken {
    pub token: Template,
    pub carrier: TokenCarrier,
}

/// `login: { call: … }, token: …`
#[derive(Debug)]
pub struct TokenLogin {
    pub step: Arc<Step>,
    /// Where the token is in the response.
    pub token: Capture,
    pub carrier: TokenCarrier,
}

/// Where a token is sent, and after which scheme (`scheme:`, `send_in:`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCarrier {
    pub place: CredentialPlace,
    /// Sent before the token, with a space (RFC 9110, section 11.4); `None`: the token alone.
    pub scheme: Option<String>,
}

/// `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
impl Default for TokenCarrier {
    fn default() -> Self {
        TokenCarrier {
            place: CredentialPlace::Header(AUTHORIZATION),
            scheme: Some("Bearer".to_owned()),
        }
    }
}

impl TokenCarrier {
    /// What is sent for a token.
    pub fn text(&self, token: &str) -> String {
        match &self.scheme {
            Some(scheme) => format!("{scheme} {token}"),
            None => token.to_owned(),
        }
    }
}
