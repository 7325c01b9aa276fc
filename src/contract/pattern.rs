//! Regular expressions of `pattern` and `patternProperties`: those of ECMA-262, matched by an engine that cannot be kept busy forever.
//!
//! Main type: [`SchemaPattern`].

mod ecma;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fancy_regex::{Regex, RegexBuilder};
use jsonschema::paths::Location;
use jsonschema::{FancyRegex, Keyword, PatternOptions, ValidationError};
use serde_json::{Map, Value};

use self::ecma::{Repetitions, translate};

/// How often one match may backtrack before it is aborted: a pattern must not block a run.
const BACKTRACK_LIMIT: usize = 100_000;
/// How many bytes a compiled pattern may take.
const SIZE_LIMIT: usize = 10 << 20;

/// What the engine says of a text that a pattern does not match, before the pattern.
pub(super) const MISMATCH: &str = "does not match the pattern ";
/// What it says when the match was aborted.
pub(super) const TOO_COSTLY: &str = "could not be matched: the pattern is too costly";

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct SchemaPattern {
    written: String,
    regex: Regex,
    /// How many characters a text must have besides, at least and at most.
    length: Option<LengthLimits>,
}

impl SchemaPattern {
    /// Fails, with a fragment on one line, when the pattern cannot be used. The result is cached: documents repeat few patterns many
    /// times.
    pub(super) fn compile(written: &str) -> Result<Arc<SchemaPattern>, String> {
        static KNOWN: Mutex<Option<Cache<Arc<SchemaPattern>>>> = Mutex::new(None);
        cached(&KNOWN, written, || {
            let attempts = [Repetitions::Apart, Repetitions::Counted];
            let (regex, length) = first_that_compiles(written, attempts)?;
            Ok(Arc::new(SchemaPattern {
                written: written.to_owned(),
                regex,
                length,
            }))
        })
    }

    /// The pattern of a name in `patternProperties` as [`name_pattern`] wrote it.
    pub(super) fn of_names(rewritten: &str) -> Option<SchemaPattern> {
        Some(SchemaPattern {
            written: rewritten.to_owned(),
            regex: build(rewritten).ok()?,
            length: None,
        })
    }

    /// Whether the pattern matches somewhere in a text; `None` where finding out takes too long.
    pub(crate) fn is_match(&self, text: &str) -> Option<bool> {
        if let Some((from, to)) = self.length {
            let length = text.chars().count() as u64;
            if length < from || to.is_some_and(|to| length > to) {
                return Some(false);
            }
        }
        self.regex.is_match(text).ok()
    }
}

/// A name in `patternProperties` in the words of the validation engine, which compiles it itself. Fails like [`SchemaPattern::compile`].
pub(super) fn name_pattern(written: &str) -> Result<Cow<'_, str>, String> {
    static KNOWN: Mutex<Option<Cache<String>>> = Mutex::new(None);
    let inner = written.strip_prefix('^').unwrap_or(written);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    if inner.chars().all(plain) {
        return Ok(Cow::Borrowed(written));
    }
    let rewritten = cached(&KNOWN, written, || {
        let attempts = [Repetitions::Unrolled, Repetitions::Counted];
        let (regex, _) = first_that_compiles(written, attempts)?;
        Ok(regex.as_str().to_owned())
    });
    rewritten.map(Cow::Owned)
}

/// The engine's settings for `patternProperties`.
pub(super) fn engine() -> PatternOptions<FancyRegex> {
    PatternOptions::fancy_regex()
        .backtrack_limit(BACKTRACK_LIMIT)
        .size_limit(SIZE_LIMIT)
}

/// Makes the check of `pattern` in place of the engine's own.
pub(super) fn keyword<'a>(
    _: &'a Map<String, Value>,
    pattern: &'a Value,
    _: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    let pattern = pattern.as_str().unwrap_or_default();
    match SchemaPattern::compile(pattern) {
        Ok(pattern) => Ok(Box::new(PatternKeyword(pattern))),
        Err(fault) => Err(ValidationError::custom(format!(
            "the pattern {pattern} cannot be used: {fault}"
        ))),
    }
}

