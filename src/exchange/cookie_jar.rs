//! The cookies that a client keeps between requests (RFC 6265, section 5). Main type: [`CookieJar`].

use std::fmt;

use cookie_store::CookieStore;
use http::HeaderMap;
use http::header::SET_COOKIE;
use url::Url;

/// The cookies of one session, with the domain, path, scheme and time for which each is meant.
///
/// ```
/// use counterpart::exchange::CookieJar;
/// use http::HeaderMap;
/// use http::header::SET_COOKIE;
///
/// let mut jar = CookieJar::default();
/// let mut headers = HeaderMap::new();
/// headers.append(SET_COOKIE, "sid=7; Path=/shop; HttpOnly".parse().unwrap());
/// jar.receive(&"http://shop.example/shop/login".parse().unwrap(), &headers);
/// let sent = |url: &str| jar.sent_to(&url.parse().unwrap());
/// assert_eq!(sent("http://shop.example/shop/cart"), [("sid".to_owned(), "7".to_owned())]);
/// assert!(sent("http://shop.example/other").is_empty());
/// ```
#[derive(Clone, Default)]
pub struct CookieJar {
    store: CookieStore,
}

/// `Debug` shows no values.
impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.store.iter_any().map(|cookie| cookie.name().to_owned());
        f.debug_set().entries(names).finish()
    }
}

impl CookieJar {
    /// Keeps the cookies that a response from `url` sets, and removes those that it expires. What the rules of section 5.3 refuse (another
    /// domain, no name) is left out.
    pub fn receive(&mut self, url: &Url, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            // A refused cookie has no effect, as in a browser.
            let _ = self
                .store
                .parse(&String::from_utf8_lossy(line.as_bytes()), url);
        }
    }

    /// Name and value of each cookie for a request to `url`: those with longer paths first (section 5.4), then by name.
    pub fn sent_to(&self, url: &Url) -> Vec<(String, String)> {
        let mut cookies = self.store.matches(url);
        let path_length = |cookie: &cookie_store::Cookie<'_>| {
            let path: &str = cookie.path.as_ref();
            path.len()
        };
        cookies.sort_by(|a, b| {
            let by_path = path_length(b).cmp(&path_length(a));
            by_path.then_with(|| a.name().cmp(b.name()))
        });
        cookies
            .into_iter()
            .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
            .collect()
    }

    /// Whether it has no cookie that is still valid.
    pub fn is_empty(&self) -> bool {
        self.store.iter_unexpired().next().is_none()
    }

    /// The values of all cookies in it.
    pub fn values(&self) -> Vec<String> {
        let cookies = self.store.iter_any();
        cookies.map(|cookie| cookie.value().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(url: &str, lines: &[&str]) -> CookieJar {
        let mut jar = CookieJar::default();
        receive(&mut jar, url, lines);
        jar
    }

    fn receive(jar: &mut CookieJar, url: &str, lines: &[&str]) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SET_COOKIE, line.parse().unwrap());
        }
        jar.receive(&url.parse().unwrap(), &headers);
    }

    fn sent(jar: &CookieJar, url: &str) -> String {
        let pairs = jar.sent_to(&url.parse().unwrap());
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    #[test]
    fn a_cookie_is_sent_where_it_is_meant_for() {
        let login = "https://shop.example/api/login";
        for (line, url, expected) in [
            // The default path is the folder of the request (section 5.1.4).
            ("a=1", "https://shop.example/api/x", "a=1"),
            ("a=1", "https://shop.example/", ""),
            ("a=1; Path=/", "https://shop.example/", "a=1"),
            ("a=1; Path=/ap", "https://shop.example/api", ""),
            ("a=1; Path=/", "https://other.example/", ""),
            ("a=1; Path=/", "https://sub.shop.example/", ""),
            (
                "a=1; Path=/; Domain=shop.example",
                "https://sub.shop.example/",
                "a=1",
            ),
            (
                "a=1; Path=/; Domain=other.example",
                "https://shop.example/",
                "",
            ),
            ("a=1; Path=/; Secure", "http://shop.example/", ""),
            ("a=1; Path=/; Secure", "https://shop.example/", "a=1"),
            ("a=1; Path=/; Max-Age=0", "https://shop.example/", ""),
            (
                "a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                "https://shop.example/",
                "",
            ),
            (
                "a=b=c; Path=/; HttpOnly; SameSite=Strict",
                "https://shop.example/",
                "a=b=c",
            ),
            ("a=\"x y\"; Path=/", "https://shop.example/", "a=\"x y\""),
        ] {
            assert_eq!(sent(&jar(login, &[line]), url), expected, "{line} to {url}");
        }
    }

    #[test]
    fn a_later_cookie_replaces_or_removes_an_earlier_one() {
        let url = "http://127.0.0.1:81/a/b";
        let mut jar = jar(
            url,
            &["sid=1; Path=/", "sid=2; Path=/", "deep=3", "x=4; Path=/"],
        );
        assert_eq!(sent(&jar, url), "deep=3; sid=2; x=4");
        receive(&mut jar, url, &["sid=; Path=/; Max-Age=0", "=none", "junk"]);
        assert_eq!(sent(&jar, url), "deep=3; x=4");
        assert!(!jar.is_empty());
        assert!(!format!("{jar:?}").contains('4'));
    }
}
