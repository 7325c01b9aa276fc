//! The signer of OAuth 1.0a.

use super::credential::ProfileCredential;
use crate::case::{OAuth1, RenderError, Scope};
use crate::exchange::{Credential, OAuth1Signer};

/// The secrets are sent by the method `PLAINTEXT`, percent-encoded twice.
pub(super) fn credential(oauth1: &OAuth1, scope: &Scope) -> Result<ProfileCredential, RenderError> {
    let token = match &oauth1.token {
        Some((token, secret)) => Some((token.render_text(scope)?, secret.render_text(scope)?)),
        None => None,
    };
    let realm = oauth1.realm.as_ref();
    let signer = OAuth1Signer {
        consumer_key: oauth1.consumer_key.render_text(scope)?,
        consumer_secret: oauth1.consumer_secret.render_text(scope)?,
        token,
        method: oauth1.method,
        realm: realm.map(|realm| realm.render_text(scope)).transpose()?,
    };
    let mut secrets = vec![signer.consumer_secret.clone()];
    if let Some((token, secret)) = &signer.token {
        secrets.extend([token.clone(), secret.clone()]);
    }
    Ok(ProfileCredential {
        credential: Credential::OAuth1(signer),
        secrets,
        renewal: None,
    })
}
