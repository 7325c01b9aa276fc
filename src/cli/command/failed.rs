//! `run --failed`: of a selection, the cases that did not pass when they were last run.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::existing::Existing;
use super::round::one;
use super::select::Selected;
use super::{Setting, record};
use crate::cli::console::Verbosity;
use crate::cli::targets::{self, ResolvedTarget};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::event::{RunStarted, Subject, SystemStarted};
use crate::report::OpenCases;
use crate::target::without_credentials;
use crate::text::counted;

/// Names of cases that are shown at most.
const NAMED: usize = 10;

/// Keeps only what is open by the named events file, else by the newest one in the folder of reports; says what that is, what is there no
/// more, and where other targets were asked. Returns all that is open, also what is not part of the selection. Fails where there is no
/// such file.
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
        one(Diagnostic::without_place(
            "unreadable-events",
            format!("cannot read {shown}: {reason}"),
        )
        .with_advice("name the events of a run, as `--report json=FILE` writes them"))
    })?;
    let mut warnings = Diagnostics::new();
    if let Some(run) = open.run() {
        tell_other_targets(run, selected, &mut warnings);
    }
    let started = open.run().map_or("?", |run| to_the_second(&run.started));
    let cases = open.cases();
    let existing = Existing::of(selected);
    let gone: Vec<&Subject> = cases.iter().filter(|case| existing.lacks(case)).collect();
    if !gone.is_empty() {
        warnings.push(no_more(&gone));
    }
    setting.console.diagnostics(&warnings);
    selected.narrow(|planned| cases.contains(&planned.subject));
    if setting.console.verbosity != Verbosity::Quiet {
        setting.console.warn(&match cases.len() {
            0 => format!("nothing to run again: by {shown} (run of {started} UTC) no case is open"),
            all => {
                let again = selected.plan.len();
                let rest = match all.saturating_sub(again + gone.len()) {
                    0 => String::new(),
                    rest => format!("; {rest} more that are open are not selected"),
                };
                format!(
                    "again {}, open by {shown} (run of {started} UTC){rest}",
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
            "no run before has left a record: there is no folder `reports` in a project here";
        return Err(one(Diagnostic::without_place("no-record", message).with_advice(
            "make the folder `reports` beside counterpart.toml and run once, or name an events file with --failed=FILE",
        )));
    };
    record::newest(folder).ok_or_else(|| {
        let message = format!("no run before has left a record in {}", folder.display());
        one(Diagnostic::without_place("no-record", message)
            .with_advice("run once without --failed, or name an events file with --failed=FILE"))
    })
}

/// `2026-11-20T08:30:00` of `2026-11-20T08:30:00.123Z`
fn to_the_second(time: &str) -> &str {
    time.split(['.', 'Z']).next().unwrap_or(time)
}

/// What was open on one target need not be so on another.
fn tell_other_targets(run: &RunStarted, selected: &Selected, warnings: &mut Diagnostics) {
    for settings in &selected.settings.systems {
        let name = &settings.files.system;
        let Some(then) = run.systems.iter().find(|one| one.system == *name) else {
            continue;
        };
        if let Some(now) = other_target(then, &settings.asked) {
            let called = match then.target == then.url {
                true => then.url.clone(),
                false => format!("{} ({})", then.target, then.url),
            };
            warnings.push(Diagnostic {
                severity: DiagnosticSeverity::Warning,
                ..Diagnostic::without_place(
                    "other-target",
                    format!("{name}: the record is of {called}, and now {now} is asked"),
                )
            });
        }
    }
}

/// The target that is asked now, where it is another one. Embedded servers have another port in every run.
fn other_target(then: &SystemStarted, asked: &ResolvedTarget) -> Option<String> {
    match asked {
        ResolvedTarget::Embedded(_) => {
            (then.target != targets::EMBEDDED).then(|| "an embedded server".to_owned())
        }
        ResolvedTarget::Running(target) => {
            let url = without_credentials(&target.url);
            let is_same = then.target == target.name && then.url == url;
            (!is_same).then_some(url)
        }
    }
}

fn no_more(gone: &[&Subject]) -> Diagnostic {
    let names: Vec<String> = gone.iter().take(NAMED).map(ToString::to_string).collect();
    let more = match gone.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", … and {more} more"),
    };
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        ..Diagnostic::without_place(
            "cases-gone",
            format!(
                "{} that did not pass {} there no more: {}{more}",
                counted(gone.len(), "case"),
                if gone.len() == 1 { "is" } else { "are" },
                names.join(", ")
            ),
        )
        .with_advice("where they were renamed, run them by their new names")
    }
}
