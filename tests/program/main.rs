//! The program as its users run it: commands, reports, replays, and the HTML report in a browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints when it is skipped"
)]

mod case_table;
mod ci;
mod cli;
mod contract_faults;
mod corrections;
mod coverage;
mod html;
mod init_from;
mod magento_documents;
mod project_folder;
mod project_lint;
mod proposed_overlays;
mod replay;
mod rerun;
mod shards;
#[path = "../shared/mod.rs"]
mod shared;
mod two_contracts;
mod versions;
mod waivers;
