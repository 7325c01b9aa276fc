//! How much of its contracts a run has tested: every documented detail is a point, and each exchange with a response covers some.
//!
//! Main types: [`Universe`], all points of a system's contracts; [`Recorder`], what was covered; main function: [`proposed_case`].
//! Points are of five [levels](crate::event::Level):
//!
//! | level | a point for | covered when |
//! |---|---|---|
//! | operations | each operation | it was called and a response was received |
//! | statuses | each documented status, range or `default` of an operation | a response had this documented status |
//! | parameters | each parameter of an operation; each role that may call it | it was sent; the role called |
//! | properties | each property that a schema declares, for requests and for responses | a body that was sent, or received, had it |
//! | keywords | each limit that a schema sets, see `keyword` | a value was near the limit, on the side the point is for |
//!
//! Roles are `guest` and the auth profiles that steps of the system's own cases name, except those whose tokens must be refused.
//! Properties and keywords are counted where they are declared: a schema that ten operations share counts once for requests and once
//! for responses. `readOnly` properties have no points in requests, `writeOnly` ones none in responses. What the target's version of
//! the API does not have is not a point.
//!
//! Only JSON bodies are examined; responses without a body (to HEAD, 204, 304) and excluded responses have no points within.
//! `Accept`, `Content-Type` and `Authorization` are not counted as parameters: the harness sets them itself.
//!
//! Points that no case can test are excluded: 5xx statuses and `default` (a correct server has no reason for them), and what the
//! contract, or an overlay, marks with `x-counterpart-unreachable: "reason"` in a response, parameter or schema.

mod body;
mod keyword;
mod ledger;
mod proposed_case;
mod universe;

#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;

pub use ledger::Recorder;
pub use proposed_case::proposed_case;
pub use universe::Universe;
