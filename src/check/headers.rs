//! The response headers that the contract documents.
//! Codes: `header-missing`, `header-invalid`.

use http::HeaderName;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use serde_json::Value;

use super::excerpt::short_text;
use super::header_values::{describes_lists, readings};
use super::response::{CheckedResponse, is_json_type, is_text_type};
use super::{Check, MAX_DEPTH};
use crate::contract::{ContractPlace, DocumentedHeader, HeaderFormat, Schema, Violation};
use crate::document::{JsonFault, parse_json};
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
    let text = lines.join(", ");
    let violations = match &documented.format {
        HeaderFormat::Content(media_type) if is_json_type(media_type) => {
            let depth = response.context.depth.min(MAX_DEPTH);
            match parse_json(text.as_bytes(), depth) {
                Ok((node, _)) => schema.violations(&node.into_json()),
                Err(fault) => return vec![not_json(documented, name, &text, &fault)],
            }
        }
        // Nothing else has a notation of which the schema could speak.
        HeaderFormat::Content(media_type) if !is_text_type(media_type) => Vec::new(),
        _ => violations(documented, schema, &lines),
    };
    violations
        .into_iter()
        .map(|violation| invalid(documented, &name, &text, violation))
        .collect()
}

fn not_json(documented: &DocumentedHeader, name: String, text: &str, fault: &JsonFault) -> Finding {
    let message = format!(
        "the header {} is not JSON: {}",
        documented.name, fault.message
    );
    Finding::new(Code::HeaderInvalid, Location::Header(name), message)
        .with_contract(Some(header_place(documented)))
        .with_expected("JSON")
        .with_actual(short_text(text))
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
    // Where the schema describes a list, it is that of all cookies.
    let all: Value = lines.iter().map(String::as_str).collect();
    if describes_lists(schema) && schema.violations(&all).is_empty() {
        return None;
    }
    for line in lines {
        let masked = short_text(&SetCookie::parse(line).masked());
        let violation = violations(documented, schema, std::slice::from_ref(line))
            .into_iter()
            .next()?;
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
    let finding = Finding::new(Code::HeaderMissing, Location::Header(name), message)
        .with_contract(Some(header_place(documented)))
        .with_expected("the header")
        .with_actual("nothing");
    Some(finding)
}

fn header_place(documented: &DocumentedHeader) -> ContractPlace {
    ContractPlace {
        place: documented.place.clone(),
        pointer: documented.pointer.clone(),
    }
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

/// What is wrong with a header's lines: nothing, if the schema accepts one of the values that they can represent. Otherwise the
/// violations of the value with the schema's own type are returned.
fn violations(documented: &DocumentedHeader, schema: &Schema, lines: &[String]) -> Vec<Violation> {
    let mut nearest: Option<Vec<Violation>> = None;
    for value in readings(schema, &documented.format, lines) {
        let violations = schema.violations(&value);
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
