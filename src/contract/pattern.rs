//! Regular expressions of `pattern` and `patternProperties`, as the validation engine reads them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jsonschema::{FancyRegex, PatternOptions};
use serde_json::json;

/// How often one match may backtrack before it is given up: a pattern must not stop a run.
const BACKTRACK_LIMIT: usize = 100_000;

/// The engine's settings: ECMA-262 patterns with look-around and back-references.
pub(super) fn engine() -> PatternOptions<FancyRegex> {
    PatternOptions::fancy_regex()
        .backtrack_limit(BACKTRACK_LIMIT)
        .size_limit(10 << 20)
}

/// Fails, with a fragment on one line, when the pattern cannot be used. The answer is kept: documents say the same few patterns many times.
pub(super) fn compiles(pattern: &str) -> Result<(), String> {
    static KNOWN: Mutex<BTreeMap<String, Result<(), String>>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = known().get(pattern) {
        return answer.clone();
    }
    let answer = try_compile(pattern);
    known().insert(pattern.to_owned(), answer.clone());
    answer
}

fn try_compile(pattern: &str) -> Result<(), String> {
    let schema = json!({ "pattern": pattern });
    // Patterns mean the same in all drafts, and this one's metaschema is the smallest to prepare.
    match jsonschema::draft4::options()
        .with_pattern_options(engine())
        .build(&schema)
    {
        Ok(_) => Ok(()),
        Err(_) => Err(reason(pattern)),
    }
}

/// Why a pattern is refused. The engine says only that it is; the plain one, which knows most of the syntax, tells more.
fn reason(pattern: &str) -> String {
    regex::Regex::new(pattern)
        .err()
        .and_then(|error| {
            let text = error.to_string();
            text.lines()
                .last()
                .and_then(|line| line.strip_prefix("error: "))
                .map(str::to_owned)
        })
        .unwrap_or_else(|| "no ECMA-262 pattern".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecma_patterns_compile_and_broken_ones_do_not() {
        assert!(compiles(r"^(?=.*\d)[a-z\d]{4,}$").is_ok());
        assert_eq!(compiles("("), Err("unclosed group".to_owned()));
        assert!(compiles(r"(?<=a").is_err());
    }
}
