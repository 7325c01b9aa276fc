//! Bodies that are sequences of values (OpenAPI 3.2, "Sequential Media Types"), read as they arrive. Main type: [`StreamReader`].
//!
//! Read are JSON Lines (`application/jsonl`, `application/x-ndjson`), JSON text sequences (RFC 7464, `application/json-seq` and the suffix
//! `+json-seq`) and event streams (`text/event-stream`; WHATWG HTML, "Interpreting an event stream"). An event is an object with the
//! strings `data`, `event` and `id` and the integer `retry`, as far as it has them.

use std::time::Duration;

use mime::Mime;
use serde_json::{Map, Value};

/// How much of a stream is read; then the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimit {
    /// So many events or items; `None`: those that arrive in time.
    pub events: Option<usize>,
    /// From sending the request on; `None`: the limit of every response.
    pub within: Option<Duration>,
}

/// An item as a value; as its text where that is not JSON.
pub(crate) type StreamItem = Result<Value, String>;

/// Reads the items of a body.
#[derive(Debug)]
pub(crate) struct StreamReader {
    format: Format,
    /// The line, or record, that is not complete yet.
    open: Vec<u8>,
    /// Whether a carriage return ended the last line: a line feed then belongs to it.
    after_return: bool,
    is_first_line: bool,
    event: Map<String, Value>,
    items: Vec<StreamItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    JsonLines,
    JsonSequence,
    Events,
}

/// Separates the records of a JSON text sequence.
const RECORD: u8 = 0x1e;

/// The items of a whole body of this media type, in their order; `None` where it is not a sequence. What comes after the last complete
/// item of a body that `is_cut` is left out.
pub(crate) fn stream_items(media: &Mime, body: &[u8], is_cut: bool) -> Option<Vec<StreamItem>> {
    let mut reader = StreamReader::of(media)?;
    reader.push(body);
    Some(reader.finish(is_cut))
}

impl StreamReader {
    /// The reader of a media type; `None` where it is not a sequence.
    pub(crate) fn of(media: &Mime) -> Option<Self> {
        let essence = media.essence_str();
        let format = match essence {
            "application/jsonl" | "application/x-ndjson" | "application/ndjson" => {
                Format::JsonLines
            }
            "text/event-stream" => Format::Events,
            "application/json-seq" => Format::JsonSequence,
            _ if essence.ends_with("+json-seq") => Format::JsonSequence,
            _ => return None,
        };
        Some(StreamReader {
            format,
            open: Vec::new(),
            after_return: false,
            is_first_line: true,
            event: Map::new(),
            items: Vec::new(),
        })
    }

    /// Reads the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match (self.format, byte) {
                (Format::Events, b'\n') if self.after_return => self.after_return = false,
                (Format::Events, b'\n' | b'\r') => {
                    self.after_return = byte == b'\r';
                    self.event_line();
                }
                (Format::JsonLines, b'\n') | (Format::JsonSequence, RECORD) => self.json_item(),
                (Format::JsonSequence, b'\n') => {
                    self.open.push(byte);
                    // The line feed ends a text that is complete; within one it is white space.
                    if serde_json::from_slice::<Value>(&self.open).is_ok() {
                        self.json_item();
                    }
                }
                _ => {
                    self.after_return = false;
                    self.open.push(byte);
                }
            }
        }
    }

    /// The number of complete items.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// All items. What is open at the end is one, except in a body that `is_cut`, and except an event, which only a blank line ends.
    pub(crate) fn finish(mut self, is_cut: bool) -> Vec<StreamItem> {
        if !is_cut && self.format != Format::Events {
            self.json_item();
        }
        self.items
    }

    fn json_item(&mut self) {
        let text = std::mem::take(&mut self.open);
        let text = String::from_utf8_lossy(&text);
        let text = text.trim();
        if !text.is_empty() {
            let item = serde_json::from_str(text).map_err(|_| text.to_owned());
            self.items.push(item);
        }
    }

    fn event_line(&mut self) {
        let line = std::mem::take(&mut self.open);
        let line = String::from_utf8_lossy(&line);
        let mut line = line.as_ref();
        if std::mem::take(&mut self.is_first_line) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            // Without data there is no event.
            if event.contains_key("data") {
                self.items.push(Ok(Value::Object(event)));
            }
            return;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => match self.event.get_mut("data") {
                Some(Value::String(data)) => {
                    data.push('\n');
                    data.push_str(value);
                }
                _ => drop(self.event.insert(name.to_owned(), value.into())),
            },
            "event" => drop(self.event.insert(name.to_owned(), value.into())),
            "id" if !value.contains('\0') => {
                self.event.insert(name.to_owned(), value.into());
            }
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(milliseconds) = value.parse::<u64>() {
                    self.event.insert(name.to_owned(), milliseconds.into());
                }
            }
            // A comment, or a field that nobody knows.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn items(media: &str, body: &str, is_cut: bool) -> Vec<StreamItem> {
        let media: Mime = media.parse().unwrap();
        let whole = stream_items(&media, body.as_bytes(), is_cut).unwrap();
        // The same, byte by byte.
        let mut reader = StreamReader::of(&media).unwrap();
        for byte in body.bytes() {
            reader.push(&[byte]);
        }
        assert_eq!(reader.finish(is_cut), whole);
        whole
    }

    #[test]
    fn events_are_read_as_browsers_read_them() {
        let text = "\u{feff}: comment\n\ndata: a\ndata:b\r\nevent: add\nid: 7\rretry: 10\nother: x\n\ndata\r\n\r\nretry: soon\n\nid: 8\n\ndata:  x\rdata\r\rdata: cut";
        let found = items("text/event-stream; charset=utf-8", text, false);
        assert_eq!(
            found,
            [
                Ok(json!({"data": "a\nb", "event": "add", "id": "7", "retry": 10})),
                Ok(json!({"data": ""})),
                Ok(json!({"data": " x\n"})),
            ]
        );
    }

    #[test]
    fn json_items_are_separated_by_lines_or_record_separators() {
        let lines = "{\"a\": 1}\r\n\n2\nx\n{\"b\":";
        assert_eq!(
            items("application/x-ndjson", lines, false),
            [
                Ok(json!({"a": 1})),
                Ok(json!(2)),
                Err("x".to_owned()),
                Err("{\"b\":".to_owned())
            ]
        );
        assert_eq!(items("application/jsonl", lines, true).len(), 3);
        let records = "\u{1e}{\"a\":\n1}\n\u{1e}2\n\u{1e}{\"b\":\n";
        let media = "application/geo+json-seq";
        assert_eq!(
            items(media, records, true),
            [Ok(json!({"a": 1})), Ok(json!(2))]
        );
        assert_eq!(items(media, records, false).len(), 3);
    }

    #[test]
    fn other_media_types_are_no_sequences() {
        for media in ["application/json", "text/plain", "application/xml"] {
            assert!(stream_items(&media.parse().unwrap(), b"{}", false).is_none());
        }
    }
}
