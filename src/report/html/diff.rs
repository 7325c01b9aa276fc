//! Expected beside actual. Main function: [`view`].

use serde::Serialize;
use serde_json::Value;
use similar::{ChangeTag, DiffTag, TextDiff};

use crate::event::DiffRecord;
use crate::report::layout::lay_out;
use crate::report::untrusted;

/// Two texts beside each other, line by line.
#[derive(Debug, Serialize)]
pub(super) struct DiffView {
    blocks: Vec<Block>,
    note: Option<String>,
}

/// Rows in sequence.
#[derive(Debug, Default, Serialize)]
struct Block {
    /// Unchanged lines in a row that nobody needs to see at once.
    folded: bool,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    changed: bool,
    left: Option<Vec<Part>>,
    /// `None` where it is the same as `left`, too.
    right: Option<Vec<Part>>,
}

/// A piece of a line.
#[derive(Debug, Serialize)]
struct Part {
    text: String,
    /// Whether just this piece is different.
    strong: bool,
}

/// Lines compared at most, and characters of each.
const LINES: usize = 1000;
const CHARACTERS: usize = 400;
/// Rows shown at most.
const ROWS: usize = 400;
/// Unchanged lines shown around a change.
const AROUND: usize = 3;

/// The two texts, JSON laid out with its keys in one order.
pub(super) fn view(diff: &DiffRecord) -> DiffView {
    let (left, right) = comparable(diff);
    let (left, left_cut) = cut(&left);
    let (right, right_cut) = cut(&right);
    let mut note = (left_cut || right_cut)
        .then(|| "only the beginning is compared; the JSON report has both texts whole".to_owned());
    if left == right {
        note.get_or_insert_with(|| "no difference but in space or the order of keys".to_owned());
    }
    let mut rows = rows(&left, &right);
    if rows.len() > ROWS {
        let more = rows.len() - ROWS;
        rows.truncate(ROWS);
        note = Some(format!("{more} more lines are in the JSON report"));
    }
    DiffView {
        blocks: fold(rows),
        note,
    }
}

/// Both laid out alike where both are JSON, else as they are.
fn comparable(diff: &DiffRecord) -> (String, String) {
    let parsed = |text: &str| -> Option<(Value, String)> {
        let value: Value = serde_json::from_str(text).ok()?;
        let lines = lay_out(text, &[])?.lines.join("\n");
        // Numbers beyond a float's digits, keys given twice and the like would be lost on the way.
        let again = lay_out(&value.to_string(), &[])?.lines.join("\n");
        (again == lines).then_some((value, lines))
    };
    match (parsed(&diff.expected), parsed(&diff.actual)) {
        (Some((expected, lines)), Some((actual, _))) => {
            let actual = in_order_of(&expected, actual).to_string();
            let actual = lay_out(&actual, &[]).map(|layout| layout.lines.join("\n"));
            (lines, actual.unwrap_or_default())
        }
        _ => {
            let set = |text: &str| match lay_out(text, &[]) {
                Some(layout) if serde_json::from_str::<Value>(text).is_ok() => {
                    layout.lines.join("\n")
                }
                _ => text.to_owned(),
            };
            (set(&diff.expected), set(&diff.actual))
        }
    }
}

/// The value with the keys of its objects in the order of the model, further ones behind. `serde_json` has bounded the depth.
fn in_order_of(model: &Value, value: Value) -> Value {
    match (model, value) {
        (Value::Object(model), Value::Object(mut value)) => {
            let mut sorted = serde_json::Map::new();
            for (key, inner) in model {
                if let Some(one) = value.shift_remove(key) {
                    sorted.insert(key.clone(), in_order_of(inner, one));
                }
            }
            sorted.extend(value);
            Value::Object(sorted)
        }
        (Value::Array(model), Value::Array(value)) => {
            let items = value.into_iter().enumerate().map(|(index, one)| {
                match model.get(index).or(model.first()) {
                    Some(inner) => in_order_of(inner, one),
                    None => one,
                }
            });
            Value::Array(items.collect())
        }
        (_, value) => value,
    }
}

/// The text cut to what is compared, each line ended; and whether something was cut.
fn cut(text: &str) -> (String, bool) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut kept = String::new();
    let mut any = text.split('\n').nth(LINES).is_some();
    for line in text.split('\n').take(LINES) {
        let (head, more) = untrusted::cut(line, CHARACTERS);
        any |= more;
        kept.push_str(head);
        kept.push_str(if more { "…\n" } else { "\n" });
    }
    (kept, any)
}

