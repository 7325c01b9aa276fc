//! Coverage of the contracts, measured by the program itself: what it counts, what it shows, and what it fails for. Nothing leaves the
//! loopback interface.

// A test that cannot read what it wrote has failed; one that is skipped says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod counted;
mod document;
mod gates;
mod large;
mod project;
#[path = "../shared/mod.rs"]
mod shared;
mod shipped;
mod table;
