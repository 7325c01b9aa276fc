//! What was wrong with an exchange: [`Finding`], and the table of all [`Code`]s; why we could not find out: [`ErrorKind`].

mod code;
mod error_kind;

use crate::contract::ContractPlace;
use crate::source::Place;

pub use code::{Code, Severity};
pub use error_kind::ErrorKind;

/// One broken promise in one exchange.
#[derive(Debug, Clone)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// What is wrong: a lowercase fragment without a full stop, complete without the other fields.
    pub message: String,
    /// Where in the response.
    pub at: Location,
    /// The promise in the contract that was broken, where there is one.
    pub contract: Option<ContractPlace>,
    /// The line of the case file that was not met, where there is one.
    pub case: Option<Place>,
    /// What was promised, as JSON or text; `None` where it cannot be said shortly.
    pub expected: Option<String>,
    /// What came instead.
    pub actual: Option<String>,
    /// Two texts worth comparing line by line.
    pub diff: Option<Diff>,
}

/// Where in a response a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    Status,
    /// A header by its lowercase name.
    Header(String),
    /// A JSON pointer (RFC 6901) into the body; `""` is the body as a whole.
    Body(String),
    /// The time it took.
    Time,
}

/// Two texts: what was expected and what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub expected: String,
    pub actual: String,
}

impl Finding {
    /// A finding with its code's default severity, at a location, nothing else known.
    pub fn new(code: Code, at: Location, message: impl Into<String>) -> Self {
        Finding {
            code,
            severity: code.default_severity(),
            message: message.into(),
            at,
            contract: None,
            case: None,
            expected: None,
            actual: None,
            diff: None,
        }
    }

    pub fn with_contract(mut self, contract: Option<ContractPlace>) -> Self {
        self.contract = contract;
        self
    }

    pub fn with_case(mut self, place: Place) -> Self {
        self.case = Some(place);
        self
    }

    pub fn with_expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub fn with_actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    pub fn with_diff(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.diff = Some(Diff {
            expected: expected.into(),
            actual: actual.into(),
        });
        self
    }
}
