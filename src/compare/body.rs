//! Bodies compared: JSON as trees, pages by their title, anything else as text. Main function: [`compared`].

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value as Json};

use super::text::{contains_word, excerpt, masked, replace_words, title};
use super::{BodyDifference, DEPTH, DifferenceKind, MOST};
use crate::compare::bindings::{
    Bindings, Sent, identifier, is_jwt, is_nested, is_token, lifetime, token_call,
};
use crate::compare::moment::{self, Written};
use crate::compare::space;
use crate::document::{Duplicate, Node, Value, escape_pointer, parse_json};
use crate::exchange::Exchange;

/// What differs between the bodies of two answers, and if anything does, both as texts. `origins`: scheme, host and port, there and here.
pub(super) fn compared(
    recorded: &Exchange,
    live: &Exchange,
    origins: &[String; 2],
    sent: &Sent,
    bindings: &Bindings,
) -> (Vec<BodyDifference>, Option<(String, String)>) {
    let comparison = BodyComparison {
        bindings,
        sent,
        origins,
        path: recorded.request.url.path(),
        found: Vec::new(),
    };
    let (there, here) = (&recorded.response, &live.response);
    comparison.bodies(&there.headers, &there.body, &here.body)
}

struct BodyComparison<'a> {
    bindings: &'a Bindings,
    sent: &'a Sent,
    /// Scheme, host and port, there and here.
    origins: &'a [String; 2],
    path: &'a str,
    found: Vec<BodyDifference>,
}

impl BodyComparison<'_> {
    fn bodies(
        mut self,
        headers: &HeaderMap,
        recorded: &[u8],
        live: &[u8],
    ) -> (Vec<BodyDifference>, Option<(String, String)>) {
        let texts = match (parse_json(recorded, DEPTH), parse_json(live, DEPTH)) {
            (Ok((there, known)), Ok((here, found))) => {
                let key = token_call(self.path).then_some("token");
                let container = space::of_path(self.path);
                let expected = self.value("", key, &container, &there, &here);
                self.duplicates(&known, &found);
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
                        DifferenceKind::Text,
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

    /// Members given twice here, but not there.
    fn duplicates(&mut self, recorded: &[Duplicate], live: &[Duplicate]) {
        let place = |one: &Duplicate| format!("{}/{}", one.mapping, escape_pointer(&one.key));
        let known: BTreeSet<String> = recorded.iter().map(place).collect();
        for at in live.iter().map(place).filter(|at| !known.contains(at)) {
            let times = |times: &str| Some(format!("given {times}"));
            self.add(
                DifferenceKind::Duplicate,
                &at,
                times("once"),
                times("twice"),
            );
        }
    }

    fn add(
        &mut self,
        kind: DifferenceKind,
        pointer: &str,
        expected: Option<String>,
        actual: Option<String>,
    ) {
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
                        self.add(DifferenceKind::Missing, &at, Some(short(item)), None);
                        expected.push(item.to_json());
                        continue;
                    };
                    let key = key.filter(|_| !is_nested(item));
                    expected.push(self.value(&at, key, container, item, other));
                }
                for (index, item) in here.iter().enumerate().skip(there.len()) {
                    self.add(
                        DifferenceKind::Unexpected,
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
                self.add(
                    DifferenceKind::Missing,
                    &at,
                    Some(short(&entry.value)),
                    None,
                );
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
            self.add(
                DifferenceKind::Unexpected,
                &at,
                None,
                Some(short(&entry.value)),
            );
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
            self.add(DifferenceKind::Order, pointer, Some(common), Some(actual));
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
                    DifferenceKind::Moment,
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
                DifferenceKind::Type,
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
            DifferenceKind::Value,
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
            DifferenceKind::Identifier
        } else {
            DifferenceKind::Value
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
            self.add(
                DifferenceKind::Token,
                pointer,
                Some(says(there)),
                Some(says(here)),
            );
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
            self.add(
                DifferenceKind::Moment,
                pointer,
                Some(expected),
                Some(excerpt(here)),
            );
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
                DifferenceKind::Value,
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
            if masked(&replaced) == masked(here) || !contains_word(here, recorded) {
                text = replaced;
            }
        }
        if masked(&text) == masked(here) {
            return here.to_owned();
        }
        text
    }
}

fn moment_of(node: &Node) -> Option<Written> {
    moment::read(node.as_str()?)
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
