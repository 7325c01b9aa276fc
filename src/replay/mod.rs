//! Sends a recording again to a live server and compares the responses with the recorded ones.
//!
//! [`replay()`] sends the requests of a [`crate::recording::Recording`] in order, compares each response with the recorded one
//! ([`crate::compare`]), and sends events like a run: each entry is a subject with a verdict.
//!
//! # What always differs between two servers, and how it is compared
//!
//! - **Identifiers** ([`crate::compare::bindings`]): the target has other numbers than the recording. They are learned when a
//!   response first shows them, one to one and permanently, then used in later requests and required in later responses.
//! - **Tokens and opaque values**: compared by form, and used in later requests.
//! - **Moments** ([`crate::compare::moment`]): an event that happened during an entry of the recording must happen during the
//!   same entry of the replay.
//!
//! Everything else that differs is a difference: a name, a message, a count, the order of an object's members.

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
