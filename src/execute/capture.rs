//! Captures values of a response for later steps.

use serde_json::Value;

use super::case::CaseExecution;
use crate::case::{Capture, CaptureSource, Scope, Step, UNEXPECTED};
use crate::check;
use crate::exchange::Exchange;
use crate::finding::{ErrorKind, RunError};

impl CaseExecution<'_, '_> {
    /// Evaluates a step's captures on its response, in order, up to the first that fails.
    pub(super) fn capture(
        &mut self,
        step: &Step,
        exchange: &Exchange,
        scope: &mut Scope,
    ) -> Result<(), RunError> {
        if step.capture.is_empty() {
            return Ok(());
        }
        let body = check::json_body(exchange, self.session.target.limits.depth);
        for capture in &step.capture {
            match captured(capture, exchange, body.as_ref()) {
                Ok(value) => self.set(scope, &capture.name.value, value),
                Err(reason) => {
                    let name = &capture.name.value;
                    let message = format!("`{name}` cannot be captured: {reason}");
                    return Err(RunError::new(ErrorKind::CaptureFailed, message)
                        .at(capture.name.place.as_ref()));
                }
            }
        }
        Ok(())
    }

    /// Sets what the cleanup needs after a response that ended the case: the step's captures, as far as they match, and the variable
    /// [`UNEXPECTED`] if the response was a success. So a cleanup also removes what should not have been created.
    pub(super) fn keep_for_cleanup(&mut self, step: &Step, exchange: &Exchange, scope: &mut Scope) {
        // The response is already reported, so a capture that fails is not.
        let _ = self.capture(step, exchange, scope);
        if exchange.response.status.is_success()
            && let Some(body) = check::json_body(exchange, self.session.target.limits.depth)
        {
            scope.variables.insert(UNEXPECTED.to_owned(), body);
        }
    }
}

/// The value of a capture, or why it has none.
fn captured(capture: &Capture, exchange: &Exchange, body: Option<&Value>) -> Result<Value, String> {
    match &capture.from {
        CaptureSource::Header(name) => exchange
            .response
            .headers
            .get(name.as_str())
            .map(|value| Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .ok_or_else(|| format!("the response has no header `{name}`")),
        CaptureSource::Body(path) => {
            let Some(body) = body else {
                return Err("the response has no JSON body".to_owned());
            };
            path.query(body).exactly_one().cloned().map_err(|error| {
                let found = if error.is_empty() {
                    "nothing"
                } else {
                    "more than one value"
                };
                format!("`{path}` finds {found} in the response")
            })
        }
    }
}
