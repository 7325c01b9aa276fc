//! One round: runs, judges and reports the selected cases. Main type: [`Runner`].

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::existing::Existing;
use super::gate::CoverageGate;
use super::outputs::Outputs;
use super::overlay_files::OverlayProposals;
use super::record::{self, Record};
use super::report_files::{Proposals, ReportFiles};
use super::select::Selected;
use super::servers::Servers;
use super::stop::StopSignal;
use super::{ExitStatus, Setting};
use crate::cli::annotations::Annotations;
use crate::cli::args::RunArgs;
use crate::cli::console::Console;
use crate::cli::progress::Progress;
use crate::cli::targets::{self, ResolvedTarget};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::{Event, Subject};
use crate::exchange::ClientError;
use crate::plan::{PlannedSystem, Selection, skip_reason};
use crate::report::{Report, json_lines};
use crate::run::{Assignment, Pipeline, RunOptions, run as run_all};
use crate::target::Target;

/// The state that all rounds of a command share.
pub(super) struct Runner<'a> {
    pub(super) args: &'a RunArgs,
    pub(super) setting: &'a Setting<'a>,
    /// The request to end the command: no further round begins.
    pub(super) stop: StopSignal,
    annotations: Annotations,
    servers: Servers,
    /// Filled during all rounds, and written with the last one.
    pub(super) overlays: Option<OverlayProposals>,
    /// Open cases from the events file that `--failed` names.
    pub(super) also_open: BTreeSet<Subject>,
}

/// A round that has ended; its report is not printed yet.
pub(super) struct Ended<'a> {
    pub(super) report: Report,
    outputs: Outputs<'a>,
}

/// The results of a run, collected from its events.
pub(super) struct Collected {
    pub(super) report: Report,
    pub(super) files: ReportFiles,
    pub(super) record: Option<Record>,
}

/// How events are shown as they happen.
pub(super) enum Shown {
    Progress(Box<Progress>),
    /// Each as a line of JSON.
    JsonLines(Console),
}

impl Shown {
    fn event(&mut self, event: &Event) {
        match self {
            Shown::Progress(progress) => progress.event(event),
            Shown::JsonLines(console) => match json_lines::line(event) {
                Ok(Some(line)) => console.say(&line),
                Ok(None) => {}
                Err(error) => console.warn(&format!("an event cannot be written: {error}")),
            },
        }
    }

    fn note(&self, text: &str) {
        match self {
            Shown::Progress(progress) => progress.note(text),
            Shown::JsonLines(console) => console.warn(text),
        }
    }
}

impl<'a> Runner<'a> {
    /// Handles Ctrl-C from now on. Must be called within a Tokio runtime.
    pub(super) fn new(args: &'a RunArgs, setting: &'a Setting<'a>) -> Runner<'a> {
        Runner {
            args,
            setting,
            stop: StopSignal::new(CancellationToken::new()),
            annotations: Annotations::begin(
                args.reports.annotations,
                setting.environment,
                setting.console,
            ),
            servers: Servers::default(),
            overlays: None,
            also_open: BTreeSet::new(),
        }
    }

    /// Whether the user has stopped the command.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.token().is_cancelled()
    }

    /// Runs all selected cases. Embedded servers are started as needed and stay up. Fails, before anything is sent, if a report cannot be
    /// written or a target is not available.
    pub(super) async fn round(
        &mut self,
        selected: Selected,
        opening: bool,
    ) -> Result<Ended<'a>, Diagnostics> {
        self.annotations.stop_commands();
        let mut diagnostics = Diagnostics::new();
        let reports = &selected.settings.reports;
        let folder = selected.reports.as_deref();
        if let Some(folder) = folder {
            record::refuse(reports, folder, &mut diagnostics);
        }
        // Before the reports are created: one of them may be the newest events file.
        let mut record = folder.and_then(|folder| Record::open(folder, &mut diagnostics));
        let whole = selected.whole;
        let sharded = selected.plan.shard.is_some();
        let gate = CoverageGate::open(&self.args.coverage, sharded, &mut diagnostics);
        let Some(gate) = gate.filter(|_| !diagnostics.has_errors()) else {
            return Err(diagnostics);
        };
        let files = ReportFiles::open(reports, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        self.setting.console.diagnostics(&diagnostics);
        let look = self.setting.console.look();
        let mut progress = Progress::new(self.setting.console, look);
        if !opening {
            progress = progress.without_opening();
        }
        let options = RunOptions {
            jobs: selected.settings.jobs,
            seed: selected.settings.seed,
            max_failures: self.args.rerun.max_failures,
            shard: selected.plan.shard,
        };
        if let Some(record) = &mut record {
            record.add_open(&self.also_open);
        }
        let existing = record
            .as_ref()
            .filter(|record| record.has_open_cases())
            .map(|_| Existing::of(&selected));
        let assignments = self.assign(selected).await?;
        if let (Some(record), Some(existing)) = (&mut record, existing) {
            record.settle(executed(&assignments), |case| existing.lacks(case));
        }
        let (sender, events) = mpsc::channel(1024);
        let cancel = self.stop.token().clone();
        let running = tokio::spawn(run_all(assignments, options, cancel, sender));
        let stop = self.stop.clone();
        // On the workers, not on this thread: waking it for every event would cost more than the cases.
        let shown = Shown::Progress(Box::new(progress));
        let collected = tokio::spawn(collect(events, shown, files, record, stop));
        let collected = collected.await.map_err(|error| single(not_started(error)));
        // All events were received, so the run is about to end.
        let _ = running.await;
        collected.map(|collected| Ended {
            report: collected.report,
            outputs: Outputs {
                files: collected.files,
                record: collected.record,
                proposals: None,
                overlays: None,
                gate,
                partial: (!whole).then_some("only part of the cases was run"),
                closing: true,
            },
        })
    }

