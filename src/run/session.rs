//! One target asked on behalf of one suite.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::case_run::CaseRun;
use super::client::Client;
use super::redact::Redactor;
use super::token::TokenStore;
use super::variables::BuiltIn;
use crate::case::{Call, Fixture, Step, Suite};
use crate::event::{CaseFinished, ErrorRecord};
use crate::plan::PlannedCase;
use crate::target::{Target, without_credentials};
use crate::waiver::{Ledger, Scene, Waivers};

/// A target, the suite it is asked about, and what they share over all cases: connections, tokens, limits.
#[derive(Debug)]
pub struct Session {
    pub(super) suite: Arc<Suite>,
    pub(super) target: Arc<Target>,
    pub(super) seed: u64,
    pub(super) client: Client,
    pub(super) tokens: TokenStore,
    pub(super) redactor: Redactor,
    pub(super) built_in: BuiltIn,
    pub(super) ledger: Ledger,
}

/// How asking a case ended.
#[derive(Debug)]
pub enum Outcome {
    /// It has a verdict.
    Finished(Box<CaseFinished>),
    /// The run was cancelled; what the case had made is cleaned up.
    Interrupted,
    /// There was no connection to the target.
    Unreachable(ErrorRecord),
}

impl Session {
    /// A session that has not asked anything yet. Fails when no HTTP client can be made (the system's TLS certificates are
    /// unreadable), with a sentence fragment.
    pub fn new(suite: Arc<Suite>, target: Arc<Target>, seed: u64) -> Result<Self, String> {
        let client = Client::new(&target)?;
        let redactor = Redactor::new(&target.secrets, target.auth.values());
        let built_in = BuiltIn::of(&suite, &target);
        Ok(Session {
            suite,
            target,
            seed,
            client,
            tokens: TokenStore::default(),
            redactor,
            built_in,
            ledger: Ledger::default(),
        })
    }

    /// Lets the waivers decide over the session's findings. (Default: none.)
    pub fn with_waivers(mut self, waivers: Arc<Waivers>) -> Self {
        self.ledger = Ledger::new(waivers);
        self
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Runs one case: makes its fixtures, takes its steps, judges every answer, cleans up, also after a failure or cancellation.
    /// Must be called within a Tokio runtime.
    pub async fn run(&self, planned: &PlannedCase, cancel: &CancellationToken) -> Outcome {
        CaseRun::new(self, planned, cancel).run().await
    }

    /// Tells `note` the place of a finding in this case, at one of these operations (`None`: an undocumented one).
    pub(super) fn at_scene(
        &self,
        planned: &PlannedCase,
        operation: Option<&str>,
        note: impl FnOnce(&Scene<'_>),
    ) {
        // Nobody asks where there are no waivers; then names and URLs need not be made for each answer.
        if self.ledger.waivers().is_empty() {
            return;
        }
        note(&Scene {
            system: &planned.id.system,
            target: &self.target.name,
            url: &without_credentials(&self.target.url),
            operation,
            case: &planned.id.to_string(),
        });
    }

    /// Notes that the case was not run: whatever its fixtures and steps call was not asked.
    pub(super) fn not_run(&self, planned: &PlannedCase) {
        let mut fixtures: Vec<&Fixture> = Vec::new();
        let mut wanted: Vec<&Fixture> =
            planned.case.given.iter().map(|one| &*one.fixture).collect();
        while let Some(fixture) = wanted.pop() {
            if !fixtures.iter().any(|known| std::ptr::eq(*known, fixture)) {
                fixtures.push(fixture);
                wanted.extend(fixture.given.iter().map(|one| &*one.fixture));
            }
        }
        for fixture in fixtures {
            self.not_taken(planned, &fixture.steps);
        }
        self.not_taken(planned, &planned.case.steps);
    }

    /// Notes that these steps of the case were not taken.
    pub(super) fn not_taken(&self, planned: &PlannedCase, steps: &[Step]) {
        for step in steps {
            let names: Vec<String> = match &step.call {
                Call::Operation { operation, .. } => vec![operation.name()],
                // Its path is not known before it is sent: it might have met any operation with this method.
                Call::Raw {
                    method, contracts, ..
                } => contracts
                    .iter()
                    .flat_map(|contract| &contract.operations)
                    .filter(|operation| operation.method == *method)
                    .map(|operation| operation.name())
                    .collect(),
            };
            for name in names {
                self.at_scene(planned, Some(&name), |scene| self.ledger.doubt(scene));
            }
        }
    }
}
