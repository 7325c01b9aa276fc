//! Names that expressions can read: which words may name a variable.

use crate::case::UNEXPECTED;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;

/// Names with a fixed meaning in templates; nothing else may have these names.
pub(super) const BUILTINS: [&str; 10] = [
    "credentials",
    "env",
    "now",
    "repeat",
    "seed",
    "setup",
    "target",
    "today",
    UNEXPECTED,
    "unique",
];

/// Words of the expression language.
const KEYWORDS: [&str; 14] = [
    "and", "dict", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true",
    "True",
];

/// Reports a name (of a variable, column, capture or alias, as `what` says) that no expression could read.
pub(super) fn check(what: &str, name: &str, place: Place, diagnostics: &mut Diagnostics) {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !(starts_well && plain) {
        diagnostics.push(
            Diagnostic::error("bad-name", format!("`{name}` cannot be the name of {what}"), place)
                .with_advice("use letters, digits and `_`, and begin with a letter: templates read it as `{{ name }}`"),
        );
    } else if BUILTINS.contains(&name) {
        diagnostics.push(
            Diagnostic::error(
                "bad-name",
                format!("`{name}` cannot be the name of {what}: it is built in"),
                place,
            )
            .with_advice("choose another name"),
        );
    } else if KEYWORDS.contains(&name) || name == "range" {
        diagnostics.push(
            Diagnostic::error(
                "bad-name",
                format!(
                    "`{name}` cannot be the name of {what}: it is a keyword of the expression language"
                ),
                place,
            )
            .with_advice("choose another name"),
        );
    }
}
