//! Runs all cases of a plan on several workers, with one ordered stream of events.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::bounds::{RunEnding, run_finished, run_started, system_started};
use super::pipeline::{Outcome, Pipeline};
use crate::event::{
    Event, ShardRecord, SubjectFinished, SubjectKind, SubjectNames, TargetLost, Verdict,
};
use crate::finding::RunError;
use crate::plan::PlannedCase;
use crate::target::without_credentials;
use crate::text::MaskedText;

/// The number of consecutive cases without a connection after which a target that had responded before counts as lost.
const MAX_CONSECUTIVE_FAILURES: usize = 5;

/// One system's part of a run: its cases, each with the reason to skip it, if there is one.
#[derive(Debug)]
pub struct Assignment {
    pub pipeline: Pipeline,
    pub cases: Vec<(PlannedCase, Option<String>)>,
}

/// How the cases are run.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// Number of cases that run in parallel, over all systems.
    pub jobs: NonZeroUsize,
    /// The seed of the plan and of all generated values.
    pub seed: u64,
    /// After this number of failed cases and errors no further case is started; running cases are completed. `None`: all are run.
    pub max_failures: Option<NonZeroUsize>,
    /// The part of the plan that is run; `None`: all of it.
    pub shard: Option<ShardRecord>,
}

/// Runs everything and sends events, the first [`Event::RunStarted`], the last [`Event::RunFinished`]. Returns when all cases
/// have ended, or, after `cancel`, when the running cases have cleaned up. A target that cannot be reached gives one
/// [`Event::TargetLost`], not one error per case.
pub async fn run(
    assignments: Vec<Assignment>,
    options: RunOptions,
    cancel: CancellationToken,
    events: mpsc::Sender<Event>,
) {
    let started = Instant::now();
    // If the receiver is gone, nothing can be reported and the run is pointless.
    let systems = assignments.iter().map(|assignment| {
        let session = &assignment.pipeline.session;
        system_started(session.suite(), session.target(), assignment.cases.len())
    });
    let start = run_started(
        SubjectKind::Case,
        systems.collect(),
        options.seed,
        options.shard,
    );
    if events.send(Event::RunStarted(start)).await.is_err() {
        return;
    }
    let planned = assignments.iter().flat_map(|assignment| &assignment.cases);
    for cases in SubjectNames::of(planned.map(|(planned, _)| &planned.subject)) {
        let _ = events.send(Event::Planned(cases)).await;
    }
    let mut coverage_tasks = Vec::new();
    let mut queue = VecDeque::new();
    let mut shares = Vec::new();
    for Assignment { pipeline, cases } in assignments {
        let share = Arc::new(Share {
            pipeline,
            state: Mutex::default(),
        });
        if let Some(recorder) = share.pipeline.judge.coverage().cloned() {
            // In parallel with the first requests: enumerating the coverage points of a large contract takes time.
            let coverable = tokio::task::spawn_blocking(move || recorder.coverable());
            let events = events.clone();
            coverage_tasks.push(tokio::spawn(async move {
                if let Ok(coverable) = coverable.await {
                    let _ = events.send(Event::Coverable(coverable)).await;
                }
            }));
        }
        for (planned, skip) in cases {
            match skip {
                Some(reason) => {
                    share.pipeline.judge.not_run(&planned);
                    let reason = share.pipeline.judge.redactor().text(&reason);
                    let finished = without_steps(&planned, Verdict::Skipped, reason);
                    let _ = events.send(Event::SubjectFinished(finished)).await;
                }
                None => {
                    share.state().without_verdict += 1;
                    share.pipeline.session.announce(&planned);
                    queue.push_back((Arc::clone(&share), planned));
                }
            }
        }
        shares.push(share);
    }
    let work = Arc::new(WorkQueue {
        queue: Mutex::new(queue),
        failures: AtomicUsize::new(0),
        max_failures: options.max_failures,
    });
    let workers: Vec<_> = (0..options.jobs.get())
        .map(|_| tokio::spawn(worker(Arc::clone(&work), cancel.clone(), events.clone())))
        .collect();
    for worker in workers {
        // A worker does not panic: panics of cases are caught where they run.
        let _ = worker.await;
    }
    for share in &shares {
        share.pipeline.session.remove_setups().await;
    }
    for task in coverage_tasks {
        let _ = task.await;
    }
    let ending = RunEnding {
        interrupted: cancel.is_cancelled(),
        stopped_after: work.stopped(),
    };
    let ledgers: Vec<_> = shares
        .iter()
        .map(|share| share.pipeline.judge.ledger())
        .collect();
    let finished = run_finished(started, ending, &ledgers, options.shard);
    let _ = events.send(Event::RunFinished(finished)).await;
}

/// A pipeline and the state of its target.
#[derive(Debug)]
struct Share {
    pipeline: Pipeline,
    state: Mutex<DispatchState>,
}

