//! What is one thing there is another here: identifiers, tokens and opaque values, by what the answers have shown.
//!
//! # Identifiers
//!
//! An identifier belongs to a space, told by where it stands (`addresses[0].id` and `/addresses/7` to `address`). It is **learned**
//! where a resource's own `id` appears on both sides at the same place of answers of the same status for the first time, unless the
//! request itself named it: then the answer must show what was asked for. A binding is one to one and kept. From then on the recorded
//! value stands for the live one, in the space: in `customer_id` and `customerId` too, in paths, queries and bodies; and an answer
//! that shows another value differs. What never was a resource's own `id` in an answer (`website_id`, `region_id`) is a plain value.
//!
//! A text of digits under another name (`default_billing: "3"`) is taken for a reference when it stands in an answer together with an
//! `id`, differs, and both sides have the very pair that the `id` has; that name is a reference to that space from then on.
//!
//! # Tokens and opaque values
//!
//! A JSON web token, the text a token call answers with, a token by its member's name, a cookie, and a run of twelve or more
//! hexadecimal digits or a UUID. They are learned wherever they appear, the latest counts: two sign-ins may give one token there and
//! two here, for such a text says the time as well. What is demanded is the form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;

use super::moment::{self, Period, Timeline};
use super::space::{self, SpaceRole};
use crate::document::{Node, Value};

/// Shorter texts are not put in the place of others, lest a word be taken for a token.
const SHORTEST_TOKEN: usize = 12;

/// What the answers so far have shown.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    /// By space: recorded to live, and back.
    ids: BTreeMap<String, BTreeMap<String, String>>,
    taken: BTreeMap<String, BTreeMap<String, String>>,
    /// Members that are references, and to which space.
    references: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
    /// Recorded moments to the latest live ones, for requests that send them back.
    moments: BTreeMap<String, String>,
    timeline: Timeline,
}

/// What the request of an answer was made of, which its answer may repeat.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// What was put in the place of what: recorded, live.
    pub replaced: BTreeSet<(String, String)>,
    /// Identifiers the recorded request named, by space.
    pub named: BTreeSet<(String, String)>,
}

impl Bindings {
    pub fn new() -> Self {
        Bindings::default()
    }

    /// Notes when an entry was asked there and here. Comes before its answers are learned from and compared.
    pub fn asked(&mut self, recorded: Option<Period>, live: Option<Period>) {
        if let (Some(recorded), Some(live)) = (recorded, live) {
            self.timeline.add(recorded, live);
        }
    }

    /// Learns from two bodies of answers to the same request. `path` is the recorded request's.
    pub fn learn(&mut self, path: &str, sent: &Sent, recorded: &Node, live: &Node) {
        let mut seen = Seen::default();
        let root = Member {
            key: token_call(path).then_some("token"),
            container: &space::of_path(path),
        };
        self.walk(&root, recorded, live, sent, &mut seen);
        for (key, recorded, live) in seen.suspects {
            let mut spaces = seen
                .ids
                .iter()
                .filter(|(_, there, here)| *there == recorded && *here == live);
            if let (Some((space, ..)), None) = (spaces.next(), spaces.next()) {
                self.references.entry(key).or_insert_with(|| space.clone());
            }
        }
    }

    /// Learns the value of a cookie.
    pub(crate) fn learn_cookie(&mut self, recorded: &str, live: &str) {
        self.learn_token(recorded, live);
    }

    /// The live identifier bound to a recorded one.
    pub fn id(&self, space: &str, recorded: &str) -> Option<&str> {
        Some(self.ids.get(space)?.get(recorded)?.as_str())
    }

    /// The recorded identifier bound to a live one.
    pub fn recorded_id(&self, space: &str, live: &str) -> Option<&str> {
        Some(self.taken.get(space)?.get(live)?.as_str())
    }

    /// The live token or opaque value bound to a recorded one.
    pub fn token(&self, recorded: &str) -> Option<&str> {
        self.tokens.get(recorded).map(String::as_str)
    }

