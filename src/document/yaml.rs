//! YAML 1.2 (core schema) into a [`Node`] tree.

use indexmap::map::Entry as Slot;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Mark, Tag};
use serde_json::Number;

use super::MAX_DEPTH;
use super::node::{Duplicate, Mapping, MappingEntry, Node, Value, escape_pointer, number};
use crate::diagnostic::{Diagnostic, DiagnosticText, Diagnostics};
use crate::source::{Source, Span};

/// How many nodes a document may have once its aliases are expanded: a guard against "billion laughs".
const MAX_NODES: usize = 1_000_000;

/// Reads the one document of a YAML text. Syntax errors, a second document, unknown tags and keys that are not scalars are
/// diagnostics; the result is `None` when reading could not continue. Duplicate keys are returned; the last value is kept.
pub(super) fn parse(
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<(Node, Vec<Duplicate>)> {
    let mut builder = TreeBuilder {
        source,
        offsets: Offsets::of(source.text()),
        open: Vec::new(),
        anchors: Vec::new(),
        duplicates: Vec::new(),
        root: None,
        nodes: 0,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(source.text()) {
        let (event, mark) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = builder.offsets.byte(error.marker().index());
                diagnostics.push(
                    Diagnostic::error(
                        "syntax",
                        format!("not valid YAML: {}", error.info()),
                        source.place(Span::new(at, at + 1)),
                    )
                    .with_advice("correct the syntax; nothing else of this file was read"),
                );
                return None;
            }
        };
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents > 1 {
                let at = builder.span(mark);
                diagnostics.push(
                    Diagnostic::error(
                        "syntax",
                        "a second YAML document in one file",
                        source.place(at),
                    )
                    .with_advice("split the file: one document each"),
                );
                return None;
            }
        }
        if let Err(diagnostic) = builder.event(event, mark) {
            diagnostics.push(*diagnostic);
            return None;
        }
    }
    let root = builder
        .root
        .unwrap_or_else(|| Node::new(Span::new(0, 0), Value::Null));
    Some((root, builder.duplicates))
}

struct TreeBuilder<'s> {
    source: &'s Source,
    offsets: Offsets,
    open: Vec<Open>,
    /// Finished nodes by anchor id.
    anchors: Vec<(usize, Node, usize)>,
    duplicates: Vec<Duplicate>,
    root: Option<Node>,
    nodes: usize,
}

/// A sequence or mapping whose end was not read yet.
struct Open {
    start: usize,
    anchor: usize,
    nodes_before: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Mapping,
        key: Option<(String, Span)>,
    },
}

type YamlFault = Box<Diagnostic>;

