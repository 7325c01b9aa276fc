//! A recording (HAR) asked again of a live server: are its answers the ones recorded?
//!
//! [`Recording`] is what was recorded; [`replay()`] sends its requests in order and gives an [`EntryResult`] for each. Comparing knows
//! nothing of sending: [`compare()`] takes two exchanges and the [`Bindings`] between them, so that two live servers can be compared
//! by the same rules.
//!
//! # What is never equal between two servers, and how it is compared all the same
//!
//! - **Identifiers** ([`bind`]): a number there is another number here. Learned where an answer first shows them, one to one and for
//!   good, then put into later requests and demanded of later answers.
//! - **Tokens and opaque values**: by form, and put into later requests.
//! - **Moments** ([`moment`]): an event that happened there during an entry happened here during the same entry.
//!
//! Everything else that differs, be it a name, a message, a count or the order of an object's members, is a difference.

mod space;

pub mod moment;

pub mod har;

pub mod skip;

pub mod bind;

mod credentials;

mod substitute;

pub mod compare;

mod run;

pub mod report;

#[cfg(test)]
mod tests;

pub use bind::Bindings;
pub use compare::{BodyDifference, Difference, HeaderDifference, Kind, StatusDifference, compare};
pub use har::{Entry, Recording};
pub use run::{EntryResult, Lost, Outcome, Summary, replay};
pub use skip::{Rule, fit};
