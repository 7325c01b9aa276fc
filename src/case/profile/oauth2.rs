//! OAuth 2.0 (`oauth2:`; RFC 6749): a token of a token endpoint.

use std::sync::Arc;

use super::basic::BasicAuth;
use super::token::TokenCarrier;
use crate::case::model::Step;

/// `oauth2: { token_url: …, grant: … }`
#[derive(Debug)]
pub struct OAuth2 {
    /// The request for an access token (sections 4.3.2, 4.4.2 and 6).
    pub grant: Arc<Step>,
    /// The request that renews it. It reads the variable [`OAuth2::REFRESH_TOKEN`].
    pub renewal: Arc<Step>,
    /// Client id and secret that sign both with Basic, form-encoded (section 2.3.1); `None`: they are in the body.
    pub client: Option<BasicAuth>,
    pub carrier: TokenCarrier,
    /// Whether the profile says how the token is sent; else the response must say `bearer` (section 7.1).
    pub is_carrier_written: bool,
}

impl OAuth2 {
    /// The variable with the token that renews.
    pub const REFRESH_TOKEN: &str = "refresh_token";
}
