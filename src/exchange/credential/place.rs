//! Where a request carries a credential. Main type: [`CredentialPlace`].

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue};
use url::form_urlencoded::byte_serialize;

use super::error::SignError;
use crate::exchange::Request;
use crate::exchange::cookie::sent_cookies;

/// The media type of HTML forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// A place of a request, by the name that it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialPlace {
    Header(HeaderName),
    Query(String),
    Cookie(String),
    /// A field of a form: `application/x-www-form-urlencoded`, or `multipart/form-data`.
    Form(String),
    /// The TLS connection: a client certificate.
    Connection,
}

impl CredentialPlace {
    /// Whether it is one of these places. The header `Cookie` means every cookie.
    pub fn is_among(&self, places: &[CredentialPlace]) -> bool {
        places.iter().any(|place| match (place, self) {
            (CredentialPlace::Header(name), CredentialPlace::Cookie(_)) => *name == COOKIE,
            (place, other) => place == other,
        })
    }

    /// Puts `text` there, in place of what the request has there. Nothing is put into the connection, which is made before.
    ///
    /// Fails where a header or cookie cannot have this text, and for a form field in a request with a body of another kind.
    pub(super) fn put(&self, text: &str, request: &mut Request) -> Result<(), SignError> {
        match self {
            CredentialPlace::Header(name) => {
                request
                    .headers
                    .insert(name.clone(), header_value(name, text)?);
                Ok(())
            }
            CredentialPlace::Query(name) => {
                put_in_query(name, text, request);
                Ok(())
            }
            CredentialPlace::Cookie(name) => put_in_cookies(name, text, request),
            CredentialPlace::Form(name) => put_in_form(name, text, request),
            CredentialPlace::Connection => Ok(()),
        }
    }
}

/// `the header x-key`
impl fmt::Display for CredentialPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CredentialPlace::Header(name) => write!(f, "the header {name}"),
            CredentialPlace::Query(name) => write!(f, "the query parameter {name}"),
            CredentialPlace::Cookie(name) => write!(f, "the cookie {name}"),
            CredentialPlace::Form(name) => write!(f, "the form field {name}"),
            CredentialPlace::Connection => f.write_str("the TLS connection"),
        }
    }
}

/// The value of a header. Fails where it has a line break or another control character.
pub(super) fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, SignError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| SignError::UnfitHeader(name.clone()))
}

/// Other parameters keep every byte.
fn put_in_query(name: &str, text: &str, request: &mut Request) {
    let query = request.url.query().unwrap_or_default();
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !has_name(pair, name))
        .map(str::to_owned)
        .collect();
    pairs.push(encoded_pair(name, text));
    request.url.set_query(Some(&pairs.join("&")));
}

fn put_in_cookies(name: &str, text: &str, request: &mut Request) -> Result<(), SignError> {
    // A cookie's value ends at a semicolon, and may not hold spaces (RFC 6265, section 4.1.1).
    if text.contains([';', ' ', ',', '"', '\\']) {
        return Err(SignError::UnfitCookie(name.to_owned()));
    }
    let cookie = (name.to_owned(), text.to_owned());
    put_cookies(std::iter::once(&cookie), request)
}

/// Adds cookies, as they are, to those that the request has; those of the same name are replaced.
pub(super) fn put_cookies<'c>(
    cookies: impl Iterator<Item = &'c (String, String)>,
    request: &mut Request,
) -> Result<(), SignError> {
    let mut sent = sent_cookies(&request.headers);
    for (name, value) in cookies {
        sent.retain(|(known, _)| known != name);
        sent.push((name.clone(), value.clone()));
    }
    if sent.is_empty() {
        return Ok(());
    }
    let pairs: Vec<String> = sent
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let value = header_value(&COOKIE, &pairs.join("; "))?;
    request.headers.insert(COOKIE, value);
    Ok(())
}

