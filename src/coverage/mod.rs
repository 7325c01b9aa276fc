//! How much of its contracts a run has asked: every promise is a point, and each answered exchange covers some.
//!
//! Main types: [`Universe`], all points of a system's contracts; [`Recorder`], what of it was covered; main function: [`proposed_case`]. Points are of five
//! [levels](crate::event::Level):
//!
//! | level | a point for | covered when |
//! |---|---|---|
//! | operations | each operation | it was asked and answered |
//! | statuses | each documented status, range or `default` of an operation | an answer came that this promise is for |
//! | parameters | each parameter of an operation; each role that may ask it | it was sent; the role asked |
//! | properties | each property that a schema declares, for requests and for responses | a body was sent, or came, that had it |
//! | keywords | each limit that a schema sets, see `keyword` | a value came near the limit, from the side the point is for |
//!
//! Roles are `guest` and the auth profiles that steps of the system's own cases name, without those whose tokens must be refused.
//! Properties and keywords are counted where they are declared: a schema that ten operations share is one, once for requests
//! and once for responses. `readOnly` properties are not looked for in requests, `writeOnly` ones not in responses. What the target's
//! version of the API does not have is no point at all.
//!
//! Only what is JSON is looked into; answers that have no body (to HEAD, 204, 304), and those that are excluded, have no points within.
//! `Accept`, `Content-Type` and `Authorization` are no parameters: the harness sends them for reasons of its own.
//!
//! Points that no case can ask for are excluded: 5xx statuses and `default` (a correct server has no reason for them), and what the
//! contract, or an overlay, says of itself by `x-counterpart-unreachable: "reason"` in a response, parameter or schema.

mod body;
mod keyword;
mod ledger;
mod proposed_case;
mod sent;
mod universe;

#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;

pub use ledger::Recorder;
pub use proposed_case::proposed_case;
pub use universe::Universe;
