//! What the cases of a file share: made by the first of them that runs, removed after the last. Main type: [`Setups`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::case::{CaseExecution, StopReason};
use super::session::Session;
use super::transcript::{ExecutedStep, Flow, Intermediate, StepSource, Unreached};
use crate::case::{Expectation, Fixture, Given, Scope, Step};
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
struct FileSetup {
    /// Cases of the file that are still to end; 0 where they were not announced.
    remaining: Mutex<usize>,
    /// The holder of its lock makes it, others wait.
    state: tokio::sync::Mutex<SetupState>,
}

#[derive(Debug, Default)]
enum SetupState {
    #[default]
    Absent,
    Made(Box<MadeSetup>),
    Failed(Box<FailedStep>),
}

#[derive(Debug)]
struct MadeSetup {
    /// The case that made it.
    planned: PlannedCase,
    values: BTreeMap<String, Value>,
    /// Values and credentials, which may be secret.
    learned: Vec<(String, Value)>,
    credentials: Vec<String>,
    /// The fixtures that have a cleanup, with their variables, in the order of their creation.
    cleanups: Vec<(Arc<Fixture>, Scope)>,
}

/// The step at which a setup failed, for the other cases of the file.
#[derive(Debug)]
struct FailedStep {
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
    fn of(&self, planned: &PlannedCase) -> Arc<FileSetup> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.entry(Arc::clone(&planned.subject.file)).or_default())
    }

    fn all(&self) -> Vec<Arc<FileSetup>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.values().map(Arc::clone).collect()
    }
}

impl FileSetup {
    /// Counts a case that ended. Returns whether it was the last one announced.
    fn leave(&self) -> bool {
        let mut remaining = self
            .remaining
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_last = *remaining == 1;
        *remaining = remaining.saturating_sub(1);
        is_last
    }

    /// Takes what was made, if anything.
    async fn take(&self) -> Option<MadeSetup> {
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

impl Session {
    /// Announces a case that will be executed: the setup of a file is removed after the last announced case of it.
    pub fn announce(&self, planned: &PlannedCase) {
        if planned.setup.is_some() {
            let file = self.setups.of(planned);
            let mut remaining = file
                .remaining
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *remaining += 1;
        }
    }

    /// Removes the setups that are left, because a case of their file was not executed, or none was announced. Must be called within a
    /// Tokio runtime, after the last case.
    pub async fn remove_setups(&self) {
        for file in self.setups.all() {
            let Some(made) = file.take().await else {
                continue;
            };
            let planned = made.planned.clone();
            let cancel = CancellationToken::new();
            let mut gate = |_: &ExecutedStep<'_>| Flow::Continue;
            let mut execution = CaseExecution::new(self, &planned, &cancel, &mut gate);
            if let Some(setup) = &planned.setup {
                execution.remove(setup, made).await;
            }
        }
    }
}

impl<'p> CaseExecution<'p, '_> {
    /// The values of the file's setup, which is made if this is the first case that needs it. If it failed, the step at which it failed
    /// ends the case.
    pub(super) async fn set_up(
        &mut self,
        setup: &'p Given,
    ) -> Result<BTreeMap<String, Value>, StopReason> {
        let file = self.session.setups.of(self.planned);
        let cancel = self.cancel;
        let mut state = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(StopReason::Interrupted),
            state = file.state.lock() => state,
        };
        match &*state {
            SetupState::Absent => {}
            SetupState::Made(made) => {
                self.transcript.values.extend(made.learned.iter().cloned());
                let credentials = made.credentials.iter().cloned();
                self.transcript.credentials.extend(credentials);
                return Ok(made.values.clone());
            }
            SetupState::Failed(failed) => {
                self.transcript.steps.extend(failed.on(&setup.fixture));
                return Err(StopReason::Ended);
            }
        }
        self.in_setup = true;
        let made = Box::pin(self.make(setup, "", &mut BTreeMap::new())).await;
        self.in_setup = false;
        match made {
            Ok(values) => {
                let cleanups = std::mem::take(&mut self.cleanups).into_iter();
                let cleanups = cleanups
                    .filter_map(|(steps, scope)| Some((owner(&setup.fixture, steps)?, scope)));
                *state = SetupState::Made(Box::new(MadeSetup {
                    planned: self.planned.clone(),
                    values: values.clone(),
                    learned: self.transcript.values.clone(),
                    credentials: self.transcript.credentials.clone(),
                    cleanups: cleanups.collect(),
                }));
                Ok(values)
            }
            Err(reason) => {
                // What it created is removed with the case.
                if let (StopReason::Ended, Some(last)) = (&reason, self.transcript.steps.last()) {
                    let failed = FailedStep::of(last, &setup.fixture);
                    *state = SetupState::Failed(Box::new(failed));
                }
                Err(reason)
            }
        }
    }

    /// Removes the setup of the file after its last case.
    pub(super) async fn leave_setup(&mut self, setup: &'p Given) {
        let file = self.session.setups.of(self.planned);
        if file.leave()
            && let Some(made) = file.take().await
        {
            self.remove(setup, made).await;
        }
    }

    async fn remove(&mut self, setup: &'p Given, made: MadeSetup) {
        for (fixture, scope) in made.cleanups {
            if let Some(steps) = cleanup_of(&setup.fixture, &fixture) {
                self.cleanups.push((steps, scope));
            }
        }
        self.clean_up().await;
    }
}

/// The fixture that these cleanup steps belong to: this one, or one that it needs.
fn owner(fixture: &Arc<Fixture>, steps: &[Step]) -> Option<Arc<Fixture>> {
    if std::ptr::eq(fixture.cleanup.as_slice(), steps) {
        return Some(Arc::clone(fixture));
    }
    let mut given = fixture.given.iter();
    given.find_map(|given| owner(&given.fixture, steps))
}

/// The cleanup of a fixture that is this one, or one that it needs.
fn cleanup_of<'p>(within: &'p Arc<Fixture>, fixture: &Arc<Fixture>) -> Option<&'p [Step]> {
    if Arc::ptr_eq(within, fixture) {
        return Some(&within.cleanup);
    }
    let mut given = within.given.iter();
    given.find_map(|given| cleanup_of(&given.fixture, fixture))
}

impl FailedStep {
    fn of(step: &ExecutedStep<'_>, setup: &Fixture) -> Self {
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
    fn on<'p>(&self, setup: &'p Fixture) -> Option<ExecutedStep<'p>> {
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
