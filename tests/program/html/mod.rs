//! Tests of the HTML report in a real Chromium, with pages that the program wrote. Nothing leaves the loopback interface.
//!
//! Without a Chromium the tests print that they are skipped; with `COUNTERPART_BROWSER=required` they fail, with `none` no browser is
//! started.

/// A Chromium with one tab, controlled over the DevTools protocol.
mod browser;

/// The pages: of a run that passed, of a run with many faults, of a run with 5,000 cases.
mod pages;

/// Pages with only hostile texts.
mod hostile;

/// Servers on the loopback interface with faulty responses.
mod server;

/// Search and filters, and the URL that stores them.
mod filters;
/// External text stays text.
mod inert;

/// Links to cases, keys, and the buttons.
mod controls;

/// Light and dark.
mod scheme;

/// Phones and desktops: nothing is cut off, nothing overlaps.
mod layout;

/// Printing, and reading without scripts.
mod paper;

/// A run with 5,000 cases.
mod many;

/// Accessibility checks with axe-core.
mod accessible;
