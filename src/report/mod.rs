//! The result of a run, and the reports about it.
//!
//! [`Report`] is a fold of [events](crate::event): counts, failures in full, passed subjects only as summaries. Everything that is shown is
//! a pure function of it, so that any report can be rendered again from a recorded run:
//!
//! - [`Cause`]: what is wrong, each cause once; [`Summary`]: the verdict as text. All formats share them;
//! - [`FORMATS`]: the formats of report files, one source file each below [`formats`], and how to add a format;
//! - [`terminal`]: text for people;
//! - [`github`]: annotations for the lines of a pull request;
//! - [`json_lines`]: the events themselves, one JSON object a line; the only format that is also read back;
//! - [`merge`]: merges the recordings of shards into the recording of one run;
//! - [`proposed_waivers`]: a waiver file to be completed, with an entry for every failure;
//! - [`ExitStatus`]: the exit code.

mod locate;

mod order;

mod cause;

mod waived;

mod coverage;

mod shortfall;

mod times;

mod model;
mod notes;

mod exit;

mod summary;

mod group;

mod layout;

mod diff;

pub mod ratchet;

pub mod proposed_waivers;

pub mod json_lines;

mod open_cases;

pub mod merge;

pub mod terminal;

pub mod github;

pub mod formats;

#[cfg(test)]
pub(crate) mod fixture;

pub use cause::{Cause, CauseCode, CauseSubject, Weight};
pub use coverage::{Percent, Ratio, SystemCoverage};
pub use exit::ExitStatus;
pub use formats::{FORMATS, FormatWriter, RenderReport, ReportFormat};
pub use group::SeenCauses;
pub use locate::Locate;
pub use model::{Counts, Finished, Report, SubjectSummary, SummaryPlace, SystemReport};
pub use open_cases::OpenCases;
pub use shortfall::{Fallen, Required, Shortfall};
pub use summary::{CutShort, Problem, ProblemKind, Summary};
pub use times::OperationTimes;
