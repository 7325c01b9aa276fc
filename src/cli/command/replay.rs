//! `counterpart replay`: a recording is sent to a server, and its answers are compared with the recorded ones.

use tokio_util::sync::CancellationToken;

use super::select::{Selected, select};
use super::servers::Servers;
use super::{ExitStatus, Setting, load, stop};
use crate::cli::args::{ReplayArgs, RunArgs, SelectionArgs};
use crate::cli::console::Verbosity;
use crate::cli::targets::{self, Asked};
use crate::contract::Reading;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::replay::report;
use crate::replay::{Outcome, Recording, Summary, fit, har, replay as ask};
use crate::source;

/// Replays a recording. The exit status is that of [`report::exit_status`].
pub(super) fn replay(args: &ReplayArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let recording = read(args, setting)?;
    let run = RunArgs {
        selection: SelectionArgs {
            target: args.target.clone(),
            systems: vec![system(args, &recording, setting)?],
            auth: args.auth.clone(),
            ..SelectionArgs::default()
        },
        timeout: args.timeout,
        headers: args.headers.clone(),
        ..RunArgs::default()
    };
    let selected = select(&run, setting)?;
    setting.console.diagnostics(&selected.warnings);
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| not_started(&error.to_string()))?;
    runtime.block_on(compared(args, &run, &recording, selected, setting))
}

async fn compared(
    args: &ReplayArgs,
    run: &RunArgs,
    recording: &Recording,
    selected: Selected,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut servers = Servers::default();
    let systems = selected
        .plan
        .systems
        .into_iter()
        .zip(selected.settings.systems);
    let Some((system, settings)) = systems.into_iter().next() else {
        return Err(not_started("no system is selected"));
    };
    let suite = system.suite;
    let target = match settings.asked {
        Asked::Running(target) => Some(*target),
        Asked::Embedded(manner) => {
            servers
                .start(&suite.system, &manner, &mut diagnostics)
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
    let cancel = CancellationToken::new();
    let _stop = stop::Stop::new(cancel.clone());
    let look = setting.console.look();
    let quiet = setting.console.verbosity == Verbosity::Quiet;
    let told = |result| {
        let result: crate::replay::EntryResult = result;
        if quiet && matches!(result.outcome, Outcome::Equal | Outcome::Skipped(_)) {
            return;
        }
        setting.console.say(&match args.json {
            true => report::json_line(&result),
            false => report::line(&result, look),
        });
    };
    let summary: Summary = ask(
        recording,
        &suite,
        &target,
        args.only.as_deref(),
        &cancel,
        told,
    )
    .await
    .map_err(|reason| not_started(&reason))?;
    servers.stop().await;
    setting.console.say(&match args.json {
        true => report::json_closing(&summary),
        false => report::closing(&summary, &target.name),
    });
    Ok(report::exit_status(&summary))
}

fn read(args: &ReplayArgs, setting: &Setting<'_>) -> Result<Recording, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let source = source::read_file(&args.file).map_err(|reason| {
        one(Diagnostic::without_place("no-recording", reason)
            .with_advice("name a HAR file, as browsers save it from their network tab"))
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

/// The system that was named, else the one below whose base path most entries lie; of equals the one that fits best.
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
        let Some(suite) = load::suite(&files, Reading::Corrected, &mut diagnostics) else {
            continue;
        };
        let fits = fit(recording, &suite);
        if fits.0 > 0 && best.as_ref().is_none_or(|(most, _)| fits > *most) {
            best = Some((fits, files.system));
        }
    }
    match best {
        Some((_, name)) => Ok(name),
        None if diagnostics.has_errors() => Err(diagnostics),
        None => Err(one(Diagnostic::without_place(
            "no-system",
            "no entry of the recording lies below the base path of a system's contracts",
        )
        .with_advice("name the system with --system"))),
    }
}

fn not_started(reason: &str) -> Diagnostics {
    one(Diagnostic::without_place(
        "not-started",
        format!("the replay cannot start: {reason}"),
    ))
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(diagnostic);
    diagnostics
}
