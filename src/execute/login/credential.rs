//! What the methods return. Main type: [`ProfileCredential`].

use super::authentication::Renewal;
use crate::case::TokenCarrier;
use crate::exchange::Credential;

/// The credentials of a profile, those of their parts that must not be shown, and what a login could replace.
pub(super) struct ProfileCredential {
    pub(super) credential: Credential,
    pub(super) secrets: Vec<String>,
    pub(super) renewal: Option<Renewal>,
}

/// A token in its place.
pub(super) fn token_credential(carrier: &TokenCarrier, token: String) -> ProfileCredential {
    ProfileCredential {
        credential: Credential::Text {
            place: carrier.place.clone(),
            text: carrier.text(&token),
        },
        secrets: vec![token],
        renewal: None,
    }
}
