//! Expected and actual text side by side. Main function: [`view`].

use serde::Serialize;

use crate::event::DiffRecord;
use crate::report::diff::{DiffLine, LinePart, compare};
use crate::text::counted;

/// Two texts side by side, line by line.
#[derive(Debug, Serialize)]
pub(super) struct DiffView {
    blocks: Vec<RowBlock>,
    note: Option<String>,
}

/// Consecutive rows.
#[derive(Debug, Default, Serialize)]
struct RowBlock {
    /// Unchanged lines that are folded.
    folded: bool,
    rows: Vec<DiffRow>,
}

#[derive(Debug, Serialize)]
struct DiffRow {
    changed: bool,
    left: Option<Vec<PartView>>,
    /// Also `None` if it equals `left`.
    right: Option<Vec<PartView>>,
}

/// A piece of a line.
#[derive(Debug, Serialize)]
struct PartView {
    text: String,
    /// Whether this piece differs.
    strong: bool,
}

/// Maximum number of rows shown.
const ROWS: usize = 400;
/// Number of unchanged lines shown around a change.
const AROUND: usize = 3;

/// The two texts side by side; unchanged lines far from a change are folded.
pub(super) fn view(diff: &DiffRecord) -> DiffView {
    let compared = compare(diff);
    let mut note = compared.note;
    let mut rows = Vec::new();
    for block in compared.blocks {
        let mut expected = block.expected.into_iter();
        let mut actual = block.actual.into_iter();
        loop {
            let (left, right) = (expected.next(), actual.next());
            if left.is_none() && right.is_none() {
                break;
            }
            rows.push(DiffRow {
                changed: !block.is_equal,
                left: left.map(parts),
                right: right.map(parts),
            });
        }
    }
    if rows.len() > ROWS {
        let more = counted(rows.len() - ROWS, "more line");
        rows.truncate(ROWS);
        note = Some(format!("the JSON report has {more}"));
    }
    DiffView {
        blocks: fold(rows),
        note,
    }
}

fn parts(line: DiffLine) -> Vec<PartView> {
    let parts = line.into_iter().map(|part| {
        let LinePart { text, is_different } = part;
        PartView {
            text,
            strong: is_different,
        }
    });
    parts.collect()
}

fn fold(rows: Vec<DiffRow>) -> Vec<RowBlock> {
    let changes: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| row.changed.then_some(index))
        .collect();
    let is_near = |index: usize| {
        let next = changes.partition_point(|change| *change < index);
        let before = next.checked_sub(1).and_then(|at| changes.get(at));
        let after = changes.get(next);
        before.is_some_and(|change| index <= change + AROUND)
            || after.is_some_and(|change| *change <= index + AROUND)
    };
    let mut blocks: Vec<RowBlock> = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let folded = !is_near(index);
        match blocks.last_mut() {
            Some(block) if block.folded == folded => block.rows.push(row),
            _ => blocks.push(RowBlock {
                folded,
                rows: vec![row],
            }),
        }
    }
    // One or two lines are not folded, because reading them is faster than opening a fold.
    for block in &mut blocks {
        block.folded &= block.rows.len() > 2;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::masked;

    #[test]
    fn unchanged_parts_are_folded() {
        let lines: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let mut other = lines.clone();
        other[20] = "x".to_owned();
        let view = view(&DiffRecord {
            expected: masked(&lines.join("\n")),
            actual: masked(&other.join("\n")),
        });
        let folds: Vec<(bool, usize)> = view
            .blocks
            .iter()
            .map(|block| (block.folded, block.rows.len()))
            .collect();
        assert_eq!(folds, [(true, 17), (false, 7), (true, 16)]);
    }

    #[test]
    fn the_order_of_keys_is_not_a_difference() {
        let view = view(&DiffRecord {
            expected: r#"{"a":1,"b":2}"#.into(),
            actual: r#"{"b":2,"a":1}"#.into(),
        });
        let mut rows = view.blocks.iter().flat_map(|block| &block.rows);
        assert!(rows.all(|row| !row.changed));
        assert!(view.note.is_some());
    }
}
