//! User name and password.

use http::header::AUTHORIZATION;

use super::credential::ProfileCredential;
use crate::case::{BasicAuth, Reference, RenderError, Scope};
use crate::exchange::{Credential, basic_credentials};

/// The password is a secret alone and in base64. Fails where the user name has a colon.
pub(super) fn credential(
    basic: &BasicAuth,
    scope: &Scope,
) -> Result<ProfileCredential, RenderError> {
    let user = basic.username.render_text(scope)?;
    let password = basic.password.render_text(scope)?;
    let encoded = basic_credentials(&user, &password).map_err(|message| RenderError {
        message,
        place: basic
            .username
            .references()
            .first()
            .and_then(Reference::place),
    })?;
    Ok(ProfileCredential {
        credential: Credential::header(AUTHORIZATION, format!("Basic {encoded}")),
        secrets: vec![password, encoded],
        renewal: None,
    })
}
