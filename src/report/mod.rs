//! What a run came to, and how it is told.
//!
//! [`Report`] is a fold of [events](crate::event): counts, failures whole, passed cases only as summaries. Each format is a pure
//! function of it in a file of its own, so a format can be made again later from a recorded run:
//!
//! - [`terminal`]: text for people;
//! - [`junit`]: XML for CI servers;
//! - [`html`]: one page for a browser;
//! - [`github`]: annotations for the lines of a pull request;
//! - [`job_summary`]: Markdown for the page of a CI job;
//! - [`sarif`]: JSON for code scanning;
//! - [`tap`]: lines for TAP readers;
//! - [`json_lines`]: the events themselves, one JSON object a line; the only format that is also read back;
//! - [`merge`]: the recordings of shards as that of one run;
//! - [`proposed_waivers`]: a waiver file to be filled in, for all that failed;
//! - [`ExitStatus`]: the exit code, which is a report too.
//!
//! # To add a format
//!
//! 1. A file `report/NAME.rs` (a folder where it needs several) with `pub fn render(report: &Report) -> String` or, where writing can
//!    fail, a `Result`: no clock, no environment, no printing. `cli` decides where the text goes.
//! 2. Read the report by its methods: [`Report::failed`] and the like give an order that does not depend on which worker was faster.
//! 3. Pass everything that came over the wire through `untrusted` or through the format's own escaping. Secrets are already gone.
//! 4. Snapshot it with the events of `fixture`, hostile text included, and check it with the format's official schema or reader.
//! 5. What the format needs and the report does not keep becomes a field of [`Report`], filled in [`Report::fold`]; it must not grow
//!    with the number of passed cases beyond a few words a case.

mod cause;

mod coverage;

pub mod coverage_json;

mod cut_short;

mod exit;

#[cfg(test)]
pub(crate) mod fixture;

mod group;

pub mod github;
pub mod html;

pub mod job_summary;

pub mod json_lines;

pub mod junit;

mod layout;

pub mod merge;

mod model;

mod open_cases;

mod order;

pub mod ratchet;

pub mod proposed_waivers;

pub mod sarif;

mod shortfall;

pub mod tap;

pub mod terminal;

mod times;

pub(crate) mod untrusted;

#[cfg(test)]
mod unwritten;

mod waived;

mod warning;

mod xml;

pub use coverage::{Percent, Ratio, SystemCoverage};
pub use cut_short::CutShort;
pub use exit::ExitStatus;
pub use model::{CaseSummary, Counts, Report, SystemReport};
pub use open_cases::OpenCases;
pub use shortfall::{Asked, Shortfall};
pub use times::OperationTimes;
pub use waived::Waived;
pub use warning::Warning;
