//! User name and password in the header `Authorization` (RFC 7617).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The credentials behind the scheme `Basic`, in UTF-8.
///
/// Fails, with a sentence fragment, where the user name has a colon, which would end it (RFC 7617, section 2).
pub fn basic_credentials(username: &str, password: &str) -> Result<String, String> {
    match username.contains(':') {
        true => Err("the user name has a colon, which Basic authentication cannot send".to_owned()),
        false => Ok(STANDARD.encode(format!("{username}:{password}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7617, sections 2 and 2.1.
    #[test]
    fn the_examples_of_the_rfc_are_encoded() {
        let encoded = |username, password| basic_credentials(username, password).unwrap();
        assert_eq!(
            encoded("Aladdin", "open sesame"),
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(encoded("test", "123\u{a3}"), "dGVzdDoxMjPCow==");
        assert_eq!(encoded("", ":"), "Ojo=");
        assert!(basic_credentials("a:b", "c").is_err());
    }
}
