//! Why responses deviate: faults at places of a document, each with what was observed. Main types: [`DocumentFault`], [`Evidence`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::infer::ValueShape;
use crate::contract::PlaceInDocument;
use crate::event::Subject;
use crate::text::{MaskedText, Redactor, counted};

/// How many different values of an enumeration are proposed; where there are more, it is none.
pub(super) const MOST_VALUES: usize = 20;

/// Longer texts are hardly values of an enumeration.
const LONGEST_VALUE: usize = 40;

/// How many operations a description names.
const NAMED_OPERATIONS: usize = 3;

/// What a document says that the server does not do, at a place that is an operation, a response, a header or a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DocumentFault {
    pub(super) at: PlaceInDocument,
    pub(super) kind: FaultKind,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FaultKind {
    /// An operation lacks this status.
    Status(u16),
    /// An operation's response for this status has a body that is not documented.
    BodyUndocumented(u16),
    /// An operation's response for this status lacks the documented body.
    BodyMissing(u16),
    /// A response lacks this media type.
    MediaType(String),
    /// A header is required.
    HeaderRequired,
    /// A schema has a keyword that values violate.
    Keyword(String),
    /// A schema requires this property.
    PropertyRequired(String),
    /// A schema does not describe this property.
    PropertyUndescribed(String),
    /// A schema does not describe properties whose names are data.
    KeysUndescribed,
}

/// What was observed of a fault.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) findings: usize,
    responses: usize,
    operations: BTreeSet<String>,
    first: Subject,
    /// Where in the response, in the first one.
    at: MaskedText,
    last_response: Option<(Subject, usize)>,
    is_unexpected: bool,
    /// Whether it is about a header, whose values are all texts.
    pub(super) in_header: bool,
    /// The values at the place.
    pub(super) shape: ValueShape,
    pub(super) values: EnumeratedValues,
    /// The bodies, by media type; `None`: they are not JSON.
    pub(super) bodies: BTreeMap<String, Option<ValueShape>>,
    /// The operation of the first response, by its name.
    pub(super) operation: String,
}

/// Values for an enumeration.
#[derive(Debug, Clone, Default)]
pub(super) struct EnumeratedValues {
    pub(super) values: Vec<Value>,
    /// Whether there are more, or some that must not be shown.
    pub(super) has_others: bool,
}

impl Evidence {
    pub(super) fn new(first: &Subject, at: MaskedText, operation: &str) -> Evidence {
        Evidence {
            findings: 0,
            responses: 0,
            operations: BTreeSet::new(),
            first: first.clone(),
            at,
            last_response: None,
            is_unexpected: false,
            in_header: false,
            shape: ValueShape::default(),
            values: EnumeratedValues::default(),
            bodies: BTreeMap::new(),
            operation: operation.to_owned(),
        }
    }

    /// Counts a finding in a response.
    pub(super) fn count(
        &mut self,
        subject: &Subject,
        step: usize,
        operation: &str,
        is_expected: bool,
    ) {
        self.findings += 1;
        let response = Some((subject.clone(), step));
        if self.last_response != response {
            self.responses += 1;
            self.last_response = response;
        }
        self.operations.insert(operation.to_owned());
        self.is_unexpected |= !is_expected;
    }

    /// Adds what another fault showed that is corrected together with this one.
    pub(super) fn absorb(&mut self, other: Evidence) {
        self.findings += other.findings;
        self.responses = self.responses.max(other.responses);
        self.operations.extend(other.operations);
    }

    /// `12 findings in 3 responses of GET /orders; first in the case …`
    pub(super) fn summary(&self) -> String {
        let operations = match self.operations.len() {
            1..=NAMED_OPERATIONS => {
                let names: Vec<&str> = self.operations.iter().map(String::as_str).collect();
                names.join(", ")
            }
            more => {
                let named = self.operations.iter().take(NAMED_OPERATIONS);
                let names: Vec<&str> = named.map(String::as_str).collect();
                format!("{more} operations ({}, …)", names.join(", "))
            }
        };
        let unexpected = match self.is_unexpected {
            true => " (a case expected another status)",
            false => "",
        };
        format!(
            "{} in {} of {operations}; first at {} in the case `{}`{unexpected}.",
            counted(self.findings, "finding"),
            counted(self.responses, "response"),
            self.at,
            self.first,
        )
    }
}

impl EnumeratedValues {
    /// Adds a value, unless it may be a secret or is too long to be a word of an enumeration.
    pub(super) fn add(&mut self, value: &Value, is_secret: bool, redactor: &Redactor) {
        if self.values.contains(value) {
            return;
        }
        let is_word = match value {
            Value::String(text) => {
                text.chars().count() <= LONGEST_VALUE && !looks_random(text) && redactor.shows(text)
            }
            Value::Number(_) => redactor.shows(&value.to_string()),
            Value::Null | Value::Bool(_) => true,
            Value::Array(_) | Value::Object(_) => false,
        };
        let is_harmless = !is_secret || value.is_null() || value.is_boolean();
        match is_word && is_harmless && self.values.len() < MOST_VALUES {
            true => self.values.push(value.clone()),
            false => self.has_others = true,
        }
    }
}

/// Whether a text has a long part of letters and digits in no order, as keys and tokens have.
fn looks_random(text: &str) -> bool {
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric());
    parts.into_iter().any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() >= 12 && digits >= 3 && digits < part.len()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_harmless_words_are_values_of_an_enumeration() {
        let mut values = EnumeratedValues::default();
        for value in [
            json!("on_hold"),
            json!(null),
            json!(3),
            json!("on_hold"),
            json!("v2 beta"),
        ] {
            values.add(&value, false, Redactor::standard());
        }
        assert_eq!(
            values.values,
            [json!("on_hold"), json!(null), json!(3), json!("v2 beta")]
        );
        assert!(!values.has_others);
        for value in [
            json!("sk_live_4eC39HqLyjWDarjtT1zdp7dc"),
            json!({}),
            json!("x".repeat(41)),
        ] {
            let mut values = EnumeratedValues::default();
            values.add(&value, false, Redactor::standard());
            assert!(values.values.is_empty() && values.has_others, "{value}");
        }
        let mut values = EnumeratedValues::default();
        values.add(&json!("winter"), true, Redactor::standard());
        assert!(values.values.is_empty() && values.has_others);
    }
}
