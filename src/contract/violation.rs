//! What is wrong with a value, in short messages.
//!
//! Main type: [`Violation`].

use crate::text::cut;
use std::collections::HashSet;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::annotation::DISPATCH;
use super::documents::DocumentPointer;
use super::format::NUMBER_FORMAT;
use super::library::SchemaLibrary;
use super::pattern::{MISMATCH, TOO_COSTLY};
use super::place::ContractPlace;
use super::uri::target_of;
use crate::document::{escape_pointer, split_pointer};

/// One way in which a value violates a [`Schema`](super::Schema).
#[derive(Debug, Clone)]
pub struct Violation {
    /// JSON pointer of the offending value in the instance: the object where a required property is missing, the property itself where it
    /// is not allowed.
    pub instance: String,
    /// The keyword that was violated: `type`, `required`, `format`, …
    pub keyword: String,
    /// The keyword's place in the contract.
    pub place: ContractPlace,
    /// A lowercase fragment: ``"7" is not of type integer``.
    pub message: String,
    /// What the keyword requires, as short JSON or text.
    pub expected: String,
    /// The offending value as short JSON.
    pub actual: String,
    /// The name of the required property that is missing.
    pub missing: Option<String>,
}

/// How many violations of the nearest alternative a message shows.
const SHOWN_OF_NEAREST: usize = 3;
/// How many characters of a value a message shows.
const LONGEST_VALUE: usize = 60;

/// How many violations of one value are reported: a response with a million wrong items must not take minutes.
const MOST: usize = 2_000;

/// The violations of a value, at most [`MOST`], in the order of their places in it.
pub(super) fn collect(
    validator: &Validator,
    value: &Value,
    library: &SchemaLibrary,
) -> Vec<Violation> {
    let mut violations: Vec<Violation> = validator
        .iter_errors(value)
        .take(MOST)
        .flat_map(|error| violations_of(&error, library))
        .collect();
    sort(&mut violations);
    // A schema reached by two paths (a base of two bases) reports everything twice.
    let mut seen = HashSet::new();
    violations.retain(|violation| {
        let place = violation.place.place.source.name().to_owned();
        seen.insert((
            violation.instance.clone(),
            place,
            violation.place.pointer.clone(),
            violation.message.clone(),
        ))
    });
    violations
}

/// Sorts violations in the order of their places in the value.
pub(super) fn sort(violations: &mut [Violation]) {
    violations.sort_by_cached_key(|violation| order(&violation.instance));
}

/// A pointer's sort key: item 10 comes after item 2.
fn order(pointer: &str) -> Vec<(usize, String)> {
    split_pointer(pointer)
        .unwrap_or_default()
        .into_iter()
        .map(|token| (token.parse().unwrap_or(usize::MAX), token))
        .collect()
}

fn violations_of(error: &ValidationError<'_>, library: &SchemaLibrary) -> Vec<Violation> {
    let location = location_of(error);
    let place = match error.kind() {
        Kind::Required { property } => library.place_of_item(&location, property),
        _ => library.place(&location),
    };
    if let Kind::OneOfNotValid { context } | Kind::AnyOf { context } = error.kind()
        && let Some(errors) = meant(error.instance(), context, &location, library)
    {
        let errors = errors.iter();
        return errors
            .flat_map(|error| violations_of(error, library))
            .collect();
    }
    let keyword = match error.kind() {
        Kind::Custom { keyword, .. } if keyword == NUMBER_FORMAT => "format".to_owned(),
        Kind::Custom { keyword, .. } => keyword.clone(),
        Kind::FalseSchema => "false".to_owned(),
        kind => kind.keyword().to_owned(),
    };
    let violation =
        |instance: String, message: String, expected: String, actual: String| Violation {
            instance,
            keyword: keyword.clone(),
            place: place.clone(),
            message,
            expected,
            actual,
            missing: None,
        };
    let instance = error.instance_path().as_str().to_owned();
    let actual = short(error.instance());
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected
                .iter()
                .map(|name| {
                    let pointer = format!("{instance}/{}", escape_pointer(name));
                    let value = error.instance().get(name).map_or_else(String::new, short);
                    let message = format!("{} is not allowed here", quoted(name));
                    violation(pointer, message, "no such property".to_owned(), value)
                })
                .collect()
        }
        kind => {
            let (message, expected) = describe(error, &location, library, &actual);
            let missing = match kind {
                Kind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            };
            vec![Violation {
                missing,
                ..violation(instance, message, expected, actual)
            }]
        }
    }
}

