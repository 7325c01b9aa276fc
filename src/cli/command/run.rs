//! `counterpart run`: everything is read, asked, judged, told and written.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::report_files::{Proposals, ReportFiles};
use super::select::{Selected, nothing_to_ask, select};
use super::stop::Stop;
use super::{ExitStatus, Setting};
use crate::cli::args::RunArgs;
use crate::cli::progress::Progress;
use crate::cli::targets::{self, Asked};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::Event;
use crate::plan::{PlannedSystem, Selection, skip_reason};
use crate::report::{Report, terminal};
use crate::run::{Assignment, Options, Session, run as ask};
use crate::target::Target;

/// Runs the selected cases. The exit status is the report's ([`ExitStatus::of`]); a run that passed, but whose reports could not
/// be written, ends as [`ExitStatus::Input`]: a gate would look for them in vain.
pub(super) fn run(args: &RunArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let selected = select(args, setting)?;
    let mut diagnostics = Diagnostics::new();
    let files = ReportFiles::open(&selected.settings.reports, &mut diagnostics);
    let proposals = args.propose_waivers.as_deref();
    let proposals = proposals.and_then(|path| Proposals::open(path, &mut diagnostics));
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    setting.console.diagnostics(&selected.warnings);
    if let Some(nothing) = nothing_to_ask(&selected.plan) {
        setting.console.warn(&nothing);
    }
    let look = setting.console.look();
    let progress = Progress::new(setting.console, look);
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| one(not_started(&error.to_string())))?;
    let (report, files) = runtime.block_on(async {
        let cancel = CancellationToken::new();
        let options = Options {
            jobs: selected.settings.jobs,
            seed: selected.settings.seed,
            max_failures: None,
            shard: selected.plan.shard,
        };
        let (assignments, servers) = assign(selected, args, setting).await?;
        let (sender, events) = mpsc::channel(1024);
        let running = tokio::spawn(ask(assignments, options, cancel.clone(), sender));
        // Beside the workers, not on this thread: waking it for every event would cost more than the cases do.
        let told = tokio::spawn(tell(events, progress, files, Stop::new(cancel)));
        let told = told
            .await
            .map_err(|error| one(not_started(&error.to_string())));
        // All events have come, so nothing of the run is left but its end.
        let _ = running.await;
        servers.stop().await;
        told
    })?;
    setting
        .console
        .say(terminal::closing(&report, look).trim_end());
    files.finish(&report, &mut diagnostics);
    if let Some(proposals) = proposals {
        proposals.finish(&report, &mut diagnostics);
    }
    setting.console.diagnostics(&diagnostics);
    Ok(match report.exit_status() {
        ExitStatus::Passed if diagnostics.has_errors() => ExitStatus::Input,
        status => status,
    })
}

/// Tells and keeps what happens until the run has ended.
async fn tell(
    mut events: mpsc::Receiver<Event>,
    mut progress: Progress,
    mut files: ReportFiles,
    mut stop: Stop,
) -> (Report, ReportFiles) {
    let mut report = Report::new();
    loop {
        tokio::select! {
            // Events first: what has happened is told before the wish to stop is heard.
            biased;
            event = events.recv() => {
                let Some(event) = event else { break };
                progress.event(&event);
                files.event(&event);
                report.fold(&event);
            }
            () = stop.asked() => progress.note(
                "interrupted: cases under way clean up what they made; Ctrl-C again ends at once",
            ),
        }
    }
    (report, files)
}

/// Gives every system its target and decides which cases are skipped. Systems of which nothing was selected are
/// left out.
async fn assign(
    selected: Selected,
    args: &RunArgs,
    setting: &Setting<'_>,
) -> Result<(Vec<Assignment>, Servers), Diagnostics> {
    let Selected {
        settings,
        selection,
        plan,
        waivers,
        warnings: _,
    } = selected;
    let waivers = Arc::new(waivers);
    let mut diagnostics = Diagnostics::new();
    let mut servers = Servers::default();
    let systems: Vec<(PlannedSystem, Asked)> = plan
        .systems
        .into_iter()
        .zip(settings.systems)
        .map(|(system, settings)| (system, settings.asked))
        .filter(|(system, _)| system.is_selected)
        .collect();
    let mut assignments = Vec::new();
    for (system, asked) in systems {
        let target = match asked {
            Asked::Running(target) => Some(*target),
            Asked::Embedded(manner) => {
                let name = &system.suite.system;
                servers.start(name, &manner, &mut diagnostics).await
            }
        };
        let Some(target) = target else {
            continue;
        };
        let target = targets::with_credentials(
            target,
            system.suite.profiles.keys().map(String::as_str),
            args,
            setting.environment,
            &mut diagnostics,
        );
        match assignment(system, target, &selection, plan.seed) {
            Ok(Assignment { session, cases }) => assignments.push(Assignment {
                session: session.with_waivers(Arc::clone(&waivers)),
                cases,
            }),
            Err(reason) => diagnostics.push(not_started(&reason)),
        }
    }
    match diagnostics.has_errors() {
        true => Err(diagnostics),
        false => Ok((assignments, servers)),
    }
}

fn assignment(
    system: PlannedSystem,
    target: Target,
    selection: &Selection,
    seed: u64,
) -> Result<Assignment, String> {
    let cases = system.cases.into_iter().map(|planned| {
        let reason = skip_reason(&planned, &target, selection);
        (planned, reason)
    });
    let cases = cases.collect();
    let session = Session::new(system.suite, Arc::new(target), seed)?;
    Ok(Assignment { session, cases })
}

/// The embedded servers of a run; they end with it.
#[derive(Default)]
pub(super) struct Servers {
    #[cfg(feature = "server")]
    running: Vec<crate::server::Running>,
}

impl Servers {
    /// Starts a system's server. `None`, told in `diagnostics`, where there is none or it cannot start.
    #[cfg(feature = "server")]
    pub(super) async fn start(
        &mut self,
        system: &str,
        manner: &targets::Manner,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        use crate::cli::embedded::{self, Embedded};

        let system = embedded::find(system, diagnostics)?;
        let wanted = manner.version().map(ToString::to_string);
        let options = crate::server::Options {
            version: embedded::version(wanted.as_deref(), diagnostics)?,
            ..crate::server::Options::default()
        };
        let Embedded { running, target } =
            embedded::serve(system, 0, options, manner, diagnostics).await?;
        self.running.push(running);
        Some(target)
    }

    #[cfg(not(feature = "server"))]
    pub(super) async fn start(
        &mut self,
        system: &str,
        _: &targets::Manner,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        diagnostics.push(
            Diagnostic::without_place(
                "no-embedded-server",
                format!("no target is named for the system `{system}`"),
            )
            .with_advice(
                "name one with --target URL: this program was built without embedded servers",
            ),
        );
        None
    }

    pub(super) async fn stop(self) {
        #[cfg(feature = "server")]
        futures_util::future::join_all(self.running.into_iter().map(|server| server.stop())).await;
    }
}

fn not_started(reason: &str) -> Diagnostic {
    Diagnostic::without_place("not-started", format!("the run cannot start: {reason}"))
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(diagnostic);
    diagnostics
}
