//! `counterpart` checks whether an HTTP API keeps its contract: it loads **contracts** (OpenAPI documents) and **test cases** (YAML
//! files), sends requests to any **target**, checks each response against the contract and the case, and reports every deviation with
//! its place.
//!
//! # Modules
//!
//! The `mod` lines below are in the order of the flow, and a module uses only those above it.
//!
//! - [`hash`]: hashes and authentication codes; [`multipart`]: bodies of several parts, written and read.
//! - [`text`]: text that may be shown, with its secrets masked; [`source`], [`diagnostic`], [`document`]: our own files (YAML, JSON, TOML) as
//!   trees with positions, and what is wrong with them; [`xml`]: XML documents of responses, and XPath; [`duration`], [`version`]: times
//!   and versions as people write them.
//! - [`contract`]: OpenAPI documents as [`contract::Contract`]s.
//! - [`finding`]: how an API deviates, or why we could not find out; [`event`]: everything that reports can contain.
//! - [`target`], [`exchange`]: where requests are sent, and what goes over the wire; [`case`]: what is sent and expected;
//!   [`plan`]: which cases, in which order, with which values.
//! - [`check`]: an exchange against contract and expectation; [`recording`]: exchanges recorded elsewhere; [`compare`]: an exchange against
//!   another. Both checks are pure.
//! - [`waiver`]: findings that are accepted until a date; [`coverage`]: how much of the contracts is covered.
//! - [`execute`]: a case against a target gives a transcript; [`judge`]: a transcript gives a verdict and redacted events; [`run`]: both,
//!   for all cases of a plan.
//! - [`generate`]: values made from schemas; `stub` (feature `server`): a server that responds as a contract documents.
//! - [`correction`]: what a run received against its contracts gives proposed overlays.
//! - [`replay`]: sends a recording again and compares the responses, with the same events.
//! - [`report`]: events folded into a [`report::Report`], and each format a pure function of it.
//! - [`harness`]: runs every case as a test of `cargo test`.
//! - `server` (feature `server`): reference implementations of the shipped contracts, and their faults; independent of all of the above.
//! - `shipped`, `cli` (feature `cli`): the contracts and cases embedded in the binary, and the program.
//!
//! # Three things that never mix
//!
//! A [`finding::Finding`] says that the API deviates: the case fails. A [`finding::RunError`] says that we could not find out: the
//! verdict is `error`. A [`diagnostic::Diagnostic`] says that one of our own files is wrong: then nothing is sent.
//!
//! # Use from another crate
//!
//! With `default-features = false` neither the reference servers nor the command line are compiled in; see [`harness`] for the three
//! lines a conformance test takes.
#![forbid(unsafe_code)]

pub mod hash;

pub mod multipart;

pub mod text;

pub mod source;

pub mod diagnostic;

pub mod document;

pub mod xml;

pub mod duration;

pub mod version;

pub mod contract;

pub mod finding;

pub mod event;

pub mod target;

pub mod exchange;

pub mod case;

pub mod plan;

pub mod check;

pub mod generate;

pub mod recording;

pub mod compare;

pub mod waiver;

pub mod coverage;

pub mod execute;

pub mod judge;

pub mod correction;

pub mod run;

pub mod replay;

pub mod report;

pub mod harness;

#[cfg(feature = "server")]
pub mod server;

#[cfg(feature = "server")]
pub mod stub;

#[cfg(feature = "cli")]
pub mod shipped;

#[cfg(feature = "cli")]
pub mod cli;
