//! What is secret, and how it is removed from a text. Main type: [`Redactor`].

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Captures, Regex};

use super::masked::MaskedText;
use super::values::SecretValues;
use crate::multipart;

/// What replaces a secret.
pub const MASK: &str = "***";

/// Values shorter than this are masked only by the name of their property: a short word would be found in every text.
const SHORTEST_VALUE: usize = super::values::HEAD;

/// Values of cookies shorter than this (`store=default`) are not masked outside the cookie.
const SHORTEST_COOKIE: usize = 16;

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

/// How the names of further secret properties end.
const ENDINGS: [&str; 6] = [
    "password",
    "passwd",
    "token",
    "secret",
    "apikey",
    "privatekey",
];

/// Characters that URLs need not encode (RFC 3986, 2.3) are kept, all others encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

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

/// Names whose values are masked in every report, in addition to those that always are.
#[derive(Debug, Clone, Default)]
pub struct SecretNames {
    pub headers: Vec<HeaderName>,
    /// JSON and form property names, compared without case.
    pub properties: Vec<String>,
}

/// Knows the secret names and values of a target, and masks them: the only maker of [`MaskedText`].
///
/// [`Redactor::default`] knows the names that are always secret, and no value.
#[derive(Debug, Clone)]
pub struct Redactor {
    names: Arc<Names>,
    values: SecretValues,
}

#[derive(Debug)]
struct Names {
    properties: BTreeSet<String>,
    headers: BTreeSet<String>,
}

impl Default for Redactor {
    fn default() -> Self {
        Redactor::new(&SecretNames::default(), [])
    }
}

