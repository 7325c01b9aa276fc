//! OAuth 1.0a (`oauth1:`; RFC 5849): every request is signed.

use crate::case::template::Template;
use crate::exchange::OAuth1Method;

/// `oauth1: { consumer_key: …, … }`; what is left out are the target's credentials of the same name.
#[derive(Debug)]
pub struct OAuth1 {
    pub consumer_key: Template,
    pub consumer_secret: Template,
    /// Token and its secret; `None`: requests of the client itself.
    pub token: Option<(Template, Template)>,
    pub method: OAuth1Method,
    pub realm: Option<Template>,
}
