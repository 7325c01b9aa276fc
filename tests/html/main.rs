//! The HTML report as its readers meet it: pages that the program wrote, shown by a real Chromium. Nothing leaves the loopback interface.
//!
//! Where there is no Chromium, the tests say that they are skipped; with `COUNTERPART_BROWSER=required` they fail then.

// A test that cannot read what it wrote has failed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

/// A Chromium and its one tab, asked over the DevTools protocol.
mod browser;

/// The pages: of a run that passed, of one with many faults, of one with 5,000 cases.
mod pages;

/// Pages whose every text wants to be more.
mod hostile;

/// Servers on the loopback interface that answer badly.
mod server;

/// Search and filters, and the address that keeps them.
mod filters;
/// What the outside sent stays text.
mod inert;

/// Links to cases, keys, and the buttons.
mod controls;

/// Light and dark.
mod scheme;

/// Phones and desktops: nothing is cut, nothing lies over anything else.
mod layout;

/// On paper, and without script.
mod paper;

/// A run with 5,000 cases.
mod many;

/// What axe-core says of the pages.
mod accessible;
