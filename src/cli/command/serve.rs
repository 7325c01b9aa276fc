//! `counterpart serve SYSTEM`: runs an embedded reference server, with faults if requested, until Ctrl-C.

use super::{ExitStatus, Setting, serve_contract};
use crate::cli::args::ServeArgs;
use crate::cli::embedded::{self, Embedded};
use crate::cli::targets::ServerSettings;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::server::{FAULTS, Fault, Hashing, InstanceOptions, System, fault};
use crate::target::credential_variable;

/// Prints the URL of the server and how to run the cases against it, then serves. Ends with [`ExitStatus::Passed`] at Ctrl-C.
pub(super) fn serve(args: &ServeArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    if let Some(contract) = &args.contract {
        return serve_contract::serve(contract, args.port, setting);
    }
    let mut diagnostics = Diagnostics::new();
    let system = args
        .system
        .as_deref()
        .and_then(|name| find(name, &mut diagnostics));
    let (Some(system), false) = (system, args.list_faults) else {
        // clap requires the system unless faults are listed.
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        setting.console.say(&fault_table(system));
        return Ok(ExitStatus::Passed);
    };
    let version = embedded::version(args.api_version.as_deref(), &mut diagnostics);
    let options = InstanceOptions {
        version: version.unwrap_or_default(),
        faults: faults(system, &args.faults, &mut diagnostics),
        hashing: match args.real_hashing {
            true => Hashing::Real,
            false => Hashing::Cheap,
        },
    };
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let served = tokio::runtime::Runtime::new().and_then(|runtime| {
        runtime.block_on(async {
            let settings = ServerSettings::default();
            let server =
                embedded::serve(system, args.port, options, &settings, &mut diagnostics).await;
            let Some(Embedded { running, .. }) = server else {
                return Ok(());
            };
            setting
                .console
                .say(&introduction(system, &running.url(), &args.faults));
            let waited = tokio::signal::ctrl_c().await;
            running.stop().await;
            waited
        })
    });
    if let Err(error) = served {
        diagnostics.push(Diagnostic::without_place(
            "server-not-started",
            format!("the {system} server cannot run: {error}"),
        ));
    }
    match diagnostics.has_errors() {
        true => Err(diagnostics),
        false => Ok(ExitStatus::Passed),
    }
}

fn find(name: &str, diagnostics: &mut Diagnostics) -> Option<System> {
    let found = name.parse().ok();
    if found.is_none() {
        diagnostics.push(
            Diagnostic::without_place(
                "unknown-system",
                format!("there is no embedded server named `{name}`"),
            )
            .with_nearest(name, System::ALL.map(System::name)),
        );
    }
    found
}

fn faults(system: System, names: &[String], diagnostics: &mut Diagnostics) -> Vec<&'static Fault> {
    let mut faults = Vec::new();
    for name in names {
        match fault(name) {
            Some(fault) if fault.system == system => faults.push(fault),
            Some(fault) => diagnostics.push(
                Diagnostic::without_place(
                    "foreign-fault",
                    format!("the fault `{name}` belongs to the system {}", fault.system),
                )
                .with_advice(format!(
                    "`counterpart serve {system} --list-faults` lists its faults"
                )),
            ),
            None => {
                let own = FAULTS.iter().filter(|fault| fault.system == system);
                diagnostics.push(
                    Diagnostic::without_place("unknown-fault", format!("unknown fault `{name}`"))
                        .with_nearest(name, own.map(|fault| fault.name)),
                );
            }
        }
    }
    faults
}

/// The URL of the server, its seeded credentials, and the command that runs the cases against it.
fn introduction(system: System, url: &str, faults: &[String]) -> String {
    let mut lines = vec![format!("{system} listens on {url}{}", system.base_path())];
    if !faults.is_empty() {
        lines.push(format!("faults: {}", faults.join(", ")));
    }
    lines.push(String::new());
    lines.push("seeded credentials, as environment variables for a run:".to_owned());
    let credentials = system.credentials();
    lines.extend(credentials.iter().map(|(profile, key, value)| {
        format!("  export {}={value}", credential_variable(profile, key))
    }));
    lines.push(String::new());
    lines.push("in another terminal:".to_owned());
    lines.push(format!(
        "  counterpart run --system {system} --target {url} --disposable"
    ));
    lines.push(String::new());
    lines.push("press Ctrl-C to stop".to_owned());
    lines.join("\n")
}

fn fault_table(system: Option<System>) -> String {
    let chosen: Vec<&Fault> = FAULTS
        .iter()
        .filter(|fault| system.is_none_or(|system| fault.system == system))
        .collect();
    let width = chosen.iter().map(|fault| fault.name.len()).max();
    let width = width.unwrap_or_default();
    let systems = System::ALL.into_iter().filter_map(|system| {
        let lines: Vec<String> = chosen
            .iter()
            .filter(|fault| fault.system == system)
            .map(|fault| {
                format!(
                    "  {:width$}  {}: {}",
                    fault.name, fault.operation, fault.description
                )
            })
            .collect();
        (!lines.is_empty()).then(|| format!("{system}\n{}", lines.join("\n")))
    });
    systems.collect::<Vec<_>>().join("\n\n")
}
