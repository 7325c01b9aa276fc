//! The embedded servers of a command. Main type: [`Servers`].

use crate::cli::targets::ServerSettings;
use crate::diagnostic::Diagnostics;
use crate::target::Target;

/// Servers that were started and stay up, over all rounds, until [`Servers::stop`].
#[derive(Default)]
pub(super) struct Servers {
    #[cfg(feature = "server")]
    up: Vec<Up>,
}

#[cfg(feature = "server")]
struct Up {
    version: crate::server::ReleaseLine,
    url: url::Url,
    running: crate::server::Running,
}

impl Servers {
    /// Starts a system's server, unless it is up. `None`, told in `diagnostics`, where there is none or it cannot start.
    #[cfg(feature = "server")]
    pub(super) async fn start(
        &mut self,
        system: &str,
        manner: &ServerSettings,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        use crate::cli::embedded::{self, Embedded};

        let system = embedded::find(system, diagnostics)?;
        let wanted = manner.version().map(ToString::to_string);
        let version = embedded::version(wanted.as_deref(), diagnostics)?;
        let same = |up: &&Up| up.running.system() == system && up.version == version;
        if let Some(up) = self.up.iter().find(same) {
            return Some(embedded::target(&up.running, up.url.clone(), manner));
        }
        let options = crate::server::InstanceOptions {
            version,
            ..crate::server::InstanceOptions::default()
        };
        let Embedded { running, target } =
            embedded::serve(system, 0, options, manner, diagnostics).await?;
        self.up.push(Up {
            version,
            url: target.url.clone(),
            running,
        });
        Some(target)
    }

    #[cfg(not(feature = "server"))]
    pub(super) async fn start(
        &mut self,
        system: &str,
        _: &ServerSettings,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        diagnostics.push(
            crate::diagnostic::Diagnostic::without_place(
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
        futures_util::future::join_all(self.up.into_iter().map(|up| up.running.stop())).await;
    }
}
