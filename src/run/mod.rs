//! Running: all cases of a plan over workers, each executed and judged; one place sees all [`crate::event::Event`]s in one order.

mod bounds;
mod dispatch;
mod pipeline;

pub(crate) use bounds::{RunEnding, run_finished, run_started, system_started};
pub use dispatch::{Assignment, RunOptions, run};
pub use pipeline::{Outcome, Pipeline};