    /// All tokens and opaque values: recorded, live.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tokens
            .iter()
            .map(|(recorded, live)| (recorded.as_str(), live.as_str()))
    }

    /// The latest live moment that a recorded one was seen as.
    pub(crate) fn moment(&self, recorded: &str) -> Option<&str> {
        self.moments.get(recorded).map(String::as_str)
    }

    /// The entries replayed so far, by the clock.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The space of the identifier that a member of this name in this container holds: its own, or another's.
    pub(crate) fn space_of(&self, key: &str, container: &str) -> Option<String> {
        match space::role(key, container) {
            Some(SpaceRole::Own(space) | SpaceRole::Reference(space)) => Some(space),
            None => self.references.get(key).cloned(),
        }
    }

    fn walk(
        &mut self,
        member: &Member<'_>,
        recorded: &Node,
        live: &Node,
        sent: &Sent,
        seen: &mut Seen,
    ) {
        match (&recorded.value, &live.value) {
            (Value::Mapping(there), Value::Mapping(here)) => {
                for (key, entry) in there {
                    if let Some(other) = here.get(key) {
                        let container = match is_nested(&entry.value) {
                            true => space::inside(key, member.container),
                            false => member.container.into(),
                        };
                        let member = Member {
                            key: Some(key),
                            container: &container,
                        };
                        self.walk(&member, &entry.value, &other.value, sent, seen);
                    }
                }
            }
            (Value::Sequence(there), Value::Sequence(here)) => {
                for (recorded, live) in there.iter().zip(here) {
                    let key = member.key.filter(|_| !is_nested(recorded));
                    self.walk(&Member { key, ..*member }, recorded, live, sent, seen);
                }
            }
            _ => self.scalar(member, recorded, live, sent, seen),
        }
    }

    fn scalar(
        &mut self,
        member: &Member<'_>,
        recorded: &Node,
        live: &Node,
        sent: &Sent,
        seen: &mut Seen,
    ) {
        if let Some(key) = member.key
            && let (Some(there), Some(here)) = (identifier(recorded), identifier(live))
        {
            match space::role(key, member.container) {
                Some(SpaceRole::Own(space)) => {
                    let named = sent.named.contains(&(space.clone(), there.clone()));
                    if !named {
                        self.learn_id(&space, &there, &here);
                    }
                    if self.id(&space, &there) == Some(here.as_str()) {
                        seen.ids.insert((space, there, here));
                    }
                    return;
                }
                Some(SpaceRole::Reference(_)) => return,
                None => {}
            }
            if recorded.as_str().is_some() && there != here && is_digits(&there) && is_digits(&here)
            {
                seen.suspects.push((key.to_owned(), there, here));
            }
        }
        if let (Some(there), Some(here)) = (recorded.as_str(), live.as_str()) {
            if is_token(member.key, there) && is_token(member.key, here) {
                self.learn_token(there, here);
            } else if let (Some(one), Some(other)) = (moment::read(there), moment::read(here)) {
                if one.form == other.form
                    && self
                        .timeline
                        .live(one.moment)
                        .is_some_and(|when| when.contains(&other.moment))
                {
                    self.moments.insert(there.to_owned(), here.to_owned());
                }
            } else {
                let found = opaque_pattern()
                    .find_iter(there)
                    .zip(opaque_pattern().find_iter(here));
                for (there, here) in found {
                    if is_opaque(there.as_str()) && is_opaque(here.as_str()) {
                        self.learn_token(there.as_str(), here.as_str());
                    }
                }
            }
        }
    }

    /// Binds the two unless one of them is bound already.
    fn learn_id(&mut self, space: &str, recorded: &str, live: &str) {
        if self.id(space, recorded).is_some() || self.recorded_id(space, live).is_some() {
            return;
        }
        let ids = self.ids.entry(space.to_owned()).or_default();
        ids.insert(recorded.to_owned(), live.to_owned());
        let taken = self.taken.entry(space.to_owned()).or_default();
        taken.insert(live.to_owned(), recorded.to_owned());
    }

    fn learn_token(&mut self, recorded: &str, live: &str) {
        if recorded.len() >= SHORTEST_TOKEN {
            self.tokens.insert(recorded.to_owned(), live.to_owned());
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
struct Member<'m> {
    key: Option<&'m str>,
    container: &'m str,
}

/// What one pair of answers has shown.
#[derive(Debug, Default)]
struct Seen {
    ids: BTreeSet<(String, String, String)>,
    suspects: Vec<(String, String, String)>,
}

/// A whole number or a text that is neither empty nor longer than an identifier would be.
pub(crate) fn identifier(node: &Node) -> Option<String> {
    match &node.value {
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::String(text) if !text.is_empty() && text.len() <= 64 => Some(text.clone()),
        _ => None,
    }
}

pub(crate) fn is_nested(node: &Node) -> bool {
    matches!(node.value, Value::Mapping(_) | Value::Sequence(_))
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the path is a call whose whole answer is a token: its last segment says so.
pub(crate) fn token_call(path: &str) -> bool {
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    last.to_ascii_lowercase().ends_with("token")
}

/// Whether a text is a token: a JSON web token anywhere, or a long word under a name that says so.
pub(crate) fn is_token(key: Option<&str>, text: &str) -> bool {
    let named = key.is_some_and(|key| key.to_ascii_lowercase().ends_with("token"));
    is_jwt(text) || named && text.len() >= 16 && !text.contains(char::is_whitespace)
}

/// Three parts in base64url of which the first is a JSON object (RFC 7519, section 3; an object begins with `{"`, in base64 `eyJ`).
pub(crate) fn is_jwt(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.starts_with("eyJ") && text.split('.').count() == 3 && text.split('.').all(part)
}

/// How long a JSON web token says it is good for, in seconds (RFC 7519, section 4.1).
pub(crate) fn lifetime(token: &str) -> Option<f64> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    let claim = |name: &str| claims.get(name)?.as_f64();
    Some(claim("exp")? - claim("iat")?)
}

/// Candidates for opaque values; [`is_opaque`] decides.
pub(crate) fn opaque_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    PATTERN.get_or_init(|| {
        let text = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b[0-9a-f]{12,128}\b";
        #[expect(
            clippy::expect_used,
            reason = "the pattern is a literal, compiled by the tests"
        )]
        Regex::new(text).expect("a valid pattern")
    })
}

/// Whether a run of hexadecimal digits is no decimal number and no word.
pub(crate) fn is_opaque(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_ascii_alphabetic())
}
