//! Notifications of the file system. Main type: [`FileWatcher`].

use std::path::Path;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::snapshot::{Snapshot, WatchedFiles};
use crate::cli::command::round::single;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How long files must not change before they are read: editors and version control write in several steps.
const QUIET: Duration = Duration::from_millis(100);
/// The maximum number of [`QUIET`] waits, for files that are written without pause.
const PATIENCE: usize = 20;

/// Receives a notification when files may have changed.
pub(super) struct FileWatcher {
    notifications: mpsc::Receiver<()>,
    /// Sends notifications until it is dropped.
    _watcher: RecommendedWatcher,
}

impl FileWatcher {
    /// Watches from now on. Fails if the files cannot be watched, with advice.
    pub(super) fn new(watched: &WatchedFiles) -> Result<FileWatcher, Diagnostics> {
        let (sender, notifications) = mpsc::channel(1);
        let listener = move |event: notify::Result<notify::Event>| {
            // Read access is ignored: we read the files ourselves. An error of the watcher may hide a change.
            let is_read = matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(_)));
            if !is_read {
                // One pending notification is enough.
                let _ = sender.try_send(());
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
        // The folders last, because they are recursive: some systems keep only one entry for a path.
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
        Ok(FileWatcher {
            notifications,
            _watcher: watcher,
        })
    }

    /// Returns once the files differ from `before` and no longer change.
    pub(super) async fn change(&mut self, watched: &WatchedFiles, before: &Snapshot) {
        while watched.snapshot() == *before {
            // The watcher owns the sender, so the channel is never closed.
            let _ = self.notifications.recv().await;
        }
        for _ in 0..PATIENCE {
            let more = tokio::time::timeout(QUIET, self.notifications.recv()).await;
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
    single(diagnostic)
}