impl TreeBuilder<'_> {
    fn event(&mut self, event: Event<'_>, mark: Mark) -> Result<(), YamlFault> {
        let span = self.span(mark);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::Alias(id) => self.alias(id, span),
            Event::SequenceStart(anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", span)?;
                self.open(anchor, span, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", span)?;
                self.open(
                    anchor,
                    span,
                    Content::Mapping {
                        entries: Mapping::default(),
                        key: None,
                    },
                )
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), YamlFault> {
        if self.expects_key() {
            if style == ScalarStyle::Plain && text == "<<" {
                return Err(self.fault(
                    span,
                    "merge keys (`<<`) are not part of YAML 1.2",
                    "write the entries out",
                ));
            }
            self.set_key(text.to_owned(), span);
            return Ok(());
        }
        let value = match tag {
            None if style == ScalarStyle::Plain => resolve_plain(text),
            None => Value::String(text.to_owned()),
            Some(tag) => self.tagged(tag, text, span)?,
        };
        let node = Node::new(span, value);
        if anchor > 0 {
            self.anchors.push((anchor, node.clone(), 1));
        }
        self.add(node, 1);
        Ok(())
    }

    fn tagged(&self, tag: &Tag, text: &str, span: Span) -> Result<Value, YamlFault> {
        let wrong = |expected: &str| {
            self.fault(
                span,
                format!("`{text}` is not {expected}"),
                "correct the value or remove the tag",
            )
        };
        match (tag.is_yaml_core_schema(), tag.suffix.as_str()) {
            (true, "str") => Ok(Value::String(text.to_owned())),
            (true, "null") => Ok(Value::Null),
            (true, "bool") => match resolve_plain(text) {
                value @ Value::Bool(_) => Ok(value),
                _ => Err(wrong("a boolean")),
            },
            (true, "int" | "float") => match resolve_plain(text) {
                value @ Value::Number(_) => Ok(value),
                _ => Err(wrong("a number")),
            },
            _ => Err(self.unknown_tag(tag, span)),
        }
    }

    fn check_collection_tag(
        &self,
        tag: Option<&Tag>,
        allowed: &str,
        span: Span,
    ) -> Result<(), YamlFault> {
        match tag {
            Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == allowed) => {
                Err(self.unknown_tag(tag, span))
            }
            _ => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, span: Span) -> YamlFault {
        self.fault(
            span,
            format!("the tag `{}{}` is not supported", tag.handle, tag.suffix),
            "remove the tag: only YAML's own tags (!!str, !!int, …) are supported",
        )
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), YamlFault> {
        let found = self.anchors.iter().rev().find(|(anchor, ..)| *anchor == id);
        let Some((_, node, size)) = found else {
            return Err(self.fault(
                span,
                "this alias is inside the value it refers to",
                "write the value out",
            ));
        };
        let size = *size;
        if self.nodes + size > MAX_NODES {
            return Err(self.fault(
                span,
                "aliases make this document too large",
                "write fewer nested aliases",
            ));
        }
        let node = node.clone();
        if self.expects_key() {
            return Err(self.fault(span, "an alias cannot be a key here", "write the key out"));
        }
        self.add(node, size);
        Ok(())
    }

    fn open(&mut self, anchor: usize, span: Span, content: Content) -> Result<(), YamlFault> {
        if self.expects_key() {
            return Err(self.fault(
                span,
                "a key must be a single word or text",
                "quote the key, or replace `{`/`[` by a text",
            ));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.fault(
                span,
                format!("nested deeper than {MAX_DEPTH} levels"),
                "flatten the document",
            ));
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            nodes_before: self.nodes,
            content,
        });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), YamlFault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let (value, last) = match open.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::Sequence(items), last)
            }
            Content::Mapping { entries, .. } => {
                let last = entries
                    .last()
                    .map(|(_, entry)| entry.value.span.end.max(entry.key_span.end));
                (Value::Mapping(entries), last)
            }
        };
        // A block collection "ends" where the next token begins, many blank lines later; its text ends with its last item.
        let flow = self
            .source
            .text()
            .as_bytes()
            .get(open.start)
            .is_some_and(|byte| matches!(byte, b'{' | b'['));
        let end = if flow {
            span.end
        } else {
            last.unwrap_or(span.end)
        };
        let node = Node::new(Span::new(open.start, end.max(open.start)), value);
        let size = self.nodes - open.nodes_before + 1;
        if open.anchor > 0 {
            self.anchors.push((open.anchor, node.clone(), size));
        }
        self.add(node, 1);
        Ok(())
    }

    fn add(&mut self, node: Node, size: usize) {
        self.nodes += size;
        let pointer = if self.repeats_a_key() {
            Some(self.pointer())
        } else {
            None
        };
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, key }) => {
                let Some((key, key_span)) = key.take() else {
                    return;
                };
                let entry = MappingEntry {
                    key_span,
                    value: node,
                };
                match entries.entry(key) {
                    Slot::Vacant(slot) => {
                        slot.insert(entry);
                    }
                    Slot::Occupied(mut slot) => {
                        self.duplicates.push(Duplicate {
                            key: slot.key().clone(),
                            mapping: pointer.unwrap_or_default(),
                            first: slot.get().key_span,
                            second: key_span,
                        });
                        slot.insert(entry);
                    }
                }
            }
        }
    }

    fn repeats_a_key(&self) -> bool {
        match self.open.last().map(|open| &open.content) {
            Some(Content::Mapping {
                entries,
                key: Some((key, _)),
            }) => entries.contains_key(key),
            _ => false,
        }
    }

    /// JSON pointer of the innermost open collection.
    fn pointer(&self) -> String {
        let outer = self.open.len().saturating_sub(1);
        self.open[..outer]
            .iter()
            .map(|open| match &open.content {
                Content::Sequence(items) => format!("/{}", items.len()),
                Content::Mapping { key, .. } => {
                    let key = key.as_ref().map_or("", |(key, _)| key.as_str());
                    format!("/{}", escape_pointer(key))
                }
            })
            .collect()
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Mapping { key: None, .. },
                ..
            })
        )
    }

    fn set_key(&mut self, text: String, span: Span) {
        if let Some(Open {
            content: Content::Mapping { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = Some((text, span));
        }
    }

    fn span(&mut self, mark: Mark) -> Span {
        let start = self.offsets.byte(mark.start.index());
        let end = self.offsets.byte(mark.end.index());
        Span::new(start, end.max(start))
    }

    fn fault(
        &self,
        span: Span,
        message: impl DiagnosticText,
        advice: impl DiagnosticText,
    ) -> YamlFault {
        Box::new(Diagnostic::error("syntax", message, self.source.place(span)).with_advice(advice))
    }
}

/// A plain scalar by YAML 1.2's core schema (section 10.3.2); everything that is not null, boolean or number is text,
/// so `no`, `on` and `1990-01-01` stay what they look like.
pub(super) fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8, text);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return radix(hex, 16, text);
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    match numeric
        .then(|| number(text.strip_prefix('+').unwrap_or(text)))
        .flatten()
    {
        Some(number) => Value::Number(number),
        None => Value::String(text.to_owned()),
    }
}

