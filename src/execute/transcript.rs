//! The record of the execution of a case. Main type: [`Transcript`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::case::{Expectation, Step};
use crate::contract::Operation;
use crate::event::StepRole;
use crate::exchange::{Caller, CredentialPlace, Exchange};
use crate::finding::RunError;

/// Everything that happened while a case was executed, in order and unredacted. It contains secrets and must not be shown as it
/// is.
#[derive(Debug)]
pub struct Transcript<'p> {
    /// Fixtures, logins, the case's own steps and the cleanup, up to the step that ended the case.
    pub steps: Vec<ExecutedStep<'p>>,
    /// Variables and captures, in the order in which they were set.
    pub values: Vec<(String, Value)>,
    /// Credentials of the requests, except those that a server must refuse.
    pub credentials: Vec<String>,
    /// Requests sent.
    pub requests: usize,
    pub elapsed: Duration,
    pub ending: CaseEnding,
}

/// A step that was run or attempted.
#[derive(Debug)]
pub struct ExecutedStep<'p> {
    pub step: &'p Step,
    pub role: StepRole,
    /// The operation that was called, as the target's version documents it; `None` where no contract does.
    pub operation: Option<Arc<Operation>>,
    pub caller: Caller,
    /// The places of the request that hold the credentials of the caller's auth profile.
    pub signed: Vec<CredentialPlace>,
    /// What the response is checked against; `None` for logins and cleanup, which are not judged.
    pub expectation: Option<Expectation<Value>>,
    pub exchange: Option<Exchange>,
    /// Why there is no exchange, or why the case cannot continue after it.
    pub error: Option<RunError>,
}

/// How the execution of a case ended.
#[derive(Debug)]
pub enum CaseEnding {
    /// All steps were run.
    Completed,
    /// The last step (except cleanup) ended it.
    Stopped,
    /// It was cancelled; what the case had created is cleaned up.
    Interrupted,
    /// There was no connection to the target.
    Unreachable(RunError),
}

/// Whether a case continues after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Continue,
    /// The later steps would only fail for the same cause.
    Stop,
}

/// The decision of judging that execution depends on. It is called once for each step that has a response and is judged, in
/// order.
pub type ContinuePredicate<'g> = dyn FnMut(&ExecutedStep<'_>) -> Flow + Send + 'g;

impl<'p> Transcript<'p> {
    /// The transcript of a case of which nothing was sent; `step` gives the reason.
    pub(crate) fn not_sent(step: ExecutedStep<'p>) -> Self {
        Transcript {
            steps: vec![step],
            values: Vec::new(),
            credentials: Vec::new(),
            requests: 0,
            elapsed: Duration::ZERO,
            ending: CaseEnding::Stopped,
        }
    }
}

impl<'p> ExecutedStep<'p> {
    /// A step without an exchange, with the reason.
    pub(crate) fn without_exchange(step: &'p Step, role: StepRole, error: RunError) -> Self {
        ExecutedStep {
            step,
            role,
            operation: None,
            caller: Caller::Unauthenticated,
            signed: Vec::new(),
            expectation: None,
            exchange: None,
            error: Some(error),
        }
    }

    /// Whether its response is checked against contract and expectation.
    pub fn is_judged(&self) -> bool {
        self.exchange.is_some() && self.expectation.is_some()
    }
}
