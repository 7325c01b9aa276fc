//! The response headers that the contract documents.
//! Codes: `header-missing`, `header-invalid`.

use http::HeaderName;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use serde_json::{Map, Number, Value};

use super::Check;
use super::excerpt::short_text;
use super::response::CheckedResponse;
use crate::contract::{ContractPlace, DocumentedHeader, Schema, Violation};
use crate::exchange::SetCookie;
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::HeaderMissing, Code::HeaderInvalid],
    judge,
};

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some(documented) = response.documented else {
        return Vec::new();
    };
    let headers = documented.headers.iter();
    headers
        // Content-Type is documented by the keys of `content` (OpenAPI 3.1, "Response Object").
        .filter(|header| !header.name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()))
        .flat_map(|header| header_findings(response, header))
        .collect()
}

fn header_findings(response: &CheckedResponse<'_>, documented: &DocumentedHeader) -> Vec<Finding> {
    let name = documented.name.to_ascii_lowercase();
    let lines = lines(response, &name);
    if lines.is_empty() {
        return missing(documented, name).into_iter().collect();
    }
    let Some(schema) = &documented.schema else {
        return Vec::new();
    };
    if name == SET_COOKIE.as_str() {
        return invalid_cookies(documented, schema, &lines)
            .into_iter()
            .collect();
    }
    // Lines of one name are one list (RFC 9110, 5.3).
    let value = lines.join(", ");
    violations(schema, &value)
        .into_iter()
        .map(|violation| invalid(documented, &name, &value, violation))
        .collect()
}

/// Each line of `Set-Cookie` is a cookie of its own (RFC 9110, 5.3), and a response may set others than the documented one: the
/// header is valid if one line satisfies the schema. The finding names all cookies and shows no value.
fn invalid_cookies(
    documented: &DocumentedHeader,
    schema: &Schema,
    lines: &[String],
) -> Option<Finding> {
    let mut shown = Vec::with_capacity(lines.len());
    let mut messages = Vec::with_capacity(lines.len());
    let mut first = None;
    for line in lines {
        let masked = short_text(&SetCookie::parse(line).masked());
        let violation = violations(schema, line).into_iter().next()?;
        // The message quotes the line as `actual` does.
        messages.push(violation.message.replace(&violation.actual, &masked));
        shown.push(masked);
        first.get_or_insert(violation);
    }
    let violation = first?;
    let violated = messages.join("; ");
    let message = match lines.len() {
        1 => format!("the header {}: {violated}", documented.name),
        several => format!(
            "the header {}: none of the {several} cookies satisfies the schema: {violated}",
            documented.name
        ),
    };
    let at = Location::Header(SET_COOKIE.as_str().to_owned());
    let finding = Finding::new(Code::HeaderInvalid, at, message)
        .with_contract(Some(violation.place))
        .with_expected(violation.expected)
        .with_actual(shown.join(", "));
    Some(finding)
}

/// The values of a header, one for each line. Bytes that are not UTF-8 are replaced.
pub(super) fn lines(response: &CheckedResponse<'_>, name: &str) -> Vec<String> {
    // A name that HTTP does not allow cannot have been received.
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Vec::new();
    };
    let lines = response.raw().headers.get_all(name);
    lines
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

fn missing(documented: &DocumentedHeader, name: String) -> Option<Finding> {
    if !documented.required {
        return None;
    }
    let message = format!(
        "the header {} is missing, which the contract requires",
        documented.name
    );
    let place = ContractPlace {
        place: documented.place.clone(),
        pointer: documented.pointer.clone(),
    };
    let finding = Finding::new(Code::HeaderMissing, Location::Header(name), message)
        .with_contract(Some(place))
        .with_expected("the header")
        .with_actual("nothing");
    Some(finding)
}

fn invalid(
    documented: &DocumentedHeader,
    name: &str,
    value: &str,
    violation: Violation,
) -> Finding {
    let message = format!("the header {}: {}", documented.name, violation.message);
    Finding::new(
        Code::HeaderInvalid,
        Location::Header(name.to_owned()),
        message,
    )
    .with_contract(Some(violation.place))
    .with_expected(violation.expected)
    .with_actual(short_text(value))
}

/// What is wrong with a header's text. A header has no types, so the text is parsed in every way that a schema can mean (string,
/// number, boolean, list, object in the `simple` style). It is valid if the schema accepts one of the results. Otherwise the
/// violations of the result with the schema's own type are returned.
fn violations(schema: &Schema, text: &str) -> Vec<Violation> {
    let mut nearest: Option<Vec<Violation>> = None;
    for reading in readings(text) {
        let violations = schema.violations(&reading);
        if violations.is_empty() {
            return violations;
        }
        let of_type = |violations: &[Violation]| {
            let wrong = |violation: &Violation| {
                violation.instance.is_empty() && violation.keyword == "type"
            };
            !violations.iter().any(wrong)
        };
        let better = match &nearest {
            None => true,
            Some(before) => of_type(&violations) && !of_type(before),
        };
        if better {
            nearest = Some(violations);
        }
    }
    nearest.unwrap_or_default()
}

fn readings(text: &str) -> Vec<Value> {
    let mut readings = vec![Value::String(text.to_owned())];
    readings.extend(scalar(text));
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let strings = parts.iter().map(|part| Value::from(*part));
    readings.push(strings.collect());
    let typed = parts.iter().map(|part| typed(part));
    readings.push(typed.collect());
    if let Some(object) = object(&parts) {
        readings.push(Value::Object(object));
    }
    readings
}

/// A number or boolean, if the text is one. Leading zeros are allowed, as in HTTP's own numbers.
pub(super) fn scalar(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u64>().ok().map(Value::from);
    }
    serde_json::from_str::<Number>(text).ok().map(Value::Number)
}

fn typed(text: &str) -> Value {
    scalar(text).unwrap_or_else(|| Value::from(text))
}

/// `R=100,G=200` or `R,100,G,200` (OpenAPI 3.1, "Style Values": `simple`).
fn object(parts: &[&str]) -> Option<Map<String, Value>> {
    let exploded: Option<Map<String, Value>> = parts
        .iter()
        .map(|part| part.split_once('='))
        .map(|pair| pair.map(|(key, value)| (key.to_owned(), typed(value))))
        .collect();
    if exploded.is_some() || parts.len() % 2 == 1 {
        return exploded;
    }
    let pairs = parts.chunks_exact(2);
    Some(
        pairs
            .map(|pair| (pair[0].to_owned(), typed(pair[1])))
            .collect(),
    )
}
