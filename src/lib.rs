//! `counterpart` proves that an HTTP implementation keeps its contract: it loads **contracts** (what each endpoint promises: OpenAPI
//! documents) and **cases** (what is asked: YAML files), sends the requests to any **target**, checks every response against the
//! contract, and shows exactly where they part.
//!
//! # The way through the house
//!
//! Folders are stages, the files between them are the values that pass; the `mod` lines below stand in the order of the flow, and
//! a module uses only those above it. `tests/imports` checks that, and that no files use each other in a circle.
//!
//! - [`source`], [`diagnostic`], [`document`]: what people wrote (YAML, JSON, TOML) with all its places, and what is wrong with it.
//! - [`duration`]: times as people write them; [`version`]: which versions of an API something holds for.
//! - [`contract`]: OpenAPI documents as [`contract::Contract`]s; [`exchange`]: what went over the wire; [`finding`]: what was wrong with it.
//! - [`target`]: whom we ask; [`case`]: what we ask; [`event`]: everything reporters may know, and the names of cases in it;
//!   [`plan`]: which cases, in which order, with which values.
//! - [`check`]: an exchange against its promise; pure, so that it serves whoever has an exchange and a contract.
//! - [`waiver`]: findings that are known and accepted until a day.
//! - [`coverage`]: which promises of the contracts were asked; [`run`]: the only stage that waits for the network, and the last that sees a secret.
//! - [`report`]: events folded into a [`report::Report`], and each format a pure function of it.
//! - [`replay`]: a recording asked again of a live server, and its answers compared.
//! - [`harness`]: every case a test of `cargo test`.
//! - `server` (feature `server`): reference implementations of the shipped contracts, and their faults; independent of all of the above.
//! - `shipped`, `cli` (feature `cli`): the contracts and cases inside the binary, and the program.
//!
//! # Three things that never mix
//!
//! A [`finding::Finding`] says that the API broke a promise: the case fails. An error verdict ([`finding::ErrorKind`]) says that we
//! could not find out. A [`diagnostic::Diagnostic`] says that one of our own files is wrong: then nothing is sent.
//!
//! # Use from another crate
//!
//! With `default-features = false` neither the reference servers nor the command line are compiled in; see [`harness`] for the three
//! lines a conformance test takes.
#![forbid(unsafe_code)]

pub mod source;

pub mod diagnostic;

pub mod document;

pub mod duration;

pub mod version;

pub mod contract;

pub mod exchange;

pub mod finding;

pub mod target;

pub mod case;

pub mod event;

pub mod plan;

pub mod check;

pub mod waiver;

pub mod coverage;

pub mod run;

pub mod report;

pub mod replay;

pub mod harness;

#[cfg(feature = "server")]
pub mod server;

#[cfg(feature = "cli")]
pub mod shipped;

#[cfg(feature = "cli")]
pub mod cli;
