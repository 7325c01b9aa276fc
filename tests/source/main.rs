//! The source itself: no import cycles, plain words, one meaning for each type name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints when it is skipped"
)]

mod imports;
mod words;
