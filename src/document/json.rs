//! JSON with places, duplicate keys and a depth limit, for our documents and for response bodies.

use indexmap::map::Entry as Slot;
use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::node::{Duplicate, Mapping, MappingEntry, Node, Value, escape_pointer, number};
use crate::source::Span;

/// Why a text is not valid JSON for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    pub kind: JsonFaultKind,
    /// A fragment that fits after "not valid JSON:".
    pub message: String,
    /// Byte offset at which reading stopped.
    pub at: usize,
}

/// The kinds of [`JsonFault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFaultKind {
    /// The text ends in the middle of a value.
    Truncated,
    /// Nested deeper than the caller allows.
    TooDeep,
    /// Anything else that RFC 8259 does not allow.
    Syntax,
}

impl JsonFault {
    /// One byte at the fault.
    pub fn span(&self) -> Span {
        Span::new(self.at, self.at + 1)
    }
}

/// Reads one JSON text (RFC 8259) into a tree, and returns all duplicate keys. Numbers beyond 64 bits become floats.
/// Fails at the first syntax error, at invalid UTF-8 or lone surrogates, and where values nest deeper than `max_depth`.
pub fn parse_json(text: &[u8], max_depth: usize) -> Result<(Node, Vec<Duplicate>), JsonFault> {
    if let Err(error) = std::str::from_utf8(text) {
        return Err(JsonFault {
            kind: JsonFaultKind::Syntax,
            message: "invalid UTF-8".to_owned(),
            at: error.valid_up_to(),
        });
    }
    let mut reader = JsonReader {
        jiter: Jiter::new(text),
        text,
        max_depth,
        path: Vec::new(),
        duplicates: Vec::new(),
    };
    let peek = reader.peek()?;
    let root = reader.value(peek)?;
    reader
        .jiter
        .finish()
        .map_err(|error| reader.fault(&error))?;
    Ok((root, reader.duplicates))
}

/// The plain value of a JSON text that [`parse_json`] reads without fault and in which no object has a duplicate key, at a fraction of
/// the cost; `None` for every other text.
pub fn parse_plain_json(text: &[u8], max_depth: usize) -> Option<serde_json::Value> {
    std::str::from_utf8(text).ok()?;
    let mut jiter = Jiter::new(text);
    let peek = jiter.peek().ok()?;
    let value = plain(&mut jiter, peek, max_depth)?;
    jiter.finish().ok()?;
    Some(value)
}

/// The value that begins at `peek`; `depth` levels of nesting are left.
fn plain(jiter: &mut Jiter<'_>, peek: Peek, depth: usize) -> Option<serde_json::Value> {
    use serde_json::Value as Plain;
    Some(match peek {
        Peek::Null => jiter.known_null().map(|()| Plain::Null).ok()?,
        Peek::True | Peek::False => Plain::Bool(jiter.known_bool(peek).ok()?),
        Peek::String => Plain::String(jiter.known_str().ok()?.to_owned()),
        Peek::Array => {
            let depth = depth.checked_sub(1)?;
            let mut items = Vec::new();
            let mut next = jiter.known_array().ok()?;
            while let Some(peek) = next {
                items.push(plain(jiter, peek, depth)?);
                next = jiter.array_step().ok()?;
            }
            Plain::Array(items)
        }
        Peek::Object => {
            let depth = depth.checked_sub(1)?;
            let mut entries = serde_json::Map::new();
            let mut next = jiter.known_object().ok()?.map(str::to_owned);
            while let Some(key) = next {
                let peek = jiter.peek().ok()?;
                let value = plain(jiter, peek, depth)?;
                if entries.insert(key, value).is_some() {
                    return None;
                }
                next = jiter.next_key().ok()?.map(str::to_owned);
            }
            Plain::Object(entries)
        }
        _ => {
            let literal = jiter.known_number_bytes(peek).ok()?;
            Plain::Number(number(std::str::from_utf8(literal).ok()?)?)
        }
    })
}

struct JsonReader<'j> {
    jiter: Jiter<'j>,
    text: &'j [u8],
    max_depth: usize,
    /// Escaped reference tokens from the root to the value being read.
    path: Vec<String>,
    duplicates: Vec<Duplicate>,
}

