//! Filters between texts: encodings, escaping, repetition.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use minijinja::{Environment, Error};

use super::input::{plain, refused, string};
use crate::case::base64_text::decoded_base64;

/// The longest text the `repeat` filter may make, in bytes.
const LONGEST_REPEAT: usize = 64 * 1024 * 1024;

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("string", string);
    environment.add_filter("json", json);
    environment.add_filter("base64", base64);
    environment.add_filter("base64url", base64url);
    environment.add_filter("base64_decode", base64_decode);
    environment.add_filter("hex", hex);
    environment.add_filter("xml", xml);
    environment.add_filter("repeat", repeat);
}

/// JSON text. (minijinja's own `tojson` escapes characters for HTML.)
fn json(value: &minijinja::Value) -> Result<String, Error> {
    Ok(plain(value)?.to_string())
}

/// RFC 4648, section 4.
fn base64(value: &minijinja::Value) -> Result<String, Error> {
    Ok(STANDARD.encode(string(value)?))
}

/// RFC 4648, section 5, without padding, as in JSON Web Tokens.
fn base64url(value: &minijinja::Value) -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(string(value)?))
}

/// The text that either alphabet of base64 means.
fn base64_decode(value: &minijinja::Value) -> Result<String, Error> {
    let text = string(value)?.replace('-', "+").replace('_', "/");
    let bytes = decoded_base64(&text)
        .map_err(|reason| refused(format!("the value of `base64_decode` is {reason}")))?;
    String::from_utf8(bytes).map_err(|_| {
        refused("`base64_decode` yields bytes that are not text in UTF-8; send them by `base64:` or `$base64:`")
    })
}

fn hex(value: &minijinja::Value) -> Result<String, Error> {
    Ok(crate::hash::hex(string(value)?.as_bytes()))
}

/// Text for elements and attributes of XML 1.0 (section 2.4). Fails for characters that no XML document can contain (section 2.2).
fn xml(value: &minijinja::Value) -> Result<String, Error> {
    let mut escaped = String::new();
    for c in string(value)?.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Else a parser reads them as a space or line feed (sections 2.11 and 3.3.3).
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                return Err(refused(format!(
                    "`xml` cannot write the character U+{:04X}: no XML document can contain it",
                    u32::from(c)
                )));
            }
            c => escaped.push(c),
        }
    }
    Ok(escaped)
}

fn repeat(value: &minijinja::Value, times: usize) -> Result<String, Error> {
    let text = string(value)?;
    match text.len().checked_mul(times) {
        Some(length) if length <= LONGEST_REPEAT => Ok(text.repeat(times)),
        _ => Err(refused(format!(
            "`repeat({times})` makes a text of more than {LONGEST_REPEAT} bytes"
        ))),
    }
}
