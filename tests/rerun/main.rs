//! Consecutive runs of the program against a server on the loopback interface whose faults are switched between (and during) runs.

// A test that cannot read what it wrote has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod failed;
mod rounds;
mod shop;
#[cfg(unix)]
mod watch;
