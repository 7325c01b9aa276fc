//! A request as the handlers read it.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts as _, RawPathParams, Request};
use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use url::form_urlencoded;

use super::reply::Problem;

/// The largest body that is accepted, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;
/// The largest body that is read: clients that send more than is accepted still receive a response.
const LARGEST_READ: usize = 16 * LARGEST_BODY;

/// A request with its path parameters, decoded query and whole body.
#[derive(Debug)]
pub struct Call {
    pub method: Method,
    pub headers: HeaderMap,
    pub query: Vec<(String, String)>,
    path: Vec<(String, String)>,
    /// Nothing when it is too large or its connection failed.
    body: Option<Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Call, Problem> {
        let (mut parts, body) = request.into_parts();
        // A path that is not UTF-8 when decoded names nothing.
        let path = RawPathParams::from_request_parts(&mut parts, state)
            .await
            .map_err(|_| Problem::not_found("resource"))?;
        let path = path
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let body = to_bytes(body, LARGEST_READ).await.ok();
        let query = parts.uri.query().unwrap_or_default();
        Ok(Call {
            method: parts.method,
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: parts.headers,
            path,
            body: body.filter(|body| body.len() <= LARGEST_BODY),
        })
    }
}

impl Call {
    /// The path parameter of this name; empty when the route has none.
    pub fn path(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The header, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first query parameter of this name.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// An integer from the query, within these bounds.
    pub fn query_integer(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Problem> {
        let Some(text) = self.query(name) else {
            return Ok(None);
        };
        // The parser would also accept a plus sign.
        let value = text.parse().ok().filter(|_| !text.starts_with('+'));
        match value.filter(|value| (least..=most).contains(value)) {
            Some(value) => Ok(Some(value)),
            None => Err(Problem::bad_request(format!(
                "`{name}` must be an integer from {least} to {most}"
            ))),
        }
    }

    /// A cookie by its name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all("cookie").iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The media type of the body in lower case, without parameters.
    pub fn media_type(&self) -> String {
        let written = self.header("content-type").unwrap_or_default();
        let essence = written.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }

    /// The body, when it has this media type.
    pub fn body(&self, media_type: &str) -> Result<Bytes, Problem> {
        if self.media_type() != media_type {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                format!("the body must be {media_type}"),
            ));
        }
        self.any_body()
    }

    /// The body of any media type.
    pub fn any_body(&self) -> Result<Bytes, Problem> {
        self.body.clone().ok_or_else(|| {
            let detail = format!("the body must have at most {LARGEST_BODY} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
        })
    }

    /// The JSON value of the body.
    pub fn json(&self) -> Result<Value, Problem> {
        parse(&self.body("application/json")?)
    }
}

/// The JSON value of these bytes.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|_| Problem::bad_request("the body is not JSON"))
}
