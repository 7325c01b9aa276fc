//! Coverage of the contracts, measured by the program: what it counts, what it shows, and when it fails. Nothing leaves the loopback
//! interface.

// A test that cannot read what it wrote has failed; a skipped test prints a message.
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
