//! The HTML report as its readers meet it: pages that the program wrote, shown by a real Chromium. Nothing leaves the loopback interface.
//!
//! Where there is no Chromium, the tests say that they are skipped; with `COUNTERPART_BROWSER=required` they fail then.

// A test that cannot read what it wrote has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// A Chromium and its one tab, asked over the DevTools protocol.
mod browser;

/// The pages: of a run that passed, of one with many faults, of one whose every text is hostile, of one with 5,000 cases.
mod pages;

/// Servers on the loopback interface that answer badly.
mod server;

/// What the outside sent stays text.
mod inert;
