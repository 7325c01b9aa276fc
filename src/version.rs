//! Versions of an API, and ranges of versions that something applies to.
//!
//! Main types: [`Version`], [`Versions`].

use std::cmp::Ordering;
use std::fmt;

use crate::text::InvalidText;

/// A version of an API: numbers between dots. Compared number by number, so 2.4.10 is after 2.4.9, and 2.4 is 2.4.0.
///
/// What follows the numbers (`-p3`, `-beta1`, `+build`) is shown but not compared: a patch release has the contract of its version.
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    numbers: Vec<u64>,
}

impl Version {
    /// Reads `2.4.7` or `2.4.7-p3`. Fails, with a fragment, for text that does not begin with numbers between dots.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        let wrong = || {
            InvalidText(format!(
                "`{text}` is not a version; write numbers and dots, as in `2.4.7`"
            ))
        };
        let numbers = text.split(['-', '+']).next().unwrap_or("");
        let numbers = numbers.split('.').map(|part| {
            let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| plain)
        });
        let mut numbers: Vec<u64> = numbers.collect::<Option<_>>().ok_or_else(wrong)?;
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        Ok(Version {
            text: text.to_owned(),
            numbers,
        })
    }
}

/// As written.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

/// The versions that something applies to: those that satisfy every condition; without conditions, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    conditions: Vec<(Comparator, Version)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparator {
    AtLeast,
    After,
    UpTo,
    Before,
    Is,
}

/// The longer signs first, because `>=` begins with `>`.
const COMPARATORS: [(&str, Comparator); 5] = [
    (">=", Comparator::AtLeast),
    ("<=", Comparator::UpTo),
    (">", Comparator::After),
    ("<", Comparator::Before),
    ("=", Comparator::Is),
];

impl Versions {
    /// All versions.
    pub fn all() -> Self {
        Versions::default()
    }

    /// `version` and all after it.
    pub fn since(version: Version) -> Self {
        Versions {
            conditions: vec![(Comparator::AtLeast, version)],
        }
    }

    /// All versions up to and including `version`.
    pub fn until(version: Version) -> Self {
        Versions {
            conditions: vec![(Comparator::UpTo, version)],
        }
    }

