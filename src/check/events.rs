//! The events of a stream, against `expect.events` and the step's `stream`. Code: `expect-events`.

use mime::Mime;
use serde_json::Value;

use super::excerpt::short_text;
use super::matching::{describe, mismatches};
use super::response::{CheckedResponse, Declared, ResponseBody};
use crate::case::Expectation;
use crate::exchange::{Exchange, StreamItem, Transfer, stream_items};
use crate::finding::{Code, Finding, Location};
use crate::text::counted;

/// The events or items of a stream as they are compared and captured; `None` where the response is no stream. Data of an event that is a
/// JSON object or list is that; an item that is not JSON is its text.
pub(super) fn list(exchange: &Exchange) -> Option<Vec<Value>> {
    let response = &exchange.response;
    let Declared::Media(media) = Declared::of(&response.headers) else {
        return None;
    };
    listed(&media, exchange)
}

fn listed(media: &Mime, exchange: &Exchange) -> Option<Vec<Value>> {
    let response = &exchange.response;
    let is_cut = response.transfer != Transfer::Complete;
    let items = stream_items(media, &response.body, is_cut)?;
    let is_events = media.essence_str() == "text/event-stream";
    Some(
        items
            .into_iter()
            .map(|item| compared(item, is_events))
            .collect(),
    )
}

fn compared(item: StreamItem, is_event: bool) -> Value {
    let mut value = item.unwrap_or_else(Value::String);
    if is_event
        && let Some(data) = value.get_mut("data")
        && let Some(text) = data.as_str()
        && let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
    {
        *data = json;
    }
    value
}

/// A finding for each event that is not as expected, and one where there are fewer than the step reads.
pub(super) fn findings(response: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    if case.events.is_none() && case.stream.is_none() {
        return Vec::new();
    }
    if let ResponseBody::Broken(fault) = &response.body
        && response.supersedes(fault.code, Code::ExpectEvents)
    {
        return Vec::new();
    }
    let Some(mut events) = list(response.exchange) else {
        return no_stream(response, case);
    };
    let wanted = case.stream_limit().and_then(|limit| limit.events);
    if let Some(wanted) = wanted {
        if events.len() < wanted {
            return vec![too_few(response, case, events.len(), wanted)];
        }
        // The last bytes that were read may hold more of them.
        events.truncate(wanted);
    }
    let Some(matcher) = &case.events else {
        return Vec::new();
    };
    let found = mismatches(matcher, &Value::Array(events)).into_iter();
    found
        .map(|mismatch| {
            let subject = match mismatch.pointer.as_str() {
                "" => "the list of events".to_owned(),
                pointer => format!("`{pointer}` of the events"),
            };
            let message = format!("{subject} {}", mismatch.message);
            let finding = report(message, mismatch.expected, mismatch.actual);
            finding.with_case(mismatch.place)
        })
        .collect()
}

fn no_stream(response: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    let actual = match &response.declared {
        Declared::Media(media) => media.essence_str().to_owned(),
        Declared::Missing => "no Content-Type".to_owned(),
        Declared::Unreadable(text) => short_text(text),
    };
    let types = "text/event-stream, application/jsonl or application/json-seq";
    let message =
        format!("the response is no stream: its Content-Type is {actual}, expected {types}");
    let place = case.stream.as_ref().and_then(|stream| stream.place.clone());
    let of_events = case.events.as_ref().and_then(|events| events.place.clone());
    let finding = report(message, types.to_owned(), actual);
    vec![finding.with_case(of_events.or(place))]
}

fn too_few(
    response: &CheckedResponse<'_>,
    case: &Expectation<Value>,
    events: usize,
    wanted: usize,
) -> Finding {
    let raw = response.raw();
    let actual = counted(events, "event");
    let message = match (
        &raw.transfer,
        case.stream_limit().and_then(|limit| limit.within),
    ) {
        (Transfer::Stopped, Some(within)) => {
            format!("{actual} arrived within {within:?}, expected {wanted}")
        }
        (Transfer::Stopped, None) => format!("{actual} arrived in time, expected {wanted}"),
        _ => format!("the stream ended after {actual}, expected {wanted}"),
    };
    let expected = case
        .events
        .as_ref()
        .map_or_else(|| counted(wanted, "event"), describe);
    let place = case.stream.as_ref().and_then(|stream| stream.place.clone());
    report(message, expected, actual).with_case(place)
}

fn report(message: String, expected: String, actual: String) -> Finding {
    Finding::new(Code::ExpectEvents, Location::Body(String::new()), message)
        .with_expected(expected)
        .with_actual(actual)
}
