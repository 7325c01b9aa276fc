//! What the cases of a file share: made by the first of them that runs, removed after the last.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::case::{CaseExecution, StopReason};
use super::session::Session;
use super::setup_store::{FailedStep, MadeSetup, SetupState};
use super::transcript::{ExecutedStep, Flow};
use crate::case::{Fixture, Given, Step};
use crate::plan::PlannedCase;

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
