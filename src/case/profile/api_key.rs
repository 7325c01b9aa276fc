//! API keys (`api_key:`).

use crate::case::template::Template;
use crate::exchange::CredentialPlace;

/// `api_key: { header: X-Api-Key, value: … }`; without `value` the target's `api_key`.
#[derive(Debug)]
pub struct ApiKey {
    pub place: CredentialPlace,
    pub value: Template,
}
