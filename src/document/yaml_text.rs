//! Readable YAML: mappings and lists in blocks, short ones on one line, quotes only where the reader of [`super::yaml`] needs
//! them. Main function: [`yaml_text`].
//!
//! Reading the text gives the same values, with keys in the same order.

use std::fmt::Write;

use serde_json::Number;

use super::node::Value;
use super::yaml_scalar::resolve_plain;

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum YamlValue {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Sequence(YamlLayout, Vec<YamlValue>),
    Mapping(YamlLayout, Vec<(String, YamlValue)>),
    /// A list with empty lines between its items.
    Sections(Vec<Section>),
}

/// An item of [`YamlValue::Sections`].
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// A line above it.
    pub comment: Option<String>,
    pub value: YamlValue,
}

/// How a collection is laid out. Empty ones are `[]` and `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YamlLayout {
    /// Each item or entry on a line of its own.
    Block,
    /// On one line with all its contents where that is short enough; else as a block whose items may each be on one line.
    OneLine,
}

/// The most columns of a line with a collection on it.
const WIDTH: usize = 120;

/// Up to this many bytes a text stays on its line, however far that is indented.
const SHORT: usize = 60;

/// A longer key would not be recognised before its colon (YAML 1.2.2, 8.2.2: 1024 characters).
const LONGEST_PLAIN_KEY: usize = 1000;

/// A document with this mapping as its root, and a comment above it. Keys must differ.
pub fn yaml_text(comment: Option<&str>, root: &[(String, YamlValue)]) -> String {
    let mut writer = YamlWriter {
        text: String::new(),
    };
    if let Some(comment) = comment {
        writer.comment(comment);
        writer.text.push('\n');
    }
    match root.is_empty() {
        true => writer.text.push_str("{}"),
        false => writer.entries(root, 0),
    }
    writer.text.push('\n');
    writer.text
}

struct YamlWriter {
    text: String,
}

impl YamlWriter {
    fn new_line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    /// Writes the first entry on the current line, at `indent`, and the others on the lines below.
    fn entries(&mut self, entries: &[(String, YamlValue)], indent: usize) {
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.new_line(indent);
            }
            let key = scalar(key, Surroundings::Block);
            if key.chars().count() > LONGEST_PLAIN_KEY {
                let _ = write!(self.text, "? {key}");
                self.new_line(indent);
            } else {
                self.text.push_str(&key);
            }
            self.text.push(':');
            self.value(value, indent, Behind::Key);
        }
    }

    /// Like [`YamlWriter::entries`], for the items of a list.
    fn items(&mut self, items: &[YamlValue], indent: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.new_line(indent);
            }
            self.text.push('-');
            self.value(item, indent, Behind::Dash);
        }
    }

    /// Writes a value after the text that is before it at `indent`.
    fn value(&mut self, value: &YamlValue, indent: usize, behind: Behind) {
        let inner = indent + 2;
        let column = self.text.len() - self.text.rfind('\n').map_or(0, |at| at + 1);
        if let Some(line) = one_line(value, WIDTH.saturating_sub(column + 1)) {
            self.text.push(' ');
            self.text.push_str(&line);
            return;
        }
        match value {
            YamlValue::Text(text) => self.literal_block(text, inner),
            YamlValue::Mapping(_, entries) => {
                self.begin_block(inner, behind);
                self.entries(entries, inner);
            }
            YamlValue::Sequence(_, items) => {
                self.begin_block(inner, behind);
                self.items(items, inner);
            }
            YamlValue::Sections(sections) => {
                for (index, section) in sections.iter().enumerate() {
                    if index > 0 {
                        self.text.push('\n');
                    }
                    self.new_line(inner);
                    if let Some(comment) = &section.comment {
                        self.comment(comment);
                        self.new_line(inner);
                    }
                    self.text.push('-');
                    self.value(&section.value, inner, Behind::Dash);
                }
            }
            // Always on one line.
            YamlValue::Null | YamlValue::Bool(_) | YamlValue::Number(_) => {}
        }
    }

    fn begin_block(&mut self, indent: usize, behind: Behind) {
        match behind {
            Behind::Key => self.new_line(indent),
            Behind::Dash => self.text.push(' '),
        }
    }

    /// A text for which [`can_be_block`] holds.
    fn literal_block(&mut self, text: &str, indent: usize) {
        let (header, lines) = match text.strip_suffix('\n') {
            Some(lines) => (" |", lines),
            None => (" |-", text),
        };
        self.text.push_str(header);
        for line in lines.split('\n') {
            // No spaces on empty lines.
            self.new_line(if line.is_empty() { 0 } else { indent });
            self.text.push_str(line);
        }
    }

    fn comment(&mut self, comment: &str) {
        self.text.push_str("# ");
        for character in comment.trim().chars() {
            match is_hidden(character) {
                true => self.text.extend(character.escape_unicode()),
                false => self.text.push(character),
            }
        }
    }
}

