//! What CI servers are given: the program run as they run it, its output read as they read it. Nothing leaves the loopback interface.

// A test that cannot read what it wrote has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod github;
mod project;
mod readme;
mod reports;
