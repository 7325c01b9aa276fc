//! JSON Web Tokens as Magento issues them: HS256, header `{"kid":"1","alg":"HS256"}`, claims uid, utypid, iat, exp.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::Deserialize;
use time::OffsetDateTime;

/// Validity of a token in seconds.
const LIFETIME: i64 = 3600;

/// The type of the token's user, with Magento's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    Administrator = 2,
    Customer = 3,
}

/// The claims of a token.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    #[serde(rename = "uid")]
    pub user: i64,
    utypid: i64,
    /// Seconds since 1970.
    #[serde(rename = "iat")]
    pub issued: i64,
    /// Seconds since 1970.
    #[serde(rename = "exp")]
    expires: i64,
}

/// The header of a token, which describes its signature (RFC 7515, 4.1.1).
#[derive(Deserialize)]
struct Header {
    alg: String,
}

impl Claims {
    /// `None` for a number without a user type.
    pub fn user_type(&self) -> Option<UserType> {
        [UserType::Administrator, UserType::Customer]
            .into_iter()
            .find(|kind| *kind as i64 == self.utypid)
    }
}

/// Issues and reads the tokens of one instance.
pub struct Tokens {
    key: hmac::Key,
}

impl Tokens {
    /// A signer of tokens with this secret.
    pub fn new(secret: &[u8]) -> Self {
        Tokens {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// A token for the user, issued at `now` (seconds since 1970).
    pub fn issue(&self, kind: UserType, user: i64, now: i64) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"kid":"1","alg":"HS256"}"#);
        let claims = format!(
            r#"{{"uid":{user},"utypid":{},"iat":{now},"exp":{}}}"#,
            kind as i64,
            now + LIFETIME
        );
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = hmac::sign(&self.key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a token of this instance that has not expired.
    pub fn read(&self, token: &str) -> Option<Claims> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, _) = message.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, message.as_bytes(), &signature).ok()?;
        let claims = Tokens::read_blindly(token)?;
        let is_valid =
            header.alg == "HS256" && claims.expires >= OffsetDateTime::now_utc().unix_timestamp();
        is_valid.then_some(claims)
    }

    /// The claims of any text in the form of a token, without checking signature and expiry. Used only by a fault.
    pub fn read_blindly(token: &str) -> Option<Claims> {
        let claims = token.split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> i64 {
        OffsetDateTime::now_utc().unix_timestamp()
    }

    #[test]
    fn a_token_looks_as_magento_writes_it_and_is_read_back() {
        let tokens = Tokens::new(b"secret");
        let token = tokens.issue(UserType::Customer, 5, now());
        assert!(token.starts_with("eyJraWQiOiIxIiwiYWxnIjoiSFMyNTYifQ."));
        let claims = tokens.read(&token).unwrap();
        assert_eq!(
            (claims.user, claims.user_type()),
            (5, Some(UserType::Customer))
        );
    }

    #[test]
    fn foreign_expired_and_changed_tokens_are_refused() {
        let tokens = Tokens::new(b"secret");
        let foreign = Tokens::new(b"other").issue(UserType::Administrator, 1, now());
        let expired = tokens.issue(UserType::Administrator, 1, now() - LIFETIME - 1);
        let unsigned = foreign.rsplit_once('.').unwrap().0.to_owned() + ".";
        let claims = foreign.split('.').nth(1).unwrap();
        let header = URL_SAFE_NO_PAD.encode(r#"{"kid":"1","alg":"none"}"#);
        let without_algorithm = format!("{header}.{claims}.");
        for token in [
            &foreign,
            &expired,
            &unsigned,
            &without_algorithm,
            "garbage",
            "",
        ] {
            assert!(tokens.read(token).is_none(), "{token}");
        }
        assert_eq!(Tokens::read_blindly(&foreign).unwrap().user, 1);
        assert!(Tokens::read_blindly("garbage").is_none());
    }
}
