//! Expected and actual text compared line by line, for all formats. Main function: [`compare`].
//!
//! JSON is laid out with one value per line, and the keys of the actual side are put into the order of the expected side: a different
//! order of keys is not a difference. If that would lose something (a duplicate key, the spelling of a number), and for any other text,
//! the texts are compared as they are. A missing final line feed is not a difference.

use serde_json::Value;
use similar::{ChangeTag, DiffTag, TextDiff};

use super::layout::lay_out;
use crate::event::DiffRecord;
use crate::text::{cut, head, line};

/// Two texts compared.
#[derive(Debug)]
pub(super) struct LineDiff {
    /// All lines in sequence.
    pub(super) blocks: Vec<Block>,
    /// An additional remark, a lowercase fragment.
    pub(super) note: Option<String>,
}

/// Consecutive lines that are equal, or that are changed together.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) is_equal: bool,
    pub(super) expected: Vec<DiffLine>,
    /// Empty if the block is equal: the lines are those of `expected`.
    pub(super) actual: Vec<DiffLine>,
}

/// The pieces of a line.
pub(super) type DiffLine = Vec<LinePart>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinePart {
    /// Escaped.
    pub(super) text: String,
    /// Whether this piece of the line differs.
    pub(super) is_different: bool,
}

/// Maximum number of lines to compare, and of characters in each.
const LINES: usize = 1000;
const CHARACTERS: usize = 400;

/// Compares the two texts.
pub(super) fn compare(diff: &DiffRecord) -> LineDiff {
    let (expected, actual) = comparable(diff.expected.unescaped(), diff.actual.unescaped());
    let (expected, expected_is_cut) = beginning(&expected);
    let (actual, actual_is_cut) = beginning(&actual);
    let note = match (expected == actual, expected_is_cut || actual_is_cut) {
        (false, false) => None,
        (true, false) => {
            Some("the texts differ only in white space or the order of keys".to_owned())
        }
        (is_equal, true) => {
            let extent = match is_equal {
                true => "no difference in",
                false => "compared only",
            };
            Some(format!(
                "{extent} the first {LINES} lines of {CHARACTERS} characters; the JSON report has both texts in full"
            ))
        }
    };
    LineDiff {
        blocks: blocks(&expected, &actual),
        note,
    }
}

/// Both texts with the same layout if both are JSON, else unchanged.
fn comparable(expected: &str, actual: &str) -> (String, String) {
    let laid_out = |text: &str| Some(lay_out(text, &[])?.lines.join("\n"));
    let parsed = |text: &str| -> Option<(Value, String)> {
        let value: Value = serde_json::from_str(text).ok()?;
        let lines = laid_out(text)?;
        // Parsing would lose duplicate keys and digits beyond the precision of a float.
        let again = laid_out(&value.to_string())?;
        (again == lines).then_some((value, lines))
    };
    if let (Some((model, lines)), Some((value, _))) = (parsed(expected), parsed(actual))
        && let Some(actual) = laid_out(&in_order_of(&model, value).to_string())
    {
        return (lines, actual);
    }
    let as_it_is = |text: &str| match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => laid_out(text).unwrap_or_else(|| text.to_owned()),
        Err(_) => text.to_owned(),
    };
    (as_it_is(expected), as_it_is(actual))
}

/// The value with the keys of its objects in the order of the model, other keys last. `serde_json` has limited the depth.
fn in_order_of(model: &Value, value: Value) -> Value {
    match (model, value) {
        (Value::Object(model), Value::Object(mut value)) => {
            let mut sorted = serde_json::Map::new();
            for (key, inner) in model {
                if let Some(inner_value) = value.shift_remove(key) {
                    sorted.insert(key.clone(), in_order_of(inner, inner_value));
                }
            }
            sorted.extend(value);
            Value::Object(sorted)
        }
        (Value::Array(model), Value::Array(value)) => {
            let items = value.into_iter().enumerate().map(|(index, item)| {
                match model.get(index).or(model.first()) {
                    Some(inner) => in_order_of(inner, item),
                    None => item,
                }
            });
            Value::Array(items.collect())
        }
        (_, value) => value,
    }
}

/// The part of a text that is compared, with a line feed after each line; and whether something was left out.
fn beginning(text: &str) -> (String, bool) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut is_cut = text.split('\n').nth(LINES).is_some();
    let mut kept = String::new();
    for line in text.split('\n').take(LINES) {
        is_cut |= head(line, CHARACTERS).1;
        kept.push_str(&cut(line, CHARACTERS));
        kept.push('\n');
    }
    (kept, is_cut)
}

