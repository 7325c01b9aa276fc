//! Implements `expect.body`: walks the whole tree and lists every wrong path, not only the first.
//!
//! Main function: [`mismatches`].

mod corrected;
mod describe;
mod near;
mod pairing;

use std::cmp::Ordering;

use serde_json::Value;

use crate::case::{Comparison, JsonType, Matcher, Rule};
use crate::document::{compare_numbers, escape_pointer, is_integer, json_equal};
use crate::source::Place;
use crate::text::counted;

use super::excerpt::short_json;

pub(super) use corrected::corrected;
pub(super) use describe::describe;
use describe::{kind, type_name};
use near::is_near;
use pairing::pair_unordered;

/// A path at which a value does not match.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// JSON pointer (RFC 6901) of the wrong or missing value.
    pub pointer: String,
    /// What is wrong, to follow the name of the place: `is "Lovelace", expected "Hopper"`.
    pub message: String,
    /// What was expected, as short JSON or a description.
    pub expected: String,
    /// The actual value, as short JSON; `nothing` if there is none.
    pub actual: String,
    /// Two long texts to be shown as a line-by-line diff: expected and actual.
    pub texts: Option<(String, String)>,
    /// Where the expectation is written; `None` if it is not written in a file.
    pub place: Option<Place>,
}

/// Maximum number of mismatches that are listed for one matcher.
pub const MAX_MISMATCHES: usize = 1000;

/// All mismatches between `actual` and `matcher`, in the order of the matcher; empty if it matches. A list of the wrong length is
/// one mismatch and its items are not compared: an extra item at the front would make all others wrong.
pub fn mismatches(matcher: &Matcher<Value>, actual: &Value) -> Vec<Mismatch> {
    let mut walk = Walk::new(MAX_MISMATCHES);
    walk.value(matcher, actual);
    walk.found
}

/// Whether the value matches; stops at the first mismatch.
pub(super) fn matches(matcher: &Matcher<Value>, actual: &Value) -> bool {
    let mut walk = Walk::new(1);
    walk.value(matcher, actual);
    walk.found.is_empty()
}

/// Whether a rule accepts a missing value.
pub(super) fn admits_absence(rule: &Rule<Value>) -> bool {
    match rule {
        Rule::Absent => true,
        Rule::OneOf(choices) => choices.iter().any(|choice| admits_absence(&choice.rule)),
        Rule::Not(inner) => matches!(inner.rule, Rule::Any),
        _ => false,
    }
}

/// How a literal object is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Its members must be present; others may be.
    Subset,
    /// Its members must be present, and no others.
    Exact,
}

struct Walk {
    pointer: String,
    found: Vec<Mismatch>,
    limit: usize,
}

