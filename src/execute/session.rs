//! Executes the cases of one suite against one target. Main type: [`Session`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::login::store::TokenStore;
use super::setup_store::Setups;
use super::variables::BuiltIn;
use crate::case::Suite;
use crate::exchange::{Client, ClientError};
use crate::target::Target;

/// A target, the suite whose cases are sent to it, and what all cases share: connections, tokens, limits.
#[derive(Debug)]
pub struct Session {
    pub(super) suite: Arc<Suite>,
    pub(super) target: Arc<Target>,
    client: Client,
    /// Those of auth profiles with a certificate.
    identified: BTreeMap<String, Client>,
    pub(super) tokens: TokenStore,
    pub(super) built_in: BuiltIn,
    pub(super) setups: Setups,
}

impl Session {
    /// A new session; nothing is sent yet. Fails, with a sentence fragment, if the HTTP client cannot be created (the system's
    /// TLS certificates are unreadable).
    pub fn new(suite: Arc<Suite>, target: Arc<Target>, seed: u64) -> Result<Self, ClientError> {
        let client = Client::new(&target)?;
        let identities = target.auth.iter().filter_map(|(profile, credentials)| {
            let identity = credentials.identity.clone()?;
            Some(
                client
                    .with_identity(identity)
                    .map(|client| (profile.clone(), client)),
            )
        });
        let identified = identities.collect::<Result<_, _>>()?;
        let built_in = BuiltIn::of(&suite, &target, seed);
        Ok(Session {
            suite,
            target,
            client,
            identified,
            tokens: TokenStore::default(),
            built_in,
            setups: Setups::default(),
        })
    }

    /// The client for requests of an auth profile.
    pub(super) fn client_of(&self, profile: &str) -> &Client {
        self.identified.get(profile).unwrap_or(&self.client)
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub fn suite(&self) -> &Suite {
        &self.suite
    }
}
