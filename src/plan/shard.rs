//! The part of a plan that a machine runs: [`Shard`].

use crate::event::Subject;
use crate::text::InvalidText;

/// One of several parts of a plan. Each case belongs to exactly one part.
///
/// The part of a case depends only on its name, so adding or removing a case moves no other, and every version of counterpart
/// divides in the same way: 64-bit FNV-1a of the UTF-8 bytes of `system::file::name`, its bits mixed by the finalizer of
/// MurmurHash3 (`fmix64`), times the number of parts, divided by 2^64; that is the index from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    index: u32,
    of: u32,
}

impl Shard {
    /// Maximum number of parts.
    pub const MOST: u32 = 10_000;

    /// `None` unless `index` is from 1 to `of`, and `of` at most [`Shard::MOST`].
    pub fn new(index: u32, of: u32) -> Option<Self> {
        let fits = (1..=of).contains(&index) && of <= Self::MOST;
        fits.then_some(Shard { index, of })
    }

    /// Parses `2/5`. Fails with a sentence fragment.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let form = || InvalidText("expected K/N, as in 2/5: the second of five parts".to_owned());
        let (index, of) = text.split_once('/').ok_or_else(form)?;
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| form());
        let (index, of) = (number(index)?, number(of)?);
        if of > Self::MOST {
            return Err(InvalidText(format!(
                "there are at most {} parts",
                Self::MOST
            )));
        }
        Shard::new(index, of).ok_or_else(|| {
            InvalidText(match (index, of) {
                (_, 0) => "the number of parts must be at least 1".to_owned(),
                (0, of) => format!("parts are counted from 1 to {of}"),
                (index, of) => format!("there is no part {index} of {of}"),
            })
        })
    }

    /// From 1.
    pub fn index(self) -> u32 {
        self.index
    }

    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether a case belongs to this part.
    pub fn has(self, case: &Subject) -> bool {
        let part = (u128::from(hash(&case.to_string())) * u128::from(self.of)) >> 64;
        part == u128::from(self.index - 1)
    }
}

/// `2/5`
impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A number that identifies a plan: a hash of the names of its cases, in order. It has 53 bits, so that every JSON parser can
/// represent it.
pub(super) fn fingerprint<'a>(cases: impl IntoIterator<Item = &'a Subject>) -> u64 {
    let mut all = FNV_START;
    for case in cases {
        all = fnv(all, case.to_string().as_bytes());
        // No text contains this byte, so the names cannot run into each other.
        all = fnv(all, &[0xff]);
    }
    mixed(all) >> 11
}

fn hash(name: &str) -> u64 {
    mixed(fnv(FNV_START, name.as_bytes()))
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// With FNV-1a alone, the upper bits are nearly equal for names that differ only at their end.
fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SubjectKind;

    fn id(name: &str) -> Subject {
        Subject {
            kind: SubjectKind::Case,
            system: "shop".into(),
            file: "orders/create".into(),
            name: name.into(),
        }
    }

    #[test]
    fn the_hash_is_the_published_algorithm() {
        // From the references of the Fowler/Noll/Vo hash and of MurmurHash3's finalizer.
        assert_eq!(fnv(FNV_START, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(FNV_START, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(FNV_START, b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(mixed(0), 0);
        assert_eq!(mixed(1), 0xb456_bcfc_34c2_cb2c);
    }

    #[test]
    fn every_version_divides_in_the_same_way() {
        // Computed independently of this program. They must never change.
        for (name, parts) in [
            ("a guest orders", [1, 3, 27]),
            ("a customer orders", [1, 2, 24]),
            ("an empty basket is refused", [1, 1, 13]),
            ("größer [1]", [2, 3, 34]),
            ("größer [2]", [1, 1, 7]),
        ] {
            for (of, index) in [2, 5, 64].into_iter().zip(parts) {
                assert!(Shard { index, of }.has(&id(name)), "{name} {index}/{of}");
            }
        }
    }

    #[test]
    fn each_case_is_in_exactly_one_part_and_parts_have_similar_size() {
        for of in [1, 2, 3, 5, 8, 64] {
            let mut sizes = vec![0_usize; of as usize];
            for number in 0..6400 {
                let case = id(&format!("a row [{number}]"));
                let parts = (1..=of).filter(|index| Shard { index: *index, of }.has(&case));
                let parts: Vec<u32> = parts.collect();
                assert_eq!(parts.len(), 1, "{case}");
                sizes[parts[0] as usize - 1] += 1;
            }
            let even = 6400 / of as usize;
            // Five times the random deviation.
            let slack = 5.0 * (even as f64).sqrt();
            for size in sizes {
                assert!(size.abs_diff(even) as f64 <= slack, "{size} of {even}");
            }
        }
    }

    #[test]
    fn invalid_parts_are_rejected_with_the_reason() {
        assert_eq!(Shard::parse("2/5"), Ok(Shard { index: 2, of: 5 }));
        assert_eq!(
            Shard::parse("5/5").map(|shard| shard.to_string()),
            Ok("5/5".to_owned())
        );
        for (text, message) in [
            ("0/5", "counted from 1 to 5"),
            ("6/5", "no part 6 of 5"),
            ("1/0", "at least 1"),
            ("x", "expected K/N"),
            ("", "expected K/N"),
            ("-1/5", "expected K/N"),
            ("1/2/3", "expected K/N"),
            ("1/99999999999", "expected K/N"),
            ("1/10001", "at most 10000"),
        ] {
            let error = Shard::parse(text).unwrap_err();
            assert!(error.to_string().contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn another_name_or_order_is_another_plan() {
        let (a, b) = (id("a"), id("b"));
        let original = fingerprint([&a, &b]);
        assert_eq!(original, fingerprint([&a, &b]));
        assert!(original < 1 << 53);
        for other in [fingerprint([&b, &a]), fingerprint([&a]), fingerprint([])] {
            assert_ne!(original, other);
        }
    }
}
