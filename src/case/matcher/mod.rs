//! The language of `expect.body`: literals, subset matching, and small matchers where the exact value is unknown.

pub(super) mod notation;

use std::borrow::Cow;
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
#[non_exhaustive]
pub enum Rule<V> {
    /// A literal, or the result of a template. Scalars must be equal (1 and 1.0 are; "1" and 1 are not); a mapping or list that a template
    /// yields is matched as if it were written out.
    Value(V),
    /// The written properties must be present; the object may have more.
    Mapping(Vec<(String, Matcher<V>)>),
    /// Same length, item by item.
    Sequence(Vec<Matcher<V>>),
    /// `$matches`
    Matches(Pattern),
    /// `$type`: any of them. `integer` accepts 1.0.
    Type(Vec<JsonType>),
    /// `$any`: present, with any value.
    Any,
    /// `$absent`: the key must be absent.
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
    /// `$near`: differs from `value` by at most `by`: numbers by a number, times by a span such as `5s`.
    Near { value: V, by: V },
    /// `$each`: every item of an array matches (an empty one too).
    Each(Box<Matcher<V>>),
    /// `$unordered`: same length, each rule matched by a different item.
    Unordered(Vec<Matcher<V>>),
}

/// Longest regular expression, compiled, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

/// A regular expression; it matches anywhere unless anchored.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Fails where the text is not a regular expression of the crate `regex`, or where it takes more than 1 MiB.
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

/// A matcher made by code, without a place.
///
/// ```
/// use counterpart::case::{JsonType, Matcher, Rule, Template};
///
/// let body: Matcher<Template> = Rule::Mapping(vec![
///     ("id".to_owned(), Rule::Type(vec![JsonType::Integer]).into()),
///     ("title".to_owned(), Rule::Value(Template::literal("milk")).into()),
/// ])
/// .into();
/// assert!(body.place.is_none());
/// ```
impl<V> From<Rule<V>> for Matcher<V> {
    fn from(rule: Rule<V>) -> Self {
        Matcher { place: None, rule }
    }
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
            Rule::Near { value, by } => found.extend([value, by]),
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
    /// The matcher with its templates rendered. Fails where one of them cannot be rendered.
    pub fn render(&self, scope: &Scope) -> Result<Matcher<Value>, RenderError> {
        let inner = |matcher: &Matcher<Template>| matcher.render(scope).map(Box::new);
        let all = |matchers: &[Matcher<Template>]| -> Result<Vec<Matcher<Value>>, RenderError> {
            matchers
                .iter()
                .map(|matcher| matcher.render(scope))
                .collect()
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
            Rule::Contains(matcher) => Rule::Contains(inner(matcher)?),
            Rule::Length(value) => Rule::Length(value.render(scope)?),
            Rule::Not(matcher) => Rule::Not(inner(matcher)?),
            Rule::OneOf(items) => Rule::OneOf(all(items)?),
            Rule::Compare(comparison, value) => Rule::Compare(*comparison, value.render(scope)?),
            Rule::Near { value, by } => Rule::Near {
                value: value.render(scope)?,
                by: by.render(scope)?,
            },
            Rule::Each(matcher) => Rule::Each(inner(matcher)?),
            Rule::Unordered(items) => Rule::Unordered(all(items)?),
        };
        Ok(Matcher {
            place: self.place.clone(),
            rule,
        })
    }
}

impl PartialEq for Matcher<Template> {
    fn eq(&self, other: &Self) -> bool {
        let Matcher { place: _, rule } = self;
        *rule == other.rule
    }
}

impl PartialEq for Rule<Template> {
    fn eq(&self, other: &Self) -> bool {
        let (left, right) = (written_out(self), written_out(other));
        match (left.as_ref(), right.as_ref()) {
            (Rule::Value(left), Rule::Value(right))
            | (Rule::Equals(left), Rule::Equals(right))
            | (Rule::Length(left), Rule::Length(right)) => left == right,
            (Rule::Compare(comparison, left), Rule::Compare(other, right)) => {
                comparison == other && left == right
            }
            (
                Rule::Near { value, by },
                Rule::Near {
                    value: other,
                    by: other_by,
                },
            ) => value == other && by == other_by,
            (Rule::Mapping(left), Rule::Mapping(right)) => left == right,
            (Rule::Sequence(left), Rule::Sequence(right))
            | (Rule::OneOf(left), Rule::OneOf(right))
            | (Rule::Unordered(left), Rule::Unordered(right)) => left == right,
            (Rule::Contains(left), Rule::Contains(right))
            | (Rule::Not(left), Rule::Not(right))
            | (Rule::Each(left), Rule::Each(right)) => left == right,
            (Rule::Matches(left), Rule::Matches(right)) => left == right,
            (Rule::Type(left), Rule::Type(right)) => left == right,
            (Rule::Any, Rule::Any) | (Rule::Absent, Rule::Absent) => true,
            _ => false,
        }
    }
}

/// The rule with a literal mapping or list replaced by the equivalent rules of its values.
fn written_out(rule: &Rule<Template>) -> Cow<'_, Rule<Template>> {
    let Rule::Value(value) = rule else {
        return Cow::Borrowed(rule);
    };
    let inner = |value: Template| Matcher::from(Rule::Value(value));
    let literal = |value: &Value| inner(Template::Literal(value.clone()));
    Cow::Owned(match value {
        Template::Literal(Value::Array(items)) => {
            Rule::Sequence(items.iter().map(literal).collect())
        }
        Template::Literal(Value::Object(entries)) => {
            let entries = entries.iter();
            Rule::Mapping(
                entries
                    .map(|(key, value)| (key.clone(), literal(value)))
                    .collect(),
            )
        }
        Template::Sequence(items) => Rule::Sequence(items.iter().cloned().map(inner).collect()),
        Template::Mapping(entries) => {
            let entries = entries.iter().cloned();
            Rule::Mapping(entries.map(|(key, value)| (key, inner(value))).collect())
        }
        Template::Literal(_) | Template::Expression(_) | Template::Text(_) => {
            return Cow::Borrowed(rule);
        }
    })
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl JsonType {
    /// All JSON types.
    pub const ALL: [JsonType; 7] = [
        JsonType::Null,
        JsonType::Boolean,
        JsonType::Integer,
        JsonType::Number,
        JsonType::String,
        JsonType::Array,
        JsonType::Object,
    ];

    /// The name in JSON Schema.
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
