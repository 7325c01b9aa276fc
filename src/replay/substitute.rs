//! Builds the request to send from a recorded one: recorded identifiers, tokens and moments are replaced by the live ones, and
//! nothing else changes. A body keeps every byte that was not replaced, including duplicate keys, spaces and invalid syntax.
//!
//! Main type: [`Substitution`].

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TE, TRANSFER_ENCODING,
    UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::credentials::Account;
use crate::compare::bindings::{Bindings, Sent, identifier, is_digits, is_nested};
use crate::compare::space;
use crate::document::{Node, Value, parse_json};
use crate::exchange::Request;
use crate::recording::Entry;
use crate::source::Span;
use crate::target::Target;

/// Headers that are not sent as recorded: the client sets them itself.
const OWN: [HeaderName; 8] = [
    HOST,
    CONTENT_LENGTH,
    CONNECTION,
    TRANSFER_ENCODING,
    ACCEPT_ENCODING,
    USER_AGENT,
    TE,
    UPGRADE,
];

/// Maximum nesting depth of a recorded body in which values are replaced.
const DEPTH: usize = 100;

/// Builds requests for a target from recorded ones.
#[derive(Debug)]
pub(super) struct Substitution<'a> {
    pub(super) target: &'a Target,
    /// The contracts' base path, which a path in the target's URL replaces.
    pub(super) base_path: &'a str,
    pub(super) accounts: &'a [Account],
}

impl Substitution<'_> {
    /// The request to send for an entry, and what was replaced in it. Fails, with a sentence fragment, if the target's URL and
    /// the entry's path do not form a valid URL.
    pub(super) fn request(
        &self,
        entry: &Entry,
        bindings: &Bindings,
    ) -> Result<(Request, Sent), String> {
        let mut builder = RequestBuilder {
            bindings,
            sent: Sent::default(),
            root: space::of_path(entry.path()),
        };
        let (path, query) = match entry.path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (entry.path_and_query.as_str(), None),
        };
        let mut address = self.rebased(&builder.path(path));
        if let Some(query) = query {
            address.push('?');
            address.push_str(&builder.query(query));
        }
        let origin = &self.target.url[..url::Position::BeforePath];
        let address = format!("{origin}{address}");
        let url = url::Url::parse(&address)
            .map_err(|error| format!("`{address}` is not a URL: {error}"))?;
        let body = self.body(entry, &mut builder);
        let headers = builder.headers(&entry.request.headers, &self.target.headers);
        let request = Request {
            method: entry.request.method.clone(),
            url,
            headers,
            body,
        };
        Ok((request, builder.sent))
    }

    /// The path below the path of the target's URL, if it has one.
    fn rebased(&self, path: &str) -> String {
        let given = self.target.url.path().trim_end_matches('/');
        let below = path
            .strip_prefix(self.base_path)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match below.filter(|_| !given.is_empty()) {
            Some(rest) => format!("{given}{rest}"),
            None => path.to_owned(),
        }
    }

    fn body(&self, entry: &Entry, builder: &mut RequestBuilder<'_>) -> Bytes {
        let body = &entry.request.body;
        if let Ok((root, _)) = parse_json(body, DEPTH) {
            let mut edits: Vec<(Span, String)> = Vec::new();
            let container = builder.root.clone();
            builder.walk(None, &container, &root, &mut edits);
            if let Some(members) = root.as_mapping() {
                for (name, entry_node) in members {
                    let text = entry_node.value.as_str().unwrap_or_default();
                    let replacement = self
                        .accounts
                        .iter()
                        .find_map(|account| account.replacement(entry, name, text));
                    if let Some(replacement) = replacement {
                        edits.push((
                            entry_node.value.span,
                            serde_json::Value::from(replacement).to_string(),
                        ));
                    }
                }
            }
            return applied(body, edits);
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return body.clone();
        };
        let content_type = entry
            .request
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
        {
            return builder.query(text).into();
        }
        builder.tokens_in(text).into()
    }
}

/// A request that is being built.
struct RequestBuilder<'b> {
    bindings: &'b Bindings,
    sent: Sent,
    /// The space of the resource in the path.
    root: String,
}