/// The errors of the alternative that the discriminator beside `oneOf` or `anyOf` names.
fn meant<'e>(
    value: &Value,
    context: &'e [Vec<ValidationError<'static>>],
    list: &DocumentPointer,
    library: &SchemaLibrary,
) -> Option<&'e [ValidationError<'static>]> {
    let (schema, _) = list.pointer.rsplit_once('/')?;
    let schema = library.schema(&DocumentPointer::new(list.file, schema))?;
    let dispatch = schema.get(DISPATCH)?;
    let name = value.get(dispatch.get("property")?.as_str()?)?;
    let mut named = dispatch.get("schemas")?.as_array()?.iter();
    let target = named.find(|pair| pair.get(0) == Some(name))?.get(1)?;
    let mut alternatives = library.schema(list)?.as_array()?.iter();
    let i = alternatives.position(|alternative| alternative.get("$ref") == Some(target))?;
    let errors = context.get(i).map(Vec::as_slice);
    errors.filter(|errors| !errors.is_empty())
}

/// The location of the keyword, as the engine reports it.
fn location_of(error: &ValidationError<'_>) -> DocumentPointer {
    error
        .absolute_keyword_location()
        .and_then(|location| target_of(location.as_str(), &DocumentPointer::new(0, "")))
        .unwrap_or_else(|| DocumentPointer::new(0, error.schema_path().as_str()))
}

/// The message of an error, and what its keyword requires.
fn describe(
    error: &ValidationError<'_>,
    location: &DocumentPointer,
    library: &SchemaLibrary,
    actual: &str,
) -> (String, String) {
    match error.kind() {
        Kind::Required { property } => {
            let name = short(property);
            (format!("{name} is required but missing"), name)
        }
        Kind::Type { kind } => {
            let expected = match kind {
                TypeKind::Single(name) => name.to_string(),
                TypeKind::Multiple(names) => {
                    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
                    names.join(" or ")
                }
            };
            (format!("{actual} is not of type {expected}"), expected)
        }
        Kind::Format { format } => (format!("{actual} is not a valid {format}"), format.clone()),
        Kind::Custom { keyword, message } if keyword == NUMBER_FORMAT => (
            format!("{actual} is not a valid {message}"),
            message.clone(),
        ),
        Kind::Enum { options } => {
            let options = short(options);
            (
                format!("{actual} is not one of {options}"),
                format!("one of {options}"),
            )
        }
        Kind::Constant { expected_value } => {
            let expected = short(expected_value);
            (format!("{actual} is not {expected}"), expected)
        }
        Kind::Custom { keyword, message } if keyword == "pattern" => {
            let expected = message.strip_prefix(MISMATCH);
            let expected = expected.unwrap_or("a pattern that can be matched");
            (format!("{actual} {message}"), expected.to_owned())
        }
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => (
            format!("{actual} {TOO_COSTLY}"),
            "a pattern that can be matched".to_owned(),
        ),
        Kind::Minimum { limit } => bound(actual, "less than", limit, ">="),
        Kind::Maximum { limit } => bound(actual, "greater than", limit, "<="),
        Kind::ExclusiveMinimum { limit } => bound(actual, "not greater than", limit, ">"),
        Kind::ExclusiveMaximum { limit } => bound(actual, "not less than", limit, "<"),
        Kind::MultipleOf { multiple_of } => (
            format!("{actual} is not a multiple of {multiple_of}"),
            format!("a multiple of {multiple_of}"),
        ),
        Kind::MinLength { limit } => size(actual, "is shorter than", ">=", *limit, "character"),
        Kind::MaxLength { limit } => size(actual, "is longer than", "<=", *limit, "character"),
        Kind::MinItems { limit } => size(actual, "has fewer than", ">=", *limit, "item"),
        Kind::MaxItems { limit } => size(actual, "has more than", "<=", *limit, "item"),
        Kind::MinProperties { limit } => {
            let comparison = ("has fewer than", ">=");
            size(actual, comparison.0, comparison.1, *limit, "property")
        }
        Kind::MaxProperties { limit } => {
            let comparison = ("has more than", "<=");
            size(actual, comparison.0, comparison.1, *limit, "property")
        }
        Kind::UniqueItems => (
            format!("{actual} has the same item twice"),
            "unique items".to_owned(),
        ),
        Kind::Contains => (
            format!("{actual} has too few or too many of the items that `contains` requires"),
            "items as `contains` requires".to_owned(),
        ),
        Kind::AdditionalItems { limit } => {
            size(actual, "has more than", "<=", *limit as u64, "item")
        }
        Kind::UnevaluatedItems { .. } => (
            format!("{actual} has items that no schema describes"),
            "described items only".to_owned(),
        ),
        Kind::PropertyNames { error } => {
            let (inner, expected) = describe(error, location, library, &short(error.instance()));
            (format!("a property's name is wrong: {inner}"), expected)
        }
        Kind::FalseSchema => (
            format!("{actual} is not allowed here"),
            "nothing".to_owned(),
        ),
        Kind::Not { .. } => (
            format!("{actual} matches what `not` excludes"),
            "anything but what `not` describes".to_owned(),
        ),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            none_of(context, location, library)
        }
        Kind::OneOfMultipleValid { context } => {
            let all = context.len();
            let matching = context
                .iter()
                .enumerate()
                .filter(|(_, errors)| errors.is_empty());
            let names: Vec<String> = matching
                .map(|(i, _)| alternative(i, location, library))
                .collect();
            (
                format!(
                    "matches {} of {all} alternatives ({}), but must match exactly one",
                    names.len(),
                    names.join(", ")
                ),
                format!("exactly one of {all} alternatives"),
            )
        }
        // Kinds that the engine has for other drafts or other keywords: its own message.
        _ => (error.to_string(), error.kind().keyword().to_owned()),
    }
}

