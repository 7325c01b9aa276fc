//! The tree of a document: values with their spans.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::Number;

use crate::source::Span;

/// A value and the bytes it was written in.
#[derive(Debug, Clone)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

/// What a [`Node`] holds: JSON's values, mappings in the order written.
#[derive(Debug, Clone)]
pub enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Sequence(Vec<Node>),
    Mapping(Mapping),
}

/// The entries of a mapping, in the order written. Its hash function is a fast one: a start reads some ten thousand keys.
pub type Mapping = IndexMap<String, MappingEntry, foldhash::fast::RandomState>;

/// A value of a mapping, with the span of its key.
#[derive(Debug, Clone)]
pub struct MappingEntry {
    pub key_span: Span,
    pub value: Node,
}

/// A duplicate key of one mapping. The tree keeps the later value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    pub key: String,
    /// JSON pointer of the mapping.
    pub mapping: String,
    pub first: Span,
    pub second: Span,
}

impl Node {
    pub fn new(span: Span, value: Value) -> Self {
        Node { span, value }
    }

    /// The child of a mapping under `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The child of a mapping under `key`, with the place of the key.
    pub fn entry(&self, key: &str) -> Option<&MappingEntry> {
        self.as_mapping()?.get(key)
    }

    /// The node at a JSON pointer (RFC 6901) below this one; `""` is the node itself.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        let mut node = self;
        for token in tokens(pointer)? {
            node = match &node.value {
                Value::Mapping(entries) => &entries.get(token.as_ref())?.value,
                Value::Sequence(items) => items.get(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The kind of value for messages: `a mapping`, `a string`, …
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// The same value without places, reusing its texts.
    pub fn into_json(self) -> serde_json::Value {
        match self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(value),
            Value::Number(number) => serde_json::Value::Number(number),
            Value::String(text) => serde_json::Value::String(text),
            Value::Sequence(items) => items.into_iter().map(Node::into_json).collect(),
            Value::Mapping(entries) => entries
                .into_iter()
                .map(|(key, entry)| (key, entry.value.into_json()))
                .collect(),
        }
    }

    /// The node at a JSON pointer (RFC 6901) below this one, to be changed.
    pub fn at_mut(&mut self, pointer: &str) -> Option<&mut Node> {
        let mut node = self;
        for token in tokens(pointer)? {
            node = match &mut node.value {
                Value::Mapping(entries) => &mut entries.get_mut(token.as_ref())?.value,
                Value::Sequence(items) => items.get_mut(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// Moves all its spans `by` bytes further. Recursion is bounded by the parser's depth limit.
    pub fn shift(&mut self, by: usize) {
        self.span = self.span.shifted(by);
        match &mut self.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Value::Mapping(entries) => {
                for entry in entries.values_mut() {
                    entry.key_span = entry.key_span.shifted(by);
                    entry.value.shift(by);
                }
            }
            _ => {}
        }
    }

    /// The same value without places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.value.to_json()))
                    .collect(),
            ),
        }
    }
}

/// The number that a literal represents: integers that fit 64 bits exactly, anything else as a 64-bit float.
/// `None` for text that is not a finite number.
pub(super) fn number(literal: &str) -> Option<Number> {
    if let Ok(value) = literal.parse::<i64>() {
        return Some(value.into());
    }
    if let Ok(value) = literal.parse::<u64>() {
        return Some(value.into());
    }
    literal.parse::<f64>().ok().and_then(Number::from_f64)
}

/// The reference tokens of a JSON pointer (RFC 6901), unescaped. `None` when it is neither empty nor starts with `/`.
pub fn split_pointer(pointer: &str) -> Option<Vec<String>> {
    Some(tokens(pointer)?.map(Cow::into_owned).collect())
}

/// [`split_pointer`], one at a time. Escapes are rare, so a token is copied only where it has one.
fn tokens(pointer: &str) -> Option<impl Iterator<Item = Cow<'_, str>>> {
    let tokens = match pointer {
        "" => None,
        _ => Some(pointer.strip_prefix('/')?.split('/')),
    };
    Some(tokens.into_iter().flatten().map(|token| {
        if token.contains('~') {
            Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
        } else {
            Cow::Borrowed(token)
        }
    }))
}

/// Whether a JSON pointer is another one, or leads further.
pub(crate) fn is_at_or_below(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A key as a reference token of a JSON pointer.
pub fn escape_pointer(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) {
        Cow::Owned(key.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(key)
    }
}
