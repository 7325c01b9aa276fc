//! What is wrong with an exchange: [`Finding`], and the table of all [`Code`]s; the kind of the actual value: [`ValueClass`]; why
//! a result could not be determined: [`ErrorKind`].

mod code;
mod error_kind;
mod named;
mod run_error;
mod value_class;

use std::fmt;

use crate::contract::ContractPlace;
use crate::document::escape_pointer;
use crate::source::Place;

pub use code::{Code, Severity};
pub use error_kind::ErrorKind;
pub use named::{NameTable, Named};
pub use run_error::RunError;
pub use value_class::ValueClass;

/// Whether `counterpart explain NAME` has a page: the name of a [`Code`] or an [`ErrorKind`].
pub fn is_explained(name: &str) -> bool {
    Code::parse(name).is_some() || ErrorKind::parse(name).is_some()
}

/// One violation in one exchange.
#[derive(Debug, Clone)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// What is wrong: a lowercase fragment without a full stop, understandable without the other fields.
    pub message: String,
    /// Where in the response.
    pub at: Location,
    /// The place in the contract that was violated, if there is one.
    pub contract: Option<ContractPlace>,
    /// The expectation in the case file that was not satisfied, if there is one.
    pub case: Option<Place>,
    /// The expected value, as JSON or text; `None` if it has no short form.
    pub expected: Option<String>,
    /// The actual value.
    pub actual: Option<String>,
    /// The kind of the actual value; `None` if there is no value (time).
    pub found: Option<ValueClass>,
    /// The name of the property that a schema requires and the object at `at` does not have.
    pub missing: Option<String>,
    /// Two texts to be shown as a line-by-line diff.
    pub diff: Option<Diff>,
}

/// Where in a response a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    Status,
    /// A header by its lowercase name.
    Header(String),
    /// A JSON pointer (RFC 6901) into the body; `""` is the body as a whole.
    Body(String),
    /// The time the exchange took.
    Time,
}

/// `status`, `header content-type`, `body`, `body /customer/id`, `time`: as reports print it and waivers write it.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Status => f.write_str("status"),
            Location::Header(name) => write!(f, "header {name}"),
            Location::Body(pointer) if pointer.is_empty() => f.write_str("body"),
            Location::Body(pointer) => write!(f, "body {pointer}"),
            Location::Time => f.write_str("time"),
        }
    }
}

/// Two texts: the expected and the actual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub expected: String,
    pub actual: String,
}

impl Finding {
    /// A finding at a location, with its code's default severity and no other details.
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
            found: None,
            missing: None,
            diff: None,
        }
    }

    /// The keyword of the contract's schema that was violated (`type`, `required`, …), if the finding is about a schema.
    pub fn keyword(&self) -> Option<&str> {
        let of_schema = matches!(
            self.code,
            Code::BodySchema | Code::BodyFormat | Code::HeaderInvalid
        );
        let contract = self.contract.as_ref().filter(|_| of_schema)?;
        contract.pointer.rsplit('/').next()
    }

    /// The exact place: `at`, or, for a missing property, the place where it should be.
    pub fn subject(&self) -> Location {
        match (&self.at, &self.missing) {
            (Location::Body(pointer), Some(name)) => {
                Location::Body(format!("{pointer}/{}", escape_pointer(name)))
            }
            (at, _) => at.clone(),
        }
    }

    #[must_use]
    pub fn with_missing(mut self, name: Option<String>) -> Self {
        self.missing = name;
        self
    }

    #[must_use]
    pub fn with_contract(mut self, contract: Option<ContractPlace>) -> Self {
        self.contract = contract;
        self
    }

    #[must_use]
    pub fn with_case(mut self, place: impl Into<Option<Place>>) -> Self {
        self.case = place.into();
        self
    }

    #[must_use]
    pub fn with_expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    #[must_use]
    pub fn with_actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    #[must_use]
    pub fn with_diff(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.diff = Some(Diff {
            expected: expected.into(),
            actual: actual.into(),
        });
        self
    }
}
