//! A step that was taken, and what is told of it. Main type: [`Taken`].

use std::sync::Arc;

use crate::case::Step;
use crate::contract::Operation;
use crate::event::{CallRecord, PlaceRecord, Role, StepRecord};
use crate::exchange::Exchange;
use crate::run::client::SendError;
use crate::run::judged::Judged;
use crate::run::record;
use crate::run::redact::Redactor;

/// A step that was taken: what it asked, what came, and how that was judged.
pub(super) struct Taken<'s> {
    pub(super) step: &'s Step,
    pub(super) role: Role,
    pub(super) operation: Option<Arc<Operation>>,
    pub(super) exchange: Option<Exchange>,
    pub(super) findings: Vec<Judged>,
    pub(super) error: Option<SendError>,
}

impl<'s> Taken<'s> {
    /// A step of which nothing is known but why it came to nothing.
    pub(super) fn unanswered(step: &'s Step, role: Role, error: SendError) -> Self {
        Taken {
            step,
            role,
            operation: None,
            exchange: None,
            findings: Vec::new(),
            error: Some(error),
        }
    }

    /// The request in the fewest words, where it was answered and is documented.
    pub(super) fn call(&self) -> Option<CallRecord> {
        let (operation, exchange) = (self.operation.as_ref()?, self.exchange.as_ref()?);
        Some(CallRecord {
            operation: Arc::clone(operation.name()),
            status: exchange.response.status.as_u16(),
            milliseconds: exchange.elapsed.as_secs_f64() * 1000.0,
        })
    }

    /// What reporters may know of it, without secrets. `case`: where the case comes from, for a step that is not written.
    pub(super) fn record(&self, case: &PlaceRecord, redactor: &Redactor) -> StepRecord {
        let exchange = self.exchange.as_ref();
        StepRecord {
            label: record::label(self.step, exchange),
            role: self.role.clone(),
            operation: self
                .operation
                .as_ref()
                .map(|operation| operation.name().to_string()),
            caller: self.step.caller.value.clone(),
            place: match &self.step.place {
                Some(place) => place.into(),
                None => case.clone(),
            },
            request: exchange.map(|exchange| record::request(&exchange.request, redactor)),
            response: exchange.map(|exchange| record::response(&exchange.response, redactor)),
            milliseconds: exchange.map_or(0.0, |exchange| exchange.elapsed.as_secs_f64() * 1000.0),
            findings: self
                .findings
                .iter()
                .map(|Judged { finding, decision }| record::finding(finding, decision, redactor))
                .collect(),
            error: self
                .error
                .as_ref()
                .map(|error| record::error(error, redactor)),
        }
    }
}
