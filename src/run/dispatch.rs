//! All cases of a plan over a number of workers; one place sees all events in one order.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::record;
use super::session::{Outcome, Session};
use crate::event::{
    CaseFinished, ContractNamed, Event, FORMAT, RunFinished, RunStarted, SystemStarted, TargetLost,
    Verdict,
};
use crate::plan::PlannedCase;
use crate::target::without_credentials;

/// How many cases in a row may find no connection before a target that had answered counts as lost.
const LOST_AFTER: usize = 5;

/// One system's share of a run: its session and its cases, each with the reason for not running it, if there is one.
#[derive(Debug)]
pub struct Assignment {
    pub session: Session,
    pub cases: Vec<(PlannedCase, Option<String>)>,
}

/// How the cases are run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Cases at a time, over all systems.
    pub jobs: NonZeroUsize,
    /// The seed that the plan and all generated values come from.
    pub seed: u64,
}

/// Runs everything and sends events, the first [`Event::RunStarted`], the last [`Event::RunFinished`]. Returns when all cases have
/// ended, or, after `cancel`, when the ones under way have cleaned up. A target without a connection costs one
/// [`Event::TargetLost`], not one error a case.
pub async fn run(
    assignments: Vec<Assignment>,
    options: Options,
    cancel: CancellationToken,
    events: mpsc::Sender<Event>,
) {
    let started = Instant::now();
    // A receiver that is gone has no use for events; the run itself is then pointless too.
    if events
        .send(Event::RunStarted(run_started(&assignments, options.seed)))
        .await
        .is_err()
    {
        return;
    }
    let mut queue = VecDeque::new();
    let mut shares = Vec::new();
    for Assignment { session, cases } in assignments {
        let share = Arc::new(Share {
            session,
            state: State::default(),
        });
        for (planned, skip) in cases {
            match skip {
                Some(reason) => {
                    let finished = skipped(&planned, reason);
                    let _ = events.send(Event::CaseFinished(finished)).await;
                }
                None => {
                    share.state.open.fetch_add(1, Ordering::Relaxed);
                    queue.push_back((Arc::clone(&share), planned));
                }
            }
        }
        shares.push(share);
    }
    let queue = Arc::new(Mutex::new(queue));
    let workers: Vec<_> = (0..options.jobs.get())
        .map(|_| tokio::spawn(worker(Arc::clone(&queue), cancel.clone(), events.clone())))
        .collect();
    for worker in workers {
        // A worker only waits and passes on: cases run in tasks of their own, and theirs are the faults.
        let _ = worker.await;
    }
    let finished = RunFinished {
        milliseconds: started.elapsed().as_secs_f64() * 1000.0,
        interrupted: cancel.is_cancelled(),
    };
    let _ = events.send(Event::RunFinished(finished)).await;
}

/// A session with what the workers know of its target.
#[derive(Debug)]
struct Share {
    session: Session,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    answered: AtomicBool,
    lost: AtomicBool,
    in_a_row: AtomicUsize,
    /// Cases without a verdict.
    open: AtomicUsize,
}

type Queue = Arc<Mutex<VecDeque<(Arc<Share>, PlannedCase)>>>;

async fn worker(queue: Queue, cancel: CancellationToken, events: mpsc::Sender<Event>) {
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some((share, planned)) = next else {
            return;
        };
        if cancel.is_cancelled() {
            return;
        }
        let state = &share.state;
        if state.lost.load(Ordering::Acquire) {
            continue;
        }
        let _ = events
            .send(Event::CaseStarted {
                case: planned.id.clone(),
            })
            .await;
        // In a task of its own, so that a fault of ours in one case cannot make the run forget it.
        let task = {
            let (share, planned, cancel) = (Arc::clone(&share), planned.clone(), cancel.clone());
            tokio::spawn(async move { share.session.run(&planned, &cancel).await })
        };
        let Ok(outcome) = task.await else {
            state.open.fetch_sub(1, Ordering::AcqRel);
            let reason = "counterpart itself failed on this case; please report it".to_owned();
            let _ = events
                .send(Event::CaseFinished(without_steps(
                    &planned,
                    Verdict::Error,
                    reason,
                )))
                .await;
            continue;
        };
        match outcome {
            Outcome::Interrupted => return,
            Outcome::Finished(finished) => {
                state.answered.store(true, Ordering::Release);
                state.in_a_row.store(0, Ordering::Release);
                state.open.fetch_sub(1, Ordering::AcqRel);
                let _ = events.send(Event::CaseFinished(*finished)).await;
            }
            Outcome::Unreachable(error) => {
                let in_a_row = state.in_a_row.fetch_add(1, Ordering::AcqRel) + 1;
                let lost = !state.answered.load(Ordering::Acquire) || in_a_row >= LOST_AFTER;
                if !lost {
                    state.open.fetch_sub(1, Ordering::AcqRel);
                    let _ = events
                        .send(Event::CaseFinished(unreachable(&planned, &error)))
                        .await;
                } else if !state.lost.swap(true, Ordering::AcqRel) {
                    let target = share.session.target();
                    let lost = TargetLost {
                        system: planned.id.system.clone(),
                        target: target.name.clone(),
                        url: without_credentials(&target.url),
                        error,
                        cases: state.open.load(Ordering::Acquire),
                    };
                    let _ = events.send(Event::TargetLost(lost)).await;
                }
            }
        }
    }
}

fn run_started(assignments: &[Assignment], seed: u64) -> RunStarted {
    let systems: Vec<SystemStarted> = assignments.iter().map(system_started).collect();
    RunStarted {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default(),
        seed,
        cases: systems.iter().map(|system| system.cases).sum(),
        systems,
    }
}

fn system_started(assignment: &Assignment) -> SystemStarted {
    let session = &assignment.session;
    let mut contracts: Vec<ContractNamed> = Vec::new();
    for contract in session.suite.files.iter().flat_map(|file| &file.contracts) {
        if !contracts.iter().any(|named| named.path == contract.name) {
            contracts.push(ContractNamed {
                path: contract.name.clone(),
                title: contract.title.clone(),
                version: contract.version.clone(),
                overlays: contract
                    .overlays
                    .iter()
                    .map(|one| one.name.clone())
                    .collect(),
            });
        }
    }
    let mut contracts_used = session.suite.files.iter().flat_map(|file| &file.contracts);
    let reading = contracts_used.next().map(|contract| contract.reading);
    SystemStarted {
        target_version: session.target.version.as_ref().map(ToString::to_string),
        contract: reading.unwrap_or_default().as_str().to_owned(),
        system: session.suite.system.clone(),
        target: session.target.name.clone(),
        url: without_credentials(&session.target.url),
        cases: assignment.cases.len(),
        contracts,
    }
}

fn skipped(planned: &PlannedCase, reason: String) -> CaseFinished {
    without_steps(planned, Verdict::Skipped, reason)
}

fn unreachable(planned: &PlannedCase, error: &crate::event::ErrorRecord) -> CaseFinished {
    without_steps(
        planned,
        Verdict::Error,
        format!("{}: {}", error.kind, error.message),
    )
}

fn without_steps(planned: &PlannedCase, verdict: Verdict, reason: String) -> CaseFinished {
    CaseFinished {
        case: planned.id.clone(),
        verdict,
        reason: Some(reason),
        place: record::place(&planned.case.name.place),
        tags: planned.case.tags.clone(),
        operations: Vec::new(),
        milliseconds: 0.0,
        requests: 0,
        steps: Vec::new(),
    }
}
