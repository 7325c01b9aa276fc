//! The variables of an expression, and why it yields nothing. Main types: [`Scope`], [`RenderError`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::source::Place;

/// The variable of a cleanup with the JSON body of a success that the case does not expect.
pub const UNEXPECTED: &str = "unexpected";

/// The variables that an expression can read, by name.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    pub variables: BTreeMap<String, Value>,
    /// Captures of steps that were not sent, because their `when` did not hold. Reading one is an error, but `is defined` and `default`
    /// can be used.
    pub unset: BTreeSet<String>,
}

/// Why a template could not be rendered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct RenderError {
    pub message: String,
    /// The expression, where it is written.
    pub place: Option<Place>,
}
