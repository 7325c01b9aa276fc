//! Executing: runs a case against a target. The result is a [`Transcript`]: unredacted exchanges with their times, captured
//! values, errors.
//!
//! This stage waits for the network and judges nothing. After each response it calls a predicate that decides whether the case
//! continues ([`Flow`]).

mod address;
mod body;
mod capture;
mod captured;
mod case;
mod cleanup;
mod compose;
mod entries;
mod login;
mod parallel;
mod parameters;
mod pause;
mod polling;
mod retry;
mod retry_after;
mod rounds;
mod session;
mod setup;
mod setup_store;
mod transcript;
mod variables;

pub use session::Session;
pub use transcript::{
    CaseEnding, ContinuePredicate, ExecutedStep, Flow, Intermediate, Outcomes, StepSource,
    Transcript, Unreached,
};
