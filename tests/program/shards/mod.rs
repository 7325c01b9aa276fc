//! Shards and recorded runs: the program is started, killed, and started again on its recordings. All requests stay on the loopback
//! interface.

/// The documents of `docs/` about shards: their commands are run.
mod docs;

/// The merge of five shards equals the whole run.
mod equal;

/// A killed run leaves its finished cases.
mod killed;

/// A project in a temporary folder, and the program in it.
mod project;

/// The messages of `run --shard`, `list --shard` and `report` for wrong usage and empty shards.
mod usage;
