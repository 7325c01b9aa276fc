//! Shards and recorded runs as their users meet them: the program is started, killed, and started again on what it left. Nothing here
//! leaves the loopback interface.

// A test that cannot read what it wrote has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// The documents of `docs/` about shards: their commands are run.
mod docs;

/// Five shards and a merge give what the whole run gives.
mod equal;

/// A run that is killed leaves what had finished.
mod killed;

/// A project in a folder of its own, and the program in it.
mod project;

/// What `run --shard`, `list --shard` and `report` say of wrong use and of nothing to do.
mod usage;
