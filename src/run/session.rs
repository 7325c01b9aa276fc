//! One target asked on behalf of one suite; [`Session::run`] is in `case_run`.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::client::Client;
use super::redact::Redactor;
use super::token::TokenStore;
use super::variables::BuiltIn;
use crate::case::Suite;
use crate::coverage::Recorder;
use crate::target::Target;
use crate::waiver::{Ledger, Waivers};

/// A target, the suite it is asked about, and what they share over all cases: connections, tokens, limits.
#[derive(Debug)]
pub struct Session {
    pub(super) suite: Arc<Suite>,
    pub(super) target: Arc<Target>,
    pub(super) client: Client,
    pub(super) tokens: TokenStore,
    pub(super) redactor: Redactor,
    pub(super) built_in: BuiltIn,
    pub(super) ledger: Ledger,
    pub(super) coverage: Option<Arc<Recorder>>,
}

impl Session {
    /// A session that has not asked anything yet. Fails when no HTTP client can be made (the system's TLS certificates are
    /// unreadable), with a sentence fragment.
    pub fn new(suite: Arc<Suite>, target: Arc<Target>, seed: u64) -> Result<Self, String> {
        let client = Client::new(&target)?;
        let mut redactor = Redactor::new(&target.secrets, target.auth.values());
        if let Some(password) = target.url.password() {
            redactor.learn(&percent_decode_str(password).decode_utf8_lossy());
        }
        redactor.learn_from_headers(&target.headers);
        let built_in = BuiltIn::of(&suite, &target, seed);
        Ok(Session {
            suite,
            target,
            client,
            tokens: TokenStore::default(),
            redactor,
            built_in,
            ledger: Ledger::default(),
            coverage: None,
        })
    }

    /// Lets the waivers decide over the session's findings. (Default: none.)
    pub fn with_waivers(mut self, waivers: Arc<Waivers>) -> Self {
        self.ledger = Ledger::new(waivers);
        self
    }

    /// Records which promises of the contracts are asked. (Default: not recorded, at no cost.)
    pub fn with_coverage(mut self) -> Self {
        let version = self.target.version.clone();
        self.coverage = Some(Arc::new(Recorder::new(Arc::clone(&self.suite), version)));
        self
    }

    pub fn target(&self) -> &Target {
        &self.target
    }
}
