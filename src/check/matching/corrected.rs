//! The actual value with the expected values inserted, so that a diff of the two shows only what is wrong.

use serde_json::{Map, Value};

use super::describe::describe;
use super::matches;
use super::pairing::pair_unordered;
use crate::case::{Matcher, Rule};
use crate::document::json_equal;

/// `actual`, changed only where it violates the rule: literals are inserted, and a rule that is not a literal (`$matches`, …) is
/// inserted as its description in angle brackets. `None` if no value is expected.
pub(in crate::check) fn corrected(
    matcher: &Matcher<Value>,
    actual: Option<&Value>,
) -> Option<Value> {
    if let Some(value) = actual
        && matches(matcher, value)
    {
        return Some(value.clone());
    }
    match &matcher.rule {
        Rule::Value(expected) => Some(with_values(expected, actual)),
        Rule::Equals(expected) => Some(expected.clone()),
        Rule::Absent => None,
        Rule::Mapping(entries) => {
            let mut object = match actual {
                Some(Value::Object(object)) => object.clone(),
                _ => Map::new(),
            };
            for (key, inner) in entries {
                match corrected(inner, object.get(key)) {
                    Some(value) => {
                        object.insert(key.clone(), value);
                    }
                    None => {
                        object.shift_remove(key);
                    }
                }
            }
            Some(Value::Object(object))
        }
        Rule::Sequence(items) => {
            let actual = actual.and_then(Value::as_array);
            let at = |index: usize| actual.and_then(|items| items.get(index));
            let items = items.iter().enumerate();
            let put = items.map(|(index, item)| corrected(item, at(index)).unwrap_or_default());
            Some(put.collect())
        }
        Rule::Each(inner) => match actual {
            Some(Value::Array(items)) => Some(
                items
                    .iter()
                    .filter_map(|item| corrected(inner, Some(item)))
                    .collect(),
            ),
            _ => Some(description(matcher)),
        },
        Rule::Unordered(rules) => {
            let Some(Value::Array(items)) = actual else {
                return Some(description(matcher));
            };
            Some(unordered(rules, items))
        }
        _ => Some(description(matcher)),
    }
}

fn description(matcher: &Matcher<Value>) -> Value {
    Value::String(format!("<{}>", describe(matcher)))
}

/// Items that match a rule stay where they are. The others are replaced by the rules that have no item.
fn unordered(rules: &[Matcher<Value>], items: &[Value]) -> Value {
    let pairs = pair_unordered(rules.len(), items.len(), |rule, item| {
        matches(&rules[rule], &items[item])
    });
    let missing = (0..rules.len()).filter(|rule| !pairs.contains(&Some(*rule)));
    let mut missing = missing.filter_map(|rule| corrected(&rules[rule], None));
    let mut put: Vec<Value> = Vec::new();
    for (item, rule) in items.iter().zip(&pairs) {
        match rule {
            Some(_) => put.push(item.clone()),
            None => put.extend(missing.next()),
        }
    }
    put.extend(missing);
    Value::Array(put)
}

/// A literal mapping is matched as a subset, so other members of the actual value stay.
fn with_values(expected: &Value, actual: Option<&Value>) -> Value {
    match (expected, actual) {
        (Value::Object(expected), Some(Value::Object(actual))) => {
            let mut object = actual.clone();
            for (key, value) in expected {
                let put = with_values(value, actual.get(key));
                object.insert(key.clone(), put);
            }
            Value::Object(object)
        }
        (Value::Array(expected), Some(Value::Array(actual))) => expected
            .iter()
            .enumerate()
            .map(|(index, value)| with_values(value, actual.get(index)))
            .collect(),
        (_, Some(actual)) if json_equal(expected, actual) => actual.clone(),
        _ => expected.clone(),
    }
}
