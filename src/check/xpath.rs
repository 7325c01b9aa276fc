//! What XPaths find in an XML body, against `expect.xml`. Main function: [`findings`].

use serde_json::Value;

use super::body;
use super::excerpt::{short_json, short_text};
use super::header_values::{refers_to_scalars, scalar};
use super::matching::{admits_absence, describe, mismatches};
use super::response::{CheckedResponse, ResponseBody, xml_document};
use crate::case::{Expectation, Matcher, Rule, XPathExpectation};
use crate::finding::{Code, Finding, Location};
use crate::xml::XmlDocument;

/// A finding for each XPath that does not find what is expected.
pub(super) fn findings(response: &CheckedResponse<'_>, case: &Expectation<Value>) -> Vec<Finding> {
    if case.xml.is_empty() {
        return Vec::new();
    }
    let other;
    let document = match &response.body {
        ResponseBody::Xml(document) => document,
        ResponseBody::TooDeep { .. } => return Vec::new(),
        ResponseBody::Broken(fault) if response.supersedes(fault.code, Code::ExpectBody) => {
            return Vec::new();
        }
        ResponseBody::Empty
            if body::is_missing(response)
                && response.supersedes(Code::BodyMissing, Code::ExpectBody) =>
        {
            return Vec::new();
        }
        _ => {
            other = xml_document(response.exchange, response.context.depth);
            match &other {
                Some(document) => document,
                None => {
                    return case
                        .xml
                        .iter()
                        .map(|path| unreadable(response, path))
                        .collect();
                }
            }
        }
    };
    let paths = case.xml.iter();
    paths.flat_map(|path| compared(document, path)).collect()
}

/// A body that is not XML.
fn unreadable(response: &CheckedResponse<'_>, expected: &XPathExpectation<Value>) -> Finding {
    let (what, actual) = match &response.body {
        ResponseBody::Empty => ("is empty", "no body".to_owned()),
        ResponseBody::Json { value, .. } => {
            ("is JSON, which `expect.body` compares", short_json(value))
        }
        _ => ("is not XML", short_text(&response.text())),
    };
    let wanted = describe(&expected.value);
    let path = &expected.path.value;
    let message = format!("the body {what}, expected {wanted} at `{path}`");
    finding(&expected.value, message, wanted, actual)
}

fn compared(document: &XmlDocument, expected: &XPathExpectation<Value>) -> Vec<Finding> {
    let (path, matcher) = (&expected.path.value, &expected.value);
    let found = match path.evaluate(document) {
        Ok(found) => found.into_json(),
        Err(reason) => {
            let message = format!("`{path}` cannot be evaluated: {reason}");
            return vec![finding(
                matcher,
                message,
                describe(matcher),
                "nothing".to_owned(),
            )];
        }
    };
    let Some(actual) = as_meant(found, matcher) else {
        if admits_absence(&matcher.rule) {
            return Vec::new();
        }
        let wanted = describe(matcher);
        let message = format!("`{path}` finds nothing, expected {wanted}");
        return vec![finding(matcher, message, wanted, "nothing".to_owned())];
    };
    let mismatches = mismatches(matcher, &actual).into_iter();
    mismatches
        .map(|mismatch| {
            let place = match mismatch.pointer.as_str() {
                "" => format!("`{path}`"),
                item => format!("`{path}` at `{item}`"),
            };
            let message = format!("{place} {}", mismatch.message);
            let finding = Finding::new(Code::ExpectBody, Location::Body(String::new()), message);
            finding
                .with_case(mismatch.place)
                .with_expected(mismatch.expected)
                .with_actual(mismatch.actual)
        })
        .collect()
}

fn finding(matcher: &Matcher<Value>, message: String, expected: String, actual: String) -> Finding {
    Finding::new(Code::ExpectBody, Location::Body(String::new()), message)
        .with_case(matcher.place.clone())
        .with_expected(expected)
        .with_actual(actual)
}

/// What was found as the rule compares it. XML has only texts: where the rule is about numbers or booleans, a text that is one counts as
/// it; where it is about a list, one node is a list of one, and none an empty list.
fn as_meant(found: Option<Value>, matcher: &Matcher<Value>) -> Option<Value> {
    let of_items: Option<Vec<&Matcher<Value>>> = match &matcher.rule {
        Rule::Sequence(rules) | Rule::Unordered(rules) => Some(rules.iter().collect()),
        Rule::Each(rule) => Some(vec![rule]),
        _ => None,
    };
    if let Some(rules) = of_items {
        let items = match found {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(single) => vec![single],
        };
        let is_about_scalars = |rule: &&Matcher<Value>| refers_to_scalars(&rule.rule);
        let as_scalars = rules.iter().any(is_about_scalars);
        let items = items.into_iter().map(|item| read(item, as_scalars));
        return Some(items.collect());
    }
    let found = found?;
    Some(match (found, &matcher.rule) {
        (Value::Array(items), Rule::Contains(inner)) => {
            let as_scalars = refers_to_scalars(&inner.rule);
            let items = items.into_iter().map(|item| read(item, as_scalars));
            items.collect()
        }
        (
            Value::Array(items),
            Rule::Value(Value::Array(wanted)) | Rule::Equals(Value::Array(wanted)),
        ) => {
            let as_scalars = wanted
                .iter()
                .any(|value| value.is_number() || value.is_boolean());
            let items = items.into_iter().map(|item| read(item, as_scalars));
            items.collect()
        }
        (single, Rule::Value(Value::Array(wanted)) | Rule::Equals(Value::Array(wanted))) => {
            let as_scalars = wanted
                .iter()
                .any(|value| value.is_number() || value.is_boolean());
            Value::Array(vec![read(single, as_scalars)])
        }
        (single, rule) => read(single, refers_to_scalars(rule)),
    })
}

/// A text as the number or boolean that it is, where that is compared.
fn read(value: Value, as_scalar: bool) -> Value {
    match value {
        Value::String(text) if as_scalar => {
            scalar(text.trim()).unwrap_or_else(|| Value::String(text))
        }
        other => other,
    }
}