impl Walk {
    fn new(limit: usize) -> Self {
        Walk {
            pointer: String::new(),
            found: Vec::new(),
            limit,
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    /// Walks below a key or index.
    fn below(&mut self, token: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escape_pointer(token));
        walk(self);
        self.pointer.truncate(length);
    }

    fn report(&mut self, place: Option<&Place>, message: String, expected: String, actual: String) {
        if !self.is_full() {
            self.found.push(Mismatch {
                pointer: self.pointer.clone(),
                message,
                expected,
                actual,
                texts: None,
                place: place.cloned(),
            });
        }
    }

    /// The most common message: actual and expected value.
    fn report_value(&mut self, place: Option<&Place>, expected: String, actual: &Value) {
        let actual = short_json(actual);
        self.report(
            place,
            format!("is {actual}, expected {expected}"),
            expected,
            actual,
        );
    }

    fn report_kind(&mut self, place: Option<&Place>, expected: &str, actual: &Value) {
        let message = format!("is {}, expected {expected}", kind(actual));
        self.report(place, message, expected.to_owned(), short_json(actual));
    }

    fn report_missing(&mut self, place: Option<&Place>, expected: String) {
        let message = format!("is missing, expected {expected}");
        self.report(place, message, expected, "nothing".to_owned());
    }

    fn report_length(&mut self, place: Option<&Place>, length: usize, items: &[Value]) {
        let expected = counted(length, "item");
        let message = format!("has {}, expected {length}", counted(items.len(), "item"));
        let actual = counted(items.len(), "item");
        self.report(place, message, expected, actual);
    }

    fn value(&mut self, matcher: &Matcher<Value>, actual: &Value) {
        if self.is_full() {
            return;
        }
        let place = matcher.place.as_ref();
        match &matcher.rule {
            Rule::Value(expected) => self.literal(expected, actual, place, Extent::Subset),
            Rule::Equals(expected) => self.literal(expected, actual, place, Extent::Exact),
            Rule::Mapping(entries) => self.mapping(entries, actual, place),
            Rule::Sequence(rules) => match actual {
                Value::Array(items) if items.len() == rules.len() => {
                    for (index, (rule, item)) in rules.iter().zip(items).enumerate() {
                        self.below(&index.to_string(), |walk| walk.value(rule, item));
                    }
                }
                Value::Array(items) => self.report_length(place, rules.len(), items),
                _ => self.report_kind(place, "an array", actual),
            },
            Rule::Matches(pattern) => {
                if !actual.as_str().is_some_and(|text| pattern.is_match(text)) {
                    self.report_value(place, describe(matcher), actual);
                }
            }
            Rule::Type(types) => {
                if !types.iter().any(|&json_type| is_type(actual, json_type)) {
                    let names: Vec<_> = types
                        .iter()
                        .map(|&json_type| type_name(json_type))
                        .collect();
                    self.report_value(place, names.join(" or "), actual);
                }
            }
            Rule::Any => {}
            Rule::Absent => {
                let actual = short_json(actual);
                let message = format!("is {actual}, expected it to be absent");
                self.report(place, message, "nothing".to_owned(), actual);
            }
            Rule::Contains(inner) => self.contains(matcher, inner, actual),
            Rule::Length(expected) => self.length(expected, actual, place),
            Rule::Not(inner) => {
                if matches(inner, actual) {
                    self.report_value(place, describe(matcher), actual);
                }
            }
            Rule::OneOf(choices) => {
                if !choices.iter().any(|choice| matches(choice, actual)) {
                    self.report_value(place, describe(matcher), actual);
                }
            }
            Rule::Compare(comparison, bound) => {
                if !compares(*comparison, actual, bound) {
                    self.report_value(place, describe(matcher), actual);
                }
            }
            Rule::Near { value, by } => {
                if !is_near(actual, value, by) {
                    self.report_value(place, describe(matcher), actual);
                }
            }
            Rule::Each(inner) => match actual {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        if self.is_full() {
                            return;
                        }
                        self.below(&index.to_string(), |walk| walk.value(inner, item));
                    }
                }
                _ => self.report_kind(place, "an array", actual),
            },
            Rule::Unordered(rules) => self.unordered(rules, actual, place),
        }
    }

    fn mapping(
        &mut self,
        entries: &[(String, Matcher<Value>)],
        actual: &Value,
        place: Option<&Place>,
    ) {
        let Value::Object(object) = actual else {
            return self.report_kind(place, "an object", actual);
        };
        for (key, inner) in entries {
            self.below(key, |walk| match object.get(key) {
                Some(value) => walk.value(inner, value),
                None if admits_absence(&inner.rule) => {}
                None => walk.report_missing(inner.place.as_ref(), describe(inner)),
            });
        }
    }

    fn literal(&mut self, expected: &Value, actual: &Value, place: Option<&Place>, extent: Extent) {
        if self.is_full() {
            return;
        }
        match (expected, actual) {
            (Value::Object(expected), Value::Object(object)) => {
                for (key, value) in expected {
                    self.below(key, |walk| match object.get(key) {
                        Some(actual) => walk.literal(value, actual, place, extent),
                        None => walk.report_missing(place, short_json(value)),
                    });
                }
                if extent == Extent::Exact {
                    for (key, value) in object {
                        if !expected.contains_key(key) {
                            let actual = short_json(value);
                            let message = format!("is {actual}, expected no other members");
                            self.below(key, |walk| {
                                walk.report(place, message, "nothing".to_owned(), actual);
                            });
                        }
                    }
                }
            }
            (Value::Object(_), _) => self.report_kind(place, "an object", actual),
            (Value::Array(expected), Value::Array(items)) => {
                if expected.len() != items.len() {
                    return self.report_length(place, expected.len(), items);
                }
                for (index, (value, item)) in expected.iter().zip(items).enumerate() {
                    self.below(&index.to_string(), |walk| {
                        walk.literal(value, item, place, extent);
                    });
                }
            }
            (Value::Array(_), _) => self.report_kind(place, "an array", actual),
            (Value::String(expected_text), Value::String(text)) if expected_text != text => {
                self.report_value(place, short_json(expected), actual);
                if is_long(expected_text) || is_long(text) {
                    let texts = Some((expected_text.clone(), text.clone()));
                    if let Some(last) = self.found.last_mut() {
                        last.texts = texts;
                    }
                }
            }
            _ if json_equal(expected, actual) => {}
            _ => self.report_value(place, short_json(expected), actual),
        }
    }

    fn contains(&mut self, matcher: &Matcher<Value>, inner: &Matcher<Value>, actual: &Value) {
        let place = matcher.place.as_ref();
        match actual {
            Value::String(text) => {
                if !text_contains(text, &inner.rule) {
                    self.report_value(place, describe(matcher), actual);
                }
            }
            Value::Array(items) => {
                if !items.iter().any(|item| matches(inner, item)) {
                    let expected = describe(inner);
                    let count = items.len();
                    let message = format!("has no item that matches {expected} among its {count}");
                    self.report(place, message, expected, short_json(actual));
                }
            }
            _ => self.report_kind(place, "a string or an array", actual),
        }
    }

    fn length(&mut self, expected: &Value, actual: &Value, place: Option<&Place>) {
        let length = match actual {
            Value::String(text) => text.chars().count(),
            Value::Array(items) => items.len(),
            Value::Object(object) => object.len(),
            _ => return self.report_kind(place, "a string, an array or an object", actual),
        };
        let as_number = Value::from(length);
        // A template that mixes text and values renders the number as text.
        let as_text = Value::from(length.to_string());
        if !json_equal(expected, &as_number) && *expected != as_text {
            let expected = short_json(expected);
            let message = format!("has length {length}, expected {expected}");
            self.report(
                place,
                message,
                format!("length {expected}"),
                format!("length {length}"),
            );
        }
    }

    fn unordered(&mut self, rules: &[Matcher<Value>], actual: &Value, place: Option<&Place>) {
        let Value::Array(items) = actual else {
            return self.report_kind(place, "an array", actual);
        };
        if items.len() != rules.len() {
            return self.report_length(place, rules.len(), items);
        }
        let pairs = pair_unordered(rules.len(), items.len(), |rule, item| {
            matches(&rules[rule], &items[item])
        });
        for (index, rule) in rules.iter().enumerate() {
            if !pairs.contains(&Some(index)) {
                let expected = describe(rule);
                let message = format!("has no separate item that matches {expected}");
                self.report(rule.place.as_ref(), message, expected, short_json(actual));
            }
        }
    }
}

