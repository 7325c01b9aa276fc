//! The strength of a new password. Main function: [`check`].

use serde_json::json;

use super::super::error::Failure;

const MAX_CHARACTERS: usize = 256;
/// Texts, because Magento reads them from its configuration: they are returned as `["8"]` and `["3"]`.
const MIN_CHARACTERS: &str = "8";
const MIN_CLASSES: &str = "3";
/// Validity of a token for resetting the password, in seconds.
const TOKEN_LIFETIME: i64 = 7200;

/// Rejects a password that is too long, too short, surrounded by blanks, or has too few classes of characters, in this order.
pub fn check(password: &str) -> Result<(), Failure> {
    let length = password.chars().count();
    if length > MAX_CHARACTERS {
        return Err(
            Failure::new(400, "Please enter a password with at most %1 characters.")
                .with_parameters(json!([MAX_CHARACTERS]))
                .with_session(),
        );
    }
    if length < 8 {
        return Err(Failure::new(
            400,
            "The password needs at least %1 characters. Create a new password and try again.",
        )
        .with_parameters(json!([MIN_CHARACTERS]))
        .with_session());
    }
    if password.trim() != password {
        return Err(Failure::new(
            400,
            "The password can't begin or end with a space. Verify the password and try again.",
        )
        .with_session());
    }
    if classes(password) < 3 {
        return Err(Failure::new(
            400,
            "Minimum of different classes of characters in password is %1. Classes of characters: Lower Case, Upper Case, Digits, Special Characters.",
        )
        .with_parameters(json!([MIN_CLASSES]))
        .with_session());
    }
    Ok(())
}

/// Rejects a password that equals the e-mail address. Without an address, PHP 8.1 and later fail with an internal error.
pub fn check_differs(password: &str, email: Option<&str>) -> Result<(), Failure> {
    match email {
        None => Err(Failure::internal().with_session()),
        Some(email) if email.eq_ignore_ascii_case(password) => Err(Failure::new(
            400,
            "The password can't be the same as the email address. Create a new password and try again.",
        )
        .with_session()),
        Some(_) => Ok(()),
    }
}

/// Whether a token for resetting, created at this second since 1970, has expired at `now`. A token of unknown age has expired.
pub fn is_token_expired(made_at: Option<i64>, now: i64) -> bool {
    made_at.is_none_or(|made_at| made_at > now || now - made_at >= TOKEN_LIFETIME)
}

fn classes(password: &str) -> usize {
    let is_special = |c: char| !c.is_ascii_alphanumeric();
    [
        password.contains(|c: char| c.is_ascii_digit()),
        password.contains(|c: char| c.is_ascii_uppercase()),
        password.contains(|c: char| c.is_ascii_lowercase()),
        password.contains(is_special),
    ]
    .into_iter()
    .filter(|found| *found)
    .count()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn parameters(password: &str) -> Value {
        check(password).expect_err("a refusal").body()["parameters"].clone()
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert_eq!(parameters("short"), json!(["8"]));
        assert_eq!(parameters(""), json!(["8"]));
        assert_eq!(parameters("Abc-123"), json!(["8"]));
        assert_eq!(parameters("alllowercase"), json!(["3"]));
        assert_eq!(parameters("12345678"), json!(["3"]));
        assert_eq!(parameters(&"Aa1!".repeat(65)), json!([256]));
        assert_eq!(parameters("        "), Value::Null);
        assert_eq!(parameters(" Abcdef-123"), Value::Null);
        assert!(check("Str0ng-Pass!1").is_ok());
    }

    #[test]
    fn a_token_is_valid_for_two_hours() {
        assert!(!is_token_expired(Some(1000), 1000));
        assert!(!is_token_expired(Some(1000), 8199));
        assert!(is_token_expired(Some(1000), 8200));
        assert!(is_token_expired(Some(1000), 999));
        assert!(is_token_expired(None, 1000));
    }

    #[test]
    fn the_address_is_not_accepted_as_password() {
        assert!(check_differs("Ada@Example.com", Some("ada@example.com")).is_err());
        assert!(check_differs("Str0ng-Pass!1", Some("ada@example.com")).is_ok());
        assert_eq!(
            check_differs("Str0ng-Pass!1", None)
                .expect_err("a refusal")
                .status,
            500
        );
    }
}