/// How many characters a text must have, at least and at most.
type LengthLimits = (u64, Option<u64>);

type Cache<T> = HashMap<String, Result<T, String>>;

fn cached<T: Clone>(
    known: &Mutex<Option<Cache<T>>>,
    written: &str,
    make: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(result) = lock().as_ref().and_then(|known| known.get(written)) {
        return result.clone();
    }
    let result = make();
    let mut known = lock();
    let known = known.get_or_insert_default();
    known.insert(written.to_owned(), result.clone());
    result
}

/// The pattern as the engine reads it, and what is checked apart.
fn first_that_compiles(
    written: &str,
    attempts: [Repetitions; 2],
) -> Result<(Regex, Option<LengthLimits>), String> {
    let mut fault = String::new();
    for repetitions in attempts {
        let translation = translate(written, repetitions)?;
        // The engine's own translation leaves a pattern alone that begins with an assertion.
        let prefix = if repetitions == Repetitions::Apart {
            ""
        } else {
            "(?=)"
        };
        match build(&format!("{prefix}{}", translation.text)) {
            Ok(regex) => return Ok((regex, translation.length)),
            Err(reason) => fault = reason,
        }
    }
    Err(fault)
}

fn build(translated: &str) -> Result<Regex, String> {
    RegexBuilder::new(translated)
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| error.to_string().replace('\n', " "))
}

struct PatternKeyword(Arc<SchemaPattern>);

