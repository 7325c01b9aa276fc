//! The responses of a token endpoint (RFC 6749, section 5), and how a client signs its requests.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::case::{BasicAuth, OAuth2, RenderError, Scope};
use crate::exchange::{Credential, Exchange};
use crate::finding::{ErrorKind, RunError};

/// Client id and secret in `Authorization`, form-encoded before (section 2.3.1).
pub(super) fn client_credential(
    client: &BasicAuth,
    scope: &Scope,
) -> Result<Credential, RenderError> {
    let encoded = |text: String| byte_serialize(text.as_bytes()).collect::<String>();
    let id = encoded(client.username.render_text(scope)?);
    let secret = encoded(client.password.render_text(scope)?);
    // Encoded, it has no colon.
    let pair = crate::exchange::basic_credentials(&id, &secret);
    let pair = pair.map_err(|message| RenderError {
        message,
        place: None,
    })?;
    let authorization = http::header::AUTHORIZATION;
    Ok(Credential::header(authorization, format!("Basic {pair}")))
}

/// The access token of a response, and the one that renews it. Fails with what the server says, and what to do about it.
pub(super) fn tokens(
    oauth2: &OAuth2,
    exchange: &Exchange,
    body: Option<&Value>,
) -> Result<(String, Option<String>), RunError> {
    let text = |name: &str| {
        let member = body.and_then(|body| body.get(name));
        member
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let status = exchange.response.status;
    let refused = |reason: String, advice: &str| {
        let url = crate::target::without_credentials(&exchange.request.url);
        let message = format!("the token request to {url} got {status}: {reason}");
        Err(RunError::new(ErrorKind::LoginFailed, message).with_advice(advice))
    };
    // Some servers send errors with 200.
    if let Some(code) = text("error") {
        let described = match text("error_description") {
            Some(description) => format!("`{code}` ({description})"),
            None => format!("`{code}`"),
        };
        return refused(described, advice(code));
    }
    let token = text("access_token").filter(|_| status.is_success());
    let Some(token) = token else {
        let reason = match body {
            None => "the response is not JSON",
            Some(_) => "the response has no `access_token`",
        };
        return refused(
            reason.to_owned(),
            "check `token_url`, and what the server's log says",
        );
    };
    let kind = text("token_type").unwrap_or("bearer");
    if !oauth2.is_carrier_written && !kind.eq_ignore_ascii_case("bearer") {
        return refused(
            format!("`token_type` is `{kind}`, and how such a token is sent is not known"),
            "if it is sent like `Bearer`, say so: `scheme: Bearer` in the profile",
        );
    }
    Ok((token.to_owned(), text("refresh_token").map(str::to_owned)))
}

/// What to do about an error code of section 5.2.
fn advice(code: &str) -> &'static str {
    match code {
        "invalid_client" => {
            "check `client_id` and `client_secret`, and whether the server wants them in the body (`client_auth: body`)"
        }
        "invalid_grant" => "check the user name and password, or get a new refresh token",
        "unauthorized_client" => "allow this `grant` for the client on the server",
        "unsupported_grant_type" => "use a `grant` that the server supports",
        "invalid_scope" => "correct `scope`",
        "invalid_request" => {
            "check the `parameters` that this server needs besides those of RFC 6749"
        }
        _ => "look the error up in the documentation of the server",
    }
}
