//! What later steps need of an answer: the values that a step captures.

use serde_json::Value;

use super::CaseRun;
use crate::case::{Capture, CaptureSource, Scope, Step};
use crate::exchange::Exchange;
use crate::finding::ErrorKind;
use crate::run::client::SendError;

impl CaseRun<'_> {
    /// Takes a step's captures from its answer, in order, up to the first that is not there.
    pub(super) fn capture(
        &mut self,
        step: &Step,
        exchange: &Exchange,
        body: Option<&Value>,
        scope: &mut Scope,
    ) -> Result<(), SendError> {
        for capture in &step.capture {
            match captured(capture, exchange, body) {
                Ok(value) => self.set(scope, &capture.name.value, value),
                Err(why) => {
                    return Err(SendError {
                        kind: ErrorKind::CaptureFailed,
                        message: format!("`{}` cannot be taken: {why}", capture.name.value),
                        advice: capture
                            .name
                            .place
                            .as_ref()
                            .map(|place| format!("see {place}")),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The value of one capture, or why there is none.
fn captured(capture: &Capture, exchange: &Exchange, body: Option<&Value>) -> Result<Value, String> {
    match &capture.from {
        CaptureSource::Header(name) => exchange
            .response
            .headers
            .get(name.as_str())
            .map(|value| Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .ok_or_else(|| format!("the answer has no header `{name}`")),
        CaptureSource::Body(path) => {
            let Some(body) = body else {
                return Err("the answer has no JSON body".to_owned());
            };
            path.query(body).exactly_one().cloned().map_err(|error| {
                let found = if error.is_empty() {
                    "nothing"
                } else {
                    "more than one value"
                };
                format!("`{path}` finds {found} in the answer")
            })
        }
    }
}
