//! Embedded reference servers as targets: started on a free loopback port, asked with the credentials they are seeded with.
//!
//! Main type: [`Embedded`].

use tokio::net::TcpListener;
use url::Url;

use super::targets::{EMBEDDED, ServerSettings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::server::{self, InstanceOptions, Running, System, start};
use crate::target::Target;
use crate::version::Version;

/// A server that runs as long as this lives.
pub(super) struct Embedded {
    pub(super) running: Running,
    /// Named [`EMBEDDED`]; may be harmed.
    pub(super) target: Target,
}

/// The embedded server of a system. `None`, told in `diagnostics`, where there is none of this name.
pub(super) fn find(system: &str, diagnostics: &mut Diagnostics) -> Option<System> {
    let found = system.parse().ok();
    if found.is_none() {
        let names = System::ALL.map(System::name);
        diagnostics.push(
            Diagnostic::without_place(
                "no-embedded-server",
                format!("there is no embedded server for the system `{system}`"),
            )
            .with_advice(format!(
                "name a target with --target URL; embedded servers: {}",
                names.join(", ")
            )),
        );
    }
    found
}

/// The version of an embedded server that `wanted` names, the default one where nothing does. `None`, told in `diagnostics`, where
/// that version is not embedded.
pub(super) fn version(
    wanted: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Option<server::ReleaseLine> {
    let parsed = wanted.map_or(Ok(server::ReleaseLine::default()), str::parse);
    parsed
        .map_err(|_| {
            let wanted = wanted.unwrap_or_default();
            let names = server::ReleaseLine::ALL
                .map(server::ReleaseLine::name)
                .join(", ");
            diagnostics.push(
                Diagnostic::without_place(
                    "no-embedded-version",
                    format!("there is no embedded server of version {wanted}"),
                )
                .with_advice(format!("embedded versions: {names}")),
            );
        })
        .ok()
}

/// Serves a system on a port of 127.0.0.1 (0: a free one) and makes the target it is asked as. `None`, told in `diagnostics`, where
/// that fails: the port is taken.
pub(super) async fn serve(
    system: System,
    port: u16,
    options: InstanceOptions,
    manner: &ServerSettings,
    diagnostics: &mut Diagnostics,
) -> Option<Embedded> {
    match listen(system, port, options).await {
        Ok((running, url)) => {
            let target = target(&running, url, manner);
            Some(Embedded { running, target })
        }
        Err(error) => {
            diagnostics.push(
                Diagnostic::without_place(
                    "server-not-started",
                    format!("the {system} server cannot listen on 127.0.0.1:{port}: {error}"),
                )
                .with_advice("name another port, or 0 for a free one"),
            );
            None
        }
    }
}

/// The target as which a server at `url` is asked in this manner.
pub(super) fn target(running: &Running, url: Url, manner: &ServerSettings) -> Target {
    let mut target = Target::new(url);
    manner.apply(&mut target);
    let served = running.version();
    target.version = served.and_then(|version| Version::parse(version.name()).ok());
    target.name = EMBEDDED.to_owned();
    target.disposable = true;
    for &(profile, key, value) in running.system().credentials() {
        target = target.with_credential(profile, key, value);
    }
    target
}

async fn listen(
    system: System,
    port: u16,
    options: InstanceOptions,
) -> Result<(Running, Url), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let running = start(system, listener, options).await?;
    let url = Url::parse(&running.url())?;
    Ok((running, url))
}
