//! A recording sent again to a live server: are its responses the ones recorded?
//!
//! [`replay()`] sends the requests of a [`crate::recording::Recording`] in order, compares each response with the recorded one
//! ([`crate::compare`]), and sends events as a run does: each entry is a subject with a verdict.
//!
//! # What is never equal between two servers, and how it is compared all the same
//!
//! - **Identifiers** ([`crate::compare::bindings`]): a number there is another number here. Learned where a response first shows them,
//!   one to one and for good, then put into later requests and demanded of later responses.
//! - **Tokens and opaque values**: by form, and put into later requests.
//! - **Moments** ([`crate::compare::moment`]): an event that happened there during an entry happened here during the same entry.
//!
//! Everything else that differs, be it a name, a message, a count or the order of an object's members, is a difference.

mod credentials;
mod run;
mod secrets;
pub mod skip;
mod source;
mod substitute;

#[cfg(test)]
mod tests;

pub use run::{Replay, ReplayOptions, replay};
pub use skip::{SkipRule, fit};
