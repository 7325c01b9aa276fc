//! Two exchanges compared: status, selected headers, body. Pure: nothing is sent and nothing is learned here.
//!
//! # What is judged
//!
//! - The status.
//! - The headers of [`HEADERS`] by their meaning (media type and parameters without regard to case, directives and methods in any order,
//!   a `Location` with its identifiers replaced), and the names of the cookies that are set (a cookie that is deleted is not set).
//! - A JSON body as a tree: kinds, values, members missing or too many, and the order of members, which is a difference of its own kind.
//!   Notation (`\/`, `\u00eb`, spaces) is none. Identifiers by their binding, moments and tokens by the rules of [`super::bind`] and
//!   [`super::moment`]; a text or number the answer repeats from the request is compared after what was replaced in the request.
//! - A page (`text/html`) by its title: the rest is for people and names the machine it was made on.
//! - Any other body as text, in which opaque values count by their form.
//!
//! Main function: [`compare()`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE, WWW_AUTHENTICATE, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName};
use regex::Captures;
use serde_json::{Map, Value as Json};

use super::bind::{
    Bindings, Sent, identifier, is_jwt, is_nested, is_opaque, is_token, lifetime, opaque_pattern,
    token_call,
};
use super::moment::{self, Written};
use super::space;
use crate::document::{Node, Value, escape_pointer, parse_json};
use crate::exchange::Exchange;

/// The headers that are compared by value.
pub const HEADERS: [HeaderName; 6] = [
    CONTENT_TYPE,
    CACHE_CONTROL,
    X_FRAME_OPTIONS,
    LOCATION,
    WWW_AUTHENTICATE,
    ALLOW,
];

/// How deep a JSON body may be nested; a deeper one is compared as text.
const DEPTH: usize = 100;

/// More differences of one body say nothing more.
const MOST: usize = 100;

/// How an answer differs from the recorded one. Nothing in it: they are equal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    pub status: Option<StatusDifference>,
    pub headers: Vec<HeaderDifference>,
    /// At most 100, in the order of the recorded body.
    pub body: Vec<BodyDifference>,
    /// The bodies as texts, the recorded one with the live identifiers, moments and tokens in it; there if `body` has anything.
    pub diff: Option<(String, String)>,
}

impl Difference {
    pub fn is_none(&self) -> bool {
        self.status.is_none() && self.headers.is_empty() && self.body.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusDifference {
    pub expected: u16,
    pub actual: u16,
}

/// A header that differs; `None` where there is none of the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderDifference {
    pub name: HeaderName,
    pub expected: Option<String>,
    pub actual: Option<String>,
}

/// A place at which two bodies differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyDifference {
    pub kind: Kind,
    /// JSON pointer; `""` for the whole body.
    pub pointer: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
}

/// In what two bodies differ at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Another value of the same kind.
    Value,
    /// Another kind of value.
    Type,
    /// A member or item that is not there.
    Missing,
    /// A member or item that was not recorded.
    Unexpected,
    /// The same members in another order.
    Order,
    /// Another identifier than the one that was bound.
    Identifier,
    /// A moment at which nothing of the kind happened here, or two in another order.
    Moment,
    /// A token of another form or lifetime.
    Token,
    /// A body that is JSON on one side only, or a text that differs.
    Text,
}

impl Kind {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Value => "value",
            Kind::Type => "type",
            Kind::Missing => "missing",
            Kind::Unexpected => "unexpected",
            Kind::Order => "order",
            Kind::Identifier => "identifier",
            Kind::Moment => "moment",
            Kind::Token => "token",
            Kind::Text => "text",
        }
    }
}

/// Compares the answer of `live` with that of `recorded`. `bindings` has learned from this pair already; `sent` says what was replaced in
/// the recorded request.
pub fn compare(
    recorded: &Exchange,
    live: &Exchange,
    sent: &Sent,
    bindings: &Bindings,
) -> Difference {
    let (expected, actual) = (&recorded.response, &live.response);
    let status = (expected.status != actual.status).then(|| StatusDifference {
        expected: expected.status.as_u16(),
        actual: actual.status.as_u16(),
    });
    let comparison = Comparison {
        bindings,
        sent,
        origins: [recorded, live].map(|one| one.request.url.origin().ascii_serialization()),
        path: recorded.request.url.path(),
        found: Vec::new(),
    };
    let headers = comparison.headers(&expected.headers, &actual.headers);
    let (body, diff) = comparison.bodies(&expected.headers, &expected.body, &actual.body);
    Difference {
        status,
        headers,
        body,
        diff,
    }
}

