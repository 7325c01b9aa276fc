//! `counterpart run`: runs and reports the selected cases once, until one fails, or at every change.

use super::overlay_files::OverlayProposals;
use super::report_files::Proposals;
use super::round::{Runner, not_started, single};
use super::select::{Selected, nothing_to_run, select};
use super::{ExitStatus, Setting, failed, until_failure, watch};
use crate::cli::args::RunArgs;
use crate::diagnostic::Diagnostics;

/// Runs the selected cases. The exit status is that of the last round; of a `--failed` run without open cases,
/// [`ExitStatus::Passed`].
pub(super) fn run(args: &RunArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| single(not_started(error)))?;
    runtime.block_on(async {
        let mut runner = Runner::new(args, setting);
        let status = match args.rerun.watch {
            true => watch::watch(&mut runner).await,
            false => selected(&mut runner).await,
        };
        runner.end().await;
        status
    })
}

/// Runs the cases that command line, environment and project select.
async fn selected(runner: &mut Runner<'_>) -> Result<ExitStatus, Diagnostics> {
    let (args, setting) = (runner.args, runner.setting);
    let mut selected = select(args, setting)?;
    setting.console.diagnostics(&selected.warnings);
    for line in &selected.contract_notes {
        setting.console.warn(line);
    }
    let mut nothing_open = false;
    if let Some(file) = &args.rerun.failed {
        let open = failed::narrow(&mut selected, file.as_deref(), setting)?;
        nothing_open = open.is_empty();
        if nothing_open && selected.settings.reports.is_empty() {
            return Ok(ExitStatus::Passed);
        }
        if file.is_some() {
            runner.also_open = open;
        }
    }
    if let (Some(nothing), false) = (nothing_to_run(&selected.plan), nothing_open) {
        setting.console.warn(&nothing);
    }
    let mut diagnostics = Diagnostics::new();
    let proposals = args.waivers.propose_waivers.as_deref();
    let proposals = proposals.and_then(|path| Proposals::open(path, &mut diagnostics));
    if let Some(path) = &args.propose_overlay {
        runner.overlays = OverlayProposals::open(path, &mut diagnostics);
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let status = match args.rerun.until_failure {
        Some(most) => until_failure::repeat(runner, selected, most, proposals).await?,
        None => once(runner, selected, proposals).await?,
    };
    Ok(match status {
        // No case is open, but empty reports were requested.
        ExitStatus::NothingMatched if nothing_open => ExitStatus::Passed,
        status => status,
    })
}

async fn once(
    runner: &mut Runner<'_>,
    selected: Selected,
    proposals: Option<Proposals>,
) -> Result<ExitStatus, Diagnostics> {
    let ended = runner.round(selected, true).await?;
    Ok(runner.finish(ended, proposals))
}
