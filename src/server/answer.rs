//! An answer before it goes to the wire, in a form that a fault can still change. Main type: [`ServerResponse`].

use std::time::Duration;

use serde_json::Value;

/// What a system answers. Header names are in lower case or as Magento writes them; comparing ignores case.
#[derive(Debug, Clone)]
pub struct ServerResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The operation that was asked, as its contract writes it (`GET /V1/customers/{customerId}`); `None` if no route matched.
    pub operation: Option<&'static str>,
    pub delivery: Delivery,
}

/// How an answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    #[default]
    Whole,
    /// After a delay.
    Late(Duration),
    /// `Content-Length` promises this many bytes more than come; then the connection closes.
    Short(usize),
    /// The connection closes before the status line.
    Never,
}

impl ServerResponse {
    /// An answer of no operation, delivered whole.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        ServerResponse {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.into(),
            operation: None,
            delivery: Delivery::Whole,
        }
    }

    /// With one header more; earlier ones of the name stay.
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As the answer of this operation.
    pub fn with_operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// The values of a header are replaced by this one.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.remove_header(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// All values of a header are dropped.
    pub fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Status below 300.
    pub fn is_success(&self) -> bool {
        self.status < 300
    }
}
