//! Tokens obtained by login calls, cached as long as they are valid.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Mutex;

use crate::finding::RunError;

/// A token is renewed this long before it expires.
const MARGIN: Duration = Duration::from_secs(30);

/// The tokens of a target, by the login request that obtained them. One login at a time per entry. A refused login is remembered
/// too, because repeated attempts with wrong credentials lock accounts.
#[derive(Debug, Default)]
pub(in crate::execute) struct TokenStore {
    entries: Mutex<HashMap<String, Arc<Mutex<Option<Login>>>>>,
}

/// The result of a login.
#[derive(Debug, Clone)]
pub(in crate::execute) enum Login {
    Token(AccessToken),
    Refused(RunError),
}

/// A token and when it expires, if that is known.
#[derive(Clone)]
pub(in crate::execute) struct AccessToken {
    pub(super) text: String,
    good_until: Option<Instant>,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(***)")
    }
}

impl AccessToken {
    /// A token obtained now. A JWT is valid for `exp - iat` from now on (RFC 7519, 4.1), whatever the server's clock says. Any
    /// other token is assumed to be valid for the whole run.
    pub(super) fn new(text: String) -> Self {
        let good_until = lifetime(&text).map(|life| Instant::now() + life.saturating_sub(MARGIN));
        AccessToken { text, good_until }
    }

    pub(super) fn is_good(&self) -> bool {
        self.good_until.is_none_or(|end| Instant::now() < end)
    }
}

impl TokenStore {
    /// The entry for a login request. The holder of its lock logs in, others wait for the result.
    pub(super) async fn entry(&self, key: &str) -> Arc<Mutex<Option<Login>>> {
        let mut entries = self.entries.lock().await;
        Arc::clone(entries.entry(key.to_owned()).or_default())
    }
}

fn lifetime(token: &str) -> Option<Duration> {
    let payload = token.split('.').nth(1)?;
    let claims: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let claim = |name: &str| claims.get(name)?.as_f64();
    let seconds = claim("exp")? - claim("iat")?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_jwt_is_valid_for_its_own_lifetime_minus_a_margin() {
        assert_eq!(
            lifetime(&jwt(r#"{"iat":1000,"exp":4600}"#)),
            Some(Duration::from_secs(3600))
        );
        assert!(AccessToken::new(jwt(r#"{"iat":1000,"exp":4600}"#)).is_good());
        assert!(!AccessToken::new(jwt(r#"{"iat":1000,"exp":1010}"#)).is_good());
    }

    #[test]
    fn other_tokens_are_valid_for_the_run() {
        for text in ["opaque", "a.b.c", &jwt("{}"), &jwt(r#"{"iat":5,"exp":1}"#)] {
            assert_eq!(lifetime(text), None, "{text}");
            assert!(AccessToken::new((*text).to_owned()).is_good());
        }
    }
}
