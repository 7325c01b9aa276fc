//! What is sent and received: requests and responses ([`Exchange`]), the HTTP client that sends them ([`Client`]), the credentials they
//! are signed with ([`Credential`]), the cookies that a response sets ([`SetCookie`]), and a request as a `curl` command.
//!
//! Checking and comparing need only an [`Exchange`], whatever its source.

mod client;
mod connection;
mod cookie;
mod cookie_jar;
mod credential;
mod curl;
mod curl_form;
mod decoding;
mod proxy;
mod shell;
mod stream;

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode, Version};

use crate::text::Redactor;

pub use client::{Client, ClientError, Resend};
pub use cookie::SetCookie;
pub(crate) use cookie::sent_cookies;
pub use cookie_jar::CookieJar;
pub use credential::{
    Caller, Credential, CredentialPlace, OAuth1Method, OAuth1Signer, SignError, basic_credentials,
};
pub use curl::curl_line;
#[cfg(feature = "cli")]
pub(crate) use decoding::{ACCEPTED_CODINGS, DecodedBody, decoded};
pub use proxy::proxy_of;
pub use stream::StreamLimit;
pub(crate) use stream::{StreamItem, stream_items};

/// A request and its response.
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
    /// All headers that the sender set, `Authorization` included.
    pub headers: HeaderMap,
    /// Empty when the request has no body.
    pub body: Bytes,
}

/// A response as it was received.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: StatusCode,
    pub version: Version,
    /// All of them: `Content-Encoding` and `Content-Length` describe the body as it was sent.
    pub headers: HeaderMap,
    /// Decompressed, every byte as received (key order and duplicate keys included). Incomplete where the transfer broke off.
    pub body: Bytes,
    pub transfer: Transfer,
}

/// Whether the whole body was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer {
    Complete,
    /// We closed the connection, because enough of a stream was read or its time was over.
    Stopped,
    /// The connection ended before the announced length or the last chunk; the text says how.
    CutShort(String),
}

impl Request {
    /// Adds its secrets to a redactor: those in its headers, its query and its body.
    pub fn teach(&self, redactor: &mut Redactor) {
        redactor.learn_from_headers(&self.headers);
        let content_type = self.headers.get(CONTENT_TYPE);
        redactor.learn_from_query_and_body(
            self.url.query(),
            content_type.map(http::HeaderValue::as_bytes),
            &self.body,
        );
    }
}
