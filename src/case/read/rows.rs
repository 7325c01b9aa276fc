//! Reads `each:` into rows.

use serde_json::Value;

use super::names;
use crate::case::{Scope, Template};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Node};
use crate::source::Source;

/// The values of one row by column.
pub(super) type TableRow = Vec<(String, Value)>;

/// How many rows one `each` may make.
const MOST_ROWS: usize = 100_000;

/// The rows of a list of mappings, or every combination of a mapping of lists (the first key varies slowest). Values are fixed: an
/// expression in them may compute, but read no variable. Empty, with diagnostics, where there are no valid rows.
pub(super) fn read(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Vec<TableRow> {
    match &node.value {
        document::Value::Sequence(items) => {
            if items.is_empty() {
                diagnostics.push(empty(node, source));
            }
            table(items, source, diagnostics)
        }
        document::Value::Mapping(entries) => {
            let mut columns = Vec::with_capacity(entries.len());
            for (name, entry) in entries {
                names::check("a column", name, source.place(entry.key_span), diagnostics);
                let Some(items) = document::expect_sequence(
                    &format!("the column `{name}`"),
                    &entry.value,
                    source,
                    diagnostics,
                ) else {
                    return Vec::new();
                };
                if items.is_empty() {
                    diagnostics.push(empty(&entry.value, source));
                }
                let values: Vec<Value> = items
                    .iter()
                    .map(|item| constant(item, source, diagnostics))
                    .collect();
                columns.push((name.clone(), values));
            }
            if columns.is_empty() {
                diagnostics.push(empty(node, source));
                return Vec::new();
            }
            combinations(&columns).unwrap_or_else(|| {
                diagnostics.push(
                    Diagnostic::error(
                        "too-many-rows",
                        format!("more than {MOST_ROWS} combinations"),
                        source.place(node.span),
                    )
                    .with_advice("list the rows that matter"),
                );
                Vec::new()
            })
        }
        _ => {
            diagnostics.push(
                document::wrong_type(
                    "each",
                    "a list of mappings, or a mapping of lists",
                    node,
                    source,
                )
                .with_advice("write one mapping a row: `each: [{ id: 0 }, { id: abc }]`"),
            );
            Vec::new()
        }
    }
}

fn empty(node: &Node, source: &Source) -> Diagnostic {
    Diagnostic::error(
        "no-rows",
        "`each` without rows produces no case",
        source.place(node.span),
    )
    .with_advice("add at least one row, or remove `each`")
}

fn table(items: &[Node], source: &Source, diagnostics: &mut Diagnostics) -> Vec<TableRow> {
    let mut rows: Vec<TableRow> = Vec::with_capacity(items.len());
    for item in items {
        let Some(entries) = document::expect_mapping("a row of `each`", item, source, diagnostics)
        else {
            continue;
        };
        match rows.first() {
            None => {
                for (name, entry) in entries {
                    names::check("a column", name, source.place(entry.key_span), diagnostics);
                }
                if entries.is_empty() {
                    diagnostics.push(empty(item, source));
                }
            }
            Some(first) => {
                for (name, entry) in entries {
                    if !first.iter().any(|(known, _)| known == name) {
                        diagnostics.push(
                            Diagnostic::error(
                                "uneven-rows",
                                format!("the first row has no column `{name}`"),
                                source.place(entry.key_span),
                            )
                            .with_nearest(name, first.iter().map(|(known, _)| known.as_str())),
                        );
                    }
                }
                for (name, _) in first {
                    if !entries.contains_key(name) {
                        diagnostics.push(
                            Diagnostic::error(
                                "uneven-rows",
                                format!("this row has no column `{name}`"),
                                source.place(item.span),
                            )
                            .with_advice("give every row the same columns; `null` is a value too"),
                        );
                    }
                }
            }
        }
        let row = entries
            .iter()
            .map(|(name, entry)| (name.clone(), constant(&entry.value, source, diagnostics)))
            .collect();
        rows.push(row);
    }
    rows
}

/// `None` when there are too many.
fn combinations(columns: &[(String, Vec<Value>)]) -> Option<Vec<TableRow>> {
    let count = columns
        .iter()
        .try_fold(1usize, |count, (_, values)| count.checked_mul(values.len()))?;
    if count > MOST_ROWS {
        return None;
    }
    let row = |number: usize| {
        let mut rest = number;
        let mut row: TableRow = Vec::with_capacity(columns.len());
        for (name, values) in columns.iter().rev() {
            row.push((name.clone(), values[rest % values.len()].clone()));
            rest /= values.len();
        }
        row.reverse();
        row
    };
    Some((0..count).map(row).collect())
}

/// The value of a cell: fixed before the run, so that names of cases never change.
fn constant(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Value {
    let template = Template::parse(node, source, diagnostics);
    if let Some(reference) = template.references().first() {
        diagnostics.push(
            Diagnostic::error(
                "row-not-fixed",
                format!(
                    "a row cannot read `{}`: rows are fixed before the run",
                    reference.path
                ),
                reference.place(),
            )
            .with_advice("put the value into `vars`, or write the expression where it is used"),
        );
        return Value::Null;
    }
    template.render(&Scope::default()).unwrap_or_else(|error| {
        diagnostics.push(Diagnostic::error(
            "template-syntax",
            error.message,
            error.place,
        ));
        Value::Null
    })
}
