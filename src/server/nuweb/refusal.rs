//! Responses in Laravel's formats. Main type: [`Refusal`].

use serde_json::{Value, json};

use super::rules::Errors;
use crate::server::response::ServerResponse;

/// An error in one of Laravel's formats.
#[derive(Debug)]
pub enum Refusal {
    /// The status and the text.
    Message(u16, String),
    /// 422, with the texts of each field.
    CheckedFields(Errors),
}

impl Refusal {
    /// An error with only a text.
    pub fn message(status: u16, message: &str) -> Self {
        Refusal::Message(status, message.to_owned())
    }

    /// The response for this error.
    pub fn response(&self) -> ServerResponse {
        match self {
            Refusal::Message(status, message) => {
                json_response(*status, &json!({ "message": message }))
            }
            Refusal::CheckedFields(errors) => json_response(422, &errors.body()),
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(_: rusqlite::Error) -> Self {
        Refusal::message(500, "Server Error")
    }
}

/// A response with a document as its body.
pub fn json_response(status: u16, body: &Value) -> ServerResponse {
    ServerResponse::new(status, "application/json", body.to_string())
        .with_header("Cache-Control", "no-cache, private")
}