impl RequestBuilder<'_> {
    fn path(&mut self, path: &str) -> String {
        let mut container = String::new();
        let segments = path.split('/').map(|segment| {
            if space::is_word(segment) {
                container = space::name(segment);
            }
            self.segment(segment, &container)
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// A segment with its identifier replaced (spaces around it and a fraction after it do not change: `7%20`, `7.5`), or with
    /// its tokens replaced.
    fn segment(&mut self, segment: &str, container: &str) -> String {
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        let trimmed = decoded.trim();
        let (whole, fraction) = trimmed.split_once('.').unwrap_or((trimmed, "0"));
        if !is_digits(whole) || !is_digits(fraction) {
            return self.tokens_in(segment);
        }
        match self.live(container, whole) {
            Some(live) => segment.replacen(whole, &live, 1),
            None => segment.to_owned(),
        }
    }

    /// `key=value` pairs. A value is an identifier if its key is that of an identifier, or if the key is `…[value]` and the value
    /// of the same condition's `…[field]` is such a key.
    fn query(&mut self, query: &str) -> String {
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs: Vec<(&str, Option<&str>)> = query
            .split('&')
            .map(|pair| {
                pair.split_once('=')
                    .map_or((pair, None), |(key, value)| (key, Some(value)))
            })
            .collect();
        let fields: BTreeMap<String, String> = pairs
            .iter()
            .filter_map(|(key, value)| {
                Some((
                    decode(key).strip_suffix("[field]")?.to_owned(),
                    decode((*value)?),
                ))
            })
            .collect();
        let changed: Vec<String> = pairs
            .into_iter()
            .map(|(raw_key, value)| {
                let Some(value) = value else {
                    return raw_key.to_owned();
                };
                let key = decode(raw_key);
                let name = match key.strip_suffix("[value]") {
                    Some(condition) => fields.get(condition).cloned().unwrap_or_default(),
                    None => key,
                };
                let decoded = decode(value);
                let items = decoded.split(',').map(|item| self.member(&name, item));
                match items.collect::<Option<Vec<String>>>() {
                    Some(items) if items.join(",") != decoded => {
                        let joined = items.join(",");
                        format!(
                            "{raw_key}={}",
                            utf8_percent_encode(&joined, NON_ALPHANUMERIC)
                        )
                    }
                    _ => format!("{raw_key}={}", self.tokens_in(value)),
                }
            })
            .collect();
        changed.join("&")
    }

    /// The live identifier for a parameter's value, or the value itself if it is not bound; `None` if the parameter is not an
    /// identifier.
    fn member(&mut self, name: &str, value: &str) -> Option<String> {
        let root = self.root.clone();
        let space = self.bindings.space_of(name, &root)?;
        Some(self.live(&space, value).unwrap_or_else(|| value.to_owned()))
    }

    /// The live identifier for a recorded one; records both as sent.
    fn live(&mut self, space: &str, recorded: &str) -> Option<String> {
        self.sent
            .named
            .insert((space.to_owned(), recorded.to_owned()));
        let live = self.bindings.id(space, recorded)?;
        self.sent
            .replaced
            .insert((recorded.to_owned(), live.to_owned()));
        Some(live.to_owned())
    }

    fn walk(
        &mut self,
        key: Option<&str>,
        container: &str,
        node: &Node,
        edits: &mut Vec<(Span, String)>,
    ) {
        match &node.value {
            Value::Mapping(members) => {
                for (key, entry) in members {
                    let inner = match is_nested(&entry.value) {
                        true => space::inside(key, container),
                        false => container.into(),
                    };
                    self.walk(Some(key), &inner, &entry.value, edits);
                }
            }
            Value::Sequence(items) => {
                for item in items {
                    self.walk(key.filter(|_| !is_nested(item)), container, item, edits);
                }
            }
            _ => {
                if let Some(text) = self.scalar(key, container, node) {
                    edits.push((node.span, text));
                }
            }
        }
    }

    /// The replacement for a scalar, as JSON text; `None` if it does not change.
    fn scalar(&mut self, key: Option<&str>, container: &str, node: &Node) -> Option<String> {
        let space = key.and_then(|key| self.bindings.space_of(key, container));
        if let (Some(space), Some(recorded)) = (space, identifier(node)) {
            let live = self.live(&space, &recorded)?;
            return Some(match node.as_str() {
                Some(_) => serde_json::Value::from(live).to_string(),
                None => live,
            });
        }
        let text = node.as_str()?;
        let live = match self.bindings.moment(text) {
            Some(live) => live.to_owned(),
            None => self.tokens_in(text),
        };
        (live != text).then(|| serde_json::Value::from(live).to_string())
    }

    /// The text with every recorded token in it replaced.
    fn tokens_in(&mut self, text: &str) -> String {
        let mut changed = text.to_owned();
        for (recorded, live) in self.bindings.tokens() {
            if recorded != live && changed.contains(recorded) {
                changed = changed.replace(recorded, live);
                self.sent
                    .replaced
                    .insert((recorded.to_owned(), live.to_owned()));
            }
        }
        changed
    }

    /// The recorded headers except those of the connection; the target's own headers have priority.
    fn headers(&mut self, recorded: &HeaderMap, target: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in recorded.iter().filter(|(name, _)| !OWN.contains(name)) {
            let changed = value.to_str().ok().map(|text| self.tokens_in(text));
            let changed = changed.and_then(|text| HeaderValue::from_str(&text).ok());
            headers.append(name, changed.unwrap_or_else(|| value.clone()));
        }
        for (name, value) in target {
            headers.insert(name, value.clone());
        }
        headers
    }
}

/// The text with the edits applied. Of two edits at one place the later is applied.
fn applied(body: &Bytes, mut edits: Vec<(Span, String)>) -> Bytes {
    if edits.is_empty() {
        return body.clone();
    }
    edits.reverse();
    edits.sort_by_key(|(span, _)| span.start);
    edits.dedup_by_key(|(span, _)| span.start);
    let mut changed = Vec::with_capacity(body.len());
    let mut done = 0;
    for (span, text) in edits {
        changed.extend_from_slice(body.get(done..span.start).unwrap_or_default());
        changed.extend_from_slice(text.as_bytes());
        done = span.end;
    }
    changed.extend_from_slice(body.get(done..).unwrap_or_default());
    changed.into()
}
