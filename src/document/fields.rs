//! A mapping decoded field by field: what is missing, unknown or of the wrong kind becomes a diagnostic with a place.

use std::borrow::Cow;

use super::node::{Mapping, MappingEntry, Node, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Source, Span, Spanned};

/// The fields of one mapping, each taken once. [`Fields::finish`] reports those that were never taken.
#[derive(Debug)]
pub struct Fields<'n> {
    /// What the mapping is, for messages: `a step`, `a target`.
    what: &'static str,
    source: &'n Source,
    span: Span,
    entries: &'n Mapping,
    known: Vec<&'static str>,
    /// Whether `x-…` fields are allowed.
    extensible: bool,
}

impl<'n> Fields<'n> {
    /// The fields of `node`; a diagnostic and `None` when it is not a mapping.
    pub fn of(
        what: &'static str,
        node: &'n Node,
        source: &'n Source,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let entries = expect_mapping(what, node, source, diagnostics)?;
        Some(Fields {
            what,
            source,
            span: node.span,
            entries,
            known: Vec::new(),
            extensible: false,
        })
    }

    /// The same fields; those that begin with `x-` are allowed and ignored.
    #[must_use]
    pub fn with_extensions(mut self) -> Self {
        self.extensible = true;
        self
    }

    /// The field's entry, if present (also when its value is null).
    pub fn entry(&mut self, name: &'static str) -> Option<&'n MappingEntry> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.entries.get(name)
    }

    /// The field's value, if present (also when it is null).
    pub fn get(&mut self, name: &'static str) -> Option<&'n Node> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// The field's value; a diagnostic when it is absent.
    pub fn required(
        &mut self,
        name: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<&'n Node> {
        let node = self.get(name);
        if node.is_none() {
            let start = Span::new(self.span.start, self.span.end);
            diagnostics.push(
                Diagnostic::error(
                    "missing-field",
                    format!("{} needs the field `{name}`", self.what),
                    self.source.place(start),
                )
                .with_advice(format!("add `{name}: …`")),
            );
        }
        node
    }

    /// The field as text, if present; a diagnostic and `None` when it is something else.
    pub fn string(
        &mut self,
        name: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        let node = self.get(name)?;
        expect_string(name, node, self.source, diagnostics)
    }

    /// The field as a boolean, if present; a diagnostic and `None` when it is something else.
    pub fn bool(&mut self, name: &'static str, diagnostics: &mut Diagnostics) -> Option<bool> {
        let node = self.get(name)?;
        expect_bool(name, node, self.source, diagnostics)
    }

    /// Where the mapping is written.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Reports every field that was never taken, with the nearest known name.
    pub fn finish(self, diagnostics: &mut Diagnostics) {
        for (name, entry) in self.entries {
            let extension = self.extensible && name.starts_with("x-");
            if !extension && !self.known.contains(&name.as_str()) {
                diagnostics.push(
                    Diagnostic::error(
                        "unknown-field",
                        format!("{} has no field `{name}`", self.what),
                        self.source.place(entry.key_span),
                    )
                    .with_nearest(name, self.known.iter().copied()),
                );
            }
        }
    }
}

/// The node's entries; a diagnostic and `None` when it is not a mapping.
pub fn expect_mapping<'n>(
    what: &str,
    node: &'n Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<&'n Mapping> {
    match &node.value {
        Value::Mapping(entries) => Some(entries),
        _ => {
            diagnostics.push(wrong_type(what, "a mapping", node, source));
            None
        }
    }
}

/// The node's items; a diagnostic and `None` when it is not a list.
pub fn expect_sequence<'n>(
    what: &str,
    node: &'n Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<&'n [Node]> {
    match &node.value {
        Value::Sequence(items) => Some(items),
        _ => {
            diagnostics.push(wrong_type(what, "a list", node, source));
            None
        }
    }
}

/// The node's text; a diagnostic and `None` when it is something else.
pub fn expect_string(
    what: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<String>> {
    match &node.value {
        Value::String(text) => Some(Spanned::new(text.clone(), source.place(node.span))),
        _ => {
            diagnostics.push(wrong_type(what, "a string", node, source));
            None
        }
    }
}

/// The node's boolean; a diagnostic and `None` when it is something else.
pub fn expect_bool(
    what: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<bool> {
    let value = node.as_bool();
    if value.is_none() {
        diagnostics.push(wrong_type(what, "true or false", node, source));
    }
    value
}

/// The diagnostic for a value of the wrong kind: "`what` must be `expected`, not …". `what` is formatted by [`called`].
pub fn wrong_type(what: &str, expected: &str, node: &Node, source: &Source) -> Diagnostic {
    Diagnostic::error(
        "wrong-type",
        format!("{} must be {expected}, not {}", called(what), node.kind()),
        source.place(node.span),
    )
}

/// The name of a value in a message: a single word is the name of a field and is put in backticks, words such as `a step` stay.
pub fn called(what: &str) -> Cow<'_, str> {
    match what.contains([' ', '`']) {
        true => Cow::Borrowed(what),
        false => Cow::Owned(format!("`{what}`")),
    }
}
