//! Running: executes and judges all cases of a plan on several workers, with one ordered stream of [`crate::event::Event`]s.

mod bounds;
mod dispatch;
mod pipeline;

pub(crate) use bounds::{RunEnding, run_finished, run_started, system_started};
pub use dispatch::{Assignment, RunOptions, run};
pub use pipeline::{Outcome, Pipeline};
