//! `run --watch`: runs all cases, then the cases that a change of the project's files affects, until Ctrl-C.
//!
//! The file system only notifies that something changed; the changed files are found by comparing them with their last snapshot. So it
//! does not matter how an editor saves, nor when, even during a round. Main function: [`watch`].

mod snapshot;
mod touched;
mod watcher;

use std::collections::BTreeSet;

use self::snapshot::{Snapshot, WatchedFiles};
use self::touched::{Touched, Uses};
use self::watcher::FileWatcher;
use super::ExitStatus;
use super::round::Runner;
use super::seeds::Seeds;
use super::select::{Selected, select};
use crate::cli::console::Verbosity;
use crate::diagnostic::Diagnostics;
use crate::text::counted;
use crate::text::line;

/// How many names of changed files are shown.
const NAMED: usize = 3;

/// Runs the selected cases, then the cases that each change affects. Reports broken files, and waits until they are fixed. Returns the
/// status of the last round once the user ends it; fails only if there is nothing to watch, or it cannot be watched.
pub(super) async fn watch(runner: &mut Runner<'_>) -> Result<ExitStatus, Diagnostics> {
    let console = runner.setting.console;
    let mut watching = Watching::default();
    let mut watched = WatchedFiles::find(runner.args, runner.setting)?;
    loop {
        let mut watcher = FileWatcher::new(&watched)?;
        let files = watching.look(&watched);
        if let Err(diagnostics) = watching.round(runner, &watched).await {
            console.diagnostics(&diagnostics);
            watching.status = Some(ExitStatus::Input);
        }
        if !runner.is_stopped() {
            if console.verbosity != Verbosity::Quiet {
                console.warn("waiting for changes to cases, contracts, configuration and waivers; press Ctrl-C to stop");
            }
            tokio::select! {
                () = watcher.change(&watched, &files) => {}
                () = runner.stop.token().cancelled() => {}
            }
        }
        if runner.is_stopped() {
            return Ok(watching.status.unwrap_or(ExitStatus::Interrupted));
        }
        // If nothing is left to watch, the old files may be restored.
        watched = WatchedFiles::find(runner.args, runner.setting).unwrap_or(watched);
    }
}

/// The state from the previous rounds.
#[derive(Default)]
struct Watching {
    /// The files at the last snapshot.
    files: Option<Snapshot>,
    /// The files that changed since the last round.
    changed: BTreeSet<String>,
    /// The files that the last round used; `None`: all cases still have to be run.
    uses: Option<Uses>,
    seeds: Option<Seeds>,
    /// Of the last round.
    status: Option<ExitStatus>,
}

impl Watching {
    /// Takes a snapshot of the files, and records which of them changed.
    fn look(&mut self, watched: &WatchedFiles) -> Snapshot {
        let files = watched.snapshot();
        if let Some(before) = self.files.replace(files.clone()) {
            self.changed.extend(files.changed_since(&before));
        }
        files
    }

    /// Runs the cases that the changes affect; the first time all. If reading or running fails, the changes are kept for the next round.
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
        // The uses are only valid after a complete round.
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
    fn separator(&self, result: &str) -> String {
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
        format!("\n---- {}{more} changed: {result} ----", names.join(", "))
    }
}
