//! The engine behind `expect.body`: walks a whole tree and lists every path that is wrong, not the first.
//!
//! Main function: [`mismatches`].

mod corrected;
mod describe;
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
use pairing::pair_unordered;

/// One path at which a value is not what a matcher demands.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// JSON pointer (RFC 6901) of the wrong value, or of the one that should be there.
    pub pointer: String,
    /// What is wrong, to be read after the name of the place: `is "Lovelace", expected "Hopper"`.
    pub message: String,
    /// What was demanded, as short JSON or words.
    pub expected: String,
    /// The value found, as short JSON; `nothing` where none was.
    pub actual: String,
    /// Two long texts worth comparing line by line: expected and actual.
    pub texts: Option<(String, String)>,
    /// Where the demand is written; `None` where it is not.
    pub place: Option<Place>,
}

/// At most so many mismatches are listed for one matcher; a body with more is wrong as a whole.
pub const MAX_MISMATCHES: usize = 1000;

/// Every way in which `actual` breaks `matcher`, in the order of the matcher; empty when it matches. A list of the wrong length
/// is one mismatch, its items are then not compared: one item too many at the front would make all others wrong.
pub fn mismatches(matcher: &Matcher<Value>, actual: &Value) -> Vec<Mismatch> {
    let mut walk = Walk::new(MAX_MISMATCHES);
    walk.value(matcher, actual);
    walk.found
}

/// Whether the value matches, found with no more work than needed.
pub(super) fn matches(matcher: &Matcher<Value>, actual: &Value) -> bool {
    let mut walk = Walk::new(1);
    walk.value(matcher, actual);
    walk.found.is_empty()
}

/// Whether a rule is content with a value that is not there.
pub(super) fn admits_absence(rule: &Rule<Value>) -> bool {
    match rule {
        Rule::Absent => true,
        Rule::OneOf(choices) => choices.iter().any(|choice| admits_absence(&choice.rule)),
        Rule::Not(inner) => matches!(inner.rule, Rule::Any),
        _ => false,
    }
}

/// How much of an object a literal speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What is written must be there.
    Subset,
    /// And nothing else.
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

    /// The commonest words: found this, wanted that.
    fn report_value(&mut self, place: Option<&Place>, expected: String, actual: &Value) {
        let actual = short_json(actual);
        self.report(
            place,
            format!("is {actual}, expected {expected}"),
            expected,
            actual,
        );
    }

    fn report_kind(&mut self, place: Option<&Place>, wanted: &str, actual: &Value) {
        let message = format!("is {}, expected {wanted}", kind(actual));
        self.report(place, message, wanted.to_owned(), short_json(actual));
    }

    fn report_missing(&mut self, place: Option<&Place>, expected: String) {
        let message = format!("is missing, expected {expected}");
        self.report(place, message, expected, "nothing".to_owned());
    }

    fn report_length(&mut self, place: Option<&Place>, wanted: usize, items: &[Value]) {
        let expected = counted(wanted, "item");
        let message = format!("has {}, expected {wanted}", counted(items.len(), "item"));
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
                if !types.iter().any(|&wanted| is_type(actual, wanted)) {
                    let wanted: Vec<_> = types.iter().map(|&wanted| type_name(wanted)).collect();
                    self.report_value(place, wanted.join(" or "), actual);
                }
            }
            Rule::Any => {}
            Rule::Absent => {
                let actual = short_json(actual);
                let message = format!("is {actual}, expected that it is not there");
                self.report(place, message, "nothing".to_owned(), actual);
            }
            Rule::Contains(inner) => self.contains(matcher, inner, actual),
            Rule::Length(wanted) => self.length(wanted, actual, place),
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
            (Value::Object(wanted), Value::Object(object)) => {
                for (key, value) in wanted {
                    self.below(key, |walk| match object.get(key) {
                        Some(actual) => walk.literal(value, actual, place, extent),
                        None => walk.report_missing(place, short_json(value)),
                    });
                }
                if extent == Extent::Exact {
                    for (key, value) in object {
                        if !wanted.contains_key(key) {
                            let actual = short_json(value);
                            let message = format!("is {actual}, expected nothing else here");
                            self.below(key, |walk| {
                                walk.report(place, message, "nothing".to_owned(), actual);
                            });
                        }
                    }
                }
            }
            (Value::Object(_), _) => self.report_kind(place, "an object", actual),
            (Value::Array(wanted), Value::Array(items)) => {
                if wanted.len() != items.len() {
                    return self.report_length(place, wanted.len(), items);
                }
                for (index, (value, item)) in wanted.iter().zip(items).enumerate() {
                    self.below(&index.to_string(), |walk| {
                        walk.literal(value, item, place, extent);
                    });
                }
            }
            (Value::Array(_), _) => self.report_kind(place, "an array", actual),
            (Value::String(wanted), Value::String(text)) if wanted != text => {
                self.report_value(place, short_json(expected), actual);
                if is_long(wanted) || is_long(text) {
                    let texts = Some((wanted.clone(), text.clone()));
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
                    let message = format!("has no item {expected} among its {count}");
                    self.report(place, message, expected, short_json(actual));
                }
            }
            _ => self.report_kind(place, "a string or an array", actual),
        }
    }

    fn length(&mut self, wanted: &Value, actual: &Value, place: Option<&Place>) {
        let length = match actual {
            Value::String(text) => text.chars().count(),
            Value::Array(items) => items.len(),
            Value::Object(object) => object.len(),
            _ => return self.report_kind(place, "a string, an array or an object", actual),
        };
        let as_number = Value::from(length);
        // A template that mixes text and values yields the number as text.
        let as_text = Value::from(length.to_string());
        if !json_equal(wanted, &as_number) && *wanted != as_text {
            let expected = format!("length {}", short_json(wanted));
            let message = format!("has length {length}, expected {}", short_json(wanted));
            self.report(place, message, expected, format!("length {length}"));
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
                let message = format!("has no item of its own for {expected}");
                self.report(rule.place.as_ref(), message, expected, short_json(actual));
            }
        }
    }
}

fn is_type(value: &Value, wanted: JsonType) -> bool {
    match (wanted, value) {
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

/// Numbers by value, strings by code points (which is the order of UTF-8 bytes); anything else has no order.
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
        // A number or boolean is looked for as it is written.
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
