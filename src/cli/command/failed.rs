//! `run --failed`: the selected cases that did not pass in their last run.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::existing::Existing;
use super::round::single;
use super::select::Selected;
use super::{Setting, record};
use crate::cli::console::Verbosity;
use crate::cli::targets::{self, ResolvedTarget};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::event::{RunStarted, Subject, SystemStarted};
use crate::report::OpenCases;
use crate::target::without_credentials;
use crate::text::counted;

/// How many names of cases are shown at most.
const NAMED: usize = 10;

/// Keeps only the cases that are open according to the named events file, else the newest one in the folder of reports. Prints which file
/// that is, and warns about cases that no longer exist and about other targets. Returns all open cases, including those that are not
/// selected. Fails if there is no such file.
pub(super) fn narrow(
    selected: &mut Selected,
    named: Option<&Path>,
    setting: &Setting<'_>,
) -> Result<BTreeSet<Subject>, Diagnostics> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => last(selected)?,
    };
    let shown = path.display();
    let events = File::open(&path).map_err(|error| error.to_string());
    let open = events.and_then(|events| {
        OpenCases::read(BufReader::new(events)).map_err(|error| error.to_string())
    });
    let open = open.map_err(|reason| {
        single(
            Diagnostic::without_place(
                "unreadable-events",
                format!("cannot read {shown}: {reason}"),
            )
            .with_advice("name an events file, as `--report json=FILE` writes it"),
        )
    })?;
    let mut warnings = Diagnostics::new();
    if let Some(run) = open.run() {
        warn_about_other_targets(run, selected, &mut warnings);
    }
    let started = open.run().map_or("?", |run| to_the_second(&run.started));
    let cases = open.cases();
    let existing = Existing::of(selected);
    let missing: Vec<&Subject> = cases.iter().filter(|case| existing.lacks(case)).collect();
    if !missing.is_empty() {
        warnings.push(missing_cases(&missing));
    }
    setting.console.diagnostics(&warnings);
    selected.narrow(|planned| cases.contains(&planned.subject));
    if setting.console.verbosity != Verbosity::Quiet {
        setting.console.warn(&match cases.len() {
            0 => format!("nothing to run again: no case is open in {shown} (run of {started} UTC)"),
            all => {
                let again = selected.plan.len();
                let rest = match all.saturating_sub(again + missing.len()) {
                    0 => String::new(),
                    rest => format!("; not selected: {}", counted(rest, "open case")),
                };
                format!(
                    "running {} again, open in {shown} (run of {started} UTC){rest}",
                    counted(again, "case")
                )
            }
        });
    }
    Ok(cases)
}

/// The newest events file of the project.
fn last(selected: &Selected) -> Result<PathBuf, Diagnostics> {
    let Some(folder) = &selected.reports else {
        let message =
            "no earlier run has left a record: there is no project with a folder `reports`";
        return Err(single(Diagnostic::without_place("no-record", message).with_advice(
            "create the folder `reports` beside counterpart.toml and run once, or name an events file with --failed=FILE",
        )));
    };
    record::newest(folder).ok_or_else(|| {
        let message = format!("no earlier run has left a record in {}", folder.display());
        single(
            Diagnostic::without_place("no-record", message).with_advice(
                "run once without --failed, or name an events file with --failed=FILE",
            ),
        )
    })
}

/// `2026-11-20T08:30:00` of `2026-11-20T08:30:00.123Z`
fn to_the_second(time: &str) -> &str {
    time.split(['.', 'Z']).next().unwrap_or(time)
}

/// A case that is open on one target may pass on another.
fn warn_about_other_targets(run: &RunStarted, selected: &Selected, warnings: &mut Diagnostics) {
    for settings in &selected.settings.systems {
        let name = &settings.files.system;
        let Some(recorded) = run.systems.iter().find(|system| system.system == *name) else {
            continue;
        };
        if let Some(current) = other_target(recorded, &settings.target) {
            let recorded = match recorded.target == recorded.url {
                true => recorded.url.clone(),
                false => format!("{} ({})", recorded.target, recorded.url),
            };
            warnings.push(Diagnostic {
                severity: DiagnosticSeverity::Warning,
                ..Diagnostic::without_place(
                    "other-target",
                    format!("{name}: the record is of {recorded}, but this run uses {current}"),
                )
            });
        }
    }
}

/// The current target, if it is not the recorded one. Embedded servers have another port in every run.
fn other_target(recorded: &SystemStarted, current: &ResolvedTarget) -> Option<String> {
    match current {
        ResolvedTarget::Embedded(_) => {
            (recorded.target != targets::EMBEDDED).then(|| "an embedded server".to_owned())
        }
        ResolvedTarget::Running(target) => {
            let url = without_credentials(&target.url);
            let is_same = recorded.target == target.name && recorded.url == url;
            (!is_same).then_some(url)
        }
    }
}

fn missing_cases(missing: &[&Subject]) -> Diagnostic {
    let names: Vec<String> = missing
        .iter()
        .take(NAMED)
        .map(ToString::to_string)
        .collect();
    let more = match missing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", … and {more} more"),
    };
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        ..Diagnostic::without_place(
            "cases-gone",
            format!(
                "{} that did not pass no longer {}: {}{more}",
                counted(missing.len(), "case"),
                if missing.len() == 1 {
                    "exists"
                } else {
                    "exist"
                },
                names.join(", ")
            ),
        )
        .with_advice("if they were renamed, run them by their new names")
    }
}
