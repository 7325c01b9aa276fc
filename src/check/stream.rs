//! Bodies that are sequences of values (OpenAPI 3.2, "Sequential Media Types").
//!
//! Main function: [`items`]. Read are JSON Lines (`application/jsonl`, `application/x-ndjson`), JSON text sequences (RFC 7464,
//! `application/json-seq` and the suffix `+json-seq`) and event streams (`text/event-stream`, WHATWG HTML, "Server-sent events"); an event
//! is an object with the strings `data`, `event` and `id` and the integer `retry`, as far as it has them.

use mime::Mime;
use serde_json::{Map, Value};

/// An item as a value; as its text where that is not JSON.
pub(super) type Item = Result<Value, String>;

/// The items of a body of this media type, in their order; `None` where it is not a sequence.
pub(super) fn items(media: &Mime, text: &str) -> Option<Vec<Item>> {
    format_of(media).map(|format| format(text))
}

/// How the items of a media type are read; `None` where it is not a sequence.
fn format_of(media: &Mime) -> Option<fn(&str) -> Vec<Item>> {
    let essence = media.essence_str();
    match essence {
        "application/jsonl" | "application/x-ndjson" | "application/ndjson" => Some(json_lines),
        "text/event-stream" => Some(events),
        "application/json-seq" => Some(json_sequence),
        _ if essence.ends_with("+json-seq") => Some(json_sequence),
        _ => None,
    }
}

fn json(text: &str) -> Item {
    serde_json::from_str(text).map_err(|_| text.to_owned())
}

/// One value on each line; blank lines are skipped.
fn json_lines(text: &str) -> Vec<Item> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).map(json).collect()
}

/// One value after each record separator.
fn json_sequence(text: &str) -> Vec<Item> {
    let records = text.split('\u{1e}').map(str::trim);
    records
        .filter(|record| !record.is_empty())
        .map(json)
        .collect()
}

/// The events of a stream. Comments and unknown fields are ignored, an event without fields is none, and one that no blank line ends was
/// cut off.
fn events(text: &str) -> Vec<Item> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut found = Vec::new();
    let mut event = Map::new();
    for line in text.split('\n') {
        if line.is_empty() {
            if !event.is_empty() {
                found.push(Ok(Value::Object(std::mem::take(&mut event))));
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                let data = match event.get("data").and_then(Value::as_str) {
                    Some(before) => format!("{before}\n{value}"),
                    None => value.to_owned(),
                };
                event.insert(name.to_owned(), data.into());
            }
            "event" | "id" => drop(event.insert(name.to_owned(), value.into())),
            "retry" => {
                if let Ok(milliseconds) = value.parse::<u64>() {
                    event.insert(name.to_owned(), milliseconds.into());
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_read_as_browsers_read_them() {
        let text = "\u{feff}: comment\n\ndata: a\ndata:b\nevent: add\nid: 7\nretry: 10\nother: x\n\ndata\r\n\r\nretry: soon\n\ndata: cut";
        let found: Vec<Value> = events(text).into_iter().map(Result::unwrap).collect();
        assert_eq!(
            found,
            [
                json!({"data": "a\nb", "event": "add", "id": "7", "retry": 10}),
                json!({"data": ""}),
            ]
        );
    }

    #[test]
    fn json_items_are_separated_by_lines_or_record_separators() {
        assert_eq!(
            json_lines("{\"a\": 1}\r\n\n2\nx"),
            [Ok(json!({"a": 1})), Ok(json!(2)), Err("x".to_owned())]
        );
        assert_eq!(
            json_sequence("\u{1e}{\"a\":\n1}\n\u{1e}2\n"),
            [Ok(json!({"a": 1})), Ok(json!(2))]
        );
    }
}
