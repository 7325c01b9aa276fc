//! How long a token is valid, as its response or the token itself says. Main function: [`lifetime`].

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::DATE;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// A number of seconds since 1970 that is larger is one of milliseconds: in the year 5138.
const LARGEST_SECONDS: f64 = 1e11;

/// The time that a token is valid from now on; `None` where nothing says so. The first of these: `expires_in` (RFC 6749, section 5.1) or
/// `expires_at` beside the token in the body, `exp` of a JSON web token (RFC 7519, section 4.1). A moment is counted from the server's
/// `Date`, or from `iat`, whatever our clock says.
pub(super) fn lifetime(token: &str, body: Option<&Value>, headers: &HeaderMap) -> Option<Duration> {
    let now = server_time(headers);
    body.and_then(|body| stated(token, body, now))
        .or_else(|| of_jwt(token, now))
}

/// Seconds since 1970 by the clock of the server, else by ours.
fn server_time(headers: &HeaderMap) -> f64 {
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| OffsetDateTime::parse(date.trim(), &Rfc2822).ok());
    seconds(date.unwrap_or_else(OffsetDateTime::now_utc))
}

fn seconds(moment: OffsetDateTime) -> f64 {
    moment.unix_timestamp_nanos() as f64 / 1e9
}

fn stated(token: &str, body: &Value, now: f64) -> Option<Duration> {
    let members = holder(token, body)?;
    let member = |names: [&str; 2]| names.iter().find_map(|name| members.get(*name));
    let left = match member(["expires_in", "expiresIn"]).and_then(number) {
        Some(seconds) => seconds,
        None => moment(member(["expires_at", "expiresAt"])?)? - now,
    };
    Duration::try_from_secs_f64(left.max(0.0)).ok()
}

/// The object that has the token as a member, else the body itself.
fn holder<'b>(token: &str, body: &'b Value) -> Option<&'b Map<String, Value>> {
    fn search<'b>(token: &str, value: &'b Value, depth: usize) -> Option<&'b Map<String, Value>> {
        let members = value.as_object()?;
        if members
            .values()
            .any(|member| member.as_str() == Some(token))
        {
            return Some(members);
        }
        if depth == 0 {
            return None;
        }
        members
            .values()
            .find_map(|member| search(token, member, depth - 1))
    }
    search(token, body, 4).or_else(|| body.as_object())
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Seconds since 1970: a number of seconds or milliseconds, or a time of RFC 3339.
fn moment(value: &Value) -> Option<f64> {
    if let Some(number) = number(value) {
        let is_milliseconds = number > LARGEST_SECONDS;
        return Some(if is_milliseconds {
            number / 1e3
        } else {
            number
        });
    }
    let moment = OffsetDateTime::parse(value.as_str()?.trim(), &Rfc3339).ok()?;
    Some(seconds(moment))
}

fn of_jwt(token: &str, now: f64) -> Option<Duration> {
    let payload = token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_f64);
    let issued = claim("iat").unwrap_or(now);
    Duration::try_from_secs_f64(claim("exp")? - issued).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    /// By a server whose clock says 1994.
    fn life(token: &str, body: Value) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        lifetime(token, Some(&body), &headers).map(|life| life.as_secs())
    }

    #[test]
    fn the_response_says_how_long_its_token_is_valid() {
        for (body, expected) in [
            (json!({ "access_token": "t", "expires_in": 60 }), Some(60)),
            (json!({ "access_token": "t", "expires_in": "60" }), Some(60)),
            (json!({ "token": "t", "expiresIn": 60.9 }), Some(60)),
            (json!({ "token": "t", "expires_at": 784111807 }), Some(30)),
            (
                json!({ "token": "t", "expires_at": 784111807000_u64 }),
                Some(30),
            ),
            (
                json!({ "token": "t", "expiresAt": "1994-11-06T09:50:07+01:00" }),
                Some(30),
            ),
            (json!({ "token": "t", "expires_at": 1 }), Some(0)),
            (
                json!({ "data": { "token": "t", "expires_in": 7 }, "expires_in": 9 }),
                Some(7),
            ),
            (json!({ "data": { "token": "t" }, "expires_in": 9 }), None),
            (json!({ "token": "other", "expires_in": 9 }), Some(9)),
            (json!({ "token": "t", "expires_in": "soon" }), None),
            (json!({ "token": "t", "expires_in": null }), None),
            (json!("t"), None),
        ] {
            assert_eq!(life("t", body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn a_jwt_says_it_itself() {
        for (claims, expected) in [
            (r#"{"iat":1000,"exp":4600}"#, Some(3600)),
            (r#"{"exp":784111807}"#, Some(30)),
            (r#"{"iat":5,"exp":1}"#, None),
            ("{}", None),
        ] {
            assert_eq!(life(&jwt(claims), json!(null)), expected, "{claims}");
        }
        assert_eq!(life("a.b.c", json!(null)), None);
    }
}
