//! The record of the execution of a case. Main type: [`Transcript`].

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::case::{Expectation, Located, Matcher, Parallel, StatusPattern, Step, Wait};
use crate::contract::Operation;
use crate::event::{StepNote, StepRole};
use crate::exchange::{Caller, CredentialPlace, Exchange};
use crate::finding::RunError;
use crate::source::Place;

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

/// What was executed.
#[derive(Debug, Clone, Copy)]
pub enum StepSource<'p> {
    Request(&'p Step),
    Wait(&'p Wait),
    /// The group; each of its requests is a step of its own.
    Parallel(&'p Parallel),
}

/// A step that was run or attempted.
#[derive(Debug)]
pub struct ExecutedStep<'p> {
    pub step: StepSource<'p>,
    pub role: StepRole,
    /// Which round of `repeat` it is: `2/3: 17`.
    pub round: Option<String>,
    /// Whether the response is not the result of the step, because the request was sent again; `None`: it is the result.
    pub intermediate: Option<Intermediate>,
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
    /// The condition of its `until`, where the limit was over before it held.
    pub unreached: Option<Unreached>,
    /// The statuses of parallel requests and what is expected of them; only of a group.
    pub outcomes: Option<Outcomes>,
    pub notes: Vec<StepNote<String>>,
}

/// A response after which the request was sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intermediate {
    /// The `until` of the step did not hold yet; with the number of the poll, from 1.
    Poll(usize),
    /// The server required by `Retry-After` that it is sent again.
    Refused,
}

/// The statuses of parallel requests, and how many of each are expected.
#[derive(Debug, Clone)]
pub struct Outcomes {
    pub expected: Vec<(Located<StatusPattern>, Matcher<Value>)>,
    pub statuses: Vec<StatusCode>,
}

/// A condition that did not hold within its limit.
#[derive(Debug, Clone)]
pub struct Unreached {
    pub condition: Expectation<Value>,
    pub within: Duration,
    /// Requests sent.
    pub polls: usize,
    pub elapsed: Duration,
    /// The `Retry-After` of the last response, where it ends after the limit.
    pub retry_after: Option<Duration>,
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

impl<'p> StepSource<'p> {
    /// The request, where it is one.
    pub fn request(self) -> Option<&'p Step> {
        match self {
            StepSource::Request(step) => Some(step),
            StepSource::Wait(_) | StepSource::Parallel(_) => None,
        }
    }

    /// Its name in reports.
    pub fn label(self) -> String {
        match self {
            StepSource::Request(step) => step.label(),
            StepSource::Wait(wait) => wait.label(),
            StepSource::Parallel(parallel) => parallel.label(),
        }
    }

    /// Where it is written.
    pub fn place(self) -> Option<&'p Place> {
        match self {
            StepSource::Request(step) => step.place.as_ref(),
            StepSource::Wait(wait) => wait.place.as_ref(),
            StepSource::Parallel(parallel) => parallel.place.as_ref(),
        }
    }

    /// The auth profile that sends it; empty where nothing is sent.
    pub fn caller(self) -> &'p str {
        match self {
            StepSource::Request(step) => &step.caller.value,
            StepSource::Wait(_) | StepSource::Parallel(_) => "",
        }
    }
}

impl<'p> From<&'p Step> for StepSource<'p> {
    fn from(step: &'p Step) -> Self {
        StepSource::Request(step)
    }
}

impl<'p> From<&'p Parallel> for StepSource<'p> {
    fn from(parallel: &'p Parallel) -> Self {
        StepSource::Parallel(parallel)
    }
}

impl<'p> From<&'p Wait> for StepSource<'p> {
    fn from(wait: &'p Wait) -> Self {
        StepSource::Wait(wait)
    }
}

impl<'p> ExecutedStep<'p> {
    /// A step of which nothing is known yet.
    pub(crate) fn of(step: impl Into<StepSource<'p>>, role: StepRole) -> Self {
        ExecutedStep {
            step: step.into(),
            role,
            round: None,
            intermediate: None,
            operation: None,
            caller: Caller::Unauthenticated,
            signed: Vec::new(),
            expectation: None,
            exchange: None,
            error: None,
            unreached: None,
            outcomes: None,
            notes: Vec::new(),
        }
    }

    /// A step without an exchange, with the reason.
    pub(crate) fn without_exchange(
        step: impl Into<StepSource<'p>>,
        role: StepRole,
        error: RunError,
    ) -> Self {
        ExecutedStep {
            error: Some(error),
            ..ExecutedStep::of(step, role)
        }
    }

    /// Whether its response is checked against contract and expectation.
    pub fn is_judged(&self) -> bool {
        (self.exchange.is_some() && self.expectation.is_some()) || self.outcomes.is_some()
    }
}
