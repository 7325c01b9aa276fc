//! What happened while a case was executed. Main type: [`Transcript`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::case::{Expectation, Step};
use crate::contract::Operation;
use crate::event::StepRole;
use crate::exchange::{Caller, Exchange};
use crate::finding::RunError;

/// All that happened while a case was executed, in order and unredacted: it holds secrets, and nothing of it may be shown as it is.
#[derive(Debug)]
pub struct Transcript<'p> {
    /// Fixtures, logins, the case's own steps and the cleanup, up to the one that ended it.
    pub steps: Vec<ExecutedStep<'p>>,
    /// Variables and captures as they got their values.
    pub values: Vec<(String, Value)>,
    /// What requests were signed with, but for credentials that a server must refuse.
    pub credentials: Vec<String>,
    /// Requests sent.
    pub requests: usize,
    pub elapsed: Duration,
    pub ending: CaseEnding,
}

/// A step that was taken, or tried.
#[derive(Debug)]
pub struct ExecutedStep<'p> {
    pub step: &'p Step,
    pub role: StepRole,
    /// The operation that was called, as the target's version documents it; `None` where no contract does.
    pub operation: Option<Arc<Operation>>,
    pub caller: Caller,
    /// What the response is held to; `None` for logins and cleanup, which are not judged.
    pub expectation: Option<Expectation<Value>>,
    pub exchange: Option<Exchange>,
    /// Why there is no exchange, or why the case cannot go on after it.
    pub error: Option<RunError>,
}

/// How the execution of a case ended.
#[derive(Debug)]
pub enum CaseEnding {
    /// All steps were taken.
    Completed,
    /// The last step taken (cleanup apart) ended it.
    Stopped,
    /// It was cancelled; what the case had made is cleaned up.
    Interrupted,
    /// There was no connection to the target.
    Unreachable(RunError),
}

/// Whether a case goes on after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Continue,
    /// The later steps would only meet the same cause again.
    Stop,
}

/// The one thing that execution asks of judging. It is called once for each step that got a response and is judged, in order.
pub type ContinuePredicate<'g> = dyn FnMut(&ExecutedStep<'_>) -> Flow + Send + 'g;

impl<'p> ExecutedStep<'p> {
    /// A step of which nothing is known but why it came to nothing.
    pub(super) fn without_exchange(step: &'p Step, role: StepRole, error: RunError) -> Self {
        ExecutedStep {
            step,
            role,
            operation: None,
            caller: Caller::Unauthenticated,
            expectation: None,
            exchange: None,
            error: Some(error),
        }
    }

    /// Whether its response is held to contract and expectation.
    pub fn is_judged(&self) -> bool {
        self.exchange.is_some() && self.expectation.is_some()
    }
}
