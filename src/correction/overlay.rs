//! The text of an overlay. Main function: [`overlay_text`].

use serde_json::Value;

use super::action::{ProposedAction, ProposedChange};
use crate::document::{Section, YamlLayout, YamlValue, yaml_text};
use crate::text::line;

/// Columns of a line of a description, from its own indentation on.
const WIDTH: usize = 110;

/// The text of an overlay. `extends`: the document's file name.
pub(super) fn overlay_text(
    title: &str,
    version: &str,
    extends: Option<&str>,
    actions: &[ProposedAction],
) -> String {
    let text = |text: &str| YamlValue::Text(text.to_owned());
    let info = vec![
        ("title".to_owned(), text(title)),
        ("version".to_owned(), text(version)),
    ];
    let actions = actions.iter().map(|action| Section {
        comment: None,
        value: YamlValue::Mapping(YamlLayout::Block, fields(action)),
    });
    let mut root = vec![
        ("overlay".to_owned(), text("1.0.0")),
        (
            "info".to_owned(),
            YamlValue::Mapping(YamlLayout::Block, info),
        ),
    ];
    root.extend(extends.map(|file| ("extends".to_owned(), text(file))));
    root.push(("actions".to_owned(), YamlValue::Sections(actions.collect())));
    yaml_text(None, &root)
}

fn fields(action: &ProposedAction) -> Vec<(String, YamlValue)> {
    let change = match &action.change {
        ProposedChange::Update(update) => ("update", yaml(update)),
        ProposedChange::Remove => ("remove", YamlValue::Bool(true)),
    };
    [
        ("target", YamlValue::Text(action.target.clone())),
        ("description", YamlValue::Text(wrapped(&action.description))),
        change,
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Recursion is bounded by the depth of schemas that are inferred.
fn yaml(value: &Value) -> YamlValue {
    match value {
        Value::Null => YamlValue::Null,
        Value::Bool(value) => YamlValue::Bool(*value),
        Value::Number(number) => YamlValue::Number(number.clone()),
        Value::String(text) => YamlValue::Text(text.clone()),
        Value::Array(items) => {
            YamlValue::Sequence(YamlLayout::OneLine, items.iter().map(yaml).collect())
        }
        Value::Object(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(name, value)| (name.clone(), yaml(value)));
            YamlValue::Mapping(YamlLayout::OneLine, entries.collect())
        }
    }
}

/// A description in lines; readers join them.
fn wrapped(text: &str) -> String {
    let text = line(text);
    let mut wrapped = String::with_capacity(text.len());
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_wrapped_between_words() {
        let text = wrapped(&"word ".repeat(60));
        assert!(
            text.lines()
                .all(|line| line.len() <= WIDTH && !line.ends_with(' '))
        );
        assert_eq!(text.split_whitespace().count(), 60);
    }
}