#[derive(Debug, Default)]
struct DispatchState {
    has_responded: bool,
    /// Consecutive cases without a connection.
    consecutive_failures: usize,
    /// Cases without a verdict.
    without_verdict: usize,
    /// Cases that are running.
    running: usize,
    lost: bool,
    /// Why the target was lost, until that is reported.
    unreported: Option<RunError<MaskedText>>,
}

/// The queue of all workers, and the condition on which they stop.
#[derive(Debug)]
struct WorkQueue {
    queue: Mutex<VecDeque<(Arc<Share>, PlannedCase)>>,
    /// Cases that failed or ended in error.
    failures: AtomicUsize,
    max_failures: Option<NonZeroUsize>,
}

impl WorkQueue {
    /// The next case; `None` if there is none or the maximum of failures is reached.
    fn next(&self) -> Option<(Arc<Share>, PlannedCase)> {
        match self.has_reached_max_failures() {
            true => None,
            false => self.queue().pop_front(),
        }
    }

    fn count(&self, verdict: Verdict) {
        if matches!(verdict, Verdict::Failed | Verdict::Error) {
            self.failures.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The number of failures, if cases were left because of them.
    fn stopped(&self) -> Option<usize> {
        let left = self.has_reached_max_failures()
            && self.queue().iter().any(|(share, _)| !share.state().lost);
        left.then(|| self.failures.load(Ordering::SeqCst))
    }

    fn has_reached_max_failures(&self) -> bool {
        let failures = self.failures.load(Ordering::SeqCst);
        self.max_failures.is_some_and(|most| failures >= most.get())
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<(Arc<Share>, PlannedCase)>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    fn state(&self) -> MutexGuard<'_, DispatchState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next case may run; it then counts as running until [`Share::end`].
    fn begin(&self) -> bool {
        let mut state = self.state();
        if !state.lost {
            state.running += 1;
        }
        !state.lost
    }

    /// The verdict on a case; `None` if it was interrupted or its target is lost.
    fn verdict(&self, planned: &PlannedCase, outcome: Option<Outcome>) -> Option<SubjectFinished> {
        let mut state = self.state();
        let finished = match outcome {
            None => {
                let reason = "counterpart itself failed on this case; please report it";
                without_steps(planned, Verdict::Error, reason.into())
            }
            Some(Outcome::Interrupted) => return None,
            Some(Outcome::Finished(finished)) => {
                if finished.requests > 0 {
                    state.has_responded = true;
                    state.consecutive_failures = 0;
                }
                *finished
            }
            Some(Outcome::Unreachable(error)) => {
                state.consecutive_failures += 1;
                if state.lost {
                    return None;
                }
                if !state.has_responded || state.consecutive_failures >= MAX_CONSECUTIVE_FAILURES {
                    state.lost = true;
                    state.unreported = Some(error);
                    return None;
                }
                let reason = error.message.with_text(error.to_string());
                without_steps(planned, Verdict::Error, reason)
            }
        };
        state.without_verdict -= 1;
        Some(finished)
    }

    /// Ends a case, after its verdict was sent. The last running case reports that the target is lost: only then the number of
    /// cases without a verdict is known.
    fn end(&self, planned: &PlannedCase) -> Option<TargetLost> {
        let mut state = self.state();
        state.running -= 1;
        if state.running > 0 {
            return None;
        }
        let target = self.pipeline.session.target();
        Some(TargetLost {
            system: planned.subject.system.to_string(),
            target: target.name.clone(),
            url: without_credentials(&target.url),
            error: state.unreported.take()?,
            not_run: state.without_verdict,
        })
    }
}

async fn worker(work: Arc<WorkQueue>, cancel: CancellationToken, events: mpsc::Sender<Event>) {
    while !cancel.is_cancelled() {
        let Some((share, planned)) = work.next() else {
            return;
        };
        if !share.begin() {
            share.pipeline.judge.not_run(&planned);
            continue;
        }
        let _ = events
            .send(Event::SubjectStarted {
                subject: planned.subject.clone(),
            })
            .await;
        // A panic in one case must lose neither that case nor the others.
        let running = AssertUnwindSafe(share.pipeline.run(&planned, &cancel)).catch_unwind();
        let outcome = running.await.ok();
        if !matches!(outcome, Some(Outcome::Finished(_) | Outcome::Interrupted)) {
            share.pipeline.judge.not_run(&planned);
        }
        if let Some(finished) = share.verdict(&planned, outcome) {
            work.count(finished.verdict);
            let _ = events.send(Event::SubjectFinished(finished)).await;
        }
        if let Some(lost) = share.end(&planned) {
            let _ = events.send(Event::TargetLost(lost)).await;
        }
    }
}

fn without_steps(planned: &PlannedCase, verdict: Verdict, reason: MaskedText) -> SubjectFinished {
    SubjectFinished {
        subject: planned.subject.clone(),
        verdict,
        reason: Some(reason),
        place: planned.place.clone(),
        origin: planned.origin.clone(),
        tags: Arc::clone(&planned.tags),
        operations: Vec::new(),
        milliseconds: 0.0,
        requests: 0,
        calls: Vec::new(),
        covered: Vec::new(),
        steps: Vec::new(),
    }
}
