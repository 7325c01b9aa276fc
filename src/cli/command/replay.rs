//! `counterpart replay`: sends the requests of a recording to a server and compares the responses with the recorded ones.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::gate::CoverageGate;
use super::outputs::Outputs;
use super::report_files::{Proposals, ReportFiles};
use super::round::{Shown, collect, not_started, single};
use super::select::{Selected, select};
use super::servers::Servers;
use super::{ExitStatus, Setting, load, stop};
use crate::cli::annotations::Annotations;
use crate::cli::args::{AnnotationsArg, ReplayArgs, RerunArgs, RunArgs, SelectionArgs};
use crate::cli::progress::Progress;
use crate::cli::targets::{self, ResolvedTarget};
use crate::contract::{Nullability, Reading};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::judge::Judge;
use crate::recording::{Recording, har};
use crate::replay::{Replay, ReplayOptions, fit, replay as replay_recording};
use crate::source;
use crate::waiver::Stale;

/// Replays a recording. The exit status is that of its report, as for a run.
pub(super) fn replay(args: &ReplayArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let recording = read(args, setting)?;
    let run = RunArgs {
        selection: SelectionArgs {
            target: args.target.clone(),
            systems: vec![system(args, &recording, setting)?],
            auth: args.auth.clone(),
            ..SelectionArgs::default()
        },
        rerun: RerunArgs {
            max_failures: args.max_failures,
            ..RerunArgs::default()
        },
        reports: args.reports.clone(),
        timeout: args.timeout,
        waivers: args.waivers.clone(),
        headers: args.headers.clone(),
        ..RunArgs::default()
    };
    let selected = select(&run, setting)?;
    setting.console.diagnostics(&selected.warnings);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| single(not_started(error)))?;
    runtime.block_on(compared(args, &run, recording, selected, setting))
}

async fn compared(
    args: &ReplayArgs,
    run: &RunArgs,
    recording: Recording,
    selected: Selected,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let files = ReportFiles::open(&selected.settings.reports, &mut diagnostics);
    let proposals = args.waivers.propose_waivers.as_deref();
    let proposals = proposals.and_then(|path| Proposals::open(path, &mut diagnostics));
    let gate = CoverageGate::open(&run.coverage, false, &mut diagnostics);
    let Some(gate) = gate.filter(|_| !diagnostics.has_errors()) else {
        return Err(diagnostics);
    };
    let mut servers = Servers::default();
    let prepared = prepared(args, run, recording, selected, setting, &mut servers).await?;
    let cancel = CancellationToken::new();
    let stop = stop::StopSignal::new(cancel.clone());
    let console = setting.console;
    let annotations = Annotations::begin(
        match args.json {
            // Standard output is for the events only.
            true => AnnotationsArg::None,
            false => args.reports.annotations,
        },
        setting.environment,
        console,
    );
    let shown = match args.json {
        true => Shown::JsonLines(console),
        false => Shown::Progress(Box::new(Progress::new(console, console.look()))),
    };
    let options = ReplayOptions {
        only: args.only.clone(),
        max_failures: args.max_failures,
    };
    let (sender, events) = mpsc::channel(1024);
    let replaying = tokio::spawn(replay_recording(prepared, options, cancel, sender));
    let collected = collect(events, shown, files, None, stop).await;
    match replaying.await {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => return Err(single(not_started(reason))),
        Err(error) => return Err(single(not_started(error))),
    }
    servers.stop().await;
    let outputs = Outputs {
        files: collected.files,
        record: None,
        proposals,
        overlays: None,
        gate,
        partial: None,
        closing: !args.json,
    };
    let mut report = collected.report;
    Ok(outputs.finish(&mut report, &annotations, setting, diagnostics))
}

/// The recording with its target. An embedded server is started.
async fn prepared(
    args: &ReplayArgs,
    run: &RunArgs,
    recording: Recording,
    selected: Selected,
    setting: &Setting<'_>,
    servers: &mut Servers,
) -> Result<Replay, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let systems = selected
        .plan
        .systems
        .into_iter()
        .zip(selected.settings.systems);
    let Some((system, settings)) = systems.into_iter().next() else {
        return Err(single(not_started("no system is selected")));
    };
    let suite = system.suite;
    let target = match settings.target {
        ResolvedTarget::Running(target) => Some(*target),
        ResolvedTarget::Embedded(settings) => {
            servers
                .start(&suite.system, &settings, &mut diagnostics)
                .await
        }
    };
    let Some(target) = target else {
        return Err(diagnostics);
    };
    let profiles = suite.profiles.keys().map(String::as_str);
    let target =
        targets::with_credentials(target, profiles, run, setting.environment, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let target = Arc::new(target);
    let mut judge = Judge::new(Arc::clone(&suite), Arc::clone(&target));
    // Part of a recording says nothing about the waivers for the rest, and a recording says nothing about waivers written for cases.
    let stale = match args.waivers.strict_waivers && args.only.is_none() {
        true => Stale::Fails,
        false => Stale::Ignored,
    };
    judge.accept(Arc::new(selected.waivers.with_stale(stale)));
    let name = args.file.file_name().unwrap_or(args.file.as_os_str());
    Ok(Replay {
        recording: Arc::new(recording),
        name: name.to_string_lossy().into_owned(),
        suite,
        target,
        judge,
    })
}

fn read(args: &ReplayArgs, setting: &Setting<'_>) -> Result<Recording, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let source = source::read_file(&args.file).map_err(|reason| {
        single(
            Diagnostic::without_place("no-recording", reason)
                .with_advice("name a HAR file, as browsers save it from their network tab"),
        )
    })?;
    let recording = har::read(source, &mut diagnostics);
    match recording {
        Some(recording) => {
            setting.console.diagnostics(&diagnostics);
            Ok(recording)
        }
        None => Err(diagnostics),
    }
}

/// The named system, else the system whose base path matches most entries; of equal ones, the one that fits best.
fn system(
    args: &ReplayArgs,
    recording: &Recording,
    setting: &Setting<'_>,
) -> Result<String, Diagnostics> {
    if let Some(name) = &args.system {
        return Ok(name.clone());
    }
    let mut diagnostics = Diagnostics::new();
    let project = setting.project(&mut diagnostics);
    let mut best: Option<((usize, usize), String)> = None;
    for files in project.systems() {
        let Some(suite) = load::suite(
            &files,
            Reading::Corrected,
            Nullability::default(),
            &mut diagnostics,
        ) else {
            continue;
        };
        let fits = fit(recording, &suite);
        if fits.0 > 0 && best.as_ref().is_none_or(|(most, _)| fits > *most) {
            best = Some((fits, files.system));
        }
    }
    match best {
        Some((_, name)) => Ok(name),
        None if diagnostics.prevent_run() => Err(diagnostics),
        None => Err(single(
            Diagnostic::without_place(
                "no-system",
                "no entry of the recording matches the base path of a system's contracts",
            )
            .with_advice("name the system with --system"),
        )),
    }
}
