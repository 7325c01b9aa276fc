//! What went over the wire: one request as sent, one response as received. [`Exchange`] is all that checking needs, wherever it came from.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version};

/// A request and the response it got.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub request: Request,
    pub response: Response,
    /// From the first byte sent to the last byte received.
    pub elapsed: Duration,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub url: url::Url,
    /// All headers the sender set itself, `Authorization` included until the exchange is redacted.
    pub headers: HeaderMap,
    /// Empty when the request has no body.
    pub body: Bytes,
}

/// A response as it was received.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: StatusCode,
    pub version: Version,
    pub headers: HeaderMap,
    /// Decompressed. What came, where the transfer broke off.
    pub body: Bytes,
    pub transfer: Transfer,
}

/// Whether the whole body came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer {
    Complete,
    /// The connection ended before the announced length or the last chunk; the words say how.
    CutShort(String),
}
