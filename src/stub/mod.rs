//! A server that responds as a contract documents, without a state: with its examples, else with the smallest valid values. Requests are
//! checked against the contract.
//!
//! [`serve`] serves a [`Stub`] on a listener of the caller.

mod request;
mod response;
mod server;

use std::sync::Arc;

use http::header::{ALLOW, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::json;

use crate::contract::Contract;
use crate::exchange::Request;

pub use request::RequestFault;
pub use server::serve;

/// Responds to the requests that a contract documents.
#[derive(Debug)]
pub struct Stub {
    contract: Arc<Contract>,
}

/// The response of a stub.
#[derive(Debug, Clone)]
pub struct StubResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The operation: `GET /orders/{id}`.
    pub operation: Option<String>,
    /// What is wrong with the request; it was refused for these reasons.
    pub faults: Vec<RequestFault>,
}

impl Stub {
    pub fn new(contract: Arc<Contract>) -> Self {
        Stub { contract }
    }

    /// The response to a request.
    ///
    /// A request that the contract does not allow is refused with 404, 405, 401, 415 or 400, and its faults as a problem document
    /// (RFC 9457). Every other gets the first documented success, or what the header `Prefer` wants: `code=404`, `example=NAME`.
    pub fn respond(&self, request: &Request) -> StubResponse {
        let path = request.url.path();
        let Some(operation) = self.contract.operation_of_request(&request.method, path) else {
            return self.unknown(request);
        };
        let mut refused = request::faults(operation, &self.contract, request);
        let response = match refused.is_empty() {
            true => response::documented(&self.contract, operation, request),
            false => {
                // The first reason is the one to remove first.
                let status = refused[0].status;
                let faults = std::mem::take(&mut refused);
                problem(status, faults)
            }
        };
        StubResponse {
            operation: Some(operation.name().to_string()),
            ..response
        }
    }

    fn unknown(&self, request: &Request) -> StubResponse {
        let path = request.url.path();
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let allowed: Vec<&str> = methods
            .into_iter()
            .filter(|method| {
                let method = Method::from_bytes(method.as_bytes());
                method
                    .is_ok_and(|method| self.contract.operation_of_request(&method, path).is_some())
            })
            .collect();
        let status = match allowed.is_empty() {
            true => StatusCode::NOT_FOUND,
            false => StatusCode::METHOD_NOT_ALLOWED,
        };
        let message = match allowed.is_empty() {
            true => format!("the contract has no path for {path}"),
            false => format!("the contract has no {} for {path}", request.method),
        };
        let mut response = problem(
            status,
            vec![RequestFault {
                status,
                message,
                place: None,
            }],
        );
        if let Ok(value) = HeaderValue::from_str(&allowed.join(", "))
            && !allowed.is_empty()
        {
            response.headers.insert(ALLOW, value);
        }
        response
    }
}

/// A problem document (RFC 9457) with the reasons.
fn problem(status: StatusCode, faults: Vec<RequestFault>) -> StubResponse {
    let reasons: Vec<_> = faults
        .iter()
        .map(|fault| json!({ "message": fault.message, "contract": fault.place.as_ref().map(ToString::to_string) }))
        .collect();
    let body = json!({
        "title": "the contract does not allow this request",
        "status": status.as_u16(),
        "faults": reasons,
    });
    StubResponse {
        status,
        headers: HeaderMap::from_iter([(
            HeaderName::from_static("content-type"),
            HeaderValue::from_static("application/problem+json"),
        )]),
        body: body.to_string().into_bytes(),
        operation: None,
        faults,
    }
}
