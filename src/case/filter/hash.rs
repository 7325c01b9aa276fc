//! Filters that hash a text, or authenticate it with a key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use minijinja::{Environment, Error};

use super::input::{refused, string};
use crate::hash::{HashAlgorithm, hex};

/// The hash filters; with `hmac_` before the name they take a key.
const ALGORITHMS: [(&str, HashAlgorithm); 5] = [
    ("md5", HashAlgorithm::Md5),
    ("sha1", HashAlgorithm::Sha1),
    ("sha256", HashAlgorithm::Sha256),
    ("sha384", HashAlgorithm::Sha384),
    ("sha512", HashAlgorithm::Sha512),
];

pub(super) fn add(environment: &mut Environment<'static>) {
    for (name, algorithm) in ALGORITHMS {
        let hash = move |value: &minijinja::Value, notation: Option<String>| {
            let bytes = algorithm.hash(string(value)?.as_bytes());
            written(name, &bytes, notation.as_deref())
        };
        environment.add_filter(name, hash);
        let hmac = move |value: &minijinja::Value,
                         key: Option<minijinja::Value>,
                         notation: Option<String>| {
            let name = format!("hmac_{name}");
            let Some(key) = key else {
                return Err(refused(format!("`{name}` needs a key: `{name}(key)`")));
            };
            let bytes = algorithm.hmac(string(&key)?.as_bytes(), string(value)?.as_bytes());
            written(&name, &bytes, notation.as_deref())
        };
        environment.add_filter(format!("hmac_{name}"), hmac);
    }
}

/// The bytes as text.
fn written(filter: &str, bytes: &[u8], notation: Option<&str>) -> Result<String, Error> {
    match notation {
        None | Some("hex") => Ok(hex(bytes)),
        Some("base64") => Ok(STANDARD.encode(bytes)),
        Some("base64url") => Ok(URL_SAFE_NO_PAD.encode(bytes)),
        Some(other) => Err(refused(format!(
            "`{filter}` cannot be written as `{other}`; write `hex`, `base64` or `base64url`"
        ))),
    }
}
