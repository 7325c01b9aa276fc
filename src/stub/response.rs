//! The documented response to a request that the contract allows. Main function: [`documented`].

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::StubResponse;
use crate::contract::{
    Contract, DocumentedHeader, DocumentedMediaType, DocumentedResponse, HeaderFormat, Operation,
    ParameterFormat, ParameterStyle, StatusKey, is_json,
};
use crate::exchange::Request;
use crate::generate::{Purpose, value_for};

/// The response that the request prefers, else the first documented success, else the first documented at all. Without any, an empty 200.
pub(super) fn documented(
    contract: &Contract,
    operation: &Operation,
    request: &Request,
) -> StubResponse {
    let preferred = preference(&request.headers, "code")
        .and_then(|code| StatusCode::from_bytes(code.as_bytes()).ok())
        .filter(|status| operation.response(*status).is_some());
    let status = preferred.unwrap_or_else(|| success(operation));
    let mut response = StubResponse {
        status,
        headers: HeaderMap::new(),
        body: Vec::new(),
        operation: None,
        faults: Vec::new(),
    };
    let Some(documented) = operation.response(status) else {
        return response;
    };
    for header in documented.headers.iter().filter(|header| header.required) {
        response.headers.extend(header_value(header));
    }
    let Some(media) = media_type(documented, &request.headers) else {
        return response;
    };
    if let Ok(value) = HeaderValue::from_str(&content_type(media)) {
        response.headers.insert(CONTENT_TYPE, value);
    }
    let has_body = request.method != Method::HEAD
        && !status.is_informational()
        && !matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        );
    if has_body {
        let example = preference(&request.headers, "example");
        response.body = body(contract, media, example.as_deref());
    }
    response
}

/// The lowest documented 2xx; 200 where only a range or `default` is documented; else the first documented status.
fn success(operation: &Operation) -> StatusCode {
    let exact = operation
        .responses
        .iter()
        .filter_map(|response| match response.status {
            StatusKey::Exact(code) => StatusCode::from_u16(code).ok(),
            StatusKey::Range(_) | StatusKey::Default => None,
        });
    let success = exact.clone().filter(StatusCode::is_success).min();
    success.unwrap_or_else(|| {
        let covers_success = operation.response(StatusCode::OK).is_some();
        match covers_success {
            true => StatusCode::OK,
            false => exact.min().unwrap_or(StatusCode::OK),
        }
    })
}

/// A preference of the request (RFC 7240): the value of a name in the header `Prefer`.
fn preference(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let values = headers.get_all("prefer").iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut preferences = texts.flat_map(|text| text.split([',', ';']));
    preferences.find_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        let is_wanted = name.trim().eq_ignore_ascii_case(wanted);
        is_wanted.then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The documented media type that the request accepts, the first JSON before others.
fn media_type<'d>(
    documented: &'d DocumentedResponse,
    headers: &HeaderMap,
) -> Option<&'d DocumentedMediaType> {
    let accepted = headers.get_all(ACCEPT).iter();
    let accepted: Vec<String> = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(|range| {
            let range = range.split(';').next().unwrap_or_default();
            range.trim().to_ascii_lowercase()
        })
        .collect();
    let accepts = |media: &&DocumentedMediaType| {
        let essence = media.media_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        let group = essence.split('/').next().unwrap_or_default();
        accepted
            .iter()
            .any(|range| *range == essence || *range == format!("{group}/*"))
    };
    let content = &documented.content;
    let json = || content.iter().find(|media| is_json(&media.media_type));
    let accepted = content.iter().find(accepts);
    accepted.or_else(json).or(content.first())
}

/// The media type to declare: of a range, the one that a schema is most often meant for.
fn content_type(media: &DocumentedMediaType) -> String {
    match media.media_type.as_str() {
        "*/*" | "application/*" => "application/json".to_owned(),
        "text/*" => "text/plain".to_owned(),
        range if range.ends_with("/*") => "application/octet-stream".to_owned(),
        named => named.to_owned(),
    }
}

/// The example of this name, else the first that its schema accepts, else the smallest value of the schema.
fn body(contract: &Contract, media: &DocumentedMediaType, name: Option<&str>) -> Vec<u8> {
    let named = media
        .examples
        .iter()
        .find(|example| name.is_some() && example.name.as_deref() == name);
    if let Some(example) = named {
        return written(media, &contract.example(example));
    }
    let mut examples = media
        .examples
        .iter()
        .map(|example| contract.example(example));
    let content_type = content_type(media);
    let is_valid = |value: &Value| match &media.schema {
        Some(schema) if is_json(&content_type) => schema.violations(value).is_empty(),
        _ => true,
    };
    if let Some(value) = examples.find(is_valid) {
        return written(media, &value);
    }
    if let Some(item) = &media.item_schema {
        let item = value_for(item, Purpose::Response);
        return item
            .map(|item| sequence(&content_type, &item))
            .unwrap_or_default();
    }
    let value = media
        .schema
        .as_ref()
        .and_then(|schema| value_for(schema, Purpose::Response));
    value
        .map(|value| written(media, &value))
        .unwrap_or_default()
}

fn written(media: &DocumentedMediaType, value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) if !is_json(&content_type(media)) => text.clone().into_bytes(),
        value => value.to_string().into_bytes(),
    }
}

/// A stream of one item (OpenAPI 3.2, "Sequential Media Types").
fn sequence(content_type: &str, item: &Value) -> Vec<u8> {
    let text = match content_type {
        "text/event-stream" => {
            let fields = item.as_object().into_iter().flatten();
            let lines = fields.map(|(name, value)| match value {
                Value::String(text) => format!("{name}: {text}\n"),
                other => format!("{name}: {other}\n"),
            });
            lines.chain(["\n".to_owned()]).collect()
        }
        kind if kind.ends_with("json-seq") => format!("\u{1e}{item}\n"),
        _ => format!("{item}\n"),
    };
    text.into_bytes()
}

/// A value for a required header.
fn header_value(header: &DocumentedHeader) -> Option<(HeaderName, HeaderValue)> {
    let value = match &header.schema {
        Some(schema) => value_for(schema, Purpose::Response)?,
        None => Value::from("text"),
    };
    let text = match &header.format {
        HeaderFormat::Content(media_type) if is_json(media_type) => value.to_string(),
        HeaderFormat::Simple { explode } => ParameterFormat::Styled {
            style: ParameterStyle::Simple,
            explode: *explode,
            reserved: false,
        }
        .header_text(&value),
        _ => ParameterFormat::styled(ParameterStyle::Simple).header_text(&value),
    };
    let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
    Some((name, HeaderValue::from_str(&text).ok()?))
}
