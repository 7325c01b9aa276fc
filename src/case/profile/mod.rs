//! Auth profiles: how the requests of a step get their credentials. Main types: [`Profile`], [`AuthMethod`]. Each method is a file.

mod api_key;
mod basic;
mod oauth1;
mod oauth2;
mod session;
mod token;

use std::sync::Arc;

use super::model::{Step, credentials_in};
use super::template::Template;
use crate::source::Place;

pub use api_key::ApiKey;
pub use basic::BasicAuth;
pub use oauth1::OAuth1;
pub use oauth2::OAuth2;
pub use session::{CookieSession, CsrfToken};
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
    /// What a login sets in cookies, one jar for each case.
    Session(CookieSession),
    /// A token of a token endpoint (RFC 6749), cached and renewed.
    OAuth2(OAuth2),
    /// A signature of each request (RFC 5849).
    OAuth1(OAuth1),
    /// A certificate that the client shows when it connects (RFC 8446, section 4.4.2), configured for the target.
    ClientCertificate,
    /// Headers that a program returns, configured for the target.
    Command,
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
    /// The key of a target's credentials that names the file of a client certificate.
    pub const CERTIFICATE: &str = "certificate";
    /// The key of a target's credentials that names a program.
    pub const COMMAND: &str = "command";

    /// All templates that are rendered to obtain the credentials.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            AuthMethod::None | AuthMethod::ClientCertificate | AuthMethod::Command => Vec::new(),
            AuthMethod::Token(known) => vec![&known.token],
            AuthMethod::Login(login) => login.step.templates(),
            AuthMethod::Basic(basic) => vec![&basic.username, &basic.password],
            AuthMethod::ApiKey(key) => vec![&key.value],
            AuthMethod::Session(session) => {
                let page = session.csrf.iter().filter_map(|csrf| csrf.page.as_ref());
                let steps = std::iter::once(&session.step).chain(page);
                steps.flat_map(|step| step.templates()).collect()
            }
            AuthMethod::OAuth2(oauth2) => {
                let client = oauth2.client.iter();
                let client = client.flat_map(|client| [&client.username, &client.password]);
                oauth2.grant.templates().into_iter().chain(client).collect()
            }
            AuthMethod::OAuth1(oauth1) => {
                let mut found = vec![&oauth1.consumer_key, &oauth1.consumer_secret];
                found.extend(
                    oauth1
                        .token
                        .iter()
                        .flat_map(|(token, secret)| [token, secret]),
                );
                found.extend(&oauth1.realm);
                found
            }
        }
    }

    /// Keys of the `credentials.*` that it needs, sorted, each once.
    pub fn credentials(&self) -> Vec<String> {
        match self {
            AuthMethod::ClientCertificate => vec![AuthMethod::CERTIFICATE.to_owned()],
            AuthMethod::Command => vec![AuthMethod::COMMAND.to_owned()],
            _ => credentials_in(self.templates()),
        }
    }

    /// The request that obtains a token or a session, where a case file could write it too.
    pub fn login(&self) -> Option<&Arc<Step>> {
        match self {
            AuthMethod::Login(login) => Some(&login.step),
            AuthMethod::Session(session) => Some(&session.step),
            _ => None,
        }
    }

    /// Where the token is sent whose place a target's own `bearer` can take; `None` for methods without such a token.
    pub fn token_carrier(&self) -> Option<&TokenCarrier> {
        match self {
            AuthMethod::Token(known) => Some(&known.carrier),
            AuthMethod::Login(login) => Some(&login.carrier),
            AuthMethod::OAuth2(oauth2) => Some(&oauth2.carrier),
            _ => None,
        }
    }
}
