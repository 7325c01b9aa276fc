//! The body against the contract's schema, and the items of a stream against theirs.
//! Codes: `body-schema`, `body-format`, `body-undocumented-property`, `body-write-only-property`, `discriminator-mismatch`.

use serde_json::Value;

use super::Check;
use super::excerpt::{SHORT, short_json, short_text};
use super::response::{CheckedResponse, Declared, ResponseBody};
use super::xml::XmlTree;
use crate::contract::{
    ContractPlace, DocumentedMediaType, NamedSchemaMismatch, Schema, Violation, Walked,
};
use crate::document::escape_pointer;
use crate::exchange::{Transfer, stream_items};
use crate::finding::{Code, Finding, Location};
use crate::text::cut;
use crate::xml::XmlDocument;

pub(super) const CHECK: Check = Check {
    codes: &[
        Code::BodySchema,
        Code::BodyFormat,
        Code::BodyUndocumentedProperty,
        Code::BodyWriteOnlyProperty,
        Code::DiscriminatorMismatch,
    ],
    judge,
};

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some(media) = response.media else {
        return Vec::new();
    };
    let mut findings = streamed(response, media);
    if let Some(schema) = &media.schema {
        findings.extend(whole(response, media, schema));
    }
    findings
}

fn whole(
    response: &CheckedResponse<'_>,
    media: &DocumentedMediaType,
    schema: &Schema,
) -> Vec<Finding> {
    if schema.refusal().is_some() {
        // That is an error, see [`CheckedResponse::error`].
        return Vec::new();
    }
    match &response.body {
        ResponseBody::Json { value, .. } if response.is_meant_as_json() => {
            let violations = schema.violations_of_text(value, &response.raw().body);
            findings_of(value, &violations, schema, media)
        }
        ResponseBody::Xml(document) => match &response.xml {
            Some(tree) => xml(document, tree, schema, media),
            None => Vec::new(),
        },
        ResponseBody::Json { .. } | ResponseBody::Other | ResponseBody::Empty
            if response.declared.is_text() && media.is_named && response.may_have_body() =>
        {
            text(response, schema)
        }
        _ => Vec::new(),
    }
}

/// The items of a body that is a sequence, each against `itemSchema`.
fn streamed(response: &CheckedResponse<'_>, media: &DocumentedMediaType) -> Vec<Finding> {
    let (Some(schema), Declared::Media(declared)) = (&media.item_schema, &response.declared) else {
        return Vec::new();
    };
    let raw = response.raw();
    let is_cut = raw.transfer != Transfer::Complete;
    let items = match response.may_have_body() {
        true => stream_items(declared, &raw.body, is_cut).unwrap_or_default(),
        false => Vec::new(),
    };
    let mut findings = Vec::new();
    for (i, item) in items.into_iter().enumerate() {
        match item {
            Ok(value) => findings.extend(schema.violations(&value).into_iter().map(|violation| {
                violated(&Violation {
                    instance: format!("/{i}{}", violation.instance),
                    ..violation
                })
            })),
            Err(text) => findings.push(unparsable(i, &text, media)),
        }
    }
    findings
}

fn unparsable(i: usize, text: &str, media: &DocumentedMediaType) -> Finding {
    let place = ContractPlace {
        place: media.place.clone(),
        pointer: format!("{}/itemSchema", media.pointer),
    };
    Finding::new(
        Code::BodySchema,
        Location::Body(format!("/{i}")),
        format!("`/{i}`: the item is not JSON"),
    )
    .with_contract(Some(place))
    .with_expected("a JSON value")
    .with_actual(short_text(text))
}

/// The findings of the value that an XML document is by the schema, with the XPath of each place.
fn xml(
    document: &XmlDocument,
    tree: &XmlTree,
    schema: &Schema,
    media: &DocumentedMediaType,
) -> Vec<Finding> {
    let mut violations = schema.violations(&tree.value);
    violations.retain(|violation| tree.is_certain(violation));
    violations.extend(tree.faults.iter().cloned());
    let mut findings = findings_of(&tree.value, &violations, schema, media);
    findings.retain(|finding| match &finding.at {
        Location::Body(pointer) => tree.is_determined(pointer),
        _ => true,
    });
    for finding in &mut findings {
        let Location::Body(pointer) = &finding.at else {
            continue;
        };
        let path = tree.path(document, pointer);
        finding.message = match finding.message.strip_prefix(&format!("`{pointer}`")) {
            Some(rest) if !pointer.is_empty() => format!("`{path}`{rest}"),
            _ => format!("`{path}`: {}", finding.message),
        };
    }
    findings
}

