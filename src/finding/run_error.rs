//! Why it could not be determined whether the API satisfies its contract. Main type: [`RunError`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::named::Named;
use super::{ErrorKind, NameTable};
use crate::source::Place;
use crate::text::{MaskedText, Redactor};

/// An error: the verdict is then `error`. `T` is `String` at first, and [`MaskedText`] once it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError<T = String> {
    /// Explained by `counterpart explain KIND`.
    pub kind: Named<ErrorKind>,
    /// A lowercase fragment without a full stop.
    pub message: T,
    /// What to do about it.
    pub advice: Option<T>,
}

impl RunError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        RunError {
            kind: kind.into(),
            message: message.into(),
            advice: None,
        }
    }

    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Adds the place in a file that is the reason, if there is one.
    pub fn at(self, place: Option<&Place>) -> Self {
        match place {
            Some(place) => self.with_advice(format!("see {place}")),
            None => self,
        }
    }

    /// Whether no connection to the target could be established.
    pub fn is_unreachable(&self) -> bool {
        let kinds = [
            ErrorKind::ConnectFailed,
            ErrorKind::ConnectTimeout,
            ErrorKind::TlsFailed,
        ];
        kinds.iter().any(|kind| self.kind == *kind)
    }

    /// The same without secrets.
    pub fn masked(&self, redactor: &Redactor) -> RunError<MaskedText> {
        RunError {
            kind: self.kind.clone(),
            message: redactor.text(&self.message),
            advice: self.advice.as_deref().map(|advice| redactor.text(advice)),
        }
    }
}

/// `timeout: no complete response within 30s`
impl<T: fmt::Display> fmt::Display for RunError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl NameTable for ErrorKind {
    fn name(self) -> &'static str {
        self.as_str()
    }

    fn from_name(name: &str) -> Option<Self> {
        ErrorKind::parse(name)
    }
}
