//! Secrets are taken out here, once, when an exchange leaves the run: nothing behind this point can leak one.
//!
//! Main type: [`Redactor`].

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use regex::{Captures, Regex};

use crate::target::{Credentials, SecretNames};

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Values shorter than this are masked by the name of their property only: a short word would be found in every text.
const SHORTEST_VALUE: usize = 6;

/// Properties whose values are always secret; compared without case, `_` and `-`.
const PROPERTIES: [&str; 16] = [
    "password",
    "passwordhash",
    "currentpassword",
    "newpassword",
    "passwd",
    "token",
    "accesstoken",
    "refreshtoken",
    "resettoken",
    "idtoken",
    "secret",
    "clientsecret",
    "apikey",
    "privatekey",
    "rptoken",
    "bearer",
];

/// Headers whose values are always secret.
const HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-key",
    "api_key",
    "x-auth-token",
];

/// Knows the secret names and values of a target, and masks them.
#[derive(Debug, Clone)]
pub struct Redactor {
    names: Arc<Names>,
    values: BTreeSet<Secret>,
}

#[derive(Debug)]
struct Names {
    properties: BTreeSet<String>,
    headers: BTreeSet<String>,
}

/// Ordered by length, longest first, so that no value is masked only in part.
#[derive(Clone, PartialEq, Eq)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

impl Ord for Secret {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other
            .0
            .len()
            .cmp(&self.0.len())
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Secret {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Redactor {
    /// Knows the names that are always secret, those given, and the secret values among the credentials.
    pub fn new<'c>(
        names: &SecretNames,
        credentials: impl IntoIterator<Item = &'c Credentials>,
    ) -> Self {
        let properties: BTreeSet<String> = PROPERTIES
            .iter()
            .map(|&name| name.to_owned())
            .chain(names.properties.iter().map(|name| fold(name)))
            .collect();
        let headers = HEADERS
            .iter()
            .map(|&name| name.to_owned())
            .chain(names.headers.iter().map(|name| name.as_str().to_owned()))
            .collect();
        let names = Arc::new(Names {
            properties,
            headers,
        });
        let mut redactor = Redactor {
            names,
            values: BTreeSet::new(),
        };
        for credentials in credentials {
            for (key, value) in &credentials.values {
                if redactor.is_secret_property(key) {
                    redactor.learn(value);
                }
            }
        }
        redactor
    }

    /// Whether a property's, parameter's or variable's value is secret by its name.
    pub fn is_secret_property(&self, name: &str) -> bool {
        self.names.properties.contains(&fold(name))
    }

    /// Masks this value from now on, wherever it appears. Very short ones, and those of nothing but space, are left to their names.
    pub fn learn(&mut self, value: &str) {
        if value.trim().len() < SHORTEST_VALUE || self.is_secret_property(value) {
            return;
        }
        self.values.insert(Secret(value.to_owned()));
        let json = serde_json::Value::from(value).to_string();
        let escaped = json.trim_matches('"');
        if escaped != value {
            self.values.insert(Secret(escaped.to_owned()));
        }
        let encoded: String =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        if encoded != value {
            self.values.insert(Secret(encoded));
        }
    }

    /// Learns every value of a secret property in a JSON value that was sent or received.
    pub fn learn_from(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        serde_json::Value::String(text) if self.is_secret_property(name) => {
                            self.learn(text);
                        }
                        _ => self.learn_from(member),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.learn_from(item)),
            _ => {}
        }
    }

    /// Any text: known values, JSON web tokens, and the values of secret members in anything that looks like JSON, a form or a query.
    pub fn text(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for Secret(value) in &self.values {
            if masked.contains(value.as_str()) {
                masked = masked.replace(value.as_str(), MASK);
            }
        }
        let masked = token_pattern().replace_all(&masked, MASK);
        let masked =
            member_pattern().replace_all(&masked, |found: &Captures<'_>| self.member(found));
        form_pattern()
            .replace_all(&masked, |found: &Captures<'_>| self.member(found))
            .into_owned()
    }

    /// A member found by one of the patterns, its value masked if its name is secret. Groups: 1 up to the value, 2 the name, 3 the value.
    fn member(&self, found: &Captures<'_>) -> String {
        let (head, name, value) = (&found[1], &found[2], &found[3]);
        if !self.is_secret_property(name) || matches!(value, "" | "null" | "true" | "false") {
            return found[0].to_owned();
        }
        let quote = if value.starts_with('"') { "\"" } else { "" };
        format!("{head}{quote}{MASK}{quote}")
    }

    /// A header's value: masked by the header's name (the scheme and cookie names stay), else as any text.
    pub fn header(&self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        if !self.names.headers.contains(&name) {
            return self.text(value);
        }
        match name.as_str() {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {MASK}"),
                None => MASK.to_owned(),
            },
            "cookie" | "set-cookie" => match value.split_once('=') {
                Some((cookie, rest)) => {
                    let attributes = rest
                        .find(';')
                        .filter(|_| name == "set-cookie")
                        .map_or("", |i| &rest[i..]);
                    format!("{cookie}={MASK}{attributes}")
                }
                None => MASK.to_owned(),
            },
            _ => MASK.to_owned(),
        }
    }
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// `"name": value` as in JSON; the value may be cut off.
fn member_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(
        &PATTERN,
        r#"("([A-Za-z_-]{2,40})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,\[\]{}"]+)"#,
    )
}

