//! YAML 1.2 (core schema) into a [`Node`] tree.
//!
//! Two things beyond YAML 1.2 are read, because PyYAML, ruamel.yaml and js-yaml read them and published documents contain them: flow
//! collections and quoted scalars whose further lines are not indented deeper than their parent, and merge keys (`<<`, YAML 1.1).

use granit_parser::{Event, Parser, ScalarStyle, Span as Mark, StructureStyle, Tag};
use indexmap::map::Entry as Slot;

use super::MAX_DEPTH;
use super::node::{Duplicate, Mapping, MappingEntry, Node, Value, escape_pointer};
use super::yaml_scalar::resolve_plain;
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
                let at = error.marker().byte_offset().unwrap_or_default();
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
        if let Event::DocumentStart(..) = event {
            documents += 1;
            if documents > 1 {
                let at = span_of(mark);
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
    style: StructureStyle,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Mapping,
        key: Option<PendingKey>,
        /// The mappings of merge keys, in the order written, each with the span of its merge key.
        merged: Vec<(Mapping, Span)>,
    },
}

/// A key whose value was not read yet.
enum PendingKey {
    Named(String, Span),
    /// `<<`: the entries of its value are entries of this mapping.
    Merge(Span),
}

type YamlFault = Box<Diagnostic>;

impl TreeBuilder<'_> {
    fn event(&mut self, event: Event<'_>, mark: Mark) -> Result<(), YamlFault> {
        let span = span_of(mark);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text.into_owned(), style, anchor, tag.as_deref(), span)
            }
            Event::Alias(id) => self.alias(id, span),
            Event::SequenceStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", span)?;
                self.open(anchor, style, span, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", span)?;
                let content = Content::Mapping {
                    entries: Mapping::default(),
                    key: None,
                    merged: Vec::new(),
                };
                self.open(anchor, style, span, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            // The others are not emitted, or have no value.
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), YamlFault> {
        if self.expects_key() {
            self.set_key(match style == ScalarStyle::Plain && text == "<<" {
                true => PendingKey::Merge(span),
                false => PendingKey::Named(text, span),
            });
            return Ok(());
        }
        let value = match tag {
            None if style == ScalarStyle::Plain => resolve_plain(&text),
            None => Value::String(text),
            Some(tag) => self.tagged(tag, &text, span)?,
        };
        let node = Node::new(span, value);
        if anchor > 0 {
            self.anchors.push((anchor, node.clone(), 1));
        }
        self.add(node, 1)
    }

    fn tagged(&self, tag: &Tag, text: &str, span: Span) -> Result<Value, YamlFault> {
        let wrong = |expected: &str| {
            self.fault(
                span,
                format!("`{text}` is not {expected}"),
                "correct the value or remove the tag",
            )
        };
        match (tag.is_yaml_core_schema(), tag.suffix()) {
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
            Some(tag) if !tag.is_yaml_core_schema_tag(allowed) => Err(self.unknown_tag(tag, span)),
            _ => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, span: Span) -> YamlFault {
        self.fault(
            span,
            format!(
                "the tag `{}{}` is not supported",
                tag.handle(),
                tag.suffix()
            ),
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
        self.add(node, size)
    }

    fn open(
        &mut self,
        anchor: usize,
        style: StructureStyle,
        span: Span,
        content: Content,
    ) -> Result<(), YamlFault> {
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
            style,
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
            Content::Mapping {
                entries, merged, ..
            } => {
                let written = entries
                    .last()
                    .map(|(_, entry)| entry.value.span.end.max(entry.key_span.end));
                let last = written.max(merged.last().map(|(_, span)| span.end));
                (Value::Mapping(merge(entries, merged)), last)
            }
        };
        // A block collection "ends" where the next token begins, many blank lines later; its text ends with its last item.
        let end = match open.style {
            StructureStyle::Flow => span.end,
            StructureStyle::Block => last.unwrap_or(span.end),
        };
        let node = Node::new(Span::new(open.start, end.max(open.start)), value);
        let size = self.nodes - open.nodes_before + 1;
        if open.anchor > 0 {
            self.anchors.push((open.anchor, node.clone(), size));
        }
        self.add(node, 1)
    }

    fn add(&mut self, node: Node, size: usize) -> Result<(), YamlFault> {
        self.nodes += size;
        let pointer = if self.repeats_a_key() {
            Some(self.pointer())
        } else {
            None
        };
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping {
                entries,
                key,
                merged,
            }) => match key.take() {
                None => {}
                Some(PendingKey::Merge(span)) => match mappings_of(node) {
                    Some(mappings) => {
                        merged.extend(mappings.into_iter().map(|all| (all, span)));
                    }
                    None => return Err(self.not_mergeable(span)),
                },
                Some(PendingKey::Named(key, key_span)) => {
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
            },
        }
        Ok(())
    }

    fn not_mergeable(&self, span: Span) -> YamlFault {
        self.fault(
            span,
            "the value of a merge key (`<<`) must be a mapping or a list of mappings",
            "refer to a mapping: `<<: *name`, or write the entries out",
        )
    }

    fn repeats_a_key(&self) -> bool {
        match self.open.last().map(|open| &open.content) {
            Some(Content::Mapping {
                entries,
                key: Some(PendingKey::Named(key, _)),
                ..
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
                Content::Mapping { key, .. } => match key {
                    Some(PendingKey::Named(key, _)) => format!("/{}", escape_pointer(key)),
                    Some(PendingKey::Merge(_)) => "/<<".to_owned(),
                    None => "/".to_owned(),
                },
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

    fn set_key(&mut self, pending: PendingKey) {
        if let Some(Open {
            content: Content::Mapping { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = Some(pending);
        }
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

fn span_of(mark: Mark) -> Span {
    let range = mark.byte_range().unwrap_or_default();
    Span::new(range.start, range.end.max(range.start))
}

/// The mappings that a merge key adds; `None` where its value is neither a mapping nor a list of mappings.
fn mappings_of(node: Node) -> Option<Vec<Mapping>> {
    match node.value {
        Value::Mapping(entries) => Some(vec![entries]),
        Value::Sequence(items) => items
            .into_iter()
            .map(|item| match item.value {
                Value::Mapping(entries) => Some(entries),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// The entries of a mapping and, after them, those of its merge keys: what is written in the mapping itself counts, then the earlier
/// mapping (<https://yaml.org/type/merge.html>). Each entry keeps the place where it is written.
fn merge(mut entries: Mapping, merged: Vec<(Mapping, Span)>) -> Mapping {
    for (key, entry) in merged.into_iter().flat_map(|(all, _)| all) {
        entries.entry(key).or_insert(entry);
    }
    entries
}

#[cfg(test)]
mod tests;