fn radix(digits: &str, radix: u32, text: &str) -> Value {
    match u64::from_str_radix(digits, radix) {
        Ok(value) => Value::Number(Number::from(value)),
        Err(_) => Value::String(text.to_owned()),
    }
}

/// The parser counts characters, spans count bytes.
struct Offsets {
    /// Byte offset of each character; empty for ASCII, where the two are the same.
    bytes: Vec<usize>,
    len: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(i, _)| i).collect()
        };
        Offsets {
            bytes,
            len: text.len(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            character.min(self.len)
        } else {
            self.bytes.get(character).copied().unwrap_or(self.len)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> (Node, Vec<Duplicate>) {
        let mut diagnostics = Diagnostics::new();
        let parsed = parse(&Source::new("t.yaml", text), &mut diagnostics);
        assert!(
            diagnostics.is_empty(),
            "{:?}",
            diagnostics.iter().collect::<Vec<_>>()
        );
        parsed.unwrap()
    }

    fn refused(text: &str) -> String {
        let mut diagnostics = Diagnostics::new();
        let parsed = parse(&Source::new("t.yaml", text), &mut diagnostics);
        assert!(parsed.is_none(), "accepted");
        let diagnostic = diagnostics.iter().next().unwrap();
        format!(
            "{} {}",
            diagnostic.place.as_ref().unwrap(),
            diagnostic.message
        )
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let (root, _) = read(
            "a: no\nb: 1990-01-01\nc: 0x1F\nd: ~\ne: 1e3\nf: '1'\ng: TRUE\nh: +12\ni: -0.5\nj: 1.2.3\nk: .\nl: 0o17\nm: !!str 5\n200: x\n",
        );
        assert_eq!(
            root.to_json(),
            json!({"a": "no", "b": "1990-01-01", "c": 31, "d": null, "e": 1000.0, "f": "1", "g": true, "h": 12, "i": -0.5,
                   "j": "1.2.3", "k": ".", "l": 15, "m": "5", "200": "x"})
        );
    }

    #[test]
    fn spans_are_bytes_even_after_wide_characters() {
        let text = "é: [ü, {k: v}]\nnext:\n  - one\n\n\nlast: 1\n";
        let (root, _) = read(text);
        assert_eq!(&text[root.at("/é/1/k").unwrap().span.range()], "v");
        assert_eq!(&text[root.at("/é").unwrap().span.range()], "[ü, {k: v}]");
        assert_eq!(&text[root.entry("next").unwrap().key_span.range()], "next");
        assert_eq!(
            text[root.at("/next").unwrap().span.range()].trim_end(),
            "- one"
        );
    }

    #[test]
    fn duplicates_are_returned_with_their_mapping() {
        let (root, duplicates) = read("a:\n  - k: 1\n    k: 2\n");
        assert_eq!(root.to_json(), json!({"a": [{"k": 2}]}));
        assert_eq!(duplicates.len(), 1);
        assert_eq!(
            (duplicates[0].mapping.as_str(), duplicates[0].key.as_str()),
            ("/a/0", "k")
        );
    }

    #[test]
    fn aliases_are_expanded_up_to_a_limit() {
        let (root, _) = read("a: &x {k: [1, 2]}\nb: *x\n");
        assert_eq!(
            root.to_json(),
            json!({"a": {"k": [1, 2]}, "b": {"k": [1, 2]}})
        );
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let previous = level - 1;
            let items = vec![format!("*a{previous}"); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(refused(&bomb).contains("too large"));
    }

    #[test]
    fn what_is_not_supported_is_reported_with_its_place() {
        assert!(refused("a: [1\nb: 2").starts_with("t.yaml:"));
        assert!(refused("a: 1\n---\nb: 2\n").contains("second YAML document"));
        assert!(refused("a: !custom x\n").contains("`!custom`"));
        assert!(refused("b:\n  <<: x\n").starts_with("t.yaml:2:3 merge keys"));
        assert!(
            refused(&format!("{}1{}", "[".repeat(220), "]".repeat(220))).contains("nested deeper")
        );
    }
}
