//! `counterpart list`: the cases a run with the same selection would send. Nothing is sent.

use serde::Serialize;

use super::list_table::Table;
use super::select::{Selected, nothing_to_run, select};
use super::{ExitStatus, Setting};
use crate::case::Call;
use crate::cli::args::{ListArgs, ListFormat, RunArgs};
use crate::diagnostic::Diagnostics;
use crate::plan::PlannedCase;
use crate::source::Place;
use crate::text::counted;

/// Names the selected cases, one a line or as JSON, or counts them in a table. Ends with [`ExitStatus::NothingMatched`] if no case matches.
pub(super) fn list(args: &ListArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let run = RunArgs {
        selection: args.selection.clone(),
        ..RunArgs::default()
    };
    let Selected { plan, warnings, .. } = select(&run, setting)?;
    setting.console.diagnostics(&warnings);
    let cases = plan.systems.iter().flat_map(|system| &system.cases);
    if let Some(tags) = &args.table {
        let tables = plan.systems.iter().map(|system| Table::of(system, tags));
        let tables: Vec<String> = tables.map(|table| table.to_markdown()).collect();
        setting.console.say(&tables.join("\n\n"));
    } else {
        names(args.format, cases, setting);
    }
    if !plan.has_no_match()
        && let Some(nothing) = nothing_to_run(&plan)
    {
        setting.console.warn(&nothing);
    }
    Ok(match plan.has_no_match() {
        true => ExitStatus::NothingMatched,
        false => ExitStatus::Passed,
    })
}

fn names<'p>(
    format: ListFormat,
    cases: impl Iterator<Item = &'p PlannedCase>,
    setting: &Setting<'_>,
) {
    match format {
        ListFormat::Text => {
            let names: Vec<String> = cases.map(|case| case.subject.to_string()).collect();
            if !names.is_empty() {
                setting.console.say(&names.join("\n"));
            }
            setting.console.warn(&counted(names.len(), "case"));
        }
        ListFormat::Json => {
            let listed: Vec<Listed<'_>> = cases.map(Listed::of).collect();
            // Plain strings and numbers: serialising them cannot fail.
            let text = serde_json::to_string_pretty(&listed).unwrap_or_default();
            setting.console.say(&text);
        }
    }
}

/// A case as `--format json` shows it:
///
/// ```json
/// { "id": "magento::customers/me::a guest is refused", "system": "magento", "file": "customers/me", "name": "a guest is refused",
///   "tags": ["customers"], "operations": ["GET /V1/customers/me"], "skip": null,
///   "place": { "file": "cases/magento/customers/me.yaml", "line": 12, "column": 11 } }
/// ```
#[derive(Serialize)]
struct Listed<'p> {
    /// The value for `--filter '=ID'`.
    id: String,
    system: &'p str,
    file: &'p str,
    name: &'p str,
    tags: &'p [String],
    /// Called by its own steps, in order, without repetition.
    operations: Vec<String>,
    /// The reason, if the case file skips the case.
    skip: Option<&'p str>,
    /// `null` if the case is not in a file.
    place: Option<ListedPlace>,
}

#[derive(Serialize)]
struct ListedPlace {
    file: String,
    line: usize,
    column: usize,
}

impl<'p> Listed<'p> {
    fn of(planned: &'p PlannedCase) -> Self {
        let case = &planned.case;
        let mut operations = Vec::new();
        for step in case.requests() {
            if let Call::Operation { operation, .. } = &step.call {
                let name = operation.name().to_string();
                if !operations.contains(&name) {
                    operations.push(name);
                }
            }
        }
        let position = case.origin.place().map(Place::position);
        Listed {
            id: planned.subject.to_string(),
            system: &planned.subject.system,
            file: &planned.subject.file,
            name: &planned.subject.name,
            tags: &case.tags,
            operations,
            skip: case.skip.as_deref(),
            place: position.map(|position| ListedPlace {
                file: planned.path.to_string(),
                line: position.line,
                column: position.column,
            }),
        }
    }
}
