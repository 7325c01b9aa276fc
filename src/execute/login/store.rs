//! Tokens obtained by logins, cached as long as they are valid. Main types: [`TokenStore`], [`AccessToken`].

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::finding::RunError;

/// A token is renewed this long before it expires; one with a short life after nine tenths of it.
const LONGEST_MARGIN: Duration = Duration::from_secs(30);

/// The logins of a target or of a case, by the request that was sent. One login at a time per entry. A refused login is remembered
/// too, because repeated attempts with wrong credentials lock accounts.
#[derive(Debug, Default)]
pub(in crate::execute) struct TokenStore {
    entries: Mutex<HashMap<String, LoginEntry>>,
}

/// The result of a login request, if it was sent. The holder of its lock logs in, others wait for the result.
pub(in crate::execute) type LoginEntry = Arc<Mutex<Option<Login>>>;

/// The result of a login.
#[derive(Debug, Clone)]
pub(in crate::execute) enum Login {
    Token(AccessToken),
    /// A session in cookies, which belong to a case.
    Session,
    Refused(RunError),
}

/// A token and how long it is good.
#[derive(Clone)]
pub(in crate::execute) struct AccessToken {
    pub(in crate::execute) text: String,
    good_until: Option<Instant>,
    /// The token that renews it (RFC 6749, section 1.5).
    pub(in crate::execute) refresh_token: Option<String>,
    pub(in crate::execute) standing: Standing,
}

/// What is known of the validity of a token or session from the responses to its requests. All clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::execute) struct Standing(Arc<AtomicU8>);

const UNTRIED: u8 = 0;
const ACCEPTED: u8 = 1;
/// The first request with it got 401: another login would be as useless.
const REJECTED: u8 = 2;
/// It was accepted before, and then got 401.
const EXPIRED: u8 = 3;

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(***)")
    }
}

impl AccessToken {
    /// A token obtained now that is valid for `life`, or, where that is not known, until the server refuses it.
    pub(in crate::execute) fn new(text: String, life: Option<Duration>) -> Self {
        let good_until =
            life.map(|life| Instant::now() + life.saturating_sub(LONGEST_MARGIN.min(life / 10)));
        AccessToken {
            text,
            good_until,
            refresh_token: None,
            standing: Standing::default(),
        }
    }

    pub(in crate::execute) fn is_good(&self) -> bool {
        !self.standing.is_expired() && self.good_until.is_none_or(|end| Instant::now() < end)
    }
}

impl Standing {
    /// A request with it got another response than 401.
    pub(in crate::execute) fn accepted(&self) {
        if !self.is_expired() {
            self.0.store(ACCEPTED, Ordering::Relaxed);
        }
    }

    /// A request with it got 401. Returns whether another login may help: it was accepted before, or it was not obtained for this request
    /// (`is_new`) and may have expired since. A new one that is refused at once would be refused again.
    pub(in crate::execute) fn refused(&self, is_new: bool) -> bool {
        match self.0.load(Ordering::Relaxed) {
            REJECTED => false,
            UNTRIED if is_new => {
                self.0.store(REJECTED, Ordering::Relaxed);
                false
            }
            _ => {
                self.0.store(EXPIRED, Ordering::Relaxed);
                true
            }
        }
    }

    fn is_expired(&self) -> bool {
        self.0.load(Ordering::Relaxed) == EXPIRED
    }
}

impl TokenStore {
    /// The entry for a login request.
    pub(in crate::execute) async fn entry(&self, key: &str) -> LoginEntry {
        let mut entries = self.entries.lock().await;
        Arc::clone(entries.entry(key.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_most_of_its_life() {
        for (seconds, expected) in [(0, false), (1, true), (20, true), (3600, true)] {
            let token = AccessToken::new("t".to_owned(), Some(Duration::from_secs(seconds)));
            assert_eq!(token.is_good(), expected, "{seconds}");
        }
        assert!(AccessToken::new("t".to_owned(), None).is_good());
    }

    #[test]
    fn only_what_may_have_expired_is_renewed() {
        let rejected = Standing::default();
        assert!(!rejected.refused(true));
        assert!(!rejected.refused(false), "others know it too");
        let old = Standing::default();
        assert!(old.refused(false));
        assert!(old.is_expired() && old.refused(false));
        let used = Standing::default();
        used.accepted();
        assert!(used.refused(true));
        used.accepted();
        assert!(used.is_expired(), "a late response changes nothing");
    }
}