impl JsonReader<'_> {
    fn peek(&mut self) -> Result<Peek, JsonFault> {
        self.jiter.peek().map_err(|error| self.fault(&error))
    }

    fn value(&mut self, peek: Peek) -> Result<Node, JsonFault> {
        let start = self.jiter.current_index();
        let value = match peek {
            Peek::Null => self.jiter.known_null().map(|()| Value::Null),
            Peek::True | Peek::False => self.jiter.known_bool(peek).map(Value::Bool),
            Peek::String => self
                .jiter
                .known_str()
                .map(|text| Value::String(text.to_owned())),
            Peek::Array => return self.array(start),
            Peek::Object => return self.object(start),
            _ => return self.number(peek, start),
        }
        .map_err(|error| self.fault(&error))?;
        Ok(Node::new(
            Span::new(start, self.jiter.current_index()),
            value,
        ))
    }

    fn number(&mut self, peek: Peek, start: usize) -> Result<Node, JsonFault> {
        let literal = match self.jiter.known_number_bytes(peek) {
            Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Err(error) => return Err(self.fault(&error)),
        };
        let number = number(&literal).ok_or_else(|| JsonFault {
            kind: JsonFaultKind::Syntax,
            message: format!("the number {literal} is out of range"),
            at: start,
        })?;
        Ok(Node::new(
            Span::new(start, self.jiter.current_index()),
            Value::Number(number),
        ))
    }

    fn array(&mut self, start: usize) -> Result<Node, JsonFault> {
        self.check_depth(start)?;
        let mut items = Vec::new();
        let mut next = self
            .jiter
            .known_array()
            .map_err(|error| self.fault(&error))?;
        while let Some(peek) = next {
            self.path.push(items.len().to_string());
            items.push(self.value(peek)?);
            self.path.pop();
            next = self
                .jiter
                .array_step()
                .map_err(|error| self.fault(&error))?;
        }
        Ok(Node::new(
            Span::new(start, self.jiter.current_index()),
            Value::Sequence(items),
        ))
    }

    fn object(&mut self, start: usize) -> Result<Node, JsonFault> {
        self.check_depth(start)?;
        let mut entries: Mapping = Mapping::default();
        let mut next = self.jiter.known_object().map(|key| key.map(str::to_owned));
        while let Some(key) = next.map_err(|error| self.fault(&error))? {
            let key_span = self.key_span();
            let peek = self.peek()?;
            self.path.push(escape_pointer(&key).into_owned());
            let value = self.value(peek)?;
            self.path.pop();
            let entry = MappingEntry { key_span, value };
            match entries.entry(key) {
                Slot::Vacant(slot) => {
                    slot.insert(entry);
                }
                Slot::Occupied(mut slot) => {
                    self.duplicates.push(Duplicate {
                        key: slot.key().clone(),
                        mapping: self.pointer(),
                        first: slot.get().key_span,
                        second: key_span,
                    });
                    slot.insert(entry);
                }
            }
            next = self.jiter.next_key().map(|key| key.map(str::to_owned));
        }
        Ok(Node::new(
            Span::new(start, self.jiter.current_index()),
            Value::Mapping(entries),
        ))
    }

    /// The span of the key just read, quotes included. The reader is past the colon, so the key is found by looking back.
    fn key_span(&self) -> Span {
        let before = &self.text[..self.jiter.current_index()];
        let colon = before.iter().rposition(|&byte| byte == b':').unwrap_or(0);
        let end = before[..colon]
            .iter()
            .rposition(|&byte| byte == b'"')
            .map_or(0, |i| i + 1);
        let mut start = end.saturating_sub(1);
        while start > 0 {
            start -= 1;
            let escaped = before[..start]
                .iter()
                .rev()
                .take_while(|&&byte| byte == b'\\')
                .count()
                % 2
                == 1;
            if before[start] == b'"' && !escaped {
                break;
            }
        }
        Span::new(start, end)
    }

    fn check_depth(&self, start: usize) -> Result<(), JsonFault> {
        if self.path.len() < self.max_depth {
            return Ok(());
        }
        Err(JsonFault {
            kind: JsonFaultKind::TooDeep,
            message: format!("nested deeper than {} levels", self.max_depth),
            at: start,
        })
    }

    fn pointer(&self) -> String {
        self.path.iter().map(|token| format!("/{token}")).collect()
    }

    fn fault(&self, error: &JiterError) -> JsonFault {
        let at = error.index.min(self.text.len());
        let JiterErrorType::JsonError(kind) = &error.error_type else {
            return JsonFault {
                kind: JsonFaultKind::Syntax,
                message: error.error_type.to_string(),
                at,
            };
        };
        let truncated = matches!(
            kind,
            JsonErrorType::EofWhileParsingList
                | JsonErrorType::EofWhileParsingObject
                | JsonErrorType::EofWhileParsingString
                | JsonErrorType::EofWhileParsingValue
        );
        let kind_of_fault = if truncated {
            JsonFaultKind::Truncated
        } else {
            JsonFaultKind::Syntax
        };
        JsonFault {
            kind: kind_of_fault,
            message: kind.to_string(),
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &[u8]) -> JsonFault {
        match parse_json(text, 8) {
            Ok((node, _)) => panic!("accepted as {node:?}"),
            Err(fault) => fault,
        }
    }

    #[test]
    fn values_keys_and_spans() {
        let text = r#" {"a\"b" : [1, -2.5e3, "x\/\u00e9", null, true], "c": {}} "#;
        let (root, duplicates) = parse_json(text.as_bytes(), 8).unwrap();
        assert_eq!(
            root.to_json(),
            serde_json::json!({"a\"b": [1, -2500.0, "x/é", null, true], "c": {}})
        );
        assert!(duplicates.is_empty());
        let entry = root.entry("a\"b").unwrap();
        assert_eq!(&text[entry.key_span.range()], r#""a\"b""#);
        assert_eq!(&text[root.at("/a\"b/1").unwrap().span.range()], "-2.5e3");
        assert_eq!(&text[root.span.range()], text.trim());
    }

    #[test]
    fn duplicate_keys_are_returned_with_their_object_and_the_last_wins() {
        let (root, duplicates) = parse_json(br#"{"a":[{"k":1,"k":2}]}"#, 8).unwrap();
        assert_eq!(root.to_json(), serde_json::json!({"a": [{"k": 2}]}));
        assert_eq!(duplicates.len(), 1);
        assert_eq!(duplicates[0].mapping, "/a/0");
        assert_eq!(duplicates[0].key, "k");
    }

    #[test]
    fn a_truncated_text_is_not_a_plain_syntax_error() {
        for text in [
            "",
            "{",
            r#"{"a"#,
            r#"{"a":"#,
            r#"{"a":1"#,
            "[1,",
            "\"abc",
            "tru",
        ] {
            assert_eq!(
                fault(text.as_bytes()).kind,
                JsonFaultKind::Truncated,
                "{text}"
            );
        }
        for text in [
            "{'a':1}",
            "[1,]",
            r#"{"a":1,}"#,
            "01",
            "nul1",
            "[1] x",
            "\u{feff}1",
            "NaN",
        ] {
            assert_eq!(fault(text.as_bytes()).kind, JsonFaultKind::Syntax, "{text}");
        }
        assert_eq!(fault(b"\"\xff\"").kind, JsonFaultKind::Syntax);
        assert_eq!(fault(br#""\ud800""#).kind, JsonFaultKind::Syntax);
    }

    #[test]
    fn the_plain_value_is_that_of_the_tree_or_none() {
        let table = [
            (
                r#" {"a\"b" : [1, -2.5e3, "x\/\u00e9", null, true], "c": {}} "#,
                true,
            ),
            ("18446744073709551615", true),
            ("123456789012345678901234567890", true),
            ("-0", true),
            ("[[[[[[[[]]]]]]]]", true),
            ("[[[[[[[[[]]]]]]]]]", false),
            (r#"[{"k":1,"k":1}]"#, false),
            (r#"{"a":1,}"#, false),
            ("[1] x", false),
            ("1e999", false),
            (r#""\ud800""#, false),
            ("", false),
        ];
        for (text, is_plain) in table {
            let plain = parse_plain_json(text.as_bytes(), 8);
            assert_eq!(plain.is_some(), is_plain, "{text}");
            let tree = parse_json(text.as_bytes(), 8).ok();
            let tree = tree.filter(|(_, duplicates)| duplicates.is_empty());
            assert_eq!(plain, tree.map(|(root, _)| root.to_json()), "{text}");
        }
        assert_eq!(parse_plain_json(b"\"\xff\"", 8), None);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100_000);
        assert_eq!(fault(deep.as_bytes()).kind, JsonFaultKind::TooDeep);
        assert!(parse_json(b"[[[[[[[[]]]]]]]]", 8).is_ok());
        assert_eq!(fault(b"[[[[[[[[[]]]]]]]]]").kind, JsonFaultKind::TooDeep);
    }
}