fn rows(left: &str, right: &str) -> Vec<Row> {
    let compared = TextDiff::from_lines(left, right);
    let mut rows = Vec::new();
    for operation in compared.ops() {
        // No deadline: its default makes the emphasis depend on the speed of the machine. Lines and characters are bounded above.
        let changes = compared.iter_inline_changes_deadline(operation, None);
        let mut sides: [Vec<Vec<Part>>; 2] = Default::default();
        for change in changes {
            let parts = change.iter_strings_lossy().map(|(strong, text)| Part {
                text: untrusted::line(text.trim_end_matches('\n')).into_owned(),
                strong,
            });
            let parts: Vec<Part> = parts.filter(|part| !part.text.is_empty()).collect();
            let side = usize::from(change.tag() == ChangeTag::Insert);
            sides[side].push(parts);
        }
        let [mut deleted, mut inserted] = sides.map(Vec::into_iter);
        loop {
            let row = match (operation.tag(), deleted.next(), inserted.next()) {
                (_, None, None) => break,
                (DiffTag::Equal, left, _) => Row {
                    changed: false,
                    left,
                    right: None,
                },
                (_, left, right) => Row {
                    changed: true,
                    left,
                    right,
                },
            };
            rows.push(row);
        }
    }
    rows
}

fn fold(rows: Vec<Row>) -> Vec<Block> {
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
    let mut blocks: Vec<Block> = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let folded = !is_near(index);
        match blocks.last_mut() {
            Some(block) if block.folded == folded => block.rows.push(row),
            _ => blocks.push(Block {
                folded,
                rows: vec![row],
            }),
        }
    }
    // Opening a fold for a line or two is more work than reading them.
    for block in &mut blocks {
        block.folded &= block.rows.len() > 2;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(expected: &str, actual: &str) -> DiffView {
        view(&DiffRecord {
            expected: expected.to_owned(),
            actual: actual.to_owned(),
        })
    }

    fn changed(view: &DiffView) -> Vec<(String, String)> {
        let side = |parts: &Option<Vec<Part>>| {
            let parts = parts.iter().flatten();
            parts.map(|part| part.text.as_str()).collect::<String>()
        };
        let rows = view.blocks.iter().flat_map(|block| &block.rows);
        rows.filter(|row| row.changed)
            .map(|row| (side(&row.left), side(&row.right)))
            .collect()
    }

    #[test]
    fn the_order_of_keys_is_no_difference() {
        let view = told(
            r#"{"a":1,"b":{"c":2,"d":3}}"#,
            r#"{"b":{"d":3,"c":2},"a":1}"#,
        );
        assert_eq!(changed(&view), []);
        assert!(view.note.is_some());
    }

    #[test]
    fn a_changed_value_stands_beside_the_old_one() {
        let view = told(r#"{"a":1,"b":"xay"}"#, r#"{"b":"xby","a":1}"#);
        let row = ("  \"b\": \"xay\"".to_owned(), "  \"b\": \"xby\"".to_owned());
        assert_eq!(changed(&view), [row]);
    }

    #[test]
    fn numbers_keep_their_spelling() {
        let view = told("{\"a\":1.0}", "{\"a\":100000000000000000000001}");
        let row = ("  \"a\": 1.0", "  \"a\": 100000000000000000000001");
        assert_eq!(changed(&view), [(row.0.to_owned(), row.1.to_owned())]);
    }

    #[test]
    fn unchanged_parts_are_folded() {
        let lines: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let mut other = lines.clone();
        other[20] = "x".to_owned();
        let view = told(&lines.join("\n"), &other.join("\n"));
        let folds: Vec<(bool, usize)> = view
            .blocks
            .iter()
            .map(|block| (block.folded, block.rows.len()))
            .collect();
        assert_eq!(folds, [(true, 17), (false, 7), (true, 16)]);
    }

    #[test]
    fn text_that_is_no_json_is_compared_as_it_is() {
        assert_eq!(
            changed(&told("a\nb\n", "a\nc\u{1b}")),
            [("b".to_owned(), "c\\u{1b}".to_owned())]
        );
    }
}
