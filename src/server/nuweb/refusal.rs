//! Answers in Laravel's forms. Main type: [`Refusal`].

use serde_json::{Value, json};

use super::rules::Errors;
use crate::server::answer::ServerResponse;

/// A refusal in Laravel's forms.
#[derive(Debug)]
pub enum Refusal {
    /// The status and the text.
    Message(u16, String),
    /// 422, with the texts of each field.
    CheckedFields(Errors),
}

impl Refusal {
    /// A refusal with nothing but a text.
    pub fn message(status: u16, message: &str) -> Self {
        Refusal::Message(status, message.to_owned())
    }

    /// The answer that says so.
    pub fn answer(&self) -> ServerResponse {
        match self {
            Refusal::Message(status, message) => {
                json_answer(*status, &json!({ "message": message }))
            }
            Refusal::CheckedFields(errors) => json_answer(422, &errors.body()),
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(_: rusqlite::Error) -> Self {
        Refusal::message(500, "Server Error")
    }
}

/// An answer with a document as its body.
pub fn json_answer(status: u16, body: &Value) -> ServerResponse {
    ServerResponse::new(status, "application/json", body.to_string())
        .with_header("Cache-Control", "no-cache, private")
}