/// What is before a value on its line.
#[derive(Clone, Copy)]
enum Behind {
    Key,
    Dash,
}

/// What is around a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    Block,
    /// `{ … }` or `[…]`
    Flow,
}

/// The value on one line; `None` where it must or should be a block. Scalars may be longer than `room`.
fn one_line(value: &YamlValue, room: usize) -> Option<String> {
    Some(match value {
        YamlValue::Null => "null".to_owned(),
        YamlValue::Bool(value) => value.to_string(),
        YamlValue::Number(number) => number.to_string(),
        YamlValue::Text(text) => {
            let line = scalar(text, Surroundings::Block);
            let is_long = text.contains('\n') || line.len() > room.max(SHORT);
            if is_long && can_be_block(text) {
                return None;
            }
            line
        }
        YamlValue::Sequence(_, items) if items.is_empty() => "[]".to_owned(),
        YamlValue::Mapping(_, entries) if entries.is_empty() => "{}".to_owned(),
        YamlValue::Sections(sections) if sections.is_empty() => "[]".to_owned(),
        YamlValue::Sequence(YamlLayout::Block, _)
        | YamlValue::Mapping(YamlLayout::Block, _)
        | YamlValue::Sections(_) => return None,
        YamlValue::Sequence(YamlLayout::OneLine, _)
        | YamlValue::Mapping(YamlLayout::OneLine, _) => {
            let mut line = String::new();
            flow(value, room, &mut line)?;
            line
        }
    })
}

/// Writes the value within a line of at most `room` bytes; `None` where that is too little, or something in it needs a block.
fn flow(value: &YamlValue, room: usize, line: &mut String) -> Option<()> {
    match value {
        YamlValue::Text(text) => {
            if text.contains('\n') && can_be_block(text) {
                return None;
            }
            line.push_str(&scalar(text, Surroundings::Flow));
        }
        YamlValue::Sequence(YamlLayout::OneLine, items) if !items.is_empty() => {
            line.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    line.push_str(", ");
                }
                flow(item, room, line)?;
            }
            line.push(']');
        }
        YamlValue::Mapping(YamlLayout::OneLine, entries) if !entries.is_empty() => {
            line.push_str("{ ");
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    line.push_str(", ");
                }
                line.push_str(&scalar(key, Surroundings::Flow));
                line.push_str(": ");
                flow(value, room, line)?;
            }
            line.push_str(" }");
        }
        _ => line.push_str(&one_line(value, room)?),
    }
    (line.len() <= room).then_some(())
}

/// A text as a scalar on one line: plain where it is read back as this text, else in quotes.
fn scalar(text: &str, around: Surroundings) -> String {
    if is_plain(text, around) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && !text.contains('\'') && !text.contains(is_hidden) {
        format!("'{text}'")
    } else {
        double_quoted(text)
    }
}

/// Characters with a special meaning at the beginning of a scalar (YAML 1.2.2, 5.3).
const INDICATORS: [char; 19] = [
    '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
];

fn is_plain(text: &str, around: Surroundings) -> bool {
    let mut characters = text.chars();
    let (first, second) = (characters.next(), characters.next());
    let begins_plainly = match (first, second) {
        // A dash before a word does not begin a list.
        (Some('-'), Some(second)) => second.is_alphanumeric(),
        (Some(first), _) => first != ' ' && !INDICATORS.contains(&first),
        (None, _) => false,
    };
    begins_plainly
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(is_hidden)
        && (around != Surroundings::Flow || !text.contains([',', '[', ']', '{', '}']))
        // Refused as a key.
        && text != "<<"
        && matches!(resolve_plain(text), Value::String(_))
}

