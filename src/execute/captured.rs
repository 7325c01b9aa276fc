//! A value of a response, where a capture says it is. Main function: [`captured`].

use http::HeaderMap;
use serde_json::Value;

use crate::case::{BodyPath, Capture, CaptureSource};
use crate::check;
use crate::exchange::{Exchange, SetCookie};

/// The value of a capture, or why it has none.
pub(super) fn captured(
    capture: &Capture,
    exchange: &Exchange,
    body: Option<&Value>,
) -> Result<Value, String> {
    let headers = &exchange.response.headers;
    match &capture.from {
        CaptureSource::Header(name) => {
            let lines = headers.get_all(name.as_str()).iter();
            let lines: Vec<String> = lines
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect();
            if lines.is_empty() {
                return Err(format!("the response has no header `{name}`"));
            }
            matched(capture, &lines, &format!("the header `{name}`"))
        }
        CaptureSource::Cookie { name, attribute } => {
            let value = cookie(headers, name, attribute.as_deref())?;
            matched(capture, &[value], &format!("the cookie `{name}`"))
        }
        CaptureSource::XPath(path) => {
            let value = check::xpath_value(exchange, path)?;
            match (value, &capture.matches) {
                (value, None) => Ok(value),
                (Value::String(text), Some(_)) => matched(capture, &[text], &format!("`{path}`")),
                (other, Some(_)) => matched(capture, &[other.to_string()], &format!("`{path}`")),
            }
        }
        CaptureSource::Events(path) => {
            let events = check::stream_events(exchange)
                .ok_or("the response is not a stream of events or lines")?;
            let value = exactly_one(path, &events)?;
            match &capture.matches {
                None => Ok(value.clone()),
                Some(_) => {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    matched(capture, &[text], &format!("`{path}`"))
                }
            }
        }
        CaptureSource::Text => {
            let text = String::from_utf8_lossy(&exchange.response.body).into_owned();
            matched(capture, &[text], "the body")
        }
        CaptureSource::Body(path) => {
            let Some(body) = body else {
                return Err("the response has no JSON body".to_owned());
            };
            let value = exactly_one(path, body)?;
            match (value, &capture.matches) {
                (value, None) => Ok(value.clone()),
                (Value::String(text), Some(_)) => {
                    matched(capture, std::slice::from_ref(text), &format!("`{path}`"))
                }
                (other, Some(_)) => matched(capture, &[other.to_string()], &format!("`{path}`")),
            }
        }
    }
}

/// The one value that a JSONPath finds.
fn exactly_one<'v>(path: &BodyPath, value: &'v Value) -> Result<&'v Value, String> {
    path.query(value).exactly_one().map_err(|error| {
        let found = match error.is_empty() {
            true => "nothing",
            false => "more than one value",
        };
        format!("`{path}` finds {found} in the response")
    })
}

/// The value of a cookie that a response sets, or of its attribute.
fn cookie(headers: &HeaderMap, name: &str, attribute: Option<&str>) -> Result<String, String> {
    let cookies = SetCookie::all(headers);
    // A later cookie replaces an earlier one (RFC 6265, section 5.3).
    let Some(cookie) = cookies.iter().rfind(|cookie| cookie.name == name) else {
        let names: Vec<String> = cookies
            .iter()
            .filter(|cookie| !cookie.name.is_empty())
            .map(|cookie| format!("`{}`", cookie.name))
            .collect();
        return Err(match names.is_empty() {
            true => "the response sets no cookie".to_owned(),
            false => format!(
                "the response sets no cookie `{name}`, only {}",
                names.join(", ")
            ),
        });
    };
    let Some(attribute) = attribute else {
        return Ok(cookie.value.clone());
    };
    let mut attributes = cookie.attributes.iter().rev();
    let found = attributes.find(|(known, _)| known.eq_ignore_ascii_case(attribute));
    match found {
        Some((_, value)) if value.is_empty() => Ok("true".to_owned()),
        Some((_, value)) => Ok(value.clone()),
        None => Err(format!(
            "the cookie `{name}` has no attribute `{attribute}`"
        )),
    }
}

/// The first of several texts; with a pattern, the part of the first text that matches.
fn matched(capture: &Capture, texts: &[String], source: &str) -> Result<Value, String> {
    let Some(pattern) = &capture.matches else {
        return Ok(texts.first().cloned().into());
    };
    let captures = texts.iter().find_map(|text| pattern.captures(text));
    let captures =
        captures.ok_or_else(|| format!("`{}` matches nothing in {source}", pattern.as_str()))?;
    // Group 0 is the whole match.
    let group = captures.iter().skip(1).flatten().next();
    let part = group.or_else(|| captures.get(0));
    Ok(part.map_or("", |part| part.as_str()).into())
}
