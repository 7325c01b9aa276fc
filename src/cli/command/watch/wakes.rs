//! What the file system tells. Main type: [`Wakes`].

use std::path::Path;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::snapshot::{Snapshot, WatchedFiles};
use crate::cli::command::round::one;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// So long nothing must happen before files are read: editors and version control write in several steps.
const QUIET: Duration = Duration::from_millis(100);
/// Waits of [`QUIET`] at most: a file that is written without pause must not keep the others waiting.
const PATIENCE: usize = 20;

/// Hears that something may have changed.
pub(super) struct Wakes {
    heard: mpsc::Receiver<()>,
    /// Tells as long as it lives.
    _watcher: RecommendedWatcher,
}

impl Wakes {
    /// Listens from now on. Fails where the system cannot tell, with what to do.
    pub(super) fn of(watched: &WatchedFiles) -> Result<Wakes, Diagnostics> {
        let (wake, heard) = mpsc::channel(1);
        let listener = move |event: notify::Result<notify::Event>| {
            // That files are read is no news: it is us who read them. An error of the watcher may hide a change.
            let is_read = matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(_)));
            if !is_read {
                // One that waits to be heard is enough.
                let _ = wake.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(listener)
            .map_err(|error| not_watched(Path::new("files"), &error))?;
        let folders = watched
            .folders
            .iter()
            .map(|folder| (folder.as_path(), RecursiveMode::Recursive));
        let around = watched.common.iter().map(|file| {
            let folder = file.parent().unwrap_or(Path::new(""));
            (folder, RecursiveMode::NonRecursive)
        });
        // The folders last: they also cover what is below, where the system keeps one entry for a path.
        for (folder, mode) in around.chain(folders) {
            let folder = match folder == Path::new("") {
                true => Path::new("."),
                false => folder,
            };
            if folder.is_dir() {
                watcher
                    .watch(folder, mode)
                    .map_err(|error| not_watched(folder, &error))?;
            }
        }
        Ok(Wakes {
            heard,
            _watcher: watcher,
        })
    }

    /// Returns once the files are not what they were, and at rest.
    pub(super) async fn change(&mut self, watched: &WatchedFiles, were: &Snapshot) {
        while watched.snapshot() == *were {
            // The watcher holds the other end, so there is always one.
            let _ = self.heard.recv().await;
        }
        for _ in 0..PATIENCE {
            let more = tokio::time::timeout(QUIET, self.heard.recv()).await;
            if more.is_err() {
                return;
            }
        }
    }
}

fn not_watched(path: &Path, error: &notify::Error) -> Diagnostics {
    let diagnostic = Diagnostic::without_place(
        "not-watched",
        format!("cannot watch {}: {error}", path.display()),
    )
    .with_advice("raise the system's limit of watched files, or run without --watch");
    one(diagnostic)
}