/// `name=value` as in forms and queries.
fn form_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(&PATTERN, r#"(\b([A-Za-z_-]{2,40})=)([^\s&;'"]*)"#)
}

fn token_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(
        &PATTERN,
        r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*",
    )
}

/// Compiles one of the patterns above once.
fn compile(cell: &'static OnceLock<Regex>, pattern: &str) -> &'static Regex {
    #[expect(
        clippy::expect_used,
        reason = "the patterns are literals of this file, compiled by its tests"
    )]
    cell.get_or_init(|| Regex::new(pattern).expect("a literal pattern"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let credentials = Credentials {
            values: [("username", "admin"), ("password", "S3cret-pass\"word")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        };
        Redactor::new(
            &SecretNames {
                headers: vec![],
                properties: vec!["pin_code".to_owned()],
            },
            [&credentials],
        )
    }

    #[test]
    fn secret_members_are_masked_and_others_stay() {
        let text = redactor().text(r#"{"password": "x\"y", "passwordHash":"abc","pinCode": 1234, "name": "Ada", "token": null, "new_password": "cut"#);
        assert_eq!(
            text,
            r#"{"password": "***", "passwordHash":"***","pinCode": ***, "name": "Ada", "token": null, "new_password": "***""#
        );
    }

    #[test]
    fn known_values_are_masked_wherever_and_however_they_are_written() {
        let redactor = redactor();
        assert_eq!(redactor.text(r#"a S3cret-pass"word b"#), "a *** b");
        assert_eq!(redactor.text(r#""S3cret-pass\"word""#), r#""***""#);
        assert_eq!(redactor.text("?p=S3cret%2Dpass%22word"), "?p=***");
        assert_eq!(
            redactor.text("user=ada&new_password=x1&b=2"),
            "user=ada&new_password=***&b=2"
        );
        assert_eq!(
            redactor.text("/V1/integration/admin/token"),
            "/V1/integration/admin/token"
        );
    }

    #[test]
    fn tokens_and_headers() {
        let redactor = redactor();
        assert_eq!(
            redactor.text("\"eyJraWQiOiIx.eyJ1aWQiOjEs.NSwedg\""),
            "\"***\""
        );
        assert_eq!(redactor.header("Authorization", "Bearer abc"), "Bearer ***");
        assert_eq!(
            redactor.header("Set-Cookie", "PHPSESSID=94fe; path=/; HttpOnly"),
            "PHPSESSID=***; path=/; HttpOnly"
        );
        assert_eq!(
            redactor.header("Content-Type", "application/json"),
            "application/json"
        );
    }
}
