//! Data that is unique to one case of one run: [`Unique`].

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

/// Members of the `unique` object of templates.
pub(super) const MEMBERS: [&str; 6] = ["email", "name", "number", "password", "uuid", "word"];

/// The `unique` object of one fixture instance or one case. The same seed and key always give the same values; other keys or seeds give
/// different ones (the e-mail address contains 60 random bits).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// Lower case, below the reserved domain `example.com` (RFC 2606).
    pub email: String,
    /// 17 characters of all four classes (upper and lower case, digit, other): enough for strict password rules.
    pub password: String,
    /// One capital and nine small letters: a valid first name.
    pub name: String,
    /// Twelve small letters.
    pub word: String,
    /// In `1..=2147483647`: fits a signed 32-bit id.
    pub number: u32,
    /// Random, of version 4 (RFC 9562, section 5.4), in lower case.
    pub uuid: String,
}

impl Unique {
    /// Values for the seed of a run and the key of their user: the case's id, and the fixture instance where it is one.
    pub fn new(seed: u64, key: &str) -> Self {
        let mut random = ChaCha8Rng::from_seed(digest(seed, key));
        let mut draw = |letters: &[u8], count: usize| -> String {
            let pick = |_| {
                // 64 bits over at most 36 letters: the bias is negligible.
                let index = random.next_u64() % letters.len() as u64;
                char::from(letters[index as usize])
            };
            (0..count).map(pick).collect()
        };
        let email = format!("c-{}@example.com", draw(BASE32, 12));
        let password = format!(
            "{}{}-{}",
            draw(CAPITALS, 2),
            draw(SMALL, 6),
            draw(DIGITS, 8)
        );
        let name = format!("{}{}", draw(CAPITALS, 1), draw(SMALL, 9));
        let word = draw(SMALL, 12);
        let number = (random.next_u64() % 0x7fff_ffff) as u32 + 1;
        let uuid = uuid(random.next_u64(), random.next_u64());
        Unique {
            email,
            password,
            name,
            word,
            number,
            uuid,
        }
    }

    /// The object for templates, with the members `email`, `password`, `name`, `word`, `number`, `uuid`.
    pub fn to_value(&self) -> Value {
        let Unique {
            email,
            password,
            name,
            word,
            number,
            uuid,
        } = self;
        json!({
            "email": email, "password": password, "name": name, "word": word, "number": number, "uuid": uuid
        })
    }
}

/// A UUID of version 4 with these random bits (RFC 9562, section 5.4).
fn uuid(high: u64, low: u64) -> String {
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Four lanes of FNV-1a over seed and key. (The standard library's hasher may change between releases; a seed must not.)
fn digest(seed: u64, key: &str) -> [u8; 32] {
    let mut out = [0; 32];
    for (lane, bytes) in out.chunks_exact_mut(8).enumerate() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let input = [lane as u8]
            .into_iter()
            .chain(seed.to_le_bytes())
            .chain(key.bytes());
        for byte in input {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        bytes.copy_from_slice(&hash.to_le_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_and_key_give_the_same_values() {
        assert_eq!(Unique::new(7, "a::b::c"), Unique::new(7, "a::b::c"));
        assert_ne!(
            Unique::new(7, "a::b::c").email,
            Unique::new(8, "a::b::c").email
        );
        assert_ne!(
            Unique::new(7, "a::b::c").email,
            Unique::new(7, "a::b::d").email
        );
    }

    #[test]
    fn no_two_of_many_are_equal() {
        let mut seen = HashSet::new();
        for seed in 0..20 {
            for key in 0..1000 {
                assert!(seen.insert(Unique::new(seed, &format!("s::f::case [{key}]")).email));
            }
        }
    }

    #[test]
    fn values_satisfy_common_input_rules() {
        for key in 0..1000 {
            let unique = Unique::new(1, &key.to_string());
            assert!(unique.email.ends_with("@example.com") && unique.email.len() == 26);
            assert!(unique.name.chars().all(|c| c.is_ascii_alphabetic()));
            assert!(unique.word.chars().all(|c| c.is_ascii_lowercase()));
            assert!((1..=0x7fff_ffff).contains(&unique.number));
            let parts: Vec<&str> = unique.uuid.split('-').collect();
            assert_eq!(
                parts.iter().map(|part| part.len()).collect::<Vec<_>>(),
                [8, 4, 4, 4, 12]
            );
            assert!(
                parts
                    .concat()
                    .bytes()
                    .all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
            );
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']));
            let has = |class: fn(&char) -> bool| unique.password.chars().any(|c| class(&c));
            assert!(
                has(char::is_ascii_uppercase)
                    && has(char::is_ascii_lowercase)
                    && has(char::is_ascii_digit)
            );
            assert!(has(char::is_ascii_punctuation) && unique.password.len() >= 8);
        }
    }

    #[test]
    fn the_object_has_the_members_that_templates_know() {
        let value = Unique::new(1, "x").to_value();
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(keys, MEMBERS);
    }
}
