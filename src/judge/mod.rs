//! Judging: checks a transcript, applies waivers and records coverage. The result is a verdict and what reports may show. From
//! here on nothing is secret.
//!
//! Main types: [`Judge`] for the cases of one target; [`CaseJudge`] for one case while it is executed.

mod blocked;
mod body;
mod case;
mod entry;
mod fault;
mod observed;
mod record;
mod verdict;
mod waiving;

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::case::Suite;
use crate::coverage::Recorder;
use crate::plan::PlannedCase;
use crate::target::{Target, without_credentials};
use crate::text::Redactor;
use crate::waiver::{WaiverLedger, Waivers};

pub use case::CaseJudge;
pub use entry::JudgedEntry;
pub use observed::{BodyCounts, Observations, ObservedExchange, ResponseKey};
pub(crate) use record::waiver as waiver_record;

/// Judges the subjects of one target.
#[derive(Debug)]
pub struct Judge {
    target: Arc<Target>,
    /// The target's URL without credentials.
    url: String,
    redactor: Redactor,
    ledger: WaiverLedger,
    coverage: Option<Arc<Recorder>>,
    observations: Option<Arc<Observations>>,
    suite: Arc<Suite>,
}

impl Judge {
    /// A judge without waivers that records no coverage.
    pub fn new(suite: Arc<Suite>, target: Arc<Target>) -> Self {
        Judge {
            url: without_credentials(&target.url),
            redactor: redactor(&target),
            ledger: WaiverLedger::default(),
            coverage: None,
            observations: None,
            target,
            suite,
        }
    }

    /// Applies waivers to the findings. (Default: none.)
    pub fn accept(&mut self, waivers: Arc<Waivers>) {
        self.ledger = WaiverLedger::new(waivers);
    }

    /// Records which parts of the contracts are covered. (Default: not recorded, at no cost.)
    pub fn record_coverage(&mut self) {
        let version = self.target.version.clone();
        self.coverage = Some(Arc::new(Recorder::new(Arc::clone(&self.suite), version)));
    }

    /// Keeps the exchanges that deviate from their contract, for proposals. (Default: none is kept.)
    pub fn keep_observations(&mut self, observations: Arc<Observations>) {
        self.observations = Some(observations);
    }

    /// A judge for a case that is about to be executed.
    pub fn case<'j>(&'j self, planned: &'j PlannedCase) -> CaseJudge<'j> {
        CaseJudge::new(self, planned)
    }

    /// Records that the case is not run: a waiver for an operation that it would have called must not be reported as stale.
    pub fn not_run(&self, planned: &PlannedCase) {
        waiving::not_run(self, planned);
    }

    /// A redactor that knows the target's secrets, but none of a case.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The use of the waivers so far.
    pub fn ledger(&self) -> &WaiverLedger {
        &self.ledger
    }

    /// The recorder of coverage, if there is one.
    pub fn coverage(&self) -> Option<&Arc<Recorder>> {
        self.coverage.as_ref()
    }
}

/// A redactor that knows a target's secrets: its credentials, those in its URL, and its secret headers.
pub(crate) fn redactor(target: &Target) -> Redactor {
    let credentials = target
        .auth
        .values()
        .flat_map(|credentials| credentials.pairs());
    let mut redactor = Redactor::new(&target.secrets, credentials);
    let urls = std::iter::once(&target.url).chain(target.servers.values());
    for password in urls.filter_map(url::Url::password) {
        redactor.learn(&percent_decode_str(password).decode_utf8_lossy());
    }
    redactor.learn_from_headers(&target.headers);
    redactor
}
