//! Customers: a session cookie, and a CSRF token for everything that changes something.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::super::call::Call;
use super::super::customers::EMAIL;
use super::super::faults::Fault;
use super::super::fields::{Fields, checked, pattern, text};
use super::super::ids;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Session, Shop, State};
use super::super::time::{iso, now};

pub const COOKIE: &str = "shop_session";
const CSRF_COOKIE: &str = "shop_csrf";
const CHALLENGE: &str = "Session realm=\"shop\"";

/// The id of the request's session.
pub fn id(state: &State, call: &Call) -> Result<String, Problem> {
    let sent = call.cookie(COOKIE).unwrap_or_default();
    if state.sessions.contains_key(sent) {
        return Ok(sent.to_owned());
    }
    Err(Problem::unauthorized(CHALLENGE))
}

/// The id of the session, for an operation that changes something.
pub fn id_with_csrf(state: &State, call: &Call) -> Result<String, Problem> {
    let id = id(state, call)?;
    let sent = call.header("x-csrf-token");
    if state.sessions.get(&id).map(|session| session.csrf.as_str()) == sent {
        return Ok(id);
    }
    Err(Problem::forbidden("the CSRF token is missing or wrong"))
}

/// The customer who is logged in.
pub fn customer(state: &State, call: &Call) -> Result<String, Problem> {
    let id = id(state, call)?;
    let customer = state
        .sessions
        .get(&id)
        .and_then(|session| session.customer.clone());
    customer.ok_or_else(|| Problem::unauthorized(CHALLENGE))
}

/// The customer who is logged in, for an operation that changes something.
pub fn customer_with_csrf(state: &State, call: &Call) -> Result<String, Problem> {
    id_with_csrf(state, call)?;
    customer(state, call)
}

/// A new session without a customer.
pub fn new_session() -> Session {
    Session {
        csrf: ids::secret(),
        customer: None,
        cart: Vec::new(),
        stale_total: None,
        created: now(),
    }
}

/// Sets the cookies of the session and of its CSRF token.
pub fn set_cookies(response: &mut Response, id: &str, csrf: &str, attributes: &str) {
    let session = format!("{COOKIE}={id}; Path=/; SameSite=Lax{attributes}");
    reply::add(response, "set-cookie", &session);
    let csrf = format!("{CSRF_COOKIE}={csrf}; Path=/; SameSite=Lax");
    reply::add(response, "set-cookie", &csrf);
}

/// What is stored of a password.
pub fn digest(password: &str) -> Vec<u8> {
    ids::sha256(format!("shop:{password}").as_bytes())
}

/// `POST /session`
pub async fn login(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let id = id_with_csrf(&shop.state(), &call)?;
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let email = fields.required("email", pattern(&EMAIL));
    let password = fields.required("password", text(1, 100));
    let (email, password) = checked(fields.finish(email.zip(password)))?;

    let mut state = shop.state();
    let found = state
        .customers
        .values()
        .find(|customer| customer.email == email);
    if found.is_none() && shop.has(Fault::UnknownEmailExposed) {
        return Err(Problem::not_found("customer"));
    }
    let known = found.filter(|customer| {
        customer.password == digest(&password) || shop.has(Fault::LoginWithoutPassword)
    });
    let Some(customer) = known.map(|customer| customer.id.clone()) else {
        return Err(Problem::unauthorized(CHALLENGE));
    };
    let mut session = state.sessions.remove(&id).unwrap_or_else(new_session);
    session.customer = Some(customer);
    session.csrf = ids::secret();
    if shop.has(Fault::LoginLosesCart) {
        session.cart.clear();
    }
    let new_id = if shop.has(Fault::SessionFixed) {
        id
    } else {
        ids::secret()
    };
    let mut response = reply::json(StatusCode::OK, &shown(&session));
    let attributes = if shop.has(Fault::SessionCookieReadable) {
        ""
    } else {
        "; HttpOnly"
    };
    set_cookies(&mut response, &new_id, &session.csrf, attributes);
    state.sessions.insert(new_id, session);
    Ok(response)
}

/// `GET /session`
pub async fn read(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let state = shop.state();
    let id = id(&state, &call)?;
    let session = state.sessions.get(&id).cloned().unwrap_or_else(new_session);
    let mut body = shown(&session);
    if shop.has(Fault::CustomerIdWithoutDashes)
        && let Some(customer) = body["customer_id"].as_str()
    {
        body["customer_id"] = customer.replace('-', "").into();
    }
    Ok(reply::json(StatusCode::OK, &body))
}

/// `DELETE /session`
pub async fn logout(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let mut state = shop.state();
    let id = id_with_csrf(&state, &call)?;
    if !shop.has(Fault::SessionSurvivesLogout) {
        state.sessions.remove(&id);
    }
    let mut response = reply::empty(StatusCode::NO_CONTENT);
    let expired = format!("{COOKIE}=; Path=/; SameSite=Lax; HttpOnly; Max-Age=0");
    reply::add(&mut response, "set-cookie", &expired);
    Ok(response)
}

fn shown(session: &Session) -> serde_json::Value {
    json!({
        "customer_id": session.customer,
        "csrf_token": session.csrf,
        "created_at": iso(session.created),
    })
}
