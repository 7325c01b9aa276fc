//! Compares two exchanges: status, selected headers, body. Pure: nothing is sent.
//!
//! # What is compared
//!
//! - The status.
//! - The headers of [`HEADERS`] by their meaning (media type and parameters ignoring case, directives and methods in any order, a
//!   `Location` with its identifiers replaced), and the names of the cookies that are set (not those that are deleted).
//! - A JSON body as a tree: types, values, members that are missing, added or duplicate, and the order of members, which is a
//!   separate kind of difference. Notation (`\/`, `\u00eb`, spaces) is ignored. Identifiers are compared by their binding,
//!   moments and tokens by the rules of [`bindings`] and [`moment`]. A text or number that the response repeats from the request
//!   is compared with the same replacements as in the request.
//! - A page (`text/html`) by its title: the rest is for people and may name the machine that produced it.
//! - Any other body as text, with opaque values compared by their form.
//!
//! Main function: [`compare()`].

pub mod bindings;
mod body;
mod findings;
mod headers;
pub mod moment;
pub(crate) mod space;
mod text;

#[cfg(test)]
pub(crate) mod tests;

use http::HeaderName;

use crate::document::{Node, parse_json};
use crate::exchange::Exchange;
use crate::finding::Code;

pub use bindings::{Bindings, Sent};
pub use findings::findings;
pub use headers::HEADERS;
pub(crate) use headers::cookies;

/// Maximum nesting depth of a JSON body; a deeper one is compared as text.
const DEPTH: usize = 100;

/// Maximum number of differences listed for one body.
const MAX_DIFFERENCES: usize = 100;

/// How a response differs from the recorded one. If it is empty, they are equal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    pub status: Option<StatusDifference>,
    pub headers: Vec<HeaderDifference>,
    /// At most 100, in the order of the recorded body.
    pub body: Vec<BodyDifference>,
    /// The bodies as texts, the recorded one with the live identifiers, moments and tokens; `None` if `body` is empty.
    pub diff: Option<(String, String)>,
}

impl Difference {
    pub fn is_none(&self) -> bool {
        self.status.is_none() && self.headers.is_empty() && self.body.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusDifference {
    pub expected: u16,
    pub actual: u16,
}

/// A header that differs; `None` where it is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderDifference {
    pub name: HeaderName,
    pub expected: Option<String>,
    pub actual: Option<String>,
}

/// A place at which two bodies differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyDifference {
    pub kind: DifferenceKind,
    /// JSON pointer; `""` for the whole body.
    pub pointer: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
}

/// How two bodies differ at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// Another value of the same type.
    Value,
    /// Another type of value.
    Type,
    /// A member or item that is missing.
    Missing,
    /// A member or item that was not recorded.
    Unexpected,
    /// A member that appears twice.
    Duplicate,
    /// The same members in another order.
    Order,
    /// Another identifier than the bound one.
    Identifier,
    /// A moment outside the period of the same event in the replay, or two moments in another order.
    Moment,
    /// A token of another form or lifetime.
    Token,
    /// A body that is JSON on one side only, or a text that differs.
    Text,
}

impl DifferenceKind {
    /// The code of its findings.
    pub fn code(self) -> Code {
        match self {
            DifferenceKind::Value => Code::DifferenceValue,
            DifferenceKind::Type => Code::DifferenceType,
            DifferenceKind::Missing => Code::DifferenceMissing,
            DifferenceKind::Unexpected => Code::DifferenceAdded,
            DifferenceKind::Duplicate => Code::DifferenceDuplicateKey,
            DifferenceKind::Order => Code::DifferenceKeyOrder,
            DifferenceKind::Identifier => Code::DifferenceIdentifier,
            DifferenceKind::Moment => Code::DifferenceTime,
            DifferenceKind::Token => Code::DifferenceToken,
            DifferenceKind::Text => Code::DifferenceText,
        }
    }
}

/// Compares the response of `live` with that of `recorded`. `bindings` must have learned from this pair; `sent`: what was
/// replaced in the recorded request.
pub fn compare(
    recorded: &Exchange,
    live: &Exchange,
    sent: &Sent,
    bindings: &Bindings,
) -> Difference {
    let (expected, actual) = (&recorded.response, &live.response);
    let status = (expected.status != actual.status).then(|| StatusDifference {
        expected: expected.status.as_u16(),
        actual: actual.status.as_u16(),
    });
    let origins =
        [recorded, live].map(|exchange| exchange.request.url.origin().ascii_serialization());
    let headers = headers::compared(&expected.headers, &actual.headers, &origins, bindings);
    let (body, diff) = body::compared(recorded, live, &origins, sent, bindings);
    Difference {
        status,
        headers,
        body,
        diff,
    }
}

/// The bodies of two responses as trees, if both are JSON.
pub(crate) fn trees(recorded: &[u8], live: &[u8]) -> Option<(Node, Node)> {
    let (recorded, _) = parse_json(recorded, DEPTH).ok()?;
    let (live, _) = parse_json(live, DEPTH).ok()?;
    Some((recorded, live))
}
