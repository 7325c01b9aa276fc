//! The library as another crate uses it: contracts, cases, and runs against small servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints when it is skipped"
)]

mod cases;
mod contracts;
mod generated;
mod run;
#[path = "../shared/mod.rs"]
mod shared;
mod stub;