impl<'i> Keyword<'i> for PatternKeyword {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        let Value::String(text) = instance else {
            return Ok(());
        };
        match self.0.is_match(text) {
            Some(true) => Ok(()),
            Some(false) => Err(ValidationError::custom(format!(
                "{MISMATCH}{}",
                self.0.written
            ))),
            None => Err(ValidationError::custom(TOO_COSTLY)),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        match instance {
            Value::String(text) => self.0.is_match(text) == Some(true),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pattern, texts that it matches, and texts that it does not.
    type Row = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );

    const ROWS: &[Row] = &[
        (r"^(?=.*\d)[a-z\d]{4,}$", &["abc1"], &["abcd", "ab1"]),
        (r"^[^]$", &["a", "\n", "\u{1f600}"], &["", "ab"]),
        (r"a[]|b", &["b"], &["a"]),
        (r"(?<y>\d)\k<y>", &["a11"], &["12"]),
        (r"\k<y>(?<y>\d)$", &["1"], &[""]),
        (r"^(a)|b\1c", &["bc", "a"], &["bac "]),
        (r"^(?:(a)|b)\1$", &["aa", "b"], &["ba"]),
        (r"^\d+$", &["12"], &["\u{661}"]),
        (r"^(?!x)\d+$", &["12"], &["\u{661}"]),
        (r"^\w+$", &["a_1"], &["é"]),
        (r"^\W$", &["é", "-"], &["a"]),
        (r"^[^\W]$", &["a"], &["é"]),
        (r"^[\D]$", &["a", "\u{661}"], &["1"]),
        (r"^\s\S$", &["\u{feff}x", " x"], &["\u{85}x"]),
        (r"\bb\b", &["a b", "éb"], &["ab"]),
        (r"a\Bb", &["ab"], &["a b"]),
        (r"^.$", &["a", "\u{85}"], &["\r", "\u{2028}", "\n"]),
        (r"^a$", &["a"], &["a\n"]),
        (r"^\cJ\cj$", &["\n\n"], &["J"]),
        (
            r"^\x41\u0042\u{1F600}\uD83D\uDE00$",
            &["AB\u{1f600}\u{1f600}"],
            &["AB"],
        ),
        (r"^[\u{1F600}-\u{1F64F}]$", &["\u{1f600}"], &["a"]),
        (r"^[\uD800-\uDBFF]|z", &["z"], &["-", "\u{1f600}"]),
        (
            r"^\p{Letter}\p{Script=Greek}\P{L}[\p{Nd}\P{ASCII}]$",
            &["aα1\u{661}"],
            &["aa11"],
        ),
        (r"^\/\-\_\.\@$", &["/-_.@"], &["/-_x@"]),
        (r"^{a}]$", &["{a}]"], &["a"]),
        (r"^[a-z&&b]$", &["&", "q"], &["A"]),
        (r"^[\w--z]$", &["-", "a", "z"], &["."]),
        (r"^[[a]]$", &["[]", "a]"], &["a"]),
        (r"^[\b]$", &["\u{8}"], &["b"]),
        (r"^\0$", &["\0"], &["0"]),
        (r"(?<=\$)\d(?<!5)", &["$4"], &["$5", "4"]),
        (r"(?i)^abc$", &["ABC"], &["AB"]),
        (r"^a{2}$", &["aa"], &["a", "aaa"]),
        (r"^a{2,}$", &["aaa"], &["a"]),
        (r"^a{2,3}?$", &["aa"], &["a"]),
        (r"^(ab){2}$", &["abab"], &["ab"]),
        (r"a{,2}", &["a{,2}"], &["aa"]),
    ];

    #[test]
    fn ecma_patterns_match_as_ecma_262_says() {
        for (pattern, right, wrong) in ROWS {
            let compiled =
                SchemaPattern::compile(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
            let name = name_pattern(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
            let of_names = SchemaPattern::of_names(&name).unwrap();
            for (texts, expected) in [(right, true), (wrong, false)] {
                for text in *texts {
                    let found = compiled.is_match(text);
                    assert_eq!(found, Some(expected), "{pattern} {text:?}");
                    assert_eq!(of_names.is_match(text), found, "{name} {text:?}");
                }
            }
        }
    }

    #[test]
    fn large_repetitions_are_counted() {
        let long = "a".repeat(262_144);
        let longer = "a".repeat(262_145);
        for pattern in ["^.{0,262144}$", "^[^]{0,262144}$", r"^[\s\S]{1,262144}$"] {
            let compiled = SchemaPattern::compile(pattern).unwrap();
            assert_eq!(compiled.is_match(&long), Some(true), "{pattern}");
            assert_eq!(compiled.is_match(&longer), Some(false), "{pattern}");
        }
        let inner = SchemaPattern::compile("^-(.{1,200000}x)?é{70000}").unwrap();
        assert_eq!(
            inner.is_match(&format!("-{}", "é".repeat(70_000))),
            Some(true)
        );
        assert_eq!(inner.is_match("-ab"), Some(false));
        assert!(name_pattern("^.{0,262144}$").is_ok());
    }

    #[test]
    fn costly_patterns_are_given_up() {
        let compiled = SchemaPattern::compile(r"^(?=a)(a|aa)+\1$").unwrap();
        assert_eq!(compiled.is_match(&format!("{}b", "a".repeat(60))), None);
    }

    #[test]
    fn faults_are_named() {
        for (pattern, fault) in [
            ("(", "unclosed group"),
            (")", "unopened group"),
            ("[a", "unclosed character class"),
            (r"(?<=a", "unclosed group"),
            ("*a", "a quantifier with nothing to repeat"),
            ("a**", "a quantifier with nothing to repeat"),
            (r"\Z", r"`\Z` is no escape of ECMA-262"),
            (r"\a", r"`\a` is no escape of ECMA-262"),
            ("a{3,2}", "a repetition whose limits are in the wrong order"),
            ("[b-a]", "a range of characters in the wrong order"),
            (r"(a)\2", "no group has the number 2"),
            ("(?>a)", "unknown kind of group"),
            (r"a\", "a backslash at the end"),
        ] {
            assert_eq!(
                SchemaPattern::compile(pattern).err().as_deref(),
                Some(fault),
                "{pattern}"
            );
        }
        assert!(SchemaPattern::compile(r"\p{Nonsense}").is_err());
    }
}
