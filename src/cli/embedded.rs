//! Embedded reference servers as targets: started on a free loopback port, used with the credentials they are seeded with.
//!
//! Main type: [`Embedded`].

use tokio::net::TcpListener;
use url::Url;

use super::targets::{EMBEDDED, ServerSettings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::server::{self, InstanceOptions, Running, System, start};
use crate::target::Target;
use crate::version::Version;

/// A server that runs until this is dropped.
pub(super) struct Embedded {
    pub(super) running: Running,
    /// Named [`EMBEDDED`]; disposable.
    pub(super) target: Target,
}

/// The embedded server of a system. `None`, reported in `diagnostics`, if no server has this name.
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

/// The requested version of an embedded server, else the default version. `None`, reported in `diagnostics`, if that version is not
/// embedded.
pub(super) fn version(
    requested: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Option<server::ReleaseLine> {
    let parsed = requested.map_or(Ok(server::ReleaseLine::default()), str::parse);
    parsed
        .map_err(|_| {
            let requested = requested.unwrap_or_default();
            let names = server::ReleaseLine::ALL
                .map(server::ReleaseLine::name)
                .join(", ");
            diagnostics.push(
                Diagnostic::without_place(
                    "no-embedded-version",
                    format!("there is no embedded server of version {requested}"),
                )
                .with_advice(format!("embedded versions: {names}")),
            );
        })
        .ok()
}

/// Serves a system on a port of 127.0.0.1 (0: a free one) and makes a target of it. `None`, reported in `diagnostics`, if that fails,
/// for example because the port is in use.
pub(super) async fn serve(
    system: System,
    port: u16,
    options: InstanceOptions,
    settings: &ServerSettings,
    diagnostics: &mut Diagnostics,
) -> Option<Embedded> {
    match listen(system, port, options).await {
        Ok((running, url)) => {
            let target = target(&running, url, settings);
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

/// The target for a server at `url`, with these settings.
pub(super) fn target(running: &Running, url: Url, settings: &ServerSettings) -> Target {
    let mut target = Target::new(url);
    settings.apply(&mut target);
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
