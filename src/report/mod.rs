//! What a run came to, and how it is reported.
//!
//! [`Report`] is a fold of [events](crate::event): counts, failures whole, passed subjects only as summaries. Everything that is shown is
//! a pure function of it, so that it can be made again later from a recorded run:
//!
//! - [`Cause`]: what is wrong, each cause once; [`Summary`]: the verdict in words. All formats share them;
//! - [`FORMATS`]: the formats of report files, a file each below [`formats`], and how to add one;
//! - [`terminal`]: text for people;
//! - [`github`]: annotations for the lines of a pull request;
//! - [`json_lines`]: the events themselves, one JSON object a line; the only format that is also read back;
//! - [`merge`]: the recordings of shards as that of one run;
//! - [`proposed_waivers`]: a waiver file to be filled in, for all that failed;
//! - [`ExitStatus`]: the exit code, which is a report too.

mod locate;

mod order;

mod cause;

mod waived;

mod coverage;

mod shortfall;

mod times;

mod model;

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
pub use formats::{FORMATS, FormatWriter, ReportFormat};
pub use group::SeenCauses;
pub use locate::Locate;
pub use model::{Counts, Finished, Report, SubjectSummary, SummaryPlace, SystemReport};
pub use open_cases::OpenCases;
pub use shortfall::{Fallen, Required, Shortfall};
pub use summary::{CutShort, Problem, ProblemKind, Summary};
pub use times::OperationTimes;