/// A request without a body gets one that has only this field.
fn put_in_form(name: &str, text: &str, request: &mut Request) -> Result<(), SignError> {
    let content_type = request.headers.get(CONTENT_TYPE);
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let content_type = content_type.unwrap_or_default().into_owned();
    if let Some(boundary) = boundary(&content_type) {
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        );
        request.body = [part.as_bytes(), &request.body].concat().into();
        return Ok(());
    }
    let is_form = content_type.to_ascii_lowercase().starts_with(FORM);
    if !is_form && !request.body.is_empty() {
        return Err(SignError::NoForm {
            field: name.to_owned(),
            content_type,
        });
    }
    if !is_form {
        request
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    }
    let body = String::from_utf8_lossy(&request.body);
    let kept = body.split('&');
    let mut pairs: Vec<String> = kept
        .filter(|pair| !pair.is_empty() && !has_name(pair, name))
        .map(str::to_owned)
        .collect();
    pairs.push(encoded_pair(name, text));
    request.body = Bytes::from(pairs.join("&"));
    Ok(())
}

/// The boundary of a multipart form (RFC 2046, section 5.1.1).
fn boundary(content_type: &str) -> Option<String> {
    let media_type: mime::Mime = content_type.parse().ok()?;
    let is_form = media_type.essence_str() == "multipart/form-data";
    let boundary = media_type.get_param(mime::BOUNDARY)?;
    is_form.then(|| boundary.as_str().to_owned())
}

/// Whether a pair of a query or form has this name.
fn has_name(pair: &str, name: &str) -> bool {
    url::form_urlencoded::parse(pair.as_bytes()).any(|(known, _)| known == name)
}

fn encoded_pair(name: &str, text: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("{}={}", encoded(name), encoded(text))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    fn request(query: &str, content_type: &str, body: &str) -> Request {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        }
        Request {
            method: Method::POST,
            url: format!("http://shop.example/a{query}").parse().unwrap(),
            headers,
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn a_query_parameter_replaces_only_its_own_name() {
        let place = CredentialPlace::Query("api key".to_owned());
        for (before, after) in [
            ("", "?api+key=a%26b"),
            ("?x=%2F&api%20key=old&y", "?x=%2F&y&api+key=a%26b"),
        ] {
            let mut request = request(before, "", "");
            place.put("a&b", &mut request).unwrap();
            assert_eq!(
                request.url.as_str(),
                format!("http://shop.example/a{after}")
            );
        }
    }

    #[test]
    fn a_cookie_is_added_to_the_others() {
        let mut request = request("", "", "");
        request
            .headers
            .insert(COOKIE, "theme=dark; key=old".parse().unwrap());
        let place = CredentialPlace::Cookie("key".to_owned());
        place.put("a=b", &mut request).unwrap();
        assert_eq!(request.headers[COOKIE], "theme=dark; key=a=b");
        let refused = place.put("a;b", &mut request).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the cookie `key` cannot have a value with spaces, commas, semicolons, quotes or backslashes"
        );
    }

    #[test]
    fn a_form_field_goes_into_forms_only() {
        let place = CredentialPlace::Form("_token".to_owned());
        let mut urlencoded = request("", FORM, "a=%20&_token=old");
        place.put("x y", &mut urlencoded).unwrap();
        assert_eq!(urlencoded.body, "a=%20&_token=x+y");

        let mut empty = request("", "", "");
        place.put("x", &mut empty).unwrap();
        assert_eq!(empty.body, "_token=x");
        assert_eq!(empty.headers[CONTENT_TYPE], FORM);

        let mut multipart = request("", "multipart/form-data; boundary=B", "--B--\r\n");
        place.put("x", &mut multipart).unwrap();
        assert_eq!(
            multipart.body,
            "--B\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\nx\r\n--B--\r\n"
        );

        let mut json = request("", "application/json", "{}");
        let refused = place.put("x", &mut json).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the form field `_token` cannot be added to a body of `application/json`"
        );
    }
}
