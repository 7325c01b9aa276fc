//! Whether a step is sent (`when`), and the rounds of a step that is sent several times (`repeat`).

use serde_json::{Value, json};

use crate::case::{RenderError, Repeat, Scope, Template};
use crate::event::StepRole;
use crate::source::Place;
use crate::text::short;

/// The longest item that the label of a round shows, in characters.
const LONGEST_ITEM: usize = 60;

/// For what a step is executed.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    pub(super) role: StepRole,
    /// Which round of `repeat` it is: `2/3: 17`.
    pub(super) round: Option<String>,
}

/// One round.
pub(super) struct Round {
    /// For reports: `2/3: 17`.
    pub(super) label: String,
    /// The variables, with the item and `repeat`.
    pub(super) scope: Scope,
}

/// Whether a condition holds. Fails where it has no value, or is neither true nor false.
pub(super) fn is_taken(when: Option<&Template>, scope: &Scope) -> Result<bool, RenderError> {
    let Some(when) = when else {
        return Ok(true);
    };
    match when.render(scope)? {
        Value::Bool(is_taken) => Ok(is_taken),
        other => Err(RenderError {
            message: format!(
                "`when: {}` is {}, not true or false; compare it: `{{{{ x == 1 }}}}`, `{{{{ x | length > 0 }}}}`",
                when.written().unwrap_or_default(),
                kind(&other)
            ),
            place: place(when),
        }),
    }
}

/// The rounds of a step. Fails where the list has no value, is something else, or is too long.
pub(super) fn of(repeat: &Repeat, scope: &Scope) -> Result<Vec<Round>, RenderError> {
    let fails = |message: String| RenderError {
        message,
        place: place(&repeat.over),
    };
    let written = || repeat.over.written().unwrap_or_default();
    let items = match repeat.over.render(scope)? {
        Value::Array(items) => items,
        Value::Number(number) if number.as_u64().is_some_and(|count| count <= Repeat::MAX) => (1
            ..=number.as_u64().unwrap_or_default())
            .map(Value::from)
            .collect(),
        other => {
            let kind = kind(&other);
            let limit = Repeat::MAX;
            return Err(fails(format!(
                "`repeat: {}` is {kind}, not a list or a number up to {limit}",
                written()
            )));
        }
    };
    let count = items.len();
    if u64::try_from(count).is_ok_and(|count| count > Repeat::MAX) {
        return Err(fails(format!(
            "`repeat: {}` has {count} items, more than {}",
            written(),
            Repeat::MAX
        )));
    }
    let rounds = items.into_iter().enumerate().map(|(index, item)| {
        let number = index + 1;
        let mut scope = scope.clone();
        scope.set(
            "repeat",
            json!({ "index": index, "number": number, "count": count }),
        );
        let label = match (&repeat.item, &item) {
            (Some(_), Value::String(text)) => {
                format!("{number}/{count}: {}", short(text, LONGEST_ITEM))
            }
            (Some(_), Value::Number(_) | Value::Bool(_)) => format!("{number}/{count}: {item}"),
            _ => format!("{number}/{count}"),
        };
        if let Some(name) = &repeat.item {
            scope.set(name.as_str(), item);
        }
        Round { label, scope }
    });
    Ok(rounds.collect())
}

fn place(template: &Template) -> Option<Place> {
    match template {
        Template::Expression(expression) => expression.place().cloned(),
        _ => None,
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::String(text) => format!("the text {:?}", short(text, LONGEST_ITEM)),
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(value) => value.to_string(),
    }
}
