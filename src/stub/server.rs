//! Serves a stub over HTTP. Main function: [`serve`].

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::Response;
use http::StatusCode;
use tokio::net::TcpListener;

use super::{Stub, StubResponse};
use crate::exchange::Request;

/// Larger request bodies are refused with 413.
const MAX_BODY: usize = 64 << 20;

/// What is called with each request and its response.
type Observer = Arc<dyn Fn(&Request, &StubResponse) + Send + Sync>;

/// Serves a stub on a listener until the future is dropped. `observe` gets each request with its response. Fails when the listener does.
pub async fn serve(
    listener: TcpListener,
    stub: Stub,
    observe: impl Fn(&Request, &StubResponse) + Send + Sync + 'static,
) -> io::Result<()> {
    let observe: Observer = Arc::new(observe);
    let app = Router::new()
        .fallback(respond)
        .with_state((Arc::new(stub), observe));
    axum::serve(listener, app).await
}

async fn respond(
    State((stub, observe)): State<(Arc<Stub>, Observer)>,
    request: axum::extract::Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    // The host does not matter: a stub serves every path.
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let Ok(url) = format!("http://localhost{target}").parse() else {
        return plain(StatusCode::BAD_REQUEST);
    };
    let request = Request {
        method: parts.method,
        url,
        headers: parts.headers,
        body,
    };
    // Schemas are compiled on first use, which may take a while.
    let made = tokio::task::spawn_blocking(move || {
        let response = stub.respond(&request);
        observe(&request, &response);
        response
    });
    match made.await {
        Ok(StubResponse {
            status,
            headers,
            body,
            ..
        }) => {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            response
        }
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
