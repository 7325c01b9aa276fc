//! `run --watch`: a round, then whatever a change of the project's files touches, until Ctrl-C.
//!
//! The file system only wakes us; what has changed is found by comparing the files with what they were when they were last read. So it
//! does not matter how an editor saves, nor when: also while a round goes on. Main function: [`watch`].

mod snapshot;
mod touched;
mod wakes;

use std::collections::BTreeSet;

use self::snapshot::{Snapshot, WatchedFiles};
use self::touched::{Touched, Uses};
use self::wakes::Wakes;
use super::ExitStatus;
use super::round::Runner;
use super::seeds::Seeds;
use super::select::{Selected, select};
use crate::cli::console::Verbosity;
use crate::diagnostic::Diagnostics;
use crate::text::counted;
use crate::text::line;

/// Names of changed files that are shown.
const NAMED: usize = 3;

/// Runs what is selected, and again what changes touch. Broken files are told, and waited for. Returns the status of the last round once
/// the user ends it; fails only where there is nothing to watch, or it cannot be watched.
pub(super) async fn watch(runner: &mut Runner<'_>) -> Result<ExitStatus, Diagnostics> {
    let console = runner.setting.console;
    let mut watching = Watching::default();
    let mut watched = WatchedFiles::find(runner.args, runner.setting)?;
    loop {
        let mut wakes = Wakes::of(&watched)?;
        let files = watching.look(&watched);
        if let Err(diagnostics) = watching.round(runner, &watched).await {
            console.diagnostics(&diagnostics);
            watching.status = Some(ExitStatus::Input);
        }
        if !runner.is_stopped() {
            if console.verbosity != Verbosity::Quiet {
                console.warn("waiting for changes of cases, contracts, configuration and waivers; Ctrl-C ends");
            }
            tokio::select! {
                () = wakes.change(&watched, &files) => {}
                () = runner.stop.token().cancelled() => {}
            }
        }
        if runner.is_stopped() {
            return Ok(watching.status.unwrap_or(ExitStatus::Interrupted));
        }
        // Where nothing is left to watch, what was there may come back.
        watched = WatchedFiles::find(runner.args, runner.setting).unwrap_or(watched);
    }
}

/// What is known from the rounds before.
#[derive(Default)]
struct Watching {
    /// The files when they were last read.
    files: Option<Snapshot>,
    /// What has changed since a round was run.
    changed: BTreeSet<String>,
    /// Which files were used by the last round; `None`: everything is still to be run.
    uses: Option<Uses>,
    seeds: Option<Seeds>,
    /// Of the last round.
    status: Option<ExitStatus>,
}

impl Watching {
    /// Notes what the files are now, and which of them have changed.
    fn look(&mut self, watched: &WatchedFiles) -> Snapshot {
        let files = watched.snapshot();
        if let Some(before) = self.files.replace(files.clone()) {
            self.changed.extend(files.changed_since(&before));
        }
        files
    }

    /// Runs what the changes touch; the first time everything. What cannot be read or asked stays to be run.
    async fn round(
        &mut self,
        runner: &mut Runner<'_>,
        watched: &WatchedFiles,
    ) -> Result<(), Diagnostics> {
        let console = runner.setting.console;
        let mut selected = select(runner.args, runner.setting).inspect_err(|_| {
            if !self.changed.is_empty() {
                console.say(&self.separator("not run"));
            }
        })?;
        let uses = Uses::of(&selected);
        if let Some(before) = &self.uses
            && let Touched::Files(files) = uses.touched(before, &self.changed, watched)
        {
            selected.narrow(|planned| files.contains(&*planned.path));
        }
        if !self.changed.is_empty() {
            console.say(&self.separator(&counted(selected.plan.len(), "case")));
        }
        console.diagnostics(&selected.warnings);
        // Until it is asked, it is not known.
        let first = self.uses.take().is_none();
        if first || !selected.plan.is_empty() {
            let ended = runner.round(self.seeded(selected), first).await?;
            self.status = Some(runner.finish(ended, None));
        }
        self.uses = Some(uses);
        self.changed.clear();
        Ok(())
    }

    fn seeded(&mut self, selected: Selected) -> Selected {
        let first = selected.settings.seed;
        let seeds = self.seeds.get_or_insert_with(|| Seeds::from(first));
        selected.with_seed(seeds.draw())
    }

    /// `---- cases/shop/a.yaml changed: 3 cases ----`
    fn separator(&self, come_to: &str) -> String {
        let names: Vec<_> = self
            .changed
            .iter()
            .take(NAMED)
            .map(|name| line(name))
            .collect();
        let more = match self.changed.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {}", counted(more, "more file")),
        };
        format!("\n---- {}{more} changed: {come_to} ----", names.join(", "))
    }
}