    /// Prints and writes the results of a round, and returns its exit status (see [`Outputs::finish`]).
    pub(super) fn finish(&mut self, ended: Ended<'_>, proposals: Option<Proposals>) -> ExitStatus {
        let Ended {
            mut report,
            mut outputs,
        } = ended;
        outputs.proposals = proposals;
        outputs.overlays = self.overlays.take();
        outputs.finish(
            &mut report,
            &self.annotations,
            self.setting,
            Diagnostics::new(),
        )
    }

    /// Stops the embedded servers.
    pub(super) async fn end(self) {
        self.servers.stop().await;
    }

    /// Gives every system its target and decides which cases are skipped. Systems without selected cases are left out. A system
    /// whose cases are all in other shards is kept, because all shards announce the same systems.
    async fn assign(&mut self, selected: Selected) -> Result<Vec<Assignment>, Diagnostics> {
        let Selected {
            settings,
            selection,
            plan,
            waivers,
            reports: _,
            whole: _,
            warnings: _,
            contract_notes: _,
        } = selected;
        let waivers = Arc::new(waivers);
        let mut diagnostics = Diagnostics::new();
        let systems: Vec<(PlannedSystem, ResolvedTarget)> = plan
            .systems
            .into_iter()
            .zip(settings.systems)
            .map(|(system, settings)| (system, settings.target))
            .filter(|(system, _)| system.is_selected)
            .collect();
        let mut assignments = Vec::new();
        for (system, target) in systems {
            let target = match target {
                ResolvedTarget::Running(target) => Some(*target),
                ResolvedTarget::Embedded(settings) => {
                    let name = &system.suite.system;
                    self.servers.start(name, &settings, &mut diagnostics).await
                }
            };
            let Some(target) = target else {
                continue;
            };
            let target = targets::with_credentials(
                target,
                system.suite.profiles.keys().map(String::as_str),
                self.args,
                self.setting.environment,
                &mut diagnostics,
            );
            match assignment(system, target, &selection, plan.seed) {
                Ok(mut assignment) => {
                    let judge = &mut assignment.pipeline.judge;
                    judge.accept(Arc::clone(&waivers));
                    if let Some(overlays) = &self.overlays {
                        judge.keep_observations(overlays.observations());
                    }
                    if settings.coverage {
                        judge.record_coverage();
                    }
                    assignments.push(assignment);
                }
                Err(reason) => diagnostics.push(not_started(reason)),
            }
        }
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(assignments),
        }
    }
}

fn assignment(
    system: PlannedSystem,
    target: Target,
    selection: &Selection,
    seed: u64,
) -> Result<Assignment, ClientError> {
    let cases = system.cases.into_iter().map(|planned| {
        let reason = skip_reason(&planned, &target, selection);
        (planned, reason)
    });
    let cases = cases.collect();
    let pipeline = Pipeline::new(system.suite, Arc::new(target), seed)?;
    Ok(Assignment { pipeline, cases })
}

/// The cases that get a new verdict in this run. Cases that the target or the selection leaves out are not among them; cases that their
/// own file skips are.
fn executed(assignments: &[Assignment]) -> impl Iterator<Item = &Subject> {
    let cases = assignments.iter().flat_map(|assignment| &assignment.cases);
    cases
        .filter(|(planned, skipped)| skipped.is_none() || planned.case.skip.is_some())
        .map(|(planned, _)| &planned.subject)
}

/// Shows, writes and collects the events until the run has ended.
pub(super) async fn collect(
    mut events: mpsc::Receiver<Event>,
    mut shown: Shown,
    mut files: ReportFiles,
    mut record: Option<Record>,
    mut stop: StopSignal,
) -> Collected {
    let mut report = Report::new();
    loop {
        tokio::select! {
            // Events first: they are shown before the request to stop is handled.
            biased;
            event = events.recv() => {
                let Some(event) = event else { break };
                shown.event(&event);
                files.event(&event);
                if let Some(record) = &mut record {
                    record.event(&event);
                }
                report.fold(&event);
            }
            () = stop.requested() => shown.note(
                "interrupted: running cases clean up; press Ctrl-C again to stop at once",
            ),
        }
    }
    Collected {
        report,
        files,
        record,
    }
}

/// The error for a run that cannot start.
pub(super) fn not_started(reason: impl fmt::Display) -> Diagnostic {
    Diagnostic::without_place("not-started", format!("the run cannot start: {reason}"))
}

/// A single diagnostic.
pub(super) fn single(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(diagnostic);
    diagnostics
}