impl Redactor {
    /// The redactor with only the names that are always secret, and no values: for text that does not belong to a target.
    pub fn standard() -> &'static Redactor {
        static STANDARD: OnceLock<Redactor> = OnceLock::new();
        STANDARD.get_or_init(Redactor::default)
    }

    /// Knows the names that are always secret, the given names, and the secret values among the credentials (key and value each).
    pub fn new<'c>(
        names: &SecretNames,
        credentials: impl IntoIterator<Item = (&'c str, &'c str)>,
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
            values: SecretValues::default(),
        };
        for (key, value) in credentials {
            if redactor.is_secret_property(key) {
                redactor.learn(value);
            }
        }
        redactor
    }

    /// Whether a property's, parameter's or variable's value is secret by its name: one of those known, or one that ends in a word
    /// for secrets, as `customer_token` and `user[password]` do.
    pub fn is_secret_property(&self, name: &str) -> bool {
        let name = fold(name);
        self.names.properties.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
    }

    /// Masks this value from now on, wherever it appears. Very short and blank values are masked only by name.
    pub fn learn(&mut self, value: &str) {
        if value.trim().len() < SHORTEST_VALUE || self.names.properties.contains(&fold(value)) {
            return;
        }
        if !self.values.contains(value) {
            spellings(value)
                .iter()
                .for_each(|spelling| self.values.learn(spelling));
        }
    }

    /// Learns the secrets of a query, and of a body of JSON or, where the content type says so, of a form.
    pub fn learn_from_query_and_body(
        &mut self,
        query: Option<&str>,
        content_type: Option<&[u8]>,
        body: &Bytes,
    ) {
        if let Some(query) = query {
            self.learn_from_pairs(query.as_bytes());
        }
        let form = b"application/x-www-form-urlencoded";
        let is_form = content_type.is_some_and(|value| value.starts_with(form));
        if is_form {
            self.learn_from_pairs(body);
        } else if let Some(parts) = multipart::read(content_type, body) {
            for part in &parts {
                match part.as_text() {
                    Some(text) if self.is_secret_property(&part.name) => self.learn(text),
                    _ => {
                        if let Ok(value) = serde_json::from_slice(&part.content) {
                            self.learn_from(&value);
                        }
                    }
                }
            }
        } else if let Ok(body) = serde_json::from_slice(&body[..]) {
            self.learn_from(&body);
        }
    }

    /// Learns the values of secret headers, with and without their parts that are not secret. Short values of cookies are words more
    /// often than secrets.
    pub fn learn_from_headers(&mut self, headers: &HeaderMap) {
        for (name, value) in headers {
            if !self.is_secret_header(name.as_str()) {
                continue;
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            self.learn(&value);
            match name.as_str() {
                "authorization" | "proxy-authorization" => {
                    if let Some((_, secret)) = value.split_once(' ') {
                        self.learn(secret.trim());
                    }
                }
                "cookie" | "set-cookie" => {
                    let pairs = value.split(';').filter_map(|pair| pair.split_once('='));
                    for (_, secret) in pairs.filter(|(_, secret)| secret.len() >= SHORTEST_COOKIE) {
                        self.learn(secret.trim());
                    }
                }
                _ => {}
            }
        }
    }

    fn learn_from_pairs(&mut self, pairs: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(pairs) {
            if self.is_secret_property(&name) {
                self.learn(&value);
            }
        }
    }

    /// Whether a header's value is secret by its name, which is in lower case.
    pub fn is_secret_header(&self, name: &str) -> bool {
        self.names.headers.contains(name)
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
    pub fn text(&self, text: &str) -> MaskedText {
        MaskedText::new(self.masked(text))
    }

    /// Whether it masks nothing in a text.
    pub fn shows(&self, text: &str) -> bool {
        self.masked(text) == text
    }

    fn masked(&self, text: &str) -> String {
        let masked = self.values.replaced(text, MASK);
        let masked = token_pattern().replace_all(&masked, MASK);
        let masked =
            member_pattern().replace_all(&masked, |found: &Captures<'_>| self.member(found));
        form_pattern()
            .replace_all(&masked, |found: &Captures<'_>| self.member(found))
            .into_owned()
    }

    /// A text of YAML, JSON or TOML with the values of secret members blanked out. Its length in bytes does not change, so that positions
    /// in it stay valid. Templates, references to variables and JSONPaths are not secrets.
    pub fn blanked(&self, text: &str) -> String {
        let blank = |found: &Captures<'_>, text: &str| {
            let (head, name, value) = (&found[1], &found[2], &found[3]);
            let inner = value.trim_matches(['"', '\'']);
            let after = &text[found.get(0).map_or(0, |whole| whole.end())..];
            let is_plain = inner.starts_with(['$', '*', '&', '!', '|', '>'])
                || inner.contains("{{")
                || after.trim_start().starts_with("{{")
                || matches!(inner, "" | "null" | "true" | "false");
            let is_secret =
                self.is_secret_property(name) || self.is_secret_header(&name.to_ascii_lowercase());
            if is_plain || !is_secret {
                return found[0].to_owned();
            }
            let (quote, length) = match value.len() - inner.len() {
                0 => ("", inner.len()),
                _ => (&value[..1], value.len() - 2),
            };
            format!("{head}{quote}{}{quote}", self::blank(length))
        };
        let lines = line_pattern().replace_all(text, |found: &Captures<'_>| blank(found, text));
        let blanked =
            setting_pattern().replace_all(&lines, |found: &Captures<'_>| blank(found, &lines));
        let of_url =
            |found: &Captures<'_>| format!("{}{}@", &found[1], self::blank(found[2].len()));
        userinfo_pattern()
            .replace_all(&blanked, of_url)
            .into_owned()
    }

    /// A match of one of the patterns, its value masked if its name is secret. Groups: 1 up to the value, 2 the name, 3 the value.
    fn member(&self, found: &Captures<'_>) -> String {
        let (head, name, value) = (&found[1], &found[2], &found[3]);
        if !self.is_secret_property(name) || matches!(value, "" | "null" | "true" | "false") {
            return found[0].to_owned();
        }
        let quote = if value.starts_with('"') { "\"" } else { "" };
        format!("{head}{quote}{MASK}{quote}")
    }

    /// A header's value: masked by the header's name (scheme and cookie names stay), else as any text.
    pub fn header(&self, name: &str, value: &str) -> MaskedText {
        let name = name.to_ascii_lowercase();
        if !self.is_secret_header(&name) {
            return self.text(value);
        }
        MaskedText::new(masked_header(&name, value))
    }
}

/// A mask of this many bytes.
fn blank(length: usize) -> String {
    format!("{:length$}", &MASK[..MASK.len().min(length)])
}

/// The value of a secret header.
fn masked_header(name: &str, value: &str) -> String {
    match name {
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

/// A value as different kinds of text write it: as it is, in JSON (as most write it, and as PHP does, with `\/` and `\u00e4`), in
/// URLs and in forms (hexadecimal digits in both cases).
fn spellings(value: &str) -> BTreeSet<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let escaped: String = json.chars().map(escape_as_php).collect();
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut spellings = BTreeSet::from([value.to_owned(), escaped, json, with_small_digits(&form)]);
    spellings.insert(form);
    for kept in [NON_ALPHANUMERIC, UNRESERVED] {
        let encoded = utf8_percent_encode(value, kept).to_string();
        spellings.insert(with_small_digits(&encoded));
        spellings.insert(encoded);
    }
    spellings
}

fn escape_as_php(c: char) -> String {
    match c {
        '/' => r"\/".to_owned(),
        c if c.is_ascii() => c.to_string(),
        c => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
    }
}

/// A percent-encoded text with `%c3` for `%C3`.
fn with_small_digits(encoded: &str) -> String {
    let mut digits = 0;
    let small = encoded.chars().map(|c| {
        let is_digit = digits > 0;
        digits = if c == '%' {
            2
        } else {
            digits - u8::from(is_digit)
        };
        if is_digit { c.to_ascii_lowercase() } else { c }
    });
    small.collect()
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ']'))
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

/// `name: value`, `"name": value`, `name = value`: a member on one line of YAML, JSON or TOML.
fn setting_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(
        &PATTERN,
        r#"(\b([A-Za-z_-]{2,40})["']?[ \t]*[:=][ \t]*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,\[\]{}"'#](?:[ \t]*[^\s,\[\]{}"'#])*)"#,
    )
}

/// `name: value` that fills a line of YAML up to its end or comment, without quotes.
fn line_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(
        &PATTERN,
        r#"(?m)(^[ \t]*(?:- +)?["']?([A-Za-z_-]{2,40})["']?[ \t]*:[ \t]+)([^\s"'{\[#](?:[ \t]*[^\s#]|#)*)"#,
    )
}

/// `scheme://user:password@` of a URL. Groups: 1 up to the password, 2 the password.
fn userinfo_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(&PATTERN, r#"(://[^/\s:@"']*:)([^@/\s"']+)@"#)
}

/// `name=value` as in forms and queries.
fn form_pattern() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    compile(
        &PATTERN,
        r#"(\b([A-Za-z_-]{2,40})(?:\]|%5[Dd])?=)([^\s&;'"]*)"#,
    )
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
        let credentials = [("username", "admin"), ("password", "S3cret-pass\"word")];
        Redactor::new(
            &SecretNames {
                headers: vec![],
                properties: vec!["pin_code".to_owned()],
            },
            credentials,
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
    fn the_longest_of_overlapping_values_is_masked_also_when_learned_later() {
        let mut redactor = redactor();
        redactor.learn("first-half");
        assert_eq!(redactor.text("first-half-and-more"), "***-and-more");
        redactor.learn("first-half-and-more");
        assert_eq!(
            redactor.text("a first-half-and-more, first-half"),
            "a ***, ***"
        );
    }

    #[test]
    fn secret_settings_are_blanked_and_positions_stay() {
        let redactor = redactor();
        for (text, expected) in [
            ("password: hunter2", "password: ***    "),
            (
                "auth.admin = { username = \"ci\", password = \"grüße!\" }",
                "auth.admin = { username = \"ci\", password = \"***     \" }",
            ),
            ("{\"client_secret\":\"ab\"}", "{\"client_secret\":\"**\"}"),
            ("pin-code: 123456 # mine", "pin-code: ***    # mine"),
            ("api_key: 'it is'", "api_key: '***  '"),
            (
                "  password: with spaces, a comma and a#b # mine",
                "  password: ***                          # mine",
            ),
            (
                "  - Authorization: Bearer abcdef",
                "  - Authorization: ***          ",
            ),
            (
                "headers: {Authorization: Bearer abc, A: b}",
                "headers: {Authorization: ***       , A: b}",
            ),
            (
                "headers = { Authorization = \"Bearer abc\", A = \"b\" }",
                "headers = { Authorization = \"***       \", A = \"b\" }",
            ),
            (
                "url = \"https://ada:hunter2@shop.example/\"",
                "url = \"https://ada:***    @shop.example/\"",
            ),
        ] {
            let blanked = redactor.blanked(text);
            assert_eq!(blanked, expected);
            assert_eq!(blanked.len(), text.len());
        }
        for kept in [
            "password: \"{{ credentials.password }}\"",
            "Authorization: Bearer {{ token }}",
            "{Authorization: Bearer {{ token }}, A: b}",
            "url: https://shop.example:8080/a@b",
            "password = \"${ADMIN_PASSWORD}\"",
            "token: $.access_token",
            "password:\n  type: string",
            "password: { type: string }",
            "name: password",
        ] {
            assert_eq!(redactor.blanked(kept), kept);
        }
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
