//! Cookies as headers carry them (RFC 6265): [`SetCookie`] of responses, [`sent_cookies`] of requests.

use http::HeaderMap;
use http::header::{COOKIE, SET_COOKIE};

use crate::text::MASK;

/// A cookie that a response sets: one line of `Set-Cookie` (RFC 6265, section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// Empty where the line has no `=`: clients ignore such a line.
    pub name: String,
    /// As sent, quotes included.
    pub value: String,
    /// Name and value of each attribute; the value of one without `=` is empty.
    pub attributes: Vec<(String, String)>,
}

impl SetCookie {
    /// Reads the value of one header line.
    pub fn parse(line: &str) -> SetCookie {
        let mut parts = line.split(';');
        let (name, value) = match pair(parts.next().unwrap_or_default()) {
            (name, Some(value)) => (name, value),
            // Without `=` it is a value that has no name.
            (value, None) => ("", value),
        };
        let attributes = parts
            .map(pair)
            .map(|(name, value)| (name.to_owned(), value.unwrap_or_default().to_owned()));
        SetCookie {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes: attributes.collect(),
        }
    }

    /// All cookies that a response sets, in the order of their lines. Bytes that are not UTF-8 are replaced.
    pub fn all(headers: &HeaderMap) -> Vec<SetCookie> {
        let lines = headers.get_all(SET_COOKIE).iter();
        lines
            .map(|line| SetCookie::parse(&String::from_utf8_lossy(line.as_bytes())))
            .collect()
    }

    /// The line without the cookie's value: `sid=***; Path=/`.
    pub fn masked(&self) -> String {
        let mut line = match self.name.as_str() {
            "" => MASK.to_owned(),
            name => format!("{name}={MASK}"),
        };
        for (name, value) in &self.attributes {
            line.push_str("; ");
            line.push_str(name);
            if !value.is_empty() {
                line.push('=');
                line.push_str(value);
            }
        }
        line
    }
}

/// Name and value of each cookie that a request sends, in order (RFC 6265, section 5.4).
pub(crate) fn sent_cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut cookies = Vec::new();
    for line in headers.get_all(COOKIE) {
        let line = String::from_utf8_lossy(line.as_bytes());
        cookies.extend(
            line.split(';')
                .map(pair)
                .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))),
        );
    }
    cookies
}

/// Name and value around the first `=`, both trimmed; no value where there is none.
fn pair(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (text.trim(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_pair_and_attributes() {
        let cookie = SetCookie::parse("sid=a=b; Path=/; HttpOnly;SameSite = Lax");
        assert_eq!((&*cookie.name, &*cookie.value), ("sid", "a=b"));
        let attributes: Vec<_> = cookie
            .attributes
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            attributes,
            [("Path", "/"), ("HttpOnly", ""), ("SameSite", "Lax")]
        );
        assert_eq!(cookie.masked(), "sid=***; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_request_sends_pairs() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "sid=a=b; theme=dark;x".parse().unwrap());
        headers.append(COOKIE, "empty=".parse().unwrap());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [pair("sid", "a=b"), pair("theme", "dark"), pair("empty", "")];
        assert_eq!(sent_cookies(&headers), expected);
    }

    #[test]
    fn a_line_without_a_name_shows_nothing_of_its_value() {
        let cookie = SetCookie::parse("secret; Path=/");
        assert_eq!((&*cookie.name, &*cookie.value), ("", "secret"));
        assert_eq!(cookie.masked(), "***; Path=/");
        assert_eq!(SetCookie::parse("").masked(), "***");
    }
}
