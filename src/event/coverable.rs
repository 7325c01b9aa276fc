//! The points of a system's contracts that a run can cover. Main types: [`Coverable`], [`PointRecord`].

mod wire;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All points of a system's contracts that its cases can cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverable {
    pub system: String,
    /// In the order of the contracts; [`SubjectFinished::covered`](super::SubjectFinished::covered) counts them from 0.
    pub points: Vec<PointRecord>,
}

/// One thing that a run can cover.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRecord {
    /// The operation it belongs to; for a schema that several operations share, the first operation that refers to it.
    pub operation: Arc<OperationRecord>,
    pub kind: PointKind,
    /// Where it is in the contract.
    pub place: PositionRecord,
    /// Its JSON pointer in the file.
    pub pointer: String,
    /// Why it does not count: no case can cover it.
    pub excluded: Option<Arc<str>>,
}

/// An operation, and what a request for it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRecord {
    /// `GET /V1/customers/{customerId}`
    pub name: Arc<str>,
    /// Names of the parameters in the path, in the order of the contract.
    pub path: Vec<Arc<str>>,
}

/// What has to happen for a point to be covered.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PointKind {
    /// The operation is called, and there is a response.
    Operation,
    /// A response has this status: `404`, `4XX`, `default`.
    Status(Arc<str>),
    /// A request has this parameter.
    Parameter {
        /// `path`, `query`, `header`, `cookie`, `form`
        location: Arc<str>,
        name: Arc<str>,
    },
    /// The operation is called as this role.
    Role(Arc<str>),
    /// A body has this property.
    Property {
        direction: Direction,
        property: PropertyPath,
        /// Status of the response that documents it.
        status: Option<u16>,
    },
    /// A value in a body is close to a limit of its schema.
    Limit {
        direction: Direction,
        property: PropertyPath,
        /// The keyword and the side: `minLength 8: shorter`.
        label: Arc<str>,
        /// A value that covers it, if known.
        sample: Option<Value>,
        /// The status that the contract documents for such a request; for a response, its status.
        status: Option<u16>,
    },
}

/// Names of properties that lead from the body to a value in it, `*` for an item; empty for the body itself.
pub type PropertyPath = Arc<[Arc<str>]>;

/// Whether a body belongs to the request or to the response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    #[default]
    Request,
    Response,
}

/// A place in one of our files, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionRecord {
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// Levels of coverage, from coarse to fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// Each operation was called and responded.
    Operations,
    /// Each documented status of each operation was received.
    Statuses,
    /// Each parameter was sent, and each operation was called by each role.
    Parameters,
    /// Each property of each schema was sent or received.
    Properties,
    /// Each limit of a schema was exercised from both sides.
    Keywords,
}

impl PointRecord {
    pub fn level(&self) -> Level {
        match self.kind {
            PointKind::Operation => Level::Operations,
            PointKind::Status(_) => Level::Statuses,
            PointKind::Parameter { .. } | PointKind::Role(_) => Level::Parameters,
            PointKind::Property { .. } => Level::Properties,
            PointKind::Limit { .. } => Level::Keywords,
        }
    }

    /// A short description: `400`, `query currentPage`, `called as guest`, `request /customer/email`, `response /items/*/id`,
    /// `request /password minLength 8: shorter`. For the level operations: the operation's name.
    pub fn what(&self) -> String {
        match &self.kind {
            PointKind::Operation => self.operation.name.to_string(),
            PointKind::Status(status) => status.to_string(),
            PointKind::Parameter { location, name } => format!("{location} {name}"),
            PointKind::Role(role) => format!("called as {role}"),
            PointKind::Property {
                direction,
                property,
                ..
            } => format!("{direction} {}", shown(property)),
            PointKind::Limit {
                direction,
                property,
                label,
                ..
            } => format!("{direction} {} {label}", shown(property)),
        }
    }
}

/// `/customer/email`; `body` for the whole body.
fn shown(property: &[Arc<str>]) -> String {
    match property {
        [] => "body".to_owned(),
        property => property.iter().map(|token| format!("/{token}")).collect(),
    }
}

/// `request`, `response`
impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Request => "request",
            Direction::Response => "response",
        })
    }
}

impl Level {
    /// From coarse to fine.
    pub const ALL: [Level; 5] = [
        Level::Operations,
        Level::Statuses,
        Level::Parameters,
        Level::Properties,
        Level::Keywords,
    ];

    /// As users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Operations => "operations",
            Level::Statuses => "statuses",
            Level::Parameters => "parameters",
            Level::Properties => "properties",
            Level::Keywords => "keywords",
        }
    }
}
