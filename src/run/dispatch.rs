//! All cases of a plan over a number of workers; one place sees all events in one order.

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

/// How many cases in a row may find no connection before a target that had answered counts as lost.
const LOST_AFTER: usize = 5;

/// One system's share of a run: its cases, each with the reason for not running it, if there is one.
#[derive(Debug)]
pub struct Assignment {
    pub pipeline: Pipeline,
    pub cases: Vec<(PlannedCase, Option<String>)>,
}

/// How the cases are run.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// Cases at a time, over all systems.
    pub jobs: NonZeroUsize,
    /// The seed that the plan and all generated values come from.
    pub seed: u64,
    /// Once so many cases failed or ended in error no further one is begun; those under way end. `None`: all are run.
    pub max_failures: Option<NonZeroUsize>,
    /// Which part of a plan the cases are; `None`: all of it.
    pub shard: Option<ShardRecord>,
}

/// Runs everything and sends events, the first [`Event::RunStarted`], the last [`Event::RunFinished`]. Returns when all cases have
/// ended, or, after `cancel`, when the ones under way have cleaned up. A target without a connection costs one
/// [`Event::TargetLost`], not one error a case.
pub async fn run(
    assignments: Vec<Assignment>,
    options: RunOptions,
    cancel: CancellationToken,
    events: mpsc::Sender<Event>,
) {
    let started = Instant::now();
    // A receiver that is gone has no use for events; the run itself is then pointless too.
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
    let planned = assignments.iter().flat_map(|one| &one.cases);
    for cases in SubjectNames::of(planned.map(|(planned, _)| &planned.subject)) {
        let _ = events.send(Event::Planned(cases)).await;
    }
    let mut announcing = Vec::new();
    let mut queue = VecDeque::new();
    let mut shares = Vec::new();
    for Assignment { pipeline, cases } in assignments {
        let share = Arc::new(Share {
            pipeline,
            state: Mutex::default(),
        });
        if let Some(recorder) = share.pipeline.judge.coverage().cloned() {
            // Beside the first requests: laying out all that a large contract promises takes longer than asking for it.
            let laid_out = tokio::task::spawn_blocking(move || recorder.coverable());
            let events = events.clone();
            announcing.push(tokio::spawn(async move {
                if let Ok(coverable) = laid_out.await {
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
                    share.state().open += 1;
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
        // A worker does not fail: the faults of cases are caught where they run.
        let _ = worker.await;
    }
    for announced in announcing {
        let _ = announced.await;
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

/// A pipeline with what the workers know of its target.
#[derive(Debug)]
struct Share {
    pipeline: Pipeline,
    state: Mutex<DispatchState>,
}

#[derive(Debug, Default)]
struct DispatchState {
    answered: bool,
    /// Cases in a row that found no connection.
    in_a_row: usize,
    /// Cases without a verdict.
    open: usize,
    /// Cases that workers are at.
    under_way: usize,
    lost: bool,
    /// Why it was lost, until that is reported.
    unreported: Option<RunError<MaskedText>>,
}

/// What all workers take from, and when they stop taking.
#[derive(Debug)]
struct WorkQueue {
    queue: Mutex<VecDeque<(Arc<Share>, PlannedCase)>>,
    /// Cases that failed or ended in error.
    failures: AtomicUsize,
    max_failures: Option<NonZeroUsize>,
}

impl WorkQueue {
    /// The next case, while there may be one.
    fn next(&self) -> Option<(Arc<Share>, PlannedCase)> {
        match self.has_failed_enough() {
            true => None,
            false => self.queue().pop_front(),
        }
    }

    fn count(&self, verdict: Verdict) {
        if matches!(verdict, Verdict::Failed | Verdict::Error) {
            self.failures.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// After how many failures cases were left that could have been run; `None` where none were.
    fn stopped(&self) -> Option<usize> {
        let left =
            self.has_failed_enough() && self.queue().iter().any(|(share, _)| !share.state().lost);
        left.then(|| self.failures.load(Ordering::SeqCst))
    }

    fn has_failed_enough(&self) -> bool {
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

    /// Whether the next case may be asked; it is then under way until [`Share::end`].
    fn begin(&self) -> bool {
        let mut state = self.state();
        if !state.lost {
            state.under_way += 1;
        }
        !state.lost
    }

    /// The verdict on a case, where it has one: not where it was interrupted or its target is lost.
    fn verdict(&self, planned: &PlannedCase, outcome: Option<Outcome>) -> Option<SubjectFinished> {
        let mut state = self.state();
        let finished = match outcome {
            None => {
                let reason = "counterpart itself failed on this case; please report it";
                without_steps(planned, Verdict::Error, reason.into())
            }
            Some(Outcome::Interrupted) => return None,
            Some(Outcome::Finished(finished)) => {
                state.answered = true;
                state.in_a_row = 0;
                *finished
            }
            Some(Outcome::Unreachable(error)) => {
                state.in_a_row += 1;
                if state.lost {
                    return None;
                }
                if !state.answered || state.in_a_row >= LOST_AFTER {
                    state.lost = true;
                    state.unreported = Some(error);
                    return None;
                }
                let reason = error.message.with_text(error.to_string());
                without_steps(planned, Verdict::Error, reason)
            }
        };
        state.open -= 1;
        Some(finished)
    }

    /// The end of a case, its verdict told. The last one under way tells that the target is lost: only then it is known how many
    /// cases have no verdict.
    fn end(&self, planned: &PlannedCase) -> Option<TargetLost> {
        let mut state = self.state();
        state.under_way -= 1;
        if state.under_way > 0 {
            return None;
        }
        let target = self.pipeline.session.target();
        Some(TargetLost {
            system: planned.subject.system.to_string(),
            target: target.name.clone(),
            url: without_credentials(&target.url),
            error: state.unreported.take()?,
            not_run: state.open,
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
        // A fault of ours in one case must not make the run forget it, nor the others.
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