fn bound(actual: &str, comparison: &str, limit: &Value, sign: &str) -> (String, String) {
    (
        format!("{actual} is {comparison} {limit}"),
        format!("{sign} {limit}"),
    )
}

fn size(actual: &str, comparison: &str, sign: &str, limit: u64, unit: &str) -> (String, String) {
    let unit = match (limit, unit) {
        (1, unit) => unit.to_owned(),
        (_, "property") => "properties".to_owned(),
        (_, unit) => format!("{unit}s"),
    };
    (
        format!("{actual} {comparison} {limit} {unit}"),
        format!("{sign} {limit} {unit}"),
    )
}

/// The message for a value that no alternative accepts: the number of alternatives, and what the nearest one misses. The nearest is
/// the one with the fewest violations among those whose type fits.
fn none_of(
    context: &[Vec<ValidationError<'static>>],
    location: &DocumentPointer,
    library: &SchemaLibrary,
) -> (String, String) {
    let all = context.len();
    let shallowest = context
        .iter()
        .flatten()
        .map(|error| error.instance_path().as_str().len())
        .min()
        .unwrap_or(0);
    let strange = |errors: &[ValidationError<'_>]| {
        errors.iter().any(|error| {
            error.instance_path().as_str().len() == shallowest
                && matches!(
                    error.kind(),
                    Kind::Type { .. } | Kind::Constant { .. } | Kind::FalseSchema
                )
        })
    };
    let nearest = context
        .iter()
        .enumerate()
        .min_by_key(|(_, errors)| (strange(errors), errors.len()));
    let expected = format!("one of {all} alternatives");
    let Some((i, errors)) = nearest else {
        return (
            "matches no alternative: the list is empty".to_owned(),
            expected,
        );
    };
    let messages: Vec<String> = errors
        .iter()
        .take(SHOWN_OF_NEAREST)
        .map(|error| {
            let (message, _) = describe(
                error,
                &location_of(error),
                library,
                &short(error.instance()),
            );
            match error.instance_path().as_str() {
                "" => message,
                path => format!("{path}: {message}"),
            }
        })
        .collect();
    let more = match errors.len().saturating_sub(SHOWN_OF_NEAREST) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let message = format!(
        "matches none of {all} alternatives; the nearest is {}: {}{more}",
        alternative(i, location, library),
        messages.join("; ")
    );
    (message, expected)
}

/// The name of an alternative: that of the schema it refers to, else its number.
fn alternative(i: usize, list: &DocumentPointer, library: &SchemaLibrary) -> String {
    library
        .reference_at(&list.child(&i.to_string()))
        .and_then(|reference| target_of(reference, list))
        .and_then(|target| split_pointer(&target.pointer)?.pop())
        .unwrap_or_else(|| format!("number {}", i + 1))
}

fn quoted(text: &str) -> String {
    short(&Value::from(text))
}

/// A value as JSON, truncated.
fn short(value: &Value) -> String {
    let text = match value {
        Value::Array(items) if items.len() > 1000 => {
            return format!("a list of {} items", items.len());
        }
        value => value.to_string(),
    };
    cut(&text, LONGEST_VALUE)
}