/// The findings of a value with these violations: those, and what only walking the value with its schema shows.
fn findings_of(
    value: &Value,
    violations: &[Violation],
    schema: &Schema,
    media: &DocumentedMediaType,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = violations.iter().map(violated).collect();
    let Walked {
        undocumented,
        write_only,
        mismatches,
        ..
    } = schema.walk(value);
    // Objects with `additionalProperties: false` are not among these: their violation names the extra property.
    for pointer in undocumented {
        let place = ContractPlace {
            place: media.place.clone(),
            pointer: format!("{}/schema", media.pointer),
        };
        let message = format!("`{pointer}` is not described by the contract");
        findings.push(
            Finding::new(
                Code::BodyUndocumentedProperty,
                Location::Body(pointer.clone()),
                message,
            )
            .with_contract(Some(place))
            .with_expected("nothing")
            .with_actual(value.pointer(&pointer).map(short_json).unwrap_or_default()),
        );
    }
    for (pointer, place) in write_only {
        let message = format!(
            "`{pointer}` is write-only: it may be sent to the server, but must not be in a response"
        );
        findings.push(
            Finding::new(
                Code::BodyWriteOnlyProperty,
                Location::Body(pointer),
                message,
            )
            .with_contract(Some(place))
            .with_expected("nothing")
            // Likely a password: the value does not help and must not be in a report.
            .with_actual("a value"),
        );
    }
    // A violation in the object is the cause.
    let is_violated = |mismatch: &NamedSchemaMismatch| {
        violations.iter().any(|violation| {
            let rest = violation.instance.strip_prefix(&mismatch.instance);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let mismatches = mismatches.iter().filter(|mismatch| !is_violated(mismatch));
    findings.extend(mismatches.map(mismatched));
    findings
}

fn mismatched(mismatch: &NamedSchemaMismatch) -> Finding {
    let NamedSchemaMismatch {
        instance,
        property,
        name,
        place,
        violation,
        known,
    } = mismatch;
    let pointer = format!("{instance}/{}", escape_pointer(property));
    let name = short_text(name);
    let (message, expected) = match violation {
        Some(violation) => (
            format!(
                "`{pointer}` names {name}, a schema that the object does not satisfy: {violation}"
            ),
            format!("an object that satisfies {name}"),
        ),
        None => (
            format!("`{pointer}` names no schema: {name}"),
            format!("one of {}", known.join(", ")),
        ),
    };
    let at = Location::Body(pointer);
    Finding::new(Code::DiscriminatorMismatch, at, message)
        .with_contract(Some(place.clone()))
        .with_expected(cut(&expected, SHORT))
        .with_actual(name)
}

/// Checks a text against its schema if the schema is about strings. OpenAPI does not define how a text is parsed for schemas of
/// other types.
fn text(response: &CheckedResponse<'_>, schema: &Schema) -> Vec<Finding> {
    let text = Value::String(response.text().into_owned());
    let violations = schema.violations(&text);
    let of_strings = |violation: &Violation| {
        let keywords = [
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "enum",
            "const",
        ];
        keywords.contains(&violation.keyword.as_str())
    };
    if violations.iter().all(of_strings) {
        violations.iter().map(violated).collect()
    } else {
        Vec::new()
    }
}

fn violated(violation: &Violation) -> Finding {
    let code = match violation.keyword.as_str() {
        "format" => Code::BodyFormat,
        _ => Code::BodySchema,
    };
    Finding::new(
        code,
        Location::Body(violation.instance.clone()),
        violation_message(violation),
    )
    .with_contract(Some(violation.place.clone()))
    .with_expected(cut(&violation.expected, SHORT))
    .with_actual(cut(&violation.actual, SHORT))
    .with_missing(violation.missing.clone())
}

/// The violation's message with its place; the whole body needs no place.
pub(super) fn violation_message(violation: &Violation) -> String {
    match violation.instance.as_str() {
        "" => violation.message.clone(),
        pointer => format!("`{pointer}`: {}", violation.message),
    }
}
