//! Executes the entries of a list of steps: which of them are sent, and how often.

use serde_json::Value;

use super::case::{CaseExecution, StopReason};
use super::rounds::{self, Occasion, Round};
use super::transcript::{ExecutedStep, StepSource};
use crate::case::{Scope, Step, StepEntry, Template, UNEXPECTED};
use crate::event::{StepNote, StepRole};

impl<'p> CaseExecution<'p, '_> {
    /// Executes one entry.
    pub(super) async fn entry(
        &mut self,
        entry: &'p StepEntry,
        scope: &mut Scope,
        role: StepRole,
    ) -> Result<(), StopReason> {
        match entry {
            StepEntry::Request(step) => self.rounds(step, scope, role).await,
            StepEntry::Wait(wait) => self.wait(wait, scope, role).await,
            StepEntry::Parallel(parallel) => self.parallel(parallel, scope, role).await,
        }
    }

    /// Sends a step once for each item of its `repeat`, and only where its `when` holds. The captures of a repeated step are lists.
    async fn rounds(
        &mut self,
        step: &'p Step,
        scope: &mut Scope,
        role: StepRole,
    ) -> Result<(), StopReason> {
        let when = step.sending.when.as_ref();
        let mut occasion = Occasion { role, round: None };
        let Some(repeat) = &step.sending.repeat else {
            if self.is_taken(when, step, scope, &occasion)? {
                return self.step(step, scope, &occasion).await;
            }
            let names = step.capture.iter().map(|capture| &capture.name.value);
            scope.unset.extend(names.cloned());
            return Ok(());
        };
        let rounds = match rounds::of(repeat, scope) {
            Ok(rounds) => rounds,
            Err(error) => return Err(self.value_missing(step, occasion.role, &error)),
        };
        for capture in &step.capture {
            scope.set(capture.name.value.as_str(), Value::Array(Vec::new()));
        }
        if rounds.is_empty() {
            let list = repeat.over.written().unwrap_or_default();
            self.transcript.steps.push(ExecutedStep {
                notes: vec![StepNote::NoRounds { list }],
                ..ExecutedStep::of(step, occasion.role.clone())
            });
        }
        for Round {
            label,
            scope: mut of_round,
        } in rounds
        {
            occasion.round = Some(label);
            let item = repeat.item.as_ref();
            if let Some((name, value)) =
                item.and_then(|name| of_round.variables.get_key_value(name))
            {
                // So that its secrets are known.
                self.transcript.values.push((name.clone(), value.clone()));
            }
            if !self.is_taken(when, step, &of_round, &occasion)? {
                continue;
            }
            let result = self.step(step, &mut of_round, &occasion).await;
            collect(step, of_round, scope);
            result?;
        }
        Ok(())
    }

    /// Whether the condition of a step holds. If it does not, that is recorded. A condition without a value ends the case.
    pub(super) fn is_taken(
        &mut self,
        when: Option<&Template>,
        step: impl Into<StepSource<'p>>,
        scope: &Scope,
        occasion: &Occasion,
    ) -> Result<bool, StopReason> {
        let Occasion { role, round } = occasion.clone();
        match rounds::is_taken(when, scope) {
            Ok(true) => Ok(true),
            Ok(false) => {
                let condition = when.and_then(Template::written).unwrap_or_default();
                self.transcript.steps.push(ExecutedStep {
                    round,
                    notes: vec![StepNote::NotTaken { condition }],
                    ..ExecutedStep::of(step, role)
                });
                Ok(false)
            }
            Err(error) => Err(self.value_missing(step, role, &error)),
        }
    }
}

/// Adds the captures of a round to the lists.
fn collect(step: &Step, mut of_round: Scope, scope: &mut Scope) {
    for capture in &step.capture {
        let name = &capture.name.value;
        if let Some(value) = of_round.variables.remove(name)
            && let Some(Value::Array(list)) = scope.variables.get_mut(name)
        {
            list.push(value);
        }
    }
    if let Some(unexpected) = of_round.variables.remove(UNEXPECTED) {
        scope.set(UNEXPECTED, unexpected);
    }
}
