//! Values that differ between recording and target by nature: identifiers, tokens and opaque values. The responses show which
//! live value corresponds to which recorded one.
//!
//! # Identifiers
//!
//! An identifier belongs to a space, which follows from its place (`addresses[0].id` and `/addresses/7` belong to `address`). It
//! is **learned** when a resource's own `id` first appears at the same place of two responses with the same status, unless the
//! request itself named it: then the response must have the requested identifier. A binding is one to one and permanent. From
//! then on the recorded value is replaced by the live one within the space: in `customer_id` and `customerId`, in paths, queries
//! and bodies. A response with another value differs. An identifier that was never a resource's own `id` in a response
//! (`website_id`, `region_id`) is a plain value.
//!
//! A text of digits under another name (`default_billing: "3"`) is a reference if it appears in a response together with an `id`,
//! differs, and its recorded and live values are the same pair as those of the `id`. From then on that name is a reference to
//! that space.
//!
//! # Tokens and opaque values
//!
//! These are JSON web tokens, the text that a token call returns, tokens by their member's name, cookies, runs of twelve or more
//! hexadecimal digits, and UUIDs. They are learned wherever they appear, and the latest value counts: two logins may return the
//! same token in the recording and two tokens in the replay, because a token may contain the time. Only their form is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;

use super::moment::{self, Period, Timeline};
use super::space::{self, SpaceRole};
use crate::document::{Node, Value};

/// Shorter texts are not replaced, because a word could be mistaken for a token.
const SHORTEST_TOKEN: usize = 12;

/// What the responses so far have shown.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    /// By space: recorded to live, and live to recorded.
    ids: BTreeMap<String, BTreeMap<String, String>>,
    recorded_ids: BTreeMap<String, BTreeMap<String, String>>,
    /// Names of members that are references, with their space.
    references: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
    /// Recorded moments to the latest live ones, for requests that contain them.
    moments: BTreeMap<String, String>,
    timeline: Timeline,
}

/// What was replaced in a request, because its response may repeat it.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Replaced values: recorded, live.
    pub replaced: BTreeSet<(String, String)>,
    /// Identifiers in the recorded request, by space.
    pub named: BTreeSet<(String, String)>,
}

impl Bindings {
    pub fn new() -> Self {
        Bindings::default()
    }

    /// Adds the periods of an entry in recording and replay. Must be called before its responses are learned from and compared.
    pub fn add_period(&mut self, recorded: Option<Period>, live: Option<Period>) {
        if let (Some(recorded), Some(live)) = (recorded, live) {
            self.timeline.add(recorded, live);
        }
    }