fn blocks(expected: &str, actual: &str) -> Vec<Block> {
    let compared = TextDiff::from_lines(expected, actual);
    let blocks = compared.ops().iter().map(|operation| {
        let mut block = Block {
            is_equal: operation.tag() == DiffTag::Equal,
            expected: Vec::new(),
            actual: Vec::new(),
        };
        // No deadline: the default would make the emphasis depend on the speed of the machine. Lines and characters are limited anyway.
        for change in compared.iter_inline_changes_deadline(operation, None) {
            let parts = change
                .iter_strings_lossy()
                .map(|(is_different, text)| LinePart {
                    text: line(text.trim_end_matches('\n')).into_owned(),
                    is_different,
                });
            let parts = parts.filter(|part| !part.text.is_empty()).collect();
            match change.tag() {
                ChangeTag::Insert => block.actual.push(parts),
                ChangeTag::Delete | ChangeTag::Equal => block.expected.push(parts),
            }
        }
        block
    });
    blocks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::masked;

    fn compared(expected: &str, actual: &str) -> LineDiff {
        compare(&DiffRecord {
            expected: masked(expected),
            actual: masked(actual),
        })
    }

    /// The changed lines of both sides.
    fn changed(expected: &str, actual: &str) -> (Vec<String>, Vec<String>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let text = |line: &DiffLine| {
            line.iter()
                .map(|part| part.text.as_str())
                .collect::<String>()
        };
        for block in compared(expected, actual).blocks {
            if !block.is_equal {
                left.extend(block.expected.iter().map(text));
                right.extend(block.actual.iter().map(text));
            }
        }
        (left, right)
    }

    fn lines(left: &[&str], right: &[&str]) -> (Vec<String>, Vec<String>) {
        let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        (owned(left), owned(right))
    }

    #[test]
    fn the_order_of_keys_is_not_a_difference() {
        let (left, right) = (
            r#"{"a":1,"b":[{"c":2,"d":3}]}"#,
            r#"{"b":[{"d":3,"c":2}],"a":1}"#,
        );
        assert_eq!(changed(left, right), lines(&[], &[]));
        let note = compared(left, right).note;
        assert_eq!(
            note.as_deref(),
            Some("the texts differ only in white space or the order of keys")
        );
        // The order of items matters.
        assert_ne!(changed("[1,2]", "[2,1]"), lines(&[], &[]));
    }

    #[test]
    fn a_changed_value_is_shown_beside_the_old_one() {
        assert_eq!(
            changed(r#"{"a":1,"b":"xay"}"#, r#"{"b":"xby","a":1}"#),
            lines(&["  \"b\": \"xay\""], &["  \"b\": \"xby\""])
        );
    }

    #[test]
    fn numbers_keep_their_spelling_and_keys_their_number() {
        assert_eq!(
            changed("{\"a\":1.0}", "{\"a\":100000000000000000000001}"),
            lines(&["  \"a\": 1.0"], &["  \"a\": 100000000000000000000001"])
        );
        assert_eq!(
            changed(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1,"a":1}"#),
            lines(&["  \"b\": 2"], &["  \"b\": 2,", "  \"a\": 1"])
        );
    }

    #[test]
    fn text_that_is_not_json_is_compared_unchanged() {
        assert_eq!(
            changed("a\nb\n", "a\nc\u{1b}"),
            lines(&["b"], &["c\\u{1b}"])
        );
        assert_eq!(changed("{a: 1}", "{a: 2}"), lines(&["{a: 1}"], &["{a: 2}"]));
    }

    #[test]
    fn a_missing_final_line_feed_is_not_a_difference_but_a_carriage_return_is() {
        assert_eq!(changed("a\n", "a"), lines(&[], &[]));
        assert_eq!(changed("a", "a\r\n"), lines(&["a"], &["a\\r"]));
    }

    #[test]
    fn only_the_part_that_differs_is_marked() {
        let compared = compared("the name is Hopper today", "the name is Lovelace today");
        let marked = |lines: &[DiffLine]| -> String {
            let parts = lines.iter().flatten().filter(|part| part.is_different);
            parts.map(|part| part.text.as_str()).collect()
        };
        let [block] = &compared.blocks[..] else {
            panic!("{compared:?}");
        };
        assert_eq!(
            (marked(&block.expected), marked(&block.actual)),
            ("Hopper".to_owned(), "Lovelace".to_owned())
        );
    }

    #[test]
    fn an_incomplete_comparison_is_noted() {
        let far = |end: &str| "x".repeat(CHARACTERS) + end;
        assert_eq!(
            compared(&far("a"), &far("b")).note.as_deref(),
            Some(
                "no difference in the first 1000 lines of 400 characters; the JSON report has both texts in full"
            )
        );
        let long = vec!["line"; LINES + 1].join("\n");
        assert_eq!(
            compared("other", &long).note.as_deref(),
            Some(
                "compared only the first 1000 lines of 400 characters; the JSON report has both texts in full"
            )
        );
        assert_eq!(compared("a", "b").note, None);
    }
}
