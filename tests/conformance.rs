//! The shipped cases as tests: `cargo test --test conformance`.
//!
//! Against the embedded reference servers; or, with `COUNTERPART_TARGET=https://…`, against a live server of the system that
//! `COUNTERPART_SYSTEM` names (default: `magento`). Its credentials are read from `COUNTERPART_AUTH_<PROFILE>_<KEY>`, for example
//! `COUNTERPART_AUTH_ADMIN_USERNAME` and `COUNTERPART_AUTH_ADMIN_PASSWORD`; without them the cases that need them are ignored.

use std::error::Error;
use std::process::ExitCode;
use std::sync::OnceLock;

use counterpart::harness::Conformance;
use counterpart::server::{self, InstanceOptions, Running, System};
use counterpart::target::Target;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let project = Conformance::new(env!("CARGO_MANIFEST_DIR"));
    let project = match std::env::var("COUNTERPART_TARGET") {
        Ok(url) => {
            let system =
                std::env::var("COUNTERPART_SYSTEM").unwrap_or_else(|_| "magento".to_owned());
            project.system(&system, move || live(&url))
        }
        Err(_) => System::ALL.into_iter().fold(project, |project, system| {
            project.system(system.name(), move || embedded(system))
        }),
    };
    project.main()
}

fn live(url: &str) -> Result<Target, Box<dyn Error>> {
    // Unrelated variables need not be valid UTF-8.
    let variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut target = Target::parse(url)?;
    for profile in ["admin", "nuweb-admin"] {
        let variables = variables.iter().map(|(name, value)| (&**name, &**value));
        target = target.with_credentials_from(profile, variables);
    }
    Ok(target)
}

/// Starts the system's reference server, which runs as long as the process.
fn embedded(system: System) -> Result<Target, Box<dyn Error>> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| Runtime::new().map_err(|error| error.to_string()));
    let runtime = runtime.as_ref().map_err(Clone::clone)?;
    let running: Running = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let started = server::start(system, listener, InstanceOptions::default()).await;
        started.map_err(Box::<dyn Error>::from)
    })?;
    let mut target = Target::parse(&running.url())?;
    target.disposable = true;
    if let Some(version) = running.version() {
        target = target.with_version(version.name())?;
    }
    for &(profile, key, value) in system.credentials() {
        target = target.with_credential(profile, key, value);
    }
    std::mem::forget(running);
    Ok(target)
}
