//! Auth profiles: how the requests of a step get their credentials. Main types: [`Profile`], [`AuthMethod`]. Each method is a file.

mod api_key;
mod basic;
mod token;

use std::sync::Arc;

use super::model::{Step, credentials_in};
use super::template::Template;
use crate::source::Place;

pub use api_key::ApiKey;
pub use basic::BasicAuth;
pub use token::{KnownToken, TokenCarrier, TokenLogin};

/// How the requests of a profile get their credentials.
#[derive(Debug)]
pub struct Profile {
    pub name: String,
    pub method: AuthMethod,
    /// The server must refuse it: a success on a protected operation is `auth-ignored`, as without credentials.
    pub refused: bool,
    /// Names of the `credentials.*` that it uses and the target must provide.
    pub credentials: Vec<String>,
    pub place: Option<Place>,
}

/// A method of authentication.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthMethod {
    /// No credentials at all.
    None,
    /// A fixed or configured token.
    Token(KnownToken),
    /// A token from the response of a step, cached and renewed.
    Login(TokenLogin),
    /// User name and password (RFC 7617).
    Basic(BasicAuth),
    /// A fixed key in a header, the query or a cookie.
    ApiKey(ApiKey),
}

impl Profile {
    /// A profile of this method whose credentials are not refused. It is in no file.
    pub fn new(name: impl Into<String>, method: AuthMethod) -> Self {
        Profile {
            name: name.into(),
            credentials: method.credentials(),
            method,
            refused: false,
            place: None,
        }
    }

    /// The profile without credentials.
    pub fn guest() -> Self {
        Profile::new("guest", AuthMethod::None)
    }
}

impl AuthMethod {
    /// All templates that are rendered to obtain the credentials.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            AuthMethod::None => Vec::new(),
            AuthMethod::Token(known) => vec![&known.token],
            AuthMethod::Login(login) => login.step.templates(),
            AuthMethod::Basic(basic) => vec![&basic.username, &basic.password],
            AuthMethod::ApiKey(key) => vec![&key.value],
        }
    }

    /// Keys of the `credentials.*` that it needs, sorted, each once.
    pub fn credentials(&self) -> Vec<String> {
        credentials_in(self.templates())
    }

    /// The request that obtains a token or a session, where a case file could write it too.
    pub fn login(&self) -> Option<&Arc<Step>> {
        match self {
            AuthMethod::Login(login) => Some(&login.step),
            _ => None,
        }
    }

    /// Where the token is sent whose place a target's own `bearer` can take; `None` for methods without such a token.
    pub fn token_carrier(&self) -> Option<&TokenCarrier> {
        match self {
            AuthMethod::Token(known) => Some(&known.carrier),
            AuthMethod::Login(login) => Some(&login.carrier),
            _ => None,
        }
    }
}
