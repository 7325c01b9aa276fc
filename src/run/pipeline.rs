//! Executes and judges one case. Main type: [`Pipeline`].

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::case::Suite;
use crate::event::SubjectFinished;
use crate::exchange::ClientError;
use crate::execute::{CaseEnding, Session};
use crate::finding::RunError;
use crate::judge::Judge;
use crate::plan::PlannedCase;
use crate::target::Target;
use crate::text::MaskedText;

/// Executes and judges the cases of one system. A transcript exists only between the two.
#[derive(Debug)]
pub struct Pipeline {
    pub session: Session,
    pub judge: Judge,
}

/// How a case ended.
#[derive(Debug)]
pub enum Outcome {
    /// It has a verdict.
    Finished(Box<SubjectFinished>),
    /// The run was cancelled; what the case had created is cleaned up.
    Interrupted,
    /// There was no connection to the target.
    Unreachable(RunError<MaskedText>),
}

impl Pipeline {
    /// A pipeline without waivers that records no coverage. Fails as [`Session::new`] does.
    pub fn new(suite: Arc<Suite>, target: Arc<Target>, seed: u64) -> Result<Self, ClientError> {
        Ok(Pipeline {
            judge: Judge::new(Arc::clone(&suite), Arc::clone(&target)),
            session: Session::new(suite, target, seed)?,
        })
    }

    /// Executes one case and judges it. Must be called within a Tokio runtime.
    pub async fn run(&self, planned: &PlannedCase, cancel: &CancellationToken) -> Outcome {
        let mut judging = self.judge.case(planned);
        if let Some(transcript) = judging.blocked() {
            return Outcome::Finished(Box::new(judging.finish(&transcript)));
        }
        let mut gate = |executed: &crate::execute::ExecutedStep<'_>| judging.response(executed);
        let transcript = self.session.execute(planned, cancel, &mut gate).await;
        match &transcript.ending {
            CaseEnding::Interrupted => Outcome::Interrupted,
            CaseEnding::Unreachable(error) => {
                Outcome::Unreachable(error.masked(self.judge.redactor()))
            }
            CaseEnding::Completed | CaseEnding::Stopped => {
                Outcome::Finished(Box::new(judging.finish(&transcript)))
            }
        }
    }
}
