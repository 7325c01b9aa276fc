//! The token endpoint (RFC 6749): client credentials, password and refresh token with rotation.

use std::time::{Duration, Instant};

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use url::form_urlencoded;

use super::super::call::Call;
use super::super::faults::Fault;
use super::super::ids;
use super::super::reply;
use super::super::state::{Grant, Shop, Token};
use super::keys;

/// Id and secret of the clients, and whether they may write.
pub const CLIENTS: [(&str, &str, bool); 2] = [
    ("back-office", "back-office-secret", true),
    ("dashboard", "dashboard-secret", false),
];
/// Name and password of the staff, and whether they may write.
pub const USERS: [(&str, &str, bool); 2] = [
    ("mara", "mara-password", true),
    ("rob", "rob-password", false),
];

/// An error of RFC 6749, section 5.2.
#[derive(Debug)]
struct Refused(&'static str);

/// `POST /oauth/token`
pub async fn token(Extract(shop): Extract<Shop>, call: Call) -> Response {
    match issue(&shop, &call) {
        Ok(response) => response,
        Err(Refused(error)) => {
            let status = match error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                "too_large" => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            };
            let mut response = reply::json(status, &json!({ "error": error }));
            reply::set(&mut response, "cache-control", "no-store");
            if status == StatusCode::UNAUTHORIZED {
                let challenge = "Basic realm=\"clients\"";
                reply::set(&mut response, "www-authenticate", challenge);
            }
            response
        }
    }
}

fn issue(shop: &Shop, call: &Call) -> Result<Response, Refused> {
    if call.media_type() != "application/x-www-form-urlencoded" {
        return Err(Refused("invalid_request"));
    }
    let body = call.any_body().map_err(|_| Refused("too_large"))?;
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let client = client(shop, call, &form).ok_or(Refused("invalid_client"))?;

    let grant_type = member(&form, "grant_type").ok_or(Refused("invalid_request"))?;
    let (allowed, is_refreshable) = match grant_type {
        "client_credentials" => (client.2, false),
        "password" => {
            let name = member(&form, "username").ok_or(Refused("invalid_request"))?;
            let password = member(&form, "password").ok_or(Refused("invalid_request"))?;
            let user = USERS
                .into_iter()
                .find(|user| user.0 == name && user.1 == password)
                .ok_or(Refused("invalid_grant"))?;
            (user.2, true)
        }
        "refresh_token" => {
            let sent = member(&form, "refresh_token").ok_or(Refused("invalid_request"))?;
            let mut state = shop.state();
            let found = state.refresh_tokens.get(sent).cloned();
            let grant = found
                .filter(|grant| grant.client == client.0)
                .ok_or(Refused("invalid_grant"))?;
            if !shop.has(Fault::RefreshTokenReusable) {
                state.refresh_tokens.remove(sent);
            }
            (grant.may_write, true)
        }
        _ => return Err(Refused("unsupported_grant_type")),
    };
    let may_write = granted(member(&form, "scope"), allowed, shop)?;

    let seconds = shop.settings().token_seconds;
    let access_token = ids::secret();
    let mut body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": if may_write { "shop:read shop:write" } else { "shop:read" },
    });
    let mut state = shop.state();
    let expires = Instant::now() + Duration::from_secs(seconds.into());
    state
        .tokens
        .insert(access_token, Token { may_write, expires });
    if is_refreshable {
        let refresh_token = ids::secret();
        let grant = Grant {
            client: client.0,
            may_write,
        };
        state.refresh_tokens.insert(refresh_token.clone(), grant);
        body["refresh_token"] = refresh_token.into();
    }
    let mut response = reply::json(StatusCode::OK, &body);
    if !shop.has(Fault::TokenCacheable) {
        reply::set(&mut response, "cache-control", "no-store");
    }
    Ok(response)
}

/// The client by HTTP Basic or by the members of the form.
fn client(
    shop: &Shop,
    call: &Call,
    form: &[(String, String)],
) -> Option<(&'static str, &'static str, bool)> {
    let (id, secret) = match call.header("authorization") {
        Some(_) => keys::basic(call)?,
        None => {
            let secret = member(form, "client_secret")?;
            (member(form, "client_id")?.to_owned(), secret.to_owned())
        }
    };
    let client = CLIENTS.into_iter().find(|client| client.0 == id)?;
    (client.1 == secret || shop.has(Fault::ClientSecretIgnored)).then_some(client)
}

/// Whether the requested scopes include writing; all that is allowed when none is requested.
fn granted(scope: Option<&str>, allowed: bool, shop: &Shop) -> Result<bool, Refused> {
    let Some(scope) = scope else {
        return Ok(allowed);
    };
    let mut may_write = false;
    let mut may_read = false;
    for word in scope.split(' ') {
        match word {
            "shop:read" => may_read = true,
            "shop:write" if allowed || shop.has(Fault::ScopeEscalation) => may_write = true,
            _ => return Err(Refused("invalid_scope")),
        }
    }
    if may_read {
        Ok(may_write)
    } else {
        Err(Refused("invalid_scope"))
    }
}

fn member<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = form.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}
