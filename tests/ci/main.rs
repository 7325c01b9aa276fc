//! The output for CI servers: the program is run and its output read as they do. All requests stay on the loopback interface.

// A test that cannot read what it wrote has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod github;
mod project;
mod readme;
mod reports;
