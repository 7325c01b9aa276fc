//! All cases of a plan over a number of workers; one place sees all events in one order.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::FutureExt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::case_run::Outcome;
use super::session::Session;
use super::{judged, record};
use crate::event::{
    CaseFinished, ContractNamed, ErrorRecord, Event, FORMAT, NamedCases, RunFinished, RunStarted,
    ShardRecord, SystemStarted, TargetLost, Verdict, WaiverUse,
};
use crate::plan::PlannedCase;
use crate::target::without_credentials;
use crate::waiver::{Ledger, Stale, Used};

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
    /// Once so many cases failed or ended in error no further one is begun; those under way end. `None`: all are asked.
    pub max_failures: Option<NonZeroUsize>,
    /// Which part of a plan the cases are; `None`: all of it.
    pub shard: Option<ShardRecord>,
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
        .send(Event::RunStarted(run_started(&assignments, options)))
        .await
        .is_err()
    {
        return;
    }
    let planned = assignments.iter().flat_map(|one| &one.cases);
    for cases in NamedCases::of(planned.map(|(planned, _)| &planned.id)) {
        let _ = events.send(Event::Planned(cases)).await;
    }
    let mut announcing = Vec::new();
    let mut queue = VecDeque::new();
    let mut shares = Vec::new();
    for Assignment { session, cases } in assignments {
        let share = Arc::new(Share {
            session,
            state: Mutex::default(),
        });
        if let Some(recorder) = share.session.coverage.clone() {
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
                    judged::not_run(&share.session, &planned);
                    let finished = skipped(&planned, reason);
                    let _ = events.send(Event::CaseFinished(finished)).await;
                }
                None => {
                    share.state().open += 1;
                    queue.push_back((Arc::clone(&share), planned));
                }
            }
        }
        shares.push(share);
    }
    let work = Arc::new(Work {
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
    let interrupted = cancel.is_cancelled();
    let stopped = work.stopped();
    let rule = shares.first().map_or(Stale::Ignored, |share| {
        share.session.ledger.waivers().stale()
    });
    // Of half a run nobody knows what the other half would have met; of a shard all of them together do.
    let used = match rule {
        Stale::Told | Stale::Fails if !interrupted && stopped.is_none() => {
            Ledger::used(shares.iter().map(|share| &share.session.ledger))
        }
        _ => Vec::new(),
    };
    let (stale, waivers) = match options.shard {
        Some(_) => (Vec::new(), used.iter().map(waiver_use).collect()),
        None => {
            let stale = used.iter().filter(|one| one.is_stale());
            let stale = stale.map(|one| record::waiver(&one.waiver));
            (stale.collect(), Vec::new())
        }
    };
    let finished = RunFinished {
        milliseconds: started.elapsed().as_secs_f64() * 1000.0,
        interrupted,
        stopped,
        stale_waivers: stale,
        strict_waivers: rule == Stale::Fails,
        waivers,
    };
    let _ = events.send(Event::RunFinished(finished)).await;
}

/// A session with what the workers know of its target.
#[derive(Debug)]
struct Share {
    session: Session,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answered: bool,
    /// Cases in a row that found no connection.
    in_a_row: usize,
    /// Cases without a verdict.
    open: usize,
    /// Cases that workers are at.
    under_way: usize,
    lost: bool,
    /// Why it was lost, until that is told.
    untold: Option<ErrorRecord>,
}

/// What all workers take from, and when they stop taking.
#[derive(Debug)]
struct Work {
    queue: Mutex<VecDeque<(Arc<Share>, PlannedCase)>>,
    /// Cases that failed or ended in error.
    failures: AtomicUsize,
    max_failures: Option<NonZeroUsize>,
}

impl Work {
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

    /// Why cases were left that could have been asked; `None` where none were.
    fn stopped(&self) -> Option<String> {
        let left =
            self.has_failed_enough() && self.queue().iter().any(|(share, _)| !share.state().lost);
        left.then(|| match self.failures.load(Ordering::SeqCst) {
            1 => "after 1 failure".to_owned(),
            failures => format!("after {failures} failures"),
        })
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
    fn state(&self) -> MutexGuard<'_, State> {
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
    fn verdict(&self, planned: &PlannedCase, outcome: Option<Outcome>) -> Option<CaseFinished> {
        let mut state = self.state();
        let finished = match outcome {
            None => {
                let reason = "counterpart itself failed on this case; please report it".to_owned();
                without_steps(planned, Verdict::Error, reason)
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
                    state.untold = Some(error);
                    return None;
                }
                unreachable(planned, &error)
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
        let target = self.session.target();
        Some(TargetLost {
            system: planned.id.system.to_string(),
            target: target.name.clone(),
            url: without_credentials(&target.url),
            error: state.untold.take()?,
            cases: state.open,
        })
    }
}

async fn worker(work: Arc<Work>, cancel: CancellationToken, events: mpsc::Sender<Event>) {
    while !cancel.is_cancelled() {
        let Some((share, planned)) = work.next() else {
            return;
        };
        if !share.begin() {
            judged::not_run(&share.session, &planned);
            continue;
        }
        let _ = events
            .send(Event::CaseStarted {
                case: planned.id.clone(),
            })
            .await;
        // A fault of ours in one case must not make the run forget it, nor the others.
        let running = AssertUnwindSafe(share.session.run(&planned, &cancel)).catch_unwind();
        let outcome = running.await.ok();
        if !matches!(outcome, Some(Outcome::Finished(_) | Outcome::Interrupted)) {
            judged::not_run(&share.session, &planned);
        }
        if let Some(finished) = share.verdict(&planned, outcome) {
            work.count(finished.verdict);
            let _ = events.send(Event::CaseFinished(finished)).await;
        }
        if let Some(lost) = share.end(&planned) {
            let _ = events.send(Event::TargetLost(lost)).await;
        }
    }
}

fn waiver_use(used: &Used) -> WaiverUse {
    let Used {
        waiver,
        asked,
        met,
        doubtful,
    } = used;
    WaiverUse {
        waiver: record::waiver(waiver),
        asked: *asked,
        met: *met,
        doubtful: *doubtful,
    }
}

fn run_started(assignments: &[Assignment], options: Options) -> RunStarted {
    let systems: Vec<SystemStarted> = assignments.iter().map(system_started).collect();
    RunStarted {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default(),
        seed: options.seed,
        cases: systems.iter().map(|system| system.cases).sum(),
        systems,
        shard: options.shard,
        notes: Vec::new(),
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

fn unreachable(planned: &PlannedCase, error: &ErrorRecord) -> CaseFinished {
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
        place: Arc::clone(&planned.place),
        tags: Arc::clone(&planned.tags),
        operations: Vec::new(),
        milliseconds: 0.0,
        requests: 0,
        calls: Vec::new(),
        covered: Vec::new(),
        steps: Vec::new(),
    }
}
