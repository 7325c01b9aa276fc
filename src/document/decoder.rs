//! Decodes the values of a document: each fault becomes a diagnostic with its place. Main type: [`Decoder`].

use std::ops::RangeInclusive;

use super::fields::{Fields, called, expect_mapping, expect_sequence, expect_string, wrong_type};
use super::node::{Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, DiagnosticText, Diagnostics};
use crate::source::{Place, Source, Spanned};

/// The text that is decoded, and where its faults go. In every function `what` is the name of the value in messages (see [`called`]).
#[derive(Debug)]
pub struct Decoder<'a> {
    pub source: &'a Source,
    pub diagnostics: &'a mut Diagnostics,
}

impl<'a> Decoder<'a> {
    pub fn new(source: &'a Source, diagnostics: &'a mut Diagnostics) -> Self {
        Decoder {
            source,
            diagnostics,
        }
    }

    /// The fields of a mapping; a diagnostic and `None` when it is not a mapping.
    pub fn fields<'n>(&mut self, what: &'static str, node: &'n Node) -> Option<Fields<'n>>
    where
        'a: 'n,
    {
        Fields::of(what, node, self.source, self.diagnostics)
    }

    /// The entries of a mapping; a diagnostic and `None` when it is not a mapping.
    pub fn mapping<'n>(&mut self, what: &str, node: &'n Node) -> Option<&'n Mapping> {
        expect_mapping(what, node, self.source, self.diagnostics)
    }

    /// The items of a list; a diagnostic and `None` when it is not a list.
    pub fn sequence<'n>(&mut self, what: &str, node: &'n Node) -> Option<&'n [Node]> {
        expect_sequence(what, node, self.source, self.diagnostics)
    }

    /// A string; a diagnostic and `None` when it is not a string.
    pub fn string(&mut self, what: &str, node: &Node) -> Option<Spanned<String>> {
        expect_string(what, node, self.source, self.diagnostics)
    }

    /// The strings of a list; a diagnostic for each item that is not a string, and when it is not a list.
    pub fn strings(&mut self, what: &str, node: &Node) -> Vec<Spanned<String>> {
        let items = self.sequence(what, node).unwrap_or_default();
        let what = format!("an item of `{what}`");
        items
            .iter()
            .filter_map(|item| self.string(&what, item))
            .collect()
    }

    /// A string parsed by `parse`; a diagnostic with this code and the message of `parse` when that fails.
    pub fn parsed<T, E: DiagnosticText>(
        &mut self,
        what: &str,
        node: &Node,
        code: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let written = self.string(what, node)?;
        match parse(&written) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.diagnostics
                    .push(Diagnostic::error(code, reason, written.place));
                None
            }
        }
    }

    /// A whole number within a range; a diagnostic and `None` when it is not.
    pub fn whole_number(
        &mut self,
        what: &str,
        node: &Node,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let Value::Number(number) = &node.value else {
            self.diagnostics
                .push(wrong_type(what, "a whole number", node, self.source));
            return None;
        };
        let value = number.as_u64().filter(|value| range.contains(value));
        if value.is_none() {
            let bound = match *range.end() {
                u64::MAX => format!("from {} on", range.start()),
                end => format!("from {} to {end}", range.start()),
            };
            self.diagnostics.push(Diagnostic::error(
                "out-of-range",
                format!(
                    "{} must be a whole number {bound}, not {number}",
                    called(what)
                ),
                self.source.place(node.span),
            ));
        }
        value
    }

    /// A field's string that is not blank; `None` where the field is absent. A diagnostic where it is blank or not a string.
    pub fn text(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Option<Spanned<String>> {
        let text = fields.string(name, self.diagnostics)?;
        if text.trim().is_empty() {
            self.error_at(
                text.place,
                "empty-field",
                format!("`{name}` is empty"),
                "fill it in, or remove the line",
            );
            return None;
        }
        Some(text)
    }

    /// A field's string that is not blank; a diagnostic also where the field is absent.
    pub fn required_text(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
    ) -> Option<Spanned<String>> {
        fields.required(name, self.diagnostics)?;
        self.text(fields, name)
    }

    /// Where a value is written.
    pub fn place(&self, node: &Node) -> Place {
        self.source.place(node.span)
    }

    /// Reports what is wrong with a value, and what to do about it.
    pub fn error(
        &mut self,
        node: &Node,
        code: &'static str,
        message: impl DiagnosticText,
        advice: impl DiagnosticText,
    ) {
        self.error_at(self.place(node), code, message, advice);
    }

    /// Reports what is wrong at a place, and what to do about it.
    pub fn error_at(
        &mut self,
        place: Place,
        code: &'static str,
        message: impl DiagnosticText,
        advice: impl DiagnosticText,
    ) {
        self.diagnostics
            .push(Diagnostic::error(code, message, place).with_advice(advice));
    }
}
