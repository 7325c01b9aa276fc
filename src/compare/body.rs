//! Compares bodies: JSON as trees, pages by their title, anything else as text. Main function: [`compared`].

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value as Json};

use super::text::{contains_word, excerpt, masked, replace_words, title};
use super::{BodyDifference, DEPTH, DifferenceKind, MAX_DIFFERENCES};
use crate::compare::bindings::{
    Bindings, Sent, identifier, is_jwt, is_nested, is_token, lifetime, token_call,
};
use crate::compare::moment::{self, Written};
use crate::compare::space;
use crate::document::{Duplicate, Node, Value, escape_pointer, parse_json};
use crate::exchange::Exchange;

/// The differences between the bodies of two responses, and, if there are any, both bodies as texts. `origins`: scheme, host and
/// port, recorded and live.
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
    let (recorded, live) = (&recorded.response, &live.response);
    comparison.bodies(&recorded.headers, &recorded.body, &live.body)
}

struct BodyComparison<'a> {
    bindings: &'a Bindings,
    sent: &'a Sent,
    /// Scheme, host and port, recorded and live.
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
            (Ok((recorded, recorded_duplicates)), Ok((live, live_duplicates))) => {
                let key = token_call(self.path).then_some("token");
                let container = space::of_path(self.path);
                let expected = self.value("", key, &container, &recorded, &live);
                self.duplicates(&recorded_duplicates, &live_duplicates);
                (pretty(&expected), pretty(&live.to_json()))
            }
            (recorded_json, _) => {
                let [recorded, live] = [recorded, live].map(String::from_utf8_lossy);
                let is_page = headers
                    .get(CONTENT_TYPE)
                    .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
                let [expected, actual] = match recorded_json.is_err() && is_page {
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

    /// Adds the members that are duplicates only in the live body.
    fn duplicates(&mut self, recorded: &[Duplicate], live: &[Duplicate]) {
        let place = |duplicate: &Duplicate| {
            format!("{}/{}", duplicate.mapping, escape_pointer(&duplicate.key))
        };
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
        if self.found.len() < MAX_DIFFERENCES {
            self.found.push(BodyDifference {
                kind,
                pointer: pointer.to_owned(),
                expected,
                actual,
            });
        }
    }

    /// Compares two values and returns the expected one: the recorded value with the live identifiers, moments and tokens.
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
            (Value::Sequence(recorded_items), Value::Sequence(live_items)) => {
                let mut expected = Vec::new();
                for (index, item) in recorded_items.iter().enumerate() {
                    let at = format!("{pointer}/{index}");
                    let Some(other) = live_items.get(index) else {
                        self.add(DifferenceKind::Missing, &at, Some(short(item)), None);
                        expected.push(item.to_json());
                        continue;
                    };
                    let key = key.filter(|_| !is_nested(item));
                    expected.push(self.value(&at, key, container, item, other));
                }
                for (index, item) in live_items.iter().enumerate().skip(recorded_items.len()) {
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
        let (Some(recorded_members), Some(live_members)) =
            (recorded.as_mapping(), live.as_mapping())
        else {
            return recorded.to_json();
        };
        let mut expected = Map::new();
        let mut moments: Vec<(&str, Written, Written)> = Vec::new();
        for (key, entry) in recorded_members {
            let at = format!("{pointer}/{}", escape_pointer(key));
            let Some(other) = live_members.get(key) else {
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
                && let (Some(recorded_moment), Some(live_moment)) =
                    (moment_of(&entry.value), moment_of(&other.value))
                && self
                    .bindings
                    .timeline()
                    .live(recorded_moment.moment)
                    .is_some()
            {
                moments.push((key, recorded_moment, live_moment));
            }
        }
        let added = live_members
            .iter()
            .filter(|(key, _)| !recorded_members.contains_key(*key));
        for (key, entry) in added {
            let at = format!("{pointer}/{}", escape_pointer(key));
            self.add(
                DifferenceKind::Unexpected,
                &at,
                None,
                Some(short(&entry.value)),
            );
        }
        self.order_of_moments(pointer, &moments);
        let joined = |keys: Vec<&String>| {
            keys.into_iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let recorded_keys = recorded_members.keys();
        let expected_order = joined(
            recorded_keys
                .filter(|key| live_members.contains_key(*key))
                .collect(),
        );
        let live_keys = live_members.keys();
        let actual_order = joined(
            live_keys
                .filter(|key| recorded_members.contains_key(*key))
                .collect(),
        );
        if expected_order != actual_order {
            self.add(
                DifferenceKind::Order,
                pointer,
                Some(expected_order),
                Some(actual_order),
            );
        }
        Json::Object(expected)
    }

    fn order_of_moments(&mut self, pointer: &str, moments: &[(&str, Written, Written)]) {
        for (index, (key, recorded, live)) in moments.iter().enumerate() {
            let broken = moments[..index]
                .iter()
                .find(|(_, earlier_recorded, earlier_live)| {
                    !moment::keeps_order(
                        [earlier_recorded.moment, recorded.moment],
                        [earlier_live.moment, live.moment],
                    )
                });
            if let Some((earlier_key, earlier_recorded, earlier_live)) = broken {
                let relation =
                    |left: &Written, right: &Written| match left.moment.cmp(&right.moment) {
                        std::cmp::Ordering::Less => format!("{earlier_key} before {key}"),
                        std::cmp::Ordering::Equal => {
                            format!("{earlier_key} at the same time as {key}")
                        }
                        std::cmp::Ordering::Greater => format!("{earlier_key} after {key}"),
                    };
                let at = format!("{pointer}/{}", escape_pointer(key));
                self.add(
                    DifferenceKind::Moment,
                    &at,
                    Some(relation(earlier_recorded, recorded)),
                    Some(relation(earlier_live, live)),
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
        if let (Some(space), Some(recorded_id), Some(live_id)) =
            (space, identifier(recorded), identifier(live))
        {
            return self.identifier(pointer, &space, (&recorded_id, &live_id), recorded, live);
        }
        // A moment of the recording cannot be that of the same event in the replay.
        let is_moment = moment_of(recorded)
            .is_some_and(|written| self.bindings.timeline().live(written.moment).is_some());
        if expected == actual && !is_moment {
            return expected;
        }
        if let (Some(recorded_text), Some(live_text)) = (recorded.as_str(), live.as_str()) {
            return self.text(pointer, key, recorded_text, live_text);
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

    /// Compares two identifiers: a bound one must be the live one it is bound to. An unbound one must be equal, and must not be
    /// bound to another.
    fn identifier(
        &mut self,
        pointer: &str,
        space: &str,
        (recorded_id, live_id): (&str, &str),
        recorded: &Node,
        live: &Node,
    ) -> Json {
        let bound = self.bindings.id(space, recorded_id);
        let owner = self
            .bindings
            .recorded_id(space, live_id)
            .filter(|owner| *owner != recorded_id);
        let expected_id = bound.unwrap_or(recorded_id);
        let expected = match recorded.as_str() {
            Some(_) => Json::from(expected_id),
            None => expected_id
                .parse::<i64>()
                .map_or_else(|_| recorded.to_json(), Json::from),
        };
        if expected_id == live_id && owner.is_none() {
            return live.to_json();
        }
        // Values of another type were reported before; numbers and texts are compared by their digits.
        let kind = if bound.is_some() || owner.is_some() {
            DifferenceKind::Identifier
        } else {
            DifferenceKind::Value
        };
        let expected_text = match (bound, owner) {
            (Some(_), _) if expected_id != recorded_id => {
                format!("{expected} (recorded as {recorded_id})")
            }
            (None, Some(owner)) => {
                format!("an id other than that of recorded {owner} (recorded as {recorded_id})")
            }
            _ => expected.to_string(),
        };
        self.add(kind, pointer, Some(expected_text), Some(short(live)));
        expected
    }

    fn text(&mut self, pointer: &str, key: Option<&str>, recorded: &str, live: &str) -> Json {
        if is_token(key, recorded) {
            let fits = is_token(key, live)
                && is_jwt(recorded) == is_jwt(live)
                && lifetime(recorded) == lifetime(live);
            if fits {
                return live.into();
            }
            let description = |text: &str| match (is_jwt(text), lifetime(text)) {
                (true, Some(seconds)) => format!("a JSON web token valid for {seconds} s"),
                (true, None) => "a JSON web token".to_owned(),
                (false, _) if is_token(key, text) => "a token".to_owned(),
                (false, _) => format!("not a token: {}", excerpt(text)),
            };
            self.add(
                DifferenceKind::Token,
                pointer,
                Some(description(recorded)),
                Some(description(live)),
            );
            return recorded.into();
        }
        if let Some(recorded_moment) = moment::read(recorded)
            && let Some(period) = self.bindings.timeline().live(recorded_moment.moment)
        {
            let live_moment =
                moment::read(live).filter(|written| written.form == recorded_moment.form);
            if live_moment
                .as_ref()
                .is_some_and(|written| period.contains(&written.moment))
            {
                return live.into();
            }
            let expected = match live_moment {
                Some(_) => format!(
                    "between {} and {} (recorded as {recorded})",
                    plain(*period.start()),
                    plain(*period.end())
                ),
                None => format!(
                    "a time of the form {} (recorded as {recorded})",
                    recorded_moment.form
                ),
            };
            self.add(
                DifferenceKind::Moment,
                pointer,
                Some(expected),
                Some(excerpt(live)),
            );
            return recorded.into();
        }
        if let (Some(recorded_date), Some(live_date)) =
            (moment::read_date(recorded), moment::read_date(live))
            && self.bindings.timeline().is_today(recorded_date, live_date)
        {
            return live.into();
        }
        let expected = self.translated(recorded, live);
        if expected != live {
            self.add(
                DifferenceKind::Value,
                pointer,
                Some(Json::from(excerpt(&expected)).to_string()),
                Some(Json::from(excerpt(live)).to_string()),
            );
        }
        expected.into()
    }

    /// The recorded text as expected in the live response: the origin and everything that was replaced in the request (whole
    /// words) are replaced. If the rest differs only in opaque values of the same form, the live text is returned.
    fn translated(&self, recorded: &str, live: &str) -> String {
        let mut text = recorded.replace(&self.origins[0], &self.origins[1]);
        if text == live {
            return text;
        }
        for (word, replacement) in &self.sent.replaced {
            let replaced = replace_words(&text, word, replacement);
            // A word that only looks like a replaced value stays.
            if masked(&replaced) == masked(live) || !contains_word(live, word) {
                text = replaced;
            }
        }
        if masked(&text) == masked(live) {
            return live.to_owned();
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

/// A shortened value.
fn short(node: &Node) -> String {
    excerpt(&node.to_json().to_string())
}
