//! Sessions kept by cookies (`cookies: true`), and the tokens against cross-site request forgery that they need (`csrf:`).

use std::sync::Arc;

use super::token::TokenCarrier;
use crate::case::model::{Capture, Step};
use crate::exchange::CredentialPlace;

/// `login: { call: … }, cookies: true`
#[derive(Debug)]
pub struct CookieSession {
    pub step: Arc<Step>,
    /// A token that is sent besides the cookies, with where it is in the login's response.
    pub token: Option<(Capture, TokenCarrier)>,
    pub csrf: Option<CsrfToken>,
}

/// `csrf: { page: { call: … }, from: …, send_in: … }`
#[derive(Debug)]
pub struct CsrfToken {
    /// The request whose response has the token; `None`: the response of the login.
    pub page: Option<Arc<Step>>,
    /// A cookie is read from the jar when a request is sent, a header also from later responses.
    pub from: Capture,
    pub place: CredentialPlace,
}