/// Whether the text can be written as lines (`|`): nothing in it needs an escape, and its first line shows the indentation of all.
fn can_be_block(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    !lines.is_empty()
        && !lines.starts_with([' ', '\n'])
        && !lines.ends_with('\n')
        && lines
            .split('\n')
            .all(|line| !line.ends_with(' ') && !line.contains(is_hidden))
}

/// Whether a reader would not see the character, or take it for another: control characters, line ends, white space other than the
/// space, characters that change the writing direction, and code points that are not characters.
fn is_hidden(character: char) -> bool {
    let code = u32::from(character);
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(code, 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 | 0xfeff | 0xfdd0..=0xfdef)
        || code & 0xfffe == 0xfffe
}

/// YAML 1.2.2, 5.7.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let code = u32::from(hidden);
                // Writing to a String cannot fail.
                let _ = match code {
                    0..=0xff => write!(quoted, "\\x{code:02x}"),
                    0x100..=0xffff => write!(quoted, "\\u{code:04x}"),
                    _ => write!(quoted, "\\U{code:08x}"),
                };
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use serde_json::json;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::document::Document;
    use crate::source::Source;

    fn value(json: &serde_json::Value, layout: YamlLayout) -> YamlValue {
        match json {
            serde_json::Value::Null => YamlValue::Null,
            serde_json::Value::Bool(value) => YamlValue::Bool(*value),
            serde_json::Value::Number(number) => YamlValue::Number(number.clone()),
            serde_json::Value::String(text) => YamlValue::Text(text.clone()),
            serde_json::Value::Array(items) => YamlValue::Sequence(
                layout,
                items.iter().map(|item| value(item, layout)).collect(),
            ),
            serde_json::Value::Object(entries) => YamlValue::Mapping(
                layout,
                entries
                    .iter()
                    .map(|(key, item)| (key.clone(), value(item, layout)))
                    .collect(),
            ),
        }
    }

    fn written(json: &serde_json::Value, layout: YamlLayout) -> String {
        yaml_text(None, &[("a".to_owned(), value(json, layout))])
    }

    fn read(text: &str) -> serde_json::Value {
        let mut diagnostics = Diagnostics::new();
        let document = Document::parse(Source::new("t.yaml", text), &mut diagnostics);
        let faults: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| diagnostic.message.clone())
            .collect();
        assert!(faults.is_empty(), "{faults:?}\n{text}");
        document.unwrap().root.to_json()
    }

    #[test]
    fn texts_are_quoted_only_where_they_would_be_read_as_something_else() {
        for (text, expected) in [
            ("word", "word"),
            ("isn't it 5 %?", "isn't it 5 %?"),
            ("yes", "yes"),
            ("1990-01-01", "1990-01-01"),
            ("/a/{b}?c=d,e", "/a/{b}?c=d,e"),
            ("http://x", "http://x"),
            ("-p3", "-p3"),
            ("the {{ x }}", "the {{ x }}"),
            ("", r#""""#),
            ("~", r#""~""#),
            ("null", r#""null""#),
            ("True", r#""True""#),
            ("12", r#""12""#),
            ("1e3", r#""1e3""#),
            ("0x1F", r#""0x1F""#),
            ("{{ x }}", r#""{{ x }}""#),
            ("a: b", r#""a: b""#),
            ("a:", r#""a:""#),
            ("a #b", r#""a #b""#),
            (" a", r#"" a""#),
            ("a ", r#""a ""#),
            ("- a", r#""- a""#),
            ("- \"a\"", r#"'- "a"'"#),
            ("\"a's\"", r#""\"a's\"""#),
            ("a\tb", r#""a\tb""#),
            ("a\r\nb", r#""a\r\nb""#),
            (
                "\u{feff}\u{85}\u{2028}\u{a0}\u{202e}",
                r#""\ufeff\x85\u2028\xa0\u202e""#,
            ),
            ("<<", r#""<<""#),
        ] {
            let yaml = written(&json!(text), YamlLayout::Block);
            assert_eq!(yaml, format!("a: {expected}\n"));
            assert_eq!(read(&yaml), json!({ "a": text }));
        }
    }

    #[test]
    fn short_collections_are_on_one_line_and_long_ones_in_blocks() {
        let json = json!({
            "flat": { "id": 7, "tags": ["x", "a, b"], "none": [], "nil": null, "empty": {} },
            "text": "first\n\n  second\nlast",
            "line": "one\n",
            "in a list": ["a\nb", [["deep"]], { "k": "a\nb", "l": [1] }],
            "long": ["0123456789 0123456789 0123456789 0123456789", "0123456789 0123456789 0123456789 0123456789",
                     { "key": "0123456789 0123456789 0123456789 0123456789" }],
        });
        let expected = r#"a:
  flat: { id: 7, tags: [x, "a, b"], none: [], nil: null, empty: {} }
  text: |-
    first

      second
    last
  line: |
    one
  in a list:
    - |-
      a
      b
    - [[deep]]
    - k: |-
        a
        b
      l: [1]
  long:
    - 0123456789 0123456789 0123456789 0123456789
    - 0123456789 0123456789 0123456789 0123456789
    - { key: 0123456789 0123456789 0123456789 0123456789 }
"#;
        let yaml = written(&json, YamlLayout::OneLine);
        assert_eq!(yaml, expected);
        assert_eq!(read(&yaml), json!({ "a": json }));
        assert_eq!(
            written(&json!([{ "a": 1, "b": [[2], {}] }, [3]]), YamlLayout::Block),
            "a:\n  - a: 1\n    b:\n      - - 2\n      - {}\n  - - 3\n"
        );
    }

    #[test]
    fn sections_are_separated_and_have_their_comments() {
        let section = |comment: Option<&str>, text: &str| Section {
            comment: comment.map(str::to_owned),
            value: YamlValue::Mapping(
                YamlLayout::Block,
                vec![("name".to_owned(), YamlValue::Text(text.to_owned()))],
            ),
        };
        let list = YamlValue::Sections(vec![
            section(None, "first"),
            section(Some("why\nnot: [\u{feff}"), "second"),
        ]);
        let yaml = yaml_text(Some("about"), &[("list".to_owned(), list)]);
        let expected = r"# about
list:
  - name: first

  # why\u{a}not: [\u{feff}
  - name: second
";
        assert_eq!(yaml, expected);
        assert_eq!(
            read(&yaml),
            json!({ "list": [{ "name": "first" }, { "name": "second" }] })
        );
    }

    #[test]
    fn keys_longer_than_the_lookahead_of_a_reader_are_marked() {
        for length in [999, 1000, 1001, 1024, 1025, 5000] {
            let json = json!({ "k".repeat(length): { "é".repeat(length): [1, 2] } });
            for layout in [YamlLayout::Block, YamlLayout::OneLine] {
                let yaml = written(&json, layout);
                assert_eq!(read(&yaml), json!({ "a": json }), "{length}");
            }
        }
    }

    /// Texts of characters that mean something to YAML, and any others.
    fn text() -> impl Strategy<Value = String> {
        let characters = prop_oneof![
            4 => proptest::sample::select(" \t\n\r-?:,[]{}#&*!|>'\"%@`\\.~<=+0123xeoE_aZ".chars().collect::<Vec<_>>()),
            1 => proptest::sample::select("\u{0}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{200f}\u{fffe}\u{1f600}é".chars().collect::<Vec<_>>()),
            1 => any::<char>(),
        ];
        proptest::collection::vec(characters, 0..12).prop_map(|all| all.into_iter().collect())
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let scalar = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<u64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            text().prop_map(serde_json::Value::from),
        ];
        scalar.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                proptest::collection::vec((text(), inner), 0..4)
                    .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2000,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn whatever_is_written_is_read_back(json in any_json()) {
            for layout in [YamlLayout::Block, YamlLayout::OneLine] {
                let yaml = written(&json, layout);
                // Key order included.
                prop_assert_eq!(read(&yaml).to_string(), json!({ "a": json }).to_string());
                prop_assert!(yaml.lines().all(|line| !line.ends_with([' ', '\t'])), "{}", yaml);
            }
        }
    }
}
