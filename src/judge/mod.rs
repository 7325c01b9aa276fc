//! Judging: a transcript against expectations, waivers and coverage gives a verdict and what reports may know of it. From here on
//! nothing is secret.
//!
//! Main types: [`Judge`], all that judging the cases of one target needs; [`CaseJudge`], one case while it is executed.

mod case;
mod entry;
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
pub(crate) use record::waiver as waiver_record;

/// What the subjects of one target are judged by.
#[derive(Debug)]
pub struct Judge {
    target: Arc<Target>,
    /// The target's URL without credentials.
    url: String,
    redactor: Redactor,
    ledger: WaiverLedger,
    coverage: Option<Arc<Recorder>>,
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
            target,
            suite,
        }
    }

    /// Lets the waivers decide over the findings. (Default: none.)
    pub fn accept(&mut self, waivers: Arc<Waivers>) {
        self.ledger = WaiverLedger::new(waivers);
    }

    /// Records what of the contracts is covered. (Default: not recorded, at no cost.)
    pub fn record_coverage(&mut self) {
        let version = self.target.version.clone();
        self.coverage = Some(Arc::new(Recorder::new(Arc::clone(&self.suite), version)));
    }

    /// A case that is about to be executed.
    pub fn case<'j>(&'j self, planned: &'j PlannedCase) -> CaseJudge<'j> {
        CaseJudge::new(self, planned)
    }

    /// Notes that the case is not run: whatever its fixtures and steps call is not covered by the waivers' evidence.
    pub fn not_run(&self, planned: &PlannedCase) {
        waiving::not_run(self, planned);
    }

    /// Knows the target's secrets, but none of a case.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// What the waivers came to so far.
    pub fn ledger(&self) -> &WaiverLedger {
        &self.ledger
    }

    /// Where coverage is recorded.
    pub fn coverage(&self) -> Option<&Arc<Recorder>> {
        self.coverage.as_ref()
    }
}

/// Knows a target's secrets: its credentials, those in its URL, and its secret headers.
pub(crate) fn redactor(target: &Target) -> Redactor {
    let credentials = target
        .auth
        .values()
        .flat_map(|credentials| credentials.pairs());
    let mut redactor = Redactor::new(&target.secrets, credentials);
    if let Some(password) = target.url.password() {
        redactor.learn(&percent_decode_str(password).decode_utf8_lossy());
    }
    redactor.learn_from_headers(&target.headers);
    redactor
}
