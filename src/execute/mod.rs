//! Executing: a case against a target gives a [`Transcript`]: unredacted exchanges with their times, captured values, errors.
//!
//! This stage waits for the network and judges nothing. Of each response it asks one thing, through the predicate it is given: may the
//! case go on ([`Flow`])?

mod capture;
mod case;
mod cleanup;
mod compose;
mod login;
mod session;
mod token;
mod transcript;
mod variables;

pub use session::Session;
pub use transcript::{CaseEnding, ContinuePredicate, ExecutedStep, Flow, Transcript};
