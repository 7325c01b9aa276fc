//! A response before it is sent, in a form that a fault can still change. Main type: [`ServerResponse`].

use std::time::Duration;

use serde_json::Value;

/// The response of a system. Header names are in lower case or as Magento writes them; comparisons ignore case.
#[derive(Debug, Clone)]
pub struct ServerResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The operation, as its contract writes it (`GET /V1/customers/{customerId}`); `None` if no route matched.
    pub operation: Option<&'static str>,
    pub delivery: Delivery,
}

/// How a response is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    #[default]
    Whole,
    /// After a delay.
    Late(Duration),
    /// `Content-Length` announces this many bytes more than are sent; then the connection closes.
    Short(usize),
    /// The connection closes before the status line.
    Never,
}

impl ServerResponse {
    /// A response without an operation, delivered completely.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        ServerResponse {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.into(),
            operation: None,
            delivery: Delivery::Whole,
        }
    }

    /// Adds a header; earlier headers with the same name stay.
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Marks it as the response of this operation.
    pub fn with_operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Replaces all values of a header.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.remove_header(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Removes all values of a header.
    pub fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the status is below 300.
    pub fn is_success(&self) -> bool {
        self.status < 300
    }
}
