//! Precedence of settings: flag over environment over file.

use std::fmt;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// The first value that is set.
pub(super) fn first<T>(flag: Option<T>, environment: Option<T>, file: Option<T>) -> Option<T> {
    flag.or(environment).or(file)
}

/// A variable's value as `parse` reads it; its error is a diagnostic.
pub(super) fn parsed<T, E: fmt::Display>(
    name: &str,
    value: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, E>,
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
