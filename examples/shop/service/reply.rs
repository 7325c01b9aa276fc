//! Responses: JSON, text and problems (RFC 9457).

use axum::body::Body;
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a handler returns.
pub type Outcome = Result<Response, Problem>;

/// Why a request was rejected.
#[derive(Debug)]
pub struct Problem(Box<Details>);

#[derive(Debug)]
struct Details {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    errors: Option<Vec<FieldError>>,
    headers: Vec<(&'static str, String)>,
    media_type: &'static str,
    status_as_text: bool,
}

/// An invalid member of a request body.
#[derive(Debug)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    /// A problem with the last part of its type and the reason.
    pub fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Details {
            status,
            kind,
            detail: detail.into(),
            errors: None,
            headers: Vec::new(),
            media_type: "application/problem+json",
            status_as_text: false,
        }))
    }

    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    pub fn not_found(what: &str) -> Problem {
        let detail = format!("there is no such {what}");
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub fn forbidden(detail: &str) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub fn conflict(kind: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, kind, detail)
    }

    /// Members of the body are invalid.
    pub fn invalid(errors: Vec<FieldError>) -> Problem {
        let detail = "members of the body are invalid";
        let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
        problem.0.errors = Some(errors);
        problem
    }

    /// The request has no valid credentials of this authentication scheme.
    pub fn unauthorized(challenge: &str) -> Problem {
        let detail = "valid credentials are required";
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
        problem.header("www-authenticate", challenge)
    }

    /// An error inside of the service.
    pub fn internal() -> Problem {
        let detail = "the service failed";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Problem {
        self.0.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn without_header(mut self, name: &str) -> Problem {
        self.0.headers.retain(|(present, _)| *present != name);
        self
    }

    #[must_use]
    pub fn without_errors(mut self) -> Problem {
        self.0.errors = None;
        self
    }

    #[must_use]
    pub fn with_media_type(mut self, media_type: &'static str) -> Problem {
        self.0.media_type = media_type;
        self
    }

    #[must_use]
    pub fn with_status_as_text(mut self) -> Problem {
        self.0.status_as_text = true;
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = *self.0;
        let mut body = json!({
            "type": format!("urn:shop:problem:{}", details.kind),
            "title": details.status.canonical_reason().unwrap_or("Problem"),
            "status": details.status.as_u16(),
            "detail": details.detail,
        });
        if details.status_as_text {
            body["status"] = Value::String(details.status.as_u16().to_string());
        }
        if let Some(errors) = details.errors {
            body["errors"] = errors
                .into_iter()
                .map(|error| json!({ "pointer": error.pointer, "detail": error.detail }))
                .collect();
        }
        let mut response = text(details.status, details.media_type, body.to_string());
        for (name, value) in details.headers {
            set(&mut response, name, &value);
        }
        response
    }
}

/// A JSON response.
pub fn json(status: StatusCode, body: &Value) -> Response {
    text(status, "application/json", body.to_string())
}

/// A response with this body and media type.
pub fn text(status: StatusCode, media_type: &str, body: impl Into<Body>) -> Response {
    let mut response = (status, body.into()).into_response();
    set(&mut response, "content-type", media_type);
    response
}

/// A response without a body.
pub fn empty(status: StatusCode) -> Response {
    status.into_response()
}

/// Sets a header; a value that no header can have is left out.
pub fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

/// Adds a header beside those of the same name.
pub fn add(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .append(HeaderName::from_static(name), value);
    }
}
