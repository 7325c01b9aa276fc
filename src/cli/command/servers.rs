//! The embedded servers of a command. Main type: [`Servers`].

use crate::cli::targets::ServerSettings;
use crate::diagnostic::Diagnostics;
use crate::target::Target;

/// Servers that stay up over all rounds until [`Servers::stop`].
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
    /// Starts a system's server, unless it is up. `None`, reported in `diagnostics`, if there is none or it cannot start.
    #[cfg(feature = "server")]
    pub(super) async fn start(
        &mut self,
        system: &str,
        settings: &ServerSettings,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        use crate::cli::embedded::{self, Embedded};

        let system = embedded::find(system, diagnostics)?;
        let requested = settings.version().map(ToString::to_string);
        let version = embedded::version(requested.as_deref(), diagnostics)?;
        let same = |up: &&Up| up.running.system() == system && up.version == version;
        if let Some(up) = self.up.iter().find(same) {
            return Some(embedded::target(&up.running, up.url.clone(), settings));
        }
        let options = crate::server::InstanceOptions {
            version,
            ..crate::server::InstanceOptions::default()
        };
        let Embedded { running, target } =
            embedded::serve(system, 0, options, settings, diagnostics).await?;
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
