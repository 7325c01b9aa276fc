//! The request's body: its media type, then its JSON or XML.

use serde_json::{Map, Value};

use super::super::error::Failure;
use super::super::php;
use super::xml;
use crate::server::request::ServerRequest;

/// The body as a PHP array: empty for a missing body, and for JSON or XML that is a scalar.
///
/// Fails with Magento's 400 errors: a missing or unknown media type, a parameter other than `charset=utf-8`, text that cannot be parsed.
pub fn read_body(request: &ServerRequest) -> Result<Map<String, Value>, Failure> {
    if request.body.is_empty() {
        return Ok(Map::new());
    }
    let header = request.header("content-type").unwrap_or_default();
    // PHP consumes a multipart body before Magento can read it, so Magento gets no body.
    if header.starts_with("multipart/form-data;") {
        return Ok(Map::new());
    }
    match media_type(header)? {
        "application/json" => decode(&request.body),
        "application/xml" | "application/xhtml+xml" | "text/xml" => decode_xml(&request.body),
        unknown => Err(Failure::new(
            400,
            format!("Server cannot understand Content-Type HTTP header media type {unknown}"),
        )),
    }
}

/// The media type of a `Content-Type` header. Its case is kept, because Magento's comparison is case-sensitive.
fn media_type(header: &str) -> Result<&str, Failure> {
    if header.is_empty() {
        return Err(Failure::new(400, "Content-Type header is empty."));
    }
    let invalid = || Failure::new(400, "Content-Type header is invalid.");
    let (kind, parameter) = match header.split_once(';') {
        Some((kind, parameter)) => (kind, Some(parameter.trim_start())),
        None => (header, None),
    };
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-./+".contains(c);
    if kind.is_empty() || !kind.chars().all(is_token) {
        return Err(invalid());
    }
    if let Some(parameter) = parameter {
        let (name, charset) = parameter.split_once('=').ok_or_else(invalid)?;
        if !name.eq_ignore_ascii_case("charset") || charset.is_empty() {
            return Err(invalid());
        }
        if !charset.eq_ignore_ascii_case("utf-8") {
            return Err(Failure::new(400, "UTF-8 is the only supported charset."));
        }
    }
    Ok(kind)
}

fn decode(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    // Of duplicate keys the last one wins, as in PHP.
    let value: Value = serde_json::from_slice(body).map_err(|_| not_decodable())?;
    Ok(php::array(&value).unwrap_or_default())
}

fn decode_xml(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    let text = std::str::from_utf8(body).map_err(|_| not_decodable())?;
    let value = xml::read(text).ok_or_else(not_decodable)?;
    Ok(php::array(&value).unwrap_or_default())
}

fn not_decodable() -> Failure {
    Failure::new(400, "Decoding error.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(result: Result<impl std::fmt::Debug, Failure>) -> String {
        let body = result.expect_err("a refusal").body();
        body["message"].as_str().unwrap().to_owned()
    }

    #[test]
    fn media_types() {
        for good in [
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
        ] {
            assert_eq!(media_type(good).unwrap_or("refused"), "application/json");
        }
        assert_eq!(message(media_type("")), "Content-Type header is empty.");
        assert_eq!(
            message(media_type("application/json; odata=verbose")),
            "Content-Type header is invalid."
        );
        assert_eq!(
            message(media_type("application/json; charset=iso-8859-1")),
            "UTF-8 is the only supported charset."
        );
    }

    #[test]
    fn texts_that_are_not_json_are_refused() {
        for text in ["   ", "{", "hello", "\u{feff}{}", "{\"a\": 1,}"] {
            assert_eq!(message(decode(text.as_bytes())), "Decoding error.");
        }
        assert_eq!(message(decode(b"{\"a\":\"\xff\"}")), "Decoding error.");
    }

    #[test]
    fn scalars_are_no_arguments_and_the_last_of_equal_keys_wins() {
        for text in ["null", "5", "\"x\"", "true", "[]", "{}"] {
            assert!(decode(text.as_bytes()).unwrap().is_empty(), "{text}");
        }
        let map = decode(br#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(Value::Object(map), json!({"a": 3, "b": 2}));
    }
}
