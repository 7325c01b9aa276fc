//! Regular expressions of `pattern` and `patternProperties`, as the validation engine reads them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jsonschema::{FancyRegex, PatternOptions};
use serde_json::json;

/// How often one match may backtrack before it is aborted: a pattern must not block a run.
const BACKTRACK_LIMIT: usize = 100_000;

/// The engine's settings: ECMA-262 patterns with look-around and back-references.
pub(super) fn engine() -> PatternOptions<FancyRegex> {
    PatternOptions::fancy_regex()
        .backtrack_limit(BACKTRACK_LIMIT)
        .size_limit(10 << 20)
}

/// Fails, with a fragment on one line, when the pattern cannot be used. The result is cached: documents repeat few patterns many times.
pub(super) fn compiles(pattern: &str) -> Result<(), String> {
    static KNOWN: Mutex<BTreeMap<String, Result<(), String>>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(result) = known().get(pattern) {
        return result.clone();
    }
    let result = try_compile(pattern);
    known().insert(pattern.to_owned(), result.clone());
    result
}

fn try_compile(pattern: &str) -> Result<(), String> {
    let schema = json!({ "pattern": pattern });
    // Patterns mean the same in all drafts, and this draft's metaschema is the smallest to prepare.
    match jsonschema::draft4::options()
        .with_pattern_options(engine())
        .build(&schema)
    {
        Ok(_) => Ok(()),
        Err(_) => Err(reason(pattern)),
    }
}

/// Why a pattern is refused. The engine gives no reason; the plain engine, which knows most of the syntax, does.
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
        .unwrap_or_else(|| "not an ECMA-262 pattern".to_owned())
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
