//! Connects axum and the systems: reads the whole request, calls the system, and delivers the response.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use futures_util::stream;

use super::request::ServerRequest;
use super::response::{Delivery, ServerResponse};
use super::state::Instance;

/// Larger request bodies are rejected with 413, before the system is called.
const MAX_BODY: usize = 8 << 20;

/// The instance as a router; every path and method goes to it.
///
/// Faults that close the connection work only under [`start`](super::start); elsewhere they respond with 500.
pub fn app(state: Arc<Instance>) -> Router {
    Router::new().fallback(serve).with_state(state)
}

/// A signal to close a connection without sending another byte; the connection and its requests share it.
#[derive(Clone, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(super) fn is_made(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn make(&self) {
        self.0.store(true, Ordering::Release);
    }
}

async fn serve(
    Shared(state): Shared<Arc<Instance>>,
    request: axum::extract::Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let cut = parts
        .extensions
        .get::<ConnectInfo<Cut>>()
        .map(|info| info.0.clone());
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let request = ServerRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    match tokio::task::spawn_blocking(move || state.respond(&request)).await {
        Ok(served) => deliver(served, cut).await,
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn deliver(served: ServerResponse, cut: Option<Cut>) -> Response<Body> {
    let mut missing = 0;
    match served.delivery {
        Delivery::Whole => {}
        Delivery::Late(delay) => tokio::time::sleep(delay).await,
        Delivery::Short(bytes) => missing = bytes,
        Delivery::Never => match cut {
            Some(cut) => cut.make(),
            None => return plain(StatusCode::INTERNAL_SERVER_ERROR),
        },
    }
    let length = served.body.len() + missing;
    let body = if missing == 0 {
        Body::from(served.body)
    } else {
        broken_off(served.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(served.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &served.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    if missing > 0 {
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// The bytes, then an error, which closes the connection. The pause ensures that the bytes are sent first.
fn broken_off(body: Vec<u8>) -> Body {
    Body::from_stream(stream::unfold(Some(body), |rest| async move {
        match rest {
            Some(body) if !body.is_empty() => Some((Ok(Bytes::from(body)), Some(Vec::new()))),
            Some(_) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(io::Error::other("broken off on purpose")), None))
            }
            None => None,
        }
    }))
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
