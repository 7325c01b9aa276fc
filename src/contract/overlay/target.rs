//! What an action's target matches in a document, and how far it leads where it matches nothing.

use std::cmp::Ordering;

use serde_json::Value as Json;
use serde_json_path::JsonPath;

use crate::diagnostic::{Diagnostic, nearest};
use crate::document::split_pointer;
use crate::source::Spanned;

/// JSON pointers of all that the target matches, each once, in the order of the document's keys and indices: a value comes before its
/// children, an item before those behind it.
pub(super) fn find(target: &JsonPath, json: &Json) -> Vec<String> {
    let found = target.query_located(json).dedup();
    let mut pointers: Vec<(Vec<String>, String)> = found
        .locations()
        .map(|location| location.to_json_pointer())
        .map(|pointer| (split_pointer(&pointer).unwrap_or_default(), pointer))
        .collect();
    pointers.sort_by(|(left, _), (right, _)| order(left, right));
    pointers.into_iter().map(|(_, pointer)| pointer).collect()
}

/// The diagnostic of a target that matches nothing: how far it leads, and which name was probably meant.
pub(super) fn stale(target: &Spanned<JsonPath>, json: &Json) -> Diagnostic {
    let text = target.value.to_string();
    let diagnostic = Diagnostic::error(
        "stale-correction",
        format!("`{text}` matches nothing: there is nothing to correct"),
        target.place.clone(),
    );
    let written = target.place.text().trim_matches(['"', '\'']);
    let text = match JsonPath::parse(written) {
        Ok(_) => written,
        Err(_) => text.as_str(),
    };
    diagnostic.with_advice(how_far(text, json))
}

/// Names in ASCII order, indices by number; only the order of items of one list matters.
fn order(left: &[String], right: &[String]) -> Ordering {
    for (a, b) in left.iter().zip(right) {
        let by_number = a.parse::<usize>().ok().zip(b.parse::<usize>().ok());
        let ordering = by_number.map_or_else(|| a.cmp(b), |(a, b)| a.cmp(&b));
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    left.len().cmp(&right.len())
}

/// `` `$.paths` has no `/V1/custmers`; did you mean `$.paths['/V1/customers']`? ``
fn how_far(text: &str, json: &Json) -> String {
    let otherwise = "correct the target, or remove the action if the document was corrected";
    let mut reached = "$";
    let mut current = vec![json];
    for segment in segments(text) {
        let prefix = &text[..segment.end];
        let Ok(path) = JsonPath::parse(prefix) else {
            return otherwise.to_owned();
        };
        let found = path.query(json).all();
        if !found.is_empty() {
            reached = prefix;
            current = found;
            continue;
        }
        let names = || {
            current
                .iter()
                .filter_map(|value| value.as_object())
                .flat_map(|entries| entries.keys())
        };
        let Some(name) = segment.name else {
            return format!("`{reached}` exists, but `{prefix}` matches nothing: {otherwise}");
        };
        return match nearest(&name, names().map(String::as_str)) {
            Some(near) => format!("`{reached}` has no `{name}`: did you mean `{near}`?"),
            None => format!("`{reached}` has no `{name}`: {otherwise}"),
        };
    }
    otherwise.to_owned()
}

/// A part of a JSONPath, up to `end`.
struct Segment {
    end: usize,
    /// Where it selects by one name.
    name: Option<String>,
}

/// The parts of a valid JSONPath: `.name`, `..name`, `[…]`.
fn segments(text: &str) -> Vec<Segment> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 1;
    while at < bytes.len() {
        let start = at;
        let (end, name) = match bytes[at] {
            b'[' => {
                let end = closing(bytes, at);
                (end, quoted(&text[at..end]))
            }
            _ => {
                while at < bytes.len() && bytes[at] == b'.' {
                    at += 1;
                }
                let name_at = at;
                if bytes.get(at) == Some(&b'[') {
                    (closing(bytes, at), None)
                } else {
                    while at < bytes.len() && !matches!(bytes[at], b'.' | b'[') {
                        at += 1;
                    }
                    let name = text[name_at..at].trim();
                    let plain = !name.is_empty() && name != "*";
                    (at, plain.then(|| name.to_owned()))
                }
            }
        };
        at = end.max(start + 1);
        found.push(Segment { end: at, name });
    }
    found
}

/// The position after the bracket that closes the one at `start`.
fn closing(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut quote = None;
    let mut at = start;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'\'' | b'"')) => quote = Some(byte),
            (None, b'[') => depth += 1,
            (None, b']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The name in `['name']`, if the brackets contain only that and it has no escapes.
fn quoted(segment: &str) -> Option<String> {
    let inside = segment.strip_prefix('[')?.strip_suffix(']')?.trim();
    let quote = inside.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let name = inside.strip_prefix(quote)?.strip_suffix(quote)?;
    let plain = !name.contains(quote) && !name.contains('\\');
    plain.then(|| name.to_owned())
}
