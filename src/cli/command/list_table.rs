//! `counterpart list --table`: how many cases call each operation, by expected status, auth profile and tag, as Markdown.
//!
//! Main type: [`Table`].

use std::collections::BTreeSet;

use crate::case::{Call, Case, StatusPattern, Step};
use crate::contract::Contract;
use crate::plan::{PlannedCase, PlannedSystem};

/// The column of steps that set their own `Authorization` header.
const OWN_CREDENTIALS: &str = "own header";
/// The row of steps that call no operation of a contract.
const NO_OPERATION: &str = "(none)";

/// The number of cases of one system: a row for each operation of its contracts, in their order, a row for all other requests, and a
/// row for the total. A case counts once in each cell, however many of its steps belong there.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<ListRow>,
}

/// What a column counts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Cases,
    /// Steps that expect this status.
    Status(StatusPattern),
    /// Steps sent as this profile.
    Caller(String),
    /// Cases with this tag. If steps of a case expect an error, the case counts only for the operations of these steps: the tag
    /// describes them, not the steps before them.
    Tag(String),
}

#[derive(Debug)]
struct ListRow {
    /// `GET /V1/customers/me`.
    title: String,
    /// One for each column.
    counts: Vec<usize>,
}

impl Table {
    /// Counts the selected cases of a system, with a column for each of `tags`.
    pub(super) fn of(system: &PlannedSystem, tags: &[String]) -> Self {
        let columns = columns(system, tags);
        let mut rows: Vec<ListRow> = operations(system)
            .into_iter()
            .chain([NO_OPERATION.to_owned(), "all".to_owned()])
            .map(|title| ListRow {
                title,
                counts: vec![0; columns.len()],
            })
            .collect();
        let all = rows.len() - 1;
        for planned in &system.cases {
            for (number, row) in rows.iter_mut().enumerate() {
                for (column, count) in columns.iter().zip(&mut row.counts) {
                    let is_in_row = |step: &Step| number == all || operation_of(step) == row.title;
                    *count += usize::from(belongs(planned, column, is_in_row));
                }
            }
        }
        Table { columns, rows }
    }

    /// The table as Markdown, padded to be readable as plain text. Zero is an empty cell.
    pub(super) fn to_markdown(&self) -> String {
        let head = std::iter::once("Operation".to_owned())
            .chain(self.columns.iter().map(Column::title))
            .collect();
        let mut lines: Vec<Vec<String>> = vec![head];
        for row in &self.rows {
            let counts = row.counts.iter().map(|count| match count {
                0 => String::new(),
                count => count.to_string(),
            });
            let title = format!("`{}`", row.title);
            lines.push(std::iter::once(title).chain(counts).collect());
        }
        let widths: Vec<usize> = (0..=self.columns.len())
            .map(|column| lines.iter().map(|line| line[column].len()).max())
            .map(Option::unwrap_or_default)
            .collect();
        let rule = widths.iter().enumerate().map(|(column, width)| {
            // Names are left-aligned, numbers right-aligned.
            match column {
                0 => "-".repeat(*width),
                _ => format!("{}:", "-".repeat(width.saturating_sub(1))),
            }
        });
        lines.insert(1, rule.collect());
        let written: Vec<String> = lines.iter().map(|line| written(line, &widths)).collect();
        written.join("\n")
    }
}

fn written(line: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = line
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, &width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        })
        .collect();
    format!("| {} |", cells.join(" | "))
}

impl Column {
    fn title(&self) -> String {
        match self {
            Column::Cases => "Cases".to_owned(),
            Column::Status(status) => status.to_string(),
            Column::Caller(name) | Column::Tag(name) => name.clone(),
        }
    }
}

/// The expected statuses, then the auth profiles, then the tags.
fn columns(system: &PlannedSystem, tags: &[String]) -> Vec<Column> {
    let mut found: Vec<StatusPattern> = Vec::new();
    let mut callers = BTreeSet::new();
    for step in system
        .cases
        .iter()
        .flat_map(|planned| planned.case.requests())
    {
        callers.insert(caller(step).to_owned());
        for status in expected(step) {
            if !found.contains(&status) {
                found.push(status);
            }
        }
    }
    found.sort_by_key(|status| order(*status));
    std::iter::once(Column::Cases)
        .chain(found.into_iter().map(Column::Status))
        .chain(callers.into_iter().map(Column::Caller))
        .chain(tags.iter().cloned().map(Column::Tag))
        .collect()
}

/// Sorts a range before the statuses in it.
fn order(status: StatusPattern) -> u16 {
    match status {
        StatusPattern::Exact(code) => code * 2 + 1,
        StatusPattern::Range(digit) => u16::from(digit) * 200,
    }
}

/// All operations of the contracts that the system's files name, each once.
fn operations(system: &PlannedSystem) -> Vec<String> {
    let mut contracts: Vec<&Contract> = Vec::new();
    for contract in system.suite.files.iter().flat_map(|file| &file.contracts) {
        if !contracts.iter().any(|known| known.name == contract.name) {
            contracts.push(contract);
        }
    }
    contracts.sort_by(|left, right| left.name.cmp(&right.name));
    contracts
        .iter()
        .flat_map(|contract| &contract.operations)
        .map(|operation| operation.name().to_string())
        .collect()
}

fn belongs(planned: &PlannedCase, column: &Column, is_in_row: impl Fn(&Step) -> bool) -> bool {
    let case: &Case = &planned.case;
    let mut steps = case.requests().filter(|step| is_in_row(step));
    match column {
        Column::Cases => steps.next().is_some(),
        Column::Status(status) => {
            steps.any(|step| expected(step).any(|expected| expected == *status))
        }
        Column::Caller(name) => steps.any(|step| caller(step) == name),
        Column::Tag(tag) => {
            let expects_error = case.requests().any(is_error_expected);
            case.tags.contains(tag) && steps.any(|step| !expects_error || is_error_expected(step))
        }
    }
}

fn operation_of(step: &Step) -> String {
    match &step.call {
        Call::Operation { operation, .. } => operation.name().to_string(),
        Call::Raw { .. } => NO_OPERATION.to_owned(),
    }
}

fn expected(step: &Step) -> impl Iterator<Item = StatusPattern> + '_ {
    step.expect.status.iter().map(|status| status.value)
}

/// Whether a step expects only error statuses.
fn is_error_expected(step: &Step) -> bool {
    let is_error = |status| match status {
        StatusPattern::Exact(code) => code >= 400,
        StatusPattern::Range(digit) => digit >= 4,
    };
    !step.expect.status.is_empty() && expected(step).all(is_error)
}

fn caller(step: &Step) -> &str {
    let has_own_credentials = step
        .headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("authorization") && value.is_some());
    match has_own_credentials {
        true => OWN_CREDENTIALS,
        false => &step.caller.value,
    }
}
