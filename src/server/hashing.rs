//! Password hashes: argon2id in the PHC text form. Main type: [`Hashing`].

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// The cost of a password hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hashing {
    /// 8 KiB, one pass: microseconds. The default, because these are test servers and every case registers a customer.
    #[default]
    Cheap,
    /// 19 MiB, two passes, as OWASP recommends for argon2id.
    Real,
}

impl Hashing {
    /// The PHC text of `password` with a new random salt; `None` if the hasher fails (a password above 4 GiB).
    pub fn hash(self, password: &str) -> Option<String> {
        let params = match self {
            Hashing::Cheap => Params::new(8, 1, 1, None).ok()?,
            Hashing::Real => Params::default(),
        };
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash = hasher.hash_password(password.as_bytes()).ok()?;
        Some(hash.to_string())
    }
}

/// Whether `password` is the hashed password. A text that is not a PHC hash matches no password.
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        for hashing in [Hashing::Cheap, Hashing::Real] {
            let hash = hashing.hash("Str0ng-Pass!1").unwrap();
            assert!(hash.starts_with("$argon2id$"));
            assert!(matches("Str0ng-Pass!1", &hash));
            assert!(!matches("Str0ng-Pass!2", &hash));
        }
    }

    #[test]
    fn a_text_that_is_not_a_hash_matches_nothing() {
        assert!(!matches("x", "x"));
        assert!(!matches("", ""));
    }
}