    /// Learns from the bodies of two responses to the same request. `path` is that of the recorded request.
    pub fn learn(&mut self, path: &str, sent: &Sent, recorded: &Node, live: &Node) {
        let mut seen = Seen::default();
        let root = Member {
            key: token_call(path).then_some("token"),
            container: &space::of_path(path),
        };
        self.walk(&root, recorded, live, sent, &mut seen);
        for (key, recorded, live) in seen.candidates {
            let mut spaces = seen
                .ids
                .iter()
                .filter(|(_, recorded_id, live_id)| *recorded_id == recorded && *live_id == live);
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
        Some(self.recorded_ids.get(space)?.get(live)?.as_str())
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

    /// The latest live moment that corresponds to a recorded one.
    pub(crate) fn moment(&self, recorded: &str) -> Option<&str> {
        self.moments.get(recorded).map(String::as_str)
    }

    /// The periods of the entries replayed so far.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The space of the identifier in a member of this name in this container, be it the resource's own or a reference.
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
            (Value::Mapping(recorded), Value::Mapping(live)) => {
                for (key, entry) in recorded {
                    if let Some(other) = live.get(key) {
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
            (Value::Sequence(recorded), Value::Sequence(live)) => {
                for (recorded, live) in recorded.iter().zip(live) {
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
            && let (Some(recorded_id), Some(live_id)) = (identifier(recorded), identifier(live))
        {
            match space::role(key, member.container) {
                Some(SpaceRole::Own(space)) => {
                    let named = sent.named.contains(&(space.clone(), recorded_id.clone()));
                    if !named {
                        self.learn_id(&space, &recorded_id, &live_id);
                    }
                    if self.id(&space, &recorded_id) == Some(live_id.as_str()) {
                        seen.ids.insert((space, recorded_id, live_id));
                    }
                    return;
                }
                Some(SpaceRole::Reference(_)) => return,
                None => {}
            }
            if recorded.as_str().is_some()
                && recorded_id != live_id
                && is_digits(&recorded_id)
                && is_digits(&live_id)
            {
                seen.candidates.push((key.to_owned(), recorded_id, live_id));
            }
        }
        if let (Some(recorded), Some(live)) = (recorded.as_str(), live.as_str()) {
            if is_token(member.key, recorded) && is_token(member.key, live) {
                self.learn_token(recorded, live);
            } else if let (Some(recorded_moment), Some(live_moment)) =
                (moment::read(recorded), moment::read(live))
            {
                if recorded_moment.form == live_moment.form
                    && self
                        .timeline
                        .live(recorded_moment.moment)
                        .is_some_and(|period| period.contains(&live_moment.moment))
                {
                    self.moments.insert(recorded.to_owned(), live.to_owned());
                }
            } else {
                let found = opaque_pattern()
                    .find_iter(recorded)
                    .zip(opaque_pattern().find_iter(live));
                for (recorded, live) in found {
                    if is_opaque(recorded.as_str()) && is_opaque(live.as_str()) {
                        self.learn_token(recorded.as_str(), live.as_str());
                    }
                }
            }
        }
    }

    /// Binds the two, unless one of them is already bound.
    fn learn_id(&mut self, space: &str, recorded: &str, live: &str) {
        if self.id(space, recorded).is_some() || self.recorded_id(space, live).is_some() {
            return;
        }
        let ids = self.ids.entry(space.to_owned()).or_default();
        ids.insert(recorded.to_owned(), live.to_owned());
        let recorded_ids = self.recorded_ids.entry(space.to_owned()).or_default();
        recorded_ids.insert(live.to_owned(), recorded.to_owned());
    }

    fn learn_token(&mut self, recorded: &str, live: &str) {
        if recorded.len() >= SHORTEST_TOKEN {
            self.tokens.insert(recorded.to_owned(), live.to_owned());
        }
    }
}

/// The place of a value.
#[derive(Debug, Clone, Copy)]
struct Member<'m> {
    key: Option<&'m str>,
    container: &'m str,
}

/// What one pair of responses has shown.
#[derive(Debug, Default)]
struct Seen {
    ids: BTreeSet<(String, String, String)>,
    candidates: Vec<(String, String, String)>,
}

/// An integer, or a text of 1 to 64 bytes; other values are not identifiers.
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

/// Whether the path is a call whose whole response is a token: its last segment ends in `token`.
pub(crate) fn token_call(path: &str) -> bool {
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    last.to_ascii_lowercase().ends_with("token")
}

/// Whether a text is a token: a JSON web token anywhere, or a long word under a name that ends in `token`.
pub(crate) fn is_token(key: Option<&str>, text: &str) -> bool {
    let named = key.is_some_and(|key| key.to_ascii_lowercase().ends_with("token"));
    is_jwt(text) || named && text.len() >= 16 && !text.contains(char::is_whitespace)
}

/// Three parts in base64url, the first of which is a JSON object (RFC 7519, section 3; an object begins with `{"`, in base64
/// `eyJ`).
pub(crate) fn is_jwt(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.starts_with("eyJ") && text.split('.').count() == 3 && text.split('.').all(part)
}

/// The lifetime of a JSON web token, in seconds (RFC 7519, section 4.1).
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

/// Whether a run of hexadecimal digits is neither a decimal number nor a word.
pub(crate) fn is_opaque(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_ascii_alphabetic())
}