fn is_type(value: &Value, expected: JsonType) -> bool {
    match (expected, value) {
        (JsonType::Integer, Value::Number(number)) => is_integer(number),
        (JsonType::Null, Value::Null)
        | (JsonType::Boolean, Value::Bool(_))
        | (JsonType::Number, Value::Number(_))
        | (JsonType::String, Value::String(_))
        | (JsonType::Array, Value::Array(_))
        | (JsonType::Object, Value::Object(_)) => true,
        _ => false,
    }
}

/// Compares numbers by value, and strings by code points (which is the order of UTF-8 bytes). Other values have no order.
fn compares(comparison: Comparison, actual: &Value, bound: &Value) -> bool {
    let order = match (actual, bound) {
        (Value::Number(actual), Value::Number(bound)) => compare_numbers(actual, bound),
        (Value::String(actual), Value::String(bound)) => actual.cmp(bound),
        _ => return false,
    };
    match comparison {
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
    }
}

fn text_contains(text: &str, rule: &Rule<Value>) -> bool {
    match rule {
        Rule::Value(Value::String(part)) | Rule::Equals(Value::String(part)) => text.contains(part),
        // A number or boolean is searched for as it is written.
        Rule::Value(part @ (Value::Number(_) | Value::Bool(_))) => text.contains(&part.to_string()),
        Rule::Matches(pattern) => pattern.is_match(text),
        Rule::OneOf(choices) => choices
            .iter()
            .any(|choice| text_contains(text, &choice.rule)),
        Rule::Not(inner) => !text_contains(text, &inner.rule),
        _ => false,
    }
}

fn is_long(text: &str) -> bool {
    text.len() > 80 || text.contains('\n')
}

#[cfg(test)]
mod tests;
