//! Requests made from what a contract documents: values of required parameters, bodies.

use serde_json::Value;

use crate::case::{Body, Step, Template};
use crate::check::is_ours;
use crate::contract::{
    Contract, DocumentedMediaType, Operation, Parameter, ParameterLocation, RequestBody, is_json,
};
use crate::generate::{Purpose, value_for};

/// A step, and what could not be made for it.
pub(super) struct MadeRequest {
    pub(super) step: Step,
    /// Why it cannot be sent yet, in words.
    pub(super) missing: Vec<String>,
}

/// Adds the required parameters and the body to a step.
pub(super) fn made(
    mut step: Step,
    operation: &Operation,
    contract: &Contract,
    body: Option<Value>,
) -> MadeRequest {
    let mut missing = Vec::new();
    let required = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required && !is_ours(parameter));
    let mut form = Vec::new();
    for parameter in required {
        let Some(value) = value_of(parameter, contract) else {
            missing.push(format!("set a value for `{}`", parameter.name));
            continue;
        };
        let name = parameter.name.clone();
        let value = Template::literal(value);
        match parameter.location {
            ParameterLocation::Path => step.path.push((name, value)),
            ParameterLocation::Query | ParameterLocation::QueryString => {
                step.query.push((name, value));
            }
            ParameterLocation::Header => step.headers.push((name, Some(value))),
            ParameterLocation::Cookie => step.cookies.push((name, value)),
            ParameterLocation::Form => form.push((name, value)),
        }
    }
    if !form.is_empty() {
        step.body = Some(Body::Form {
            fields: form,
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
        });
    }
    // A path cannot be written without its values.
    for name in names_in(&operation.path) {
        if !step.path.iter().any(|(known, _)| known == name) {
            step.path.push((name.to_owned(), Template::literal("text")));
        }
    }
    match (body, &operation.request_body) {
        (Some(body), _) => step.body = Some(json_body(body, operation)),
        (None, Some(documented)) if documented.required => {
            missing.push("set the body".to_owned());
        }
        _ => {}
    }
    MadeRequest { step, missing }
}

/// The first example that the contract allows, else the smallest value of the schema.
fn value_of(parameter: &Parameter, contract: &Contract) -> Option<Value> {
    let examples = parameter.examples.iter();
    let examples = examples.map(|example| contract.example(example));
    let made = parameter.schema.as_ref();
    let made = made.map_or(Some(Value::from("text")), |schema| {
        value_for(schema, Purpose::Parameter)
    });
    let mut values = examples.chain(made);
    values.find(|value| {
        // An empty segment, or a dot, makes it another path.
        let fits = match (parameter.location, value) {
            (ParameterLocation::Path, Value::String(text)) => {
                !matches!(text.as_str(), "" | "." | "..")
            }
            (_, Value::Null) => false,
            (_, Value::Array(items)) => !items.is_empty(),
            _ => true,
        };
        fits && is_literal(value) && parameter.violation(value).is_none()
    })
}

/// The names in braces of a path template.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// A body for a request that must have one: an example, else the smallest value.
pub(super) fn body_of(operation: &Operation, contract: &Contract) -> Option<Value> {
    let documented = operation.request_body.as_ref()?;
    if !documented.required {
        return None;
    }
    let example = examples_of(operation, contract).into_iter().next();
    example.map(|(_, value)| value).or_else(|| {
        let schema = json(documented)?.schema.as_ref()?;
        value_for(schema, Purpose::Request).filter(is_literal)
    })
}

/// The JSON examples of the body that its schema allows, by name.
pub(super) fn examples_of(
    operation: &Operation,
    contract: &Contract,
) -> Vec<(Option<String>, Value)> {
    let Some(media) = operation.request_body.as_ref().and_then(json) else {
        return Vec::new();
    };
    let examples = media.examples.iter();
    examples
        .map(|example| (example.name.clone(), contract.example(example)))
        .filter(|(_, value)| {
            let schema = media.schema.as_ref();
            is_literal(value)
                && schema.is_none_or(|schema| schema.violations_in_request(value).is_empty())
        })
        .collect()
}

/// The first JSON media type of a body.
fn json(body: &RequestBody) -> Option<&DocumentedMediaType> {
    body.content.iter().find(|media| is_json(&media.media_type))
}

fn json_body(value: Value, operation: &Operation) -> Body {
    let media = operation.request_body.as_ref().and_then(json);
    Body::Json {
        value: Template::literal(value),
        content_type: Some(media.map_or_else(
            || "application/json".to_owned(),
            |media| media.media_type.clone(),
        )),
    }
}

/// Whether a value can be written without being read as a template.
fn is_literal(value: &Value) -> bool {
    let text = value.to_string();
    !text.contains("{{") && !text.contains("{%") && !text.contains("{#")
}
