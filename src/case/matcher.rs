//! The language of `expect.body`: literals, subset matching, and small matchers where a literal is not known.

use std::ops::Deref;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{RenderError, Scope, Template};
use crate::source::Place;

/// A rule for a value. `V` is [`super::Template`] as written, a JSON value once rendered.
#[derive(Debug, Clone)]
pub struct Matcher<V> {
    /// Where it is written; `None` where it was made by code.
    pub place: Option<Place>,
    pub rule: Rule<V>,
}

#[derive(Debug, Clone)]
pub enum Rule<V> {
    /// A literal, or what a template yields. Scalars must be equal (1 and 1.0 are; "1" and 1 are not); a mapping or list that a
    /// template yields is matched as if it were written out.
    Value(V),
    /// What is written must be there; the object may have more.
    Mapping(Vec<(String, Matcher<V>)>),
    /// Same length, item by item.
    Sequence(Vec<Matcher<V>>),
    /// `$matches`
    Matches(Pattern),
    /// `$type`: any of them. `integer` accepts 1.0.
    Type(Vec<JsonType>),
    /// `$any`: present, whatever it is.
    Any,
    /// `$absent`: the key must not be there.
    Absent,
    /// `$equals`: exactly this, nothing more; key order does not matter.
    Equals(V),
    /// `$contains`: a string contains this text, an array has an item that matches.
    Contains(Box<Matcher<V>>),
    /// `$length`: characters of a string, items of an array, keys of an object.
    Length(V),
    /// `$not`
    Not(Box<Matcher<V>>),
    /// `$one_of`
    OneOf(Vec<Matcher<V>>),
    /// `$gt`, `$gte`, `$lt`, `$lte`: numbers by value, strings by code points.
    Compare(Comparison, V),
    /// `$each`: every item of an array matches (an empty one too).
    Each(Box<Matcher<V>>),
    /// `$unordered`: same length, each rule matched by an item of its own.
    Unordered(Vec<Matcher<V>>),
}

/// Longest regular expression, compiled, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

/// A regular expression; it matches anywhere unless anchored.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Fails where the text is no regular expression of the crate `regex`, or one that takes more than 1 MiB.
    pub fn parse(text: &str) -> Result<Self, regex::Error> {
        let mut builder = RegexBuilder::new(text);
        builder.size_limit(LARGEST_PATTERN).build().map(Pattern)
    }
}

impl Deref for Pattern {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl<V> Matcher<V> {
    pub(super) fn collect_values<'m>(&'m self, found: &mut Vec<&'m V>) {
        match &self.rule {
            Rule::Matches(_) | Rule::Type(_) | Rule::Any | Rule::Absent => {}
            Rule::Value(value)
            | Rule::Equals(value)
            | Rule::Length(value)
            | Rule::Compare(_, value) => {
                found.push(value);
            }
            Rule::Contains(inner) | Rule::Not(inner) | Rule::Each(inner) => {
                inner.collect_values(found);
            }
            Rule::Mapping(entries) => entries
                .iter()
                .for_each(|(_, value)| value.collect_values(found)),
            Rule::Sequence(items) | Rule::OneOf(items) | Rule::Unordered(items) => {
                items.iter().for_each(|item| item.collect_values(found));
            }
        }
    }
}

impl Matcher<Template> {
    /// The matcher with its templates filled in. Fails where one of them cannot be.
    pub fn render(&self, scope: &Scope) -> Result<Matcher<Value>, RenderError> {
        let inner = |matcher: &Matcher<Template>| matcher.render(scope).map(Box::new);
        let all = |matchers: &[Matcher<Template>]| -> Result<Vec<Matcher<Value>>, RenderError> {
            matchers.iter().map(|one| one.render(scope)).collect()
        };
        let rule = match &self.rule {
            Rule::Value(value) => Rule::Value(value.render(scope)?),
            Rule::Mapping(entries) => Rule::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), value.render(scope)?)))
                    .collect::<Result<_, RenderError>>()?,
            ),
            Rule::Sequence(items) => Rule::Sequence(all(items)?),
            Rule::Matches(pattern) => Rule::Matches(pattern.clone()),
            Rule::Type(types) => Rule::Type(types.clone()),
            Rule::Any => Rule::Any,
            Rule::Absent => Rule::Absent,
            Rule::Equals(value) => Rule::Equals(value.render(scope)?),
            Rule::Contains(one) => Rule::Contains(inner(one)?),
            Rule::Length(value) => Rule::Length(value.render(scope)?),
            Rule::Not(one) => Rule::Not(inner(one)?),
            Rule::OneOf(items) => Rule::OneOf(all(items)?),
            Rule::Compare(comparison, value) => Rule::Compare(*comparison, value.render(scope)?),
            Rule::Each(one) => Rule::Each(inner(one)?),
            Rule::Unordered(items) => Rule::Unordered(all(items)?),
        };
        Ok(Matcher {
            place: self.place.clone(),
            rule,
        })
    }
}

impl JsonType {
    /// All of them.
    pub const ALL: [JsonType; 7] = [
        JsonType::Null,
        JsonType::Boolean,
        JsonType::Integer,
        JsonType::Number,
        JsonType::String,
        JsonType::Array,
        JsonType::Object,
    ];

    /// As JSON Schema names it.
    pub fn as_str(self) -> &'static str {
        match self {
            JsonType::Null => "null",
            JsonType::Boolean => "boolean",
            JsonType::Integer => "integer",
            JsonType::Number => "number",
            JsonType::String => "string",
            JsonType::Array => "array",
            JsonType::Object => "object",
        }
    }
}
