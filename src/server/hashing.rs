//! Passwords at rest: argon2id in the PHC text form. Main type: [`Hashing`].

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// How much work a password hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hashing {
    /// 8 KiB, one pass: microseconds. The default, for these are test servers and every case registers somebody.
    #[default]
    Cheap,
    /// 19 MiB, two passes, as OWASP advises for argon2id.
    Real,
}

impl Hashing {
    /// The PHC text of `password` under a new random salt; `None` if the hasher refuses (a password above 4 GiB).
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

/// Whether `password` is the one that was hashed. A text that is no PHC hash matches nothing, so nobody can sign in with it.
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
    fn a_text_that_is_no_hash_matches_nothing() {
        assert!(!matches("x", "x"));
        assert!(!matches("", ""));
    }
}