/// The bodies of two answers as trees, if both are JSON.
pub(super) fn trees(recorded: &[u8], live: &[u8]) -> Option<(Node, Node)> {
    let (recorded, _) = parse_json(recorded, DEPTH).ok()?;
    let (live, _) = parse_json(live, DEPTH).ok()?;
    Some((recorded, live))
}

/// The names of the cookies an answer sets, without those it deletes.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.get_all(SET_COOKIE).iter().filter_map(|value| {
        let (pair, attributes) = value
            .to_str()
            .ok()?
            .split_once(';')
            .unwrap_or((value.to_str().ok()?, ""));
        let (name, value) = pair.split_once('=')?;
        let mut attributes = attributes
            .split(';')
            .map(|one| one.trim().to_ascii_lowercase());
        let is_deleted = attributes.any(|one| {
            one.strip_prefix("max-age=")
                .is_some_and(|age| age == "0" || age.starts_with('-'))
        });
        (!is_deleted).then_some((name.trim(), value.trim()))
    })
}

struct Comparison<'a> {
    bindings: &'a Bindings,
    sent: &'a Sent,
    /// Scheme, host and port, there and here.
    origins: [String; 2],
    path: &'a str,
    found: Vec<BodyDifference>,
}

impl Comparison<'_> {
    fn headers(&self, recorded: &HeaderMap, live: &HeaderMap) -> Vec<HeaderDifference> {
        let mut differences: Vec<HeaderDifference> = Vec::new();
        for name in HEADERS {
            let text = |headers: &HeaderMap| {
                let values = headers.get_all(&name).iter();
                let values: Vec<Cow<'_, str>> = values
                    .map(|value| String::from_utf8_lossy(value.as_bytes()))
                    .collect();
                (!values.is_empty()).then(|| values.join(", "))
            };
            let (mut expected, actual) = (text(recorded), text(live));
            if name == LOCATION {
                expected = expected.map(|text| self.moved(&text));
            }
            let meaning =
                |value: &Option<String>| value.as_deref().map(|value| meaning(&name, value));
            if meaning(&expected) != meaning(&actual) {
                differences.push(HeaderDifference {
                    name,
                    expected,
                    actual,
                });
            }
        }
        let names = |headers: &HeaderMap| {
            let names: BTreeSet<String> =
                cookies(headers).map(|(name, _)| name.to_owned()).collect();
            let names: Vec<String> = names.into_iter().collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let (expected, actual) = (names(recorded), names(live));
        if expected != actual {
            differences.push(HeaderDifference {
                name: SET_COOKIE,
                expected,
                actual,
            });
        }
        differences
    }

    /// A recorded URL as it would be here.
    fn moved(&self, url: &str) -> String {
        let mut container = String::new();
        let [there, here] = &self.origins;
        let moved = url.replace(there.as_str(), here);
        let segments = moved.split('/').map(|segment| {
            if space::is_word(segment) {
                container = space::name(segment);
            }
            self.bindings.id(&container, segment).unwrap_or(segment)
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn bodies(
        mut self,
        headers: &HeaderMap,
        recorded: &[u8],
        live: &[u8],
    ) -> (Vec<BodyDifference>, Option<(String, String)>) {
        let texts = match (parse_json(recorded, DEPTH), parse_json(live, DEPTH)) {
            (Ok((there, _)), Ok((here, _))) => {
                let key = token_call(self.path).then_some("token");
                let container = space::of_path(self.path);
                let expected = self.value("", key, &container, &there, &here);
                (pretty(&expected), pretty(&here.to_json()))
            }
            (there, _) => {
                let [recorded, live] = [recorded, live].map(String::from_utf8_lossy);
                let is_page = headers
                    .get(CONTENT_TYPE)
                    .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
                let [expected, actual] = match there.is_err() && is_page {
                    true => [title(&recorded), title(&live)],
                    false => [
                        recorded.replace(&self.origins[0], &self.origins[1]),
                        live.into_owned(),
                    ],
                };
                let expected = self.translated(&expected, &actual);
                if expected != actual {
                    self.add(
                        Kind::Text,
                        "",
                        Some(excerpt(&expected)),
                        Some(excerpt(&actual)),
                    );
                }
                (expected, actual)
            }
        };
        let diff = (!self.found.is_empty()).then_some(texts);
        (self.found, diff)
    }

    fn add(&mut self, kind: Kind, pointer: &str, expected: Option<String>, actual: Option<String>) {
        if self.found.len() < MOST {
            self.found.push(BodyDifference {
                kind,
                pointer: pointer.to_owned(),
                expected,
                actual,
            });
        }
    }

    /// Compares two values and returns what is expected here: the recorded one, with the live identifiers, moments and tokens in it.
    fn value(
        &mut self,
        pointer: &str,
        key: Option<&str>,
        container: &str,
        recorded: &Node,
        live: &Node,
    ) -> Json {
        match (&recorded.value, &live.value) {
            (Value::Mapping(_), Value::Mapping(_)) => {
                self.object(pointer, container, recorded, live)
            }
            (Value::Sequence(there), Value::Sequence(here)) => {
                let mut expected = Vec::new();
                for (index, item) in there.iter().enumerate() {
                    let at = format!("{pointer}/{index}");
                    let Some(other) = here.get(index) else {
                        self.add(Kind::Missing, &at, Some(short(item)), None);
                        expected.push(item.to_json());
                        continue;
                    };
                    let key = key.filter(|_| !is_nested(item));
                    expected.push(self.value(&at, key, container, item, other));
                }
                for (index, item) in here.iter().enumerate().skip(there.len()) {
                    self.add(
                        Kind::Unexpected,
                        &format!("{pointer}/{index}"),
                        None,
                        Some(short(item)),
                    );
                }
                Json::Array(expected)
            }
            _ => self.scalar(pointer, key, container, recorded, live),
        }
    }

    fn object(&mut self, pointer: &str, container: &str, recorded: &Node, live: &Node) -> Json {
        let (Some(there), Some(here)) = (recorded.as_mapping(), live.as_mapping()) else {
            return recorded.to_json();
        };
        let mut expected = Map::new();
        let mut moments: Vec<(&str, Written, Written)> = Vec::new();
        for (key, entry) in there {
            let at = format!("{pointer}/{}", escape_pointer(key));
            let Some(other) = here.get(key) else {
                self.add(Kind::Missing, &at, Some(short(&entry.value)), None);
                expected.insert(key.clone(), entry.value.to_json());
                continue;
            };
            let inner = match is_nested(&entry.value) {
                true => space::inside(key, container),
                false => container.into(),
            };
            let count = self.found.len();
            let value = self.value(&at, Some(key), &inner, &entry.value, &other.value);
            expected.insert(key.clone(), value);
            if self.found.len() == count
                && let (Some(one), Some(other)) = (moment_of(&entry.value), moment_of(&other.value))
                && self.bindings.timeline().live(one.moment).is_some()
            {
                moments.push((key, one, other));
            }
        }
        for (key, entry) in here.iter().filter(|(key, _)| !there.contains_key(*key)) {
            let at = format!("{pointer}/{}", escape_pointer(key));
            self.add(Kind::Unexpected, &at, None, Some(short(&entry.value)));
        }
        self.order_of_moments(pointer, &moments);
        let kept = |keys: Vec<&String>| {
            keys.into_iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let common = kept(there.keys().filter(|key| here.contains_key(*key)).collect());
        let actual = kept(here.keys().filter(|key| there.contains_key(*key)).collect());
        if common != actual {
            self.add(Kind::Order, pointer, Some(common), Some(actual));
        }
        Json::Object(expected)
    }

    fn order_of_moments(&mut self, pointer: &str, moments: &[(&str, Written, Written)]) {
        for (index, (key, there, here)) in moments.iter().enumerate() {
            let broken = moments[..index]
                .iter()
                .find(|(_, other_there, other_here)| {
                    !moment::keeps_order(
                        [other_there.moment, there.moment],
                        [other_here.moment, here.moment],
                    )
                });
            if let Some((other, other_there, other_here)) = broken {
                let relation = |one: &Written, two: &Written| match one.moment.cmp(&two.moment) {
                    std::cmp::Ordering::Less => format!("{other} before {key}"),
                    std::cmp::Ordering::Equal => format!("{other} at the same time as {key}"),
                    std::cmp::Ordering::Greater => format!("{other} after {key}"),
                };
                let at = format!("{pointer}/{}", escape_pointer(key));
                self.add(
                    Kind::Moment,
                    &at,
                    Some(relation(other_there, there)),
                    Some(relation(other_here, here)),
                );
            }
        }
    }

    fn scalar(
        &mut self,
        pointer: &str,
        key: Option<&str>,
        container: &str,
        recorded: &Node,
        live: &Node,
    ) -> Json {
        let (expected, actual) = (recorded.to_json(), live.to_json());
        if std::mem::discriminant(&recorded.value) != std::mem::discriminant(&live.value) {
            self.add(
                Kind::Type,
                pointer,
                Some(short(recorded)),
                Some(short(live)),
            );
            return expected;
        }
        let space = key.and_then(|key| self.bindings.space_of(key, container));
        if let (Some(space), Some(there), Some(here)) =
            (space, identifier(recorded), identifier(live))
        {
            return self.identifier(pointer, &space, (&there, &here), recorded, live);
        }
        // The very moment of the recording cannot be that of the same event here.
        let is_moment = moment_of(recorded)
            .is_some_and(|one| self.bindings.timeline().live(one.moment).is_some());
        if expected == actual && !is_moment {
            return expected;
        }
        if let (Some(there), Some(here)) = (recorded.as_str(), live.as_str()) {
            return self.text(pointer, key, there, here);
        }
        let repeated = (expected.to_string(), actual.to_string());
        if self.sent.replaced.contains(&repeated) {
            return actual;
        }
        self.add(
            Kind::Value,
            pointer,
            Some(short(recorded)),
            Some(short(live)),
        );
        expected
    }

    /// An identifier is the one it is bound to; an unbound one is itself, and must not be another's.
    fn identifier(
        &mut self,
        pointer: &str,
        space: &str,
        (there, here): (&str, &str),
        recorded: &Node,
        live: &Node,
    ) -> Json {
        let bound = self.bindings.id(space, there);
        let owner = self
            .bindings
            .recorded_id(space, here)
            .filter(|owner| *owner != there);
        let wanted = bound.unwrap_or(there);
        let expected = match recorded.as_str() {
            Some(_) => Json::from(wanted),
            None => wanted
                .parse::<i64>()
                .map_or_else(|_| recorded.to_json(), Json::from),
        };
        if wanted == here && owner.is_none() {
            return live.to_json();
        }
        // A value of another kind was told apart already; numbers as texts compare by their digits.
        let kind = if bound.is_some() || owner.is_some() {
            Kind::Identifier
        } else {
            Kind::Value
        };
        let because = match (bound, owner) {
            (Some(_), _) if wanted != there => format!("{expected} (recorded as {there})"),
            (None, Some(owner)) => {
                format!("another than that of the recorded {owner} (recorded as {there})")
            }
            _ => expected.to_string(),
        };
        self.add(kind, pointer, Some(because), Some(short(live)));
        expected
    }

    fn text(&mut self, pointer: &str, key: Option<&str>, there: &str, here: &str) -> Json {
        if is_token(key, there) {
            let fits = is_token(key, here)
                && is_jwt(there) == is_jwt(here)
                && lifetime(there) == lifetime(here);
            if fits {
                return here.into();
            }
            let says = |text: &str| match (is_jwt(text), lifetime(text)) {
                (true, Some(seconds)) => format!("a JSON web token good for {seconds} s"),
                (true, None) => "a JSON web token".to_owned(),
                (false, _) if is_token(key, text) => "a token".to_owned(),
                (false, _) => format!("no token: {}", excerpt(text)),
            };
            self.add(Kind::Token, pointer, Some(says(there)), Some(says(here)));
            return there.into();
        }
        if let Some(one) = moment::read(there)
            && let Some(when) = self.bindings.timeline().live(one.moment)
        {
            let fits = moment::read(here).filter(|other| other.form == one.form);
            if fits
                .as_ref()
                .is_some_and(|other| when.contains(&other.moment))
            {
                return here.into();
            }
            let expected = match fits {
                Some(_) => format!(
                    "between {} and {} (recorded as {there})",
                    plain(*when.start()),
                    plain(*when.end())
                ),
                None => format!("a moment as {} (recorded as {there})", one.form),
            };
            self.add(Kind::Moment, pointer, Some(expected), Some(excerpt(here)));
            return there.into();
        }
        if let (Some(one), Some(other)) = (moment::read_date(there), moment::read_date(here))
            && self.bindings.timeline().is_today(one, other)
        {
            return here.into();
        }
        let expected = self.translated(there, here);
        if expected != here {
            self.add(
                Kind::Value,
                pointer,
                Some(Json::from(excerpt(&expected)).to_string()),
                Some(Json::from(excerpt(here)).to_string()),
            );
        }
        expected.into()
    }

    /// A recorded text as it would be here: the origin, what the request replaced (whole words), and opaque values, of which those that
    /// `here` has in the same place and form are taken over.
    fn translated(&self, there: &str, here: &str) -> String {
        let mut text = there.replace(&self.origins[0], &self.origins[1]);
        if text == here {
            return text;
        }
        for (recorded, live) in &self.sent.replaced {
            let replaced = replace_words(&text, recorded, live);
            // A word that only looks like what was replaced stays.
            if masked(&replaced) == masked(here) || !masked_contains(here, recorded) {
                text = replaced;
            }
        }
        if masked(&text) == masked(here) {
            return here.to_owned();
        }
        text
    }
}

/// A text with every opaque value as its form.
fn masked(text: &str) -> String {
    let form = |found: &Captures<'_>| match is_opaque(&found[0]) {
        true => found[0].replace(|c: char| c.is_ascii_hexdigit(), "\u{0}"),
        false => found[0].to_owned(),
    };
    opaque_pattern().replace_all(text, form).into_owned()
}

fn masked_contains(text: &str, word: &str) -> bool {
    replace_words(text, word, "\u{0}") != text
}

/// Replaces a word where it stands alone, not as a part of a longer word or number.
fn replace_words(text: &str, word: &str, by: &str) -> String {
    if word.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(word) {
        let end = at + word.len();
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if at < done || joined(text[..at].chars().next_back()) || joined(text[end..].chars().next())
        {
            continue;
        }
        out.push_str(&text[done..at]);
        out.push_str(by);
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

/// What a header's value means, whatever its notation.
fn meaning(name: &HeaderName, value: &str) -> String {
    let parts = |separator: char| -> Vec<String> {
        value
            .split(separator)
            .map(|part| part.trim().to_ascii_lowercase())
            .filter(|part| !part.is_empty())
            .collect()
    };
    match *name {
        CONTENT_TYPE => parts(';').join(";"),
        CACHE_CONTROL | ALLOW => {
            let mut parts = parts(',');
            parts.sort();
            parts.join(",")
        }
        X_FRAME_OPTIONS => value.trim().to_ascii_uppercase(),
        _ => value.trim().to_owned(),
    }
}

fn moment_of(node: &Node) -> Option<Written> {
    moment::read(node.as_str()?)
}

/// The title of a page, marked as one; `""` where it has none.
fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let inner = lower.find("<title>").map(|at| at + "<title>".len());
    let found = inner.and_then(|start| {
        Some(
            page[start..]
                .get(..lower[start..].find("</title>")?)?
                .trim(),
        )
    });
    match found {
        Some(title) => format!("page titled \"{title}\""),
        None if page.trim().is_empty() => String::new(),
        None => "page without a title".to_owned(),
    }
}

fn plain(moment: time::OffsetDateTime) -> String {
    let (date, time) = (moment.date(), moment.time());
    format!(
        "{date} {:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn pretty(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

/// A value in a few words.
fn short(node: &Node) -> String {
    excerpt(&node.to_json().to_string())
}

fn excerpt(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