    /// Reads conditions separated by spaces, all of which must hold: `>=2.4.8`, `>= 2.4.6 <2.4.9`, `=2.4.7`.
    /// Fails, with a fragment, for anything else, also for empty text.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let mut conditions = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let found = COMPARATORS
                .iter()
                .find_map(|(sign, comparator)| Some((*comparator, rest.strip_prefix(sign)?)));
            let Some((comparator, after)) = found else {
                return Err(InvalidText(format!(
                    "`{rest}` does not begin with >=, >, <=, < or =, as in `>=2.4.8`"
                )));
            };
            let after = after.trim_start();
            let end = after
                .find(|c: char| c.is_whitespace() || "<>=".contains(c))
                .unwrap_or(after.len());
            conditions.push((comparator, Version::parse(&after[..end])?));
            rest = after[end..].trim_start();
        }
        match conditions.is_empty() {
            true => Err(InvalidText(
                "no version is given; write a condition such as `>=2.4.8`".to_owned(),
            )),
            false => Ok(Versions { conditions }),
        }
    }

    /// The versions that satisfy both. Of two conditions of one kind only the narrower is kept.
    #[must_use]
    pub fn and(mut self, other: &Versions) -> Self {
        for (comparator, limit) in &other.conditions {
            let narrower = |known: &Version| match comparator {
                Comparator::AtLeast | Comparator::After => Some(known.max(limit).clone()),
                Comparator::UpTo | Comparator::Before => Some(known.min(limit).clone()),
                Comparator::Is => (known == limit).then(|| limit.clone()),
            };
            let mut known = self.conditions.iter_mut();
            let same = known.find_map(|(kind, version)| {
                let narrower = narrower(version).filter(|_| kind == comparator)?;
                Some((version, narrower))
            });
            match same {
                Some((version, narrower)) => *version = narrower,
                None => self.conditions.push((*comparator, limit.clone())),
            }
        }
        self
    }

    /// Whether `version` satisfies all conditions.
    pub fn contain(&self, version: &Version) -> bool {
        self.conditions
            .iter()
            .all(|(comparator, limit)| match comparator {
                Comparator::AtLeast => version >= limit,
                Comparator::After => version > limit,
                Comparator::UpTo => version <= limit,
                Comparator::Before => version < limit,
                Comparator::Is => version == limit,
            })
    }

    /// Whether there is no condition.
    pub fn is_all(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// The conditions as written: `>=2.4.6 <2.4.9`; `all versions` where there are none.
impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("all versions");
        }
        for (i, (comparator, version)) in self.conditions.iter().enumerate() {
            let space = if i == 0 { "" } else { " " };
            let sign = COMPARATORS
                .iter()
                .find(|(_, known)| known == comparator)
                .map_or("", |(sign, _)| *sign);
            write!(f, "{space}{sign}{version}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_compare_number_by_number() {
        assert!(version("2.4.10") > version("2.4.9"));
        assert!(version("2.5") > version("2.4.9"));
        assert_eq!(version("2.4"), version("2.4.0"));
        assert!(version("2.4.1") > version("2.4"));
        assert_eq!(
            version("2.4.7-p3"),
            version("2.4.7"),
            "suffixes are ignored"
        );
        assert!(version("2.4.7-p3") < version("2.4.8-beta1"));
        assert_eq!(version(" 2.4.7-p3 ").to_string(), "2.4.7-p3");
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        for wrong in [
            "",
            "v2",
            "2.",
            ".2",
            "2..4",
            "2.x",
            "-p3",
            "2.4.7p3",
            "99999999999999999999",
            "+1",
        ] {
            assert!(Version::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn conditions_must_all_hold() {
        for (text, yes, no) in [
            (">=2.4.8", "2.4.8", "2.4.7"),
            (">2.4.8", "2.4.9", "2.4.8"),
            ("<=2.4.8", "2.4.8-p1", "2.4.9"),
            ("<2.4.8", "2.4.7", "2.4.8"),
            ("=2.4.7", "2.4.7-p3", "2.4.8"),
            (">=2.4.6 <2.4.9", "2.4.8", "2.4.9"),
            (">= 2.4.6<2.4.9", "2.4.6", "2.4.5"),
        ] {
            let versions = Versions::parse(text).unwrap();
            assert!(versions.contain(&version(yes)), "{text} {yes}");
            assert!(!versions.contain(&version(no)), "{text} {no}");
        }
        assert!(Versions::all().contain(&version("0")));
    }

    #[test]
    fn invalid_conditions_are_refused_with_the_reason() {
        for (text, words) in [
            ("", "no version is given"),
            ("2.4.8", "does not begin with"),
            (">=", "is not a version"),
            (">=2.4.8, <3", "`2.4.8,` is not a version"),
            ("~2.4", "does not begin with"),
            ("=>2.4", "is not a version"),
        ] {
            let reason = Versions::parse(text).unwrap_err();
            assert!(reason.to_string().contains(words), "{text}: {reason}");
        }
    }

    #[test]
    fn conditions_are_shown_as_written() {
        let versions = Versions::parse(">= 2.4.6  <2.4.9").unwrap();
        assert_eq!(versions.to_string(), ">=2.4.6 <2.4.9");
        assert_eq!(versions.clone().and(&versions), versions);
        let both = Versions::since(version("2")).and(&Versions::until(version("3")));
        assert_eq!(both.to_string(), ">=2 <=3");
        let and = |left, right| {
            let [left, right] = [left, right].map(|text| Versions::parse(text).unwrap());
            left.and(&right).to_string()
        };
        assert_eq!(and(">=2.4.9", ">=2.4.8"), ">=2.4.9");
        assert_eq!(and(">=2.4.8", ">=2.4.9"), ">=2.4.9");
        assert_eq!(and("<=3 >1", "<=2 >=1"), "<=2 >1 >=1");
        assert_eq!(and("=1", "=2"), "=1 =2");
        assert_eq!(Versions::all().to_string(), "all versions");
    }
}
