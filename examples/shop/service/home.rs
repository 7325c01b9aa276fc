//! The page that starts a session, and the health of the service.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::json;

use super::auth::session::{id, new_session, set_cookies};
use super::call::Call;
use super::faults::Fault;
use super::ids;
use super::reply::{self, Outcome};
use super::state::Shop;
use super::time::{iso, now};

/// `GET /`: keeps the session of the request, or starts one.
pub async fn page(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let mut state = shop.state();
    let id = id(&state, &call).unwrap_or_else(|_| ids::secret());
    let session = state.sessions.entry(id.clone()).or_insert_with(new_session);
    let shown = if shop.has(Fault::PageWithoutToken) {
        ""
    } else {
        &session.csrf
    };
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<title>Shop</title>\n\
         <meta name=\"csrf-token\" content=\"{shown}\">\n</head>\n\
         <body><h1>Shop</h1></body>\n</html>\n"
    );
    let mut response = reply::text(StatusCode::OK, "text/html; charset=utf-8", page);
    set_cookies(&mut response, &id, &session.csrf, "; HttpOnly");
    reply::set(&mut response, "cache-control", "no-store");
    Ok(response)
}

/// `GET /health`
pub async fn health() -> Outcome {
    let body = json!({ "status": "ok", "time": iso(now()) });
    Ok(reply::json(StatusCode::OK, &body))
}
