//! The setups of files, while their cases run. Main type: [`Setups`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::transcript::{ExecutedStep, Intermediate, StepSource, Unreached};
use crate::case::{Expectation, Fixture, Scope};
use crate::contract::Operation;
use crate::event::{StepNote, StepRole};
use crate::exchange::{Caller, CredentialPlace, Exchange};
use crate::finding::{ErrorKind, RunError};
use crate::plan::PlannedCase;

/// The setups of a session, by file.
#[derive(Debug, Default)]
pub(super) struct Setups {
    files: Mutex<HashMap<Arc<str>, Arc<FileSetup>>>,
}

#[derive(Debug, Default)]
pub(super) struct FileSetup {
    /// Cases of the file that are still to end; 0 where they were not announced.
    pub(super) remaining: Mutex<usize>,
    /// The holder of its lock makes it, others wait.
    pub(super) state: tokio::sync::Mutex<SetupState>,
}

#[derive(Debug, Default)]
pub(super) enum SetupState {
    #[default]
    Absent,
    Made(Box<MadeSetup>),
    Failed(Box<FailedStep>),
}

#[derive(Debug)]
pub(super) struct MadeSetup {
    /// The case that made it.
    pub(super) planned: PlannedCase,
    pub(super) values: BTreeMap<String, Value>,
    /// Values and credentials, which may be secret.
    pub(super) learned: Vec<(String, Value)>,
    pub(super) credentials: Vec<String>,
    /// The fixtures that have a cleanup, with their variables, in the order of their creation.
    pub(super) cleanups: Vec<(Arc<Fixture>, Scope)>,
}

/// The step at which a setup failed, for the other cases of the file.
#[derive(Debug)]
pub(super) struct FailedStep {
    /// The index of its request among those of the setup; `None`: a login.
    index: Option<usize>,
    role: StepRole,
    round: Option<String>,
    intermediate: Option<Intermediate>,
    operation: Option<Arc<Operation>>,
    caller: Caller,
    signed: Vec<CredentialPlace>,
    expectation: Option<Expectation<Value>>,
    exchange: Option<Exchange>,
    error: Option<RunError>,
    unreached: Option<Unreached>,
    notes: Vec<StepNote<String>>,
}

impl Setups {
    pub(super) fn of(&self, planned: &PlannedCase) -> Arc<FileSetup> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.entry(Arc::clone(&planned.subject.file)).or_default())
    }

    pub(super) fn all(&self) -> Vec<Arc<FileSetup>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.values().map(Arc::clone).collect()
    }
}

impl FileSetup {
    /// Counts a case that ended. Returns whether it was the last one announced.
    pub(super) fn leave(&self) -> bool {
        let mut remaining = self
            .remaining
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_last = *remaining == 1;
        *remaining = remaining.saturating_sub(1);
        is_last
    }

    /// Takes what was made, if anything.
    pub(super) async fn take(&self) -> Option<MadeSetup> {
        let mut state = self.state.lock().await;
        match std::mem::take(&mut *state) {
            SetupState::Made(made) => Some(*made),
            other => {
                *state = other;
                None
            }
        }
    }
}

impl FailedStep {
    pub(super) fn of(step: &ExecutedStep<'_>, setup: &Fixture) -> Self {
        let request = step.step.request();
        let mut all = setup.all_steps().into_iter();
        FailedStep {
            index: request.and_then(|request| all.position(|known| std::ptr::eq(known, request))),
            role: step.role.clone(),
            round: step.round.clone(),
            intermediate: step.intermediate,
            operation: step.operation.clone(),
            caller: step.caller,
            signed: step.signed.clone(),
            expectation: step.expectation.clone(),
            exchange: step.exchange.clone(),
            error: step.error.clone(),
            unreached: step.unreached.clone(),
            notes: step.notes.clone(),
        }
    }

    /// The same step, for another case of the file.
    pub(super) fn on<'p>(&self, setup: &'p Fixture) -> Option<ExecutedStep<'p>> {
        let all = setup.all_steps();
        let Some(step) = self.index.and_then(|index| all.get(index).copied()) else {
            let first = all.first().copied()?;
            let unknown = || RunError::new(ErrorKind::SetupFailed, "the setup of the file failed");
            let error = self.error.clone().unwrap_or_else(unknown);
            return Some(ExecutedStep::without_exchange(
                first,
                self.role.clone(),
                error,
            ));
        };
        Some(ExecutedStep {
            step: StepSource::Request(step),
            role: self.role.clone(),
            round: self.round.clone(),
            intermediate: self.intermediate,
            operation: self.operation.clone(),
            caller: self.caller,
            signed: self.signed.clone(),
            expectation: self.expectation.clone(),
            exchange: self.exchange.clone(),
            error: self.error.clone(),
            unreached: self.unreached.clone(),
            outcomes: None,
            notes: self.notes.clone(),
        })
    }
}
