//! The wish to stop a run: Ctrl-C, or the signal by which CI servers end a job. Main type: [`StopSignal`].

use tokio_util::sync::CancellationToken;

use super::ExitStatus;

/// Hears the wish. The first cancels the run, which then cleans up; the second ends the process. A clone hears the same wish.
#[derive(Clone)]
pub(super) struct StopSignal {
    cancel: CancellationToken,
    told: bool,
}

impl StopSignal {
    pub(super) fn new(cancel: CancellationToken) -> StopSignal {
        let heard = cancel.clone();
        tokio::spawn(async move {
            signal().await;
            heard.cancel();
            signal().await;
            std::process::exit(ExitStatus::Interrupted.code().into());
        });
        StopSignal {
            cancel,
            told: false,
        }
    }

    /// What is cancelled by the wish.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Returns once, when the run was cancelled; never again after that.
    pub(super) async fn asked(&mut self) {
        if self.told {
            std::future::pending::<()>().await;
        }
        self.cancel.cancelled().await;
        self.told = true;
    }
}

/// Waits for Ctrl-C or, on Unix, SIGTERM. Where neither can be heard, waits for ever.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                heard = tokio::signal::ctrl_c() => if heard.is_ok() { return },
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
