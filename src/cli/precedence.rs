//! Flag over environment over file: which word counts where several were said.

use crate::diagnostic::{Diagnostic, Diagnostics};

/// The first of the layers that says something.
pub(super) fn first<T>(flag: Option<T>, environment: Option<T>, file: Option<T>) -> Option<T> {
    flag.or(environment).or(file)
}

/// A variable's value as `parse` reads it; a diagnostic with its words when it does not.
pub(super) fn parsed<T>(
    name: &str,
    value: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, String>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    match parse(value?.trim()) {
        Ok(value) => Some(value),
        Err(reason) => {
            diagnostics.push(
                Diagnostic::without_place(
                    "bad-variable-value",
                    format!("the environment variable {name}: {reason}"),
                )
                .with_advice(format!("correct it, or remove it with `unset {name}`")),
            );
            None
        }
    }
}
