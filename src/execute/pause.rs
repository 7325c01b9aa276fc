//! Pauses: the step `wait`, and those between two polls.

use std::time::{Duration, Instant};

use super::case::{CaseExecution, StopReason};
use super::rounds::Occasion;
use super::transcript::ExecutedStep;
use crate::case::{Scope, Wait};
use crate::event::{StepNote, StepRole};

impl<'p> CaseExecution<'p, '_> {
    /// Waits as the case requires.
    pub(super) async fn wait(
        &mut self,
        wait: &'p Wait,
        scope: &Scope,
        role: StepRole,
    ) -> Result<(), StopReason> {
        let occasion = Occasion { role, round: None };
        if !self.is_taken(wait.when.as_ref(), wait, scope, &occasion)? {
            return Ok(());
        }
        let started = Instant::now();
        self.pause(wait.duration).await?;
        let note = StepNote::Waited {
            milliseconds: milliseconds(started.elapsed()),
            reason: wait.reason.clone(),
        };
        self.transcript.steps.push(ExecutedStep {
            notes: vec![note],
            ..ExecutedStep::of(wait, occasion.role)
        });
        Ok(())
    }

    /// Waits, unless the run is cancelled meanwhile.
    pub(super) async fn pause(&mut self, duration: Duration) -> Result<(), StopReason> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(StopReason::Interrupted),
            () = tokio::time::sleep(duration) => Ok(()),
        }
    }
}

/// For notes.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
