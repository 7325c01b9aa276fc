//! The request to stop a run: Ctrl-C, or the signal with which CI servers end a job. Main type: [`StopSignal`].

use tokio_util::sync::CancellationToken;

use super::ExitStatus;

/// Listens for Ctrl-C and SIGTERM. The first cancels the run, which then cleans up; the second ends the process. Clones share the signal.
#[derive(Clone)]
pub(super) struct StopSignal {
    cancel: CancellationToken,
    is_reported: bool,
}

impl StopSignal {
    pub(super) fn new(cancel: CancellationToken) -> StopSignal {
        let cancelled = cancel.clone();
        tokio::spawn(async move {
            signal().await;
            cancelled.cancel();
            signal().await;
            std::process::exit(ExitStatus::Interrupted.code().into());
        });
        StopSignal {
            cancel,
            is_reported: false,
        }
    }

    /// The token that is cancelled by the first signal.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Returns once, when the run is cancelled. Later calls never return.
    pub(super) async fn requested(&mut self) {
        if self.is_reported {
            std::future::pending::<()>().await;
        }
        self.cancel.cancelled().await;
        self.is_reported = true;
    }
}

/// Waits for Ctrl-C or, on Unix, SIGTERM. Waits for ever if no handler can be installed.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                received = tokio::signal::ctrl_c() => if received.is_ok() { return },
                _ = terminate.recv() => return,
            }
        }
        std::future::pending::<()>().await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
