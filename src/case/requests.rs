//! What is wrong with the requests of cases by their contract, for `lint`: names, values and bodies that it does not allow, and what it
//! requires and a request lacks. Main function: [`check_requests`].
//!
//! All are warnings, and only about requests that must succeed: a case that expects a 4xx, or has the tag
//! `undocumented-request`, sends such things on purpose. Values with
//! templates in them are not known yet. Headers and cookies may also be set by a system file, a profile or a target, so that none is
//! missing.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::{
    AppliedRules, Body, Call, Case, Fixture, Given, PartValue, StatusPattern, Step, Suite,
    Template, requests_in,
};
use crate::contract::{Operation, ParameterLocation, Violation, essence};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{escape_pointer, is_at_or_below};
use crate::source::Place;

/// The tag of cases that send what the contract does not allow, and expect that it is accepted all the same.
const ON_PURPOSE: &str = "undocumented-request";

/// Reports in `diagnostics` what the contracts do not allow in the requests of a suite's cases and fixtures.
pub fn check_requests(suite: &Suite, diagnostics: &mut Diagnostics) {
    let cases = || suite.files.iter().flat_map(|file| &file.cases);
    let mut fixtures: Vec<&Arc<Fixture>> = suite.fixtures.values().collect();
    fixtures.extend(cases().flat_map(|case| &case.given).map(fixture));
    fixtures.extend(suite.files.iter().filter_map(|file| file.setup.as_ref()));
    let mut known = HashSet::new();
    let is_meant = |case: &Case| case.tags.iter().any(|tag| tag == ON_PURPOSE);
    let checked = cases().filter(|case| !is_meant(case));
    let mut steps: Vec<&Step> = checked.flat_map(|case| case.requests()).collect();
    while let Some(fixture) = fixtures.pop() {
        if known.insert(Arc::as_ptr(fixture)) {
            steps.extend(requests_in(&fixture.steps));
            fixtures.extend(fixture.given.iter().map(self::fixture));
        }
    }
    for step in steps {
        if let Call::Operation { operation, .. } = &step.call
            && let Some(place) = &step.place
            && operation.faults.is_empty()
            && must_succeed(step)
        {
            let check = RequestCheck {
                step,
                operation,
                place,
            };
            check.query_names(diagnostics);
            check.values(diagnostics);
            check.required(diagnostics);
            check.body(diagnostics);
            check.form(diagnostics);
            check.part_headers(diagnostics);
        }
    }
}

fn fixture(given: &Given) -> &Arc<Fixture> {
    &given.fixture
}

/// Whether a step expects nothing but success, as the contract documents it.
fn must_succeed(step: &Step) -> bool {
    let is_success = |pattern: StatusPattern| match pattern {
        StatusPattern::Exact(status) => (200..300).contains(&status),
        StatusPattern::Range(digit) => digit == 2,
    };
    step.expect.rules == AppliedRules::ContractAndGeneral
        && step
            .expect
            .status
            .iter()
            .all(|status| is_success(status.value))
}

struct RequestCheck<'s> {
    step: &'s Step,
    operation: &'s Operation,
    place: &'s Place,
}

impl<'s> RequestCheck<'s> {
    fn query_names(&self, diagnostics: &mut Diagnostics) {
        for (name, _) in &self.step.query {
            if self.operation.knows_query_name(name) {
                continue;
            }
            let known = self.operation.parameters.iter();
            let known = known.filter(|parameter| parameter.location == ParameterLocation::Query);
            let known: Vec<&str> = known.map(|parameter| parameter.name.as_str()).collect();
            let diagnostic = self.warning(
                "undeclared-parameter",
                format!(
                    "{} declares no query parameter `{name}`",
                    self.operation.name()
                ),
            );
            diagnostics.push(match known.is_empty() {
                true => diagnostic.with_advice("remove it, or declare it in the contract"),
                false => diagnostic.with_nearest(name, known),
            });
        }
    }

    fn values(&self, diagnostics: &mut Diagnostics) {
        for (location, name, template) in self.given() {
            let Template::Literal(value) = template else {
                continue;
            };
            let declared = match location {
                ParameterLocation::Query => self.operation.query_parameter(name),
                location => self.operation.parameter(location, name),
            };
            if let Some(violation) = declared.and_then(|declared| declared.violation(value)) {
                let message = format!(
                    "the {} parameter `{name}` has a value that the contract does not allow: {}",
                    called(location),
                    violation.message
                );
                diagnostics.push(self.of_violation("invalid-value", message, &violation));
            }
        }
    }

    fn required(&self, diagnostics: &mut Diagnostics) {
        for parameter in &self.operation.parameters {
            let is_known = matches!(
                parameter.location,
                ParameterLocation::Query | ParameterLocation::Form
            );
            let is_form = parameter.location == ParameterLocation::Form;
            let writes_form = matches!(
                &self.step.body,
                Some(Body::Form { .. } | Body::Multipart { .. })
            );
            if !parameter.required
                || !is_known
                || parameter.may_spread()
                // Another body replaces the whole form.
                || (is_form && self.step.body.is_some() && !writes_form)
            {
                continue;
            }
            let name = parameter.name.as_str();
            let is_meant = |given: &str| {
                given == name
                    || given
                        .strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with('['))
                    || (name.starts_with(given) && name[given.len()..].starts_with('['))
            };
            let mut given = self.given().into_iter();
            let is_part = is_form && self.part_names().any(is_meant);
            if !is_part
                && !given
                    .any(|(location, given, _)| location == parameter.location && is_meant(given))
            {
                let message = format!(
                    "the required {} parameter `{name}` is left out",
                    called(parameter.location)
                );
                let diagnostic = self.warning("missing-parameter", message);
                diagnostics.push(
                    diagnostic
                        .with_related(parameter.place.clone(), "declared here")
                        .with_advice("add it, or expect the status of a refused request"),
                );
            }
        }
        if let Some(body) = &self.operation.request_body
            && body.required
            && self.step.body.is_none()
        {
            let diagnostic =
                self.warning("missing-body", "the required body is left out".to_owned());
            diagnostics.push(
                diagnostic
                    .with_related(body.place.clone(), "declared here")
                    .with_advice("add `body`, or expect the status of a refused request"),
            );
        }
    }

    /// The first thing that is wrong with a JSON body.
    fn body(&self, diagnostics: &mut Diagnostics) {
        let (
            Some(Body::Json {
                value: template,
                content_type: Some(content_type),
            }),
            Some(documented),
        ) = (&self.step.body, &self.operation.request_body)
        else {
            return;
        };
        let media = documented
            .content
            .iter()
            .find(|media| essence(&media.media_type) == essence(content_type));
        let Some(schema) = media.and_then(|media| media.schema.as_ref()) else {
            return;
        };
        let mut open = Vec::new();
        let value = filled(template, String::new(), &mut open);
        let violations = schema.violations_in_request(&value);
        let Some(violation) = violations
            .iter()
            .find(|violation| is_certain(violation, &open))
        else {
            return;
        };
        let at = match violation.instance.as_str() {
            "" => String::new(),
            pointer => format!(" at {pointer}"),
        };
        let message = format!(
            "the body is not what the contract allows{at}: {}",
            violation.message
        );
        diagnostics.push(self.of_violation("invalid-body", message, violation));
    }

    /// The first thing that is wrong with the fields of a form.
    fn form(&self, diagnostics: &mut Diagnostics) {
        let Some(body) = &self.step.body else {
            return;
        };
        let (name, fields) = match body {
            Body::Form { fields, .. } => ("form", FormFields::of_form(fields)),
            Body::Multipart { parts, .. } => ("multipart body", FormFields::of_parts(parts)),
            _ => return,
        };
        let content_type = body.content_type().unwrap_or_default();
        let media = self.operation.request_media(content_type);
        let Some(schema) = media.and_then(|media| media.schema.as_ref()) else {
            return;
        };
        let violations = schema.violations_in_form(&fields.values);
        let mut certain = violations.iter();
        let Some(violation) = certain.find(|violation| is_certain(violation, &fields.open)) else {
            return;
        };
        let at = match violation.instance.as_str() {
            "" => String::new(),
            pointer => format!(" at {pointer}"),
        };
        let message = format!(
            "the {name} is not what the contract allows{at}: {}",
            violation.message
        );
        diagnostics.push(self.of_violation("invalid-body", message, violation));
    }

    /// The headers that the contract requires of parts.
    fn part_headers(&self, diagnostics: &mut Diagnostics) {
        let Some(Body::Multipart { parts, .. }) = &self.step.body else {
            return;
        };
        let body = self.step.body.as_ref();
        let content_type = body.and_then(Body::content_type).unwrap_or_default();
        let Some(media) = self.operation.request_media(content_type) else {
            return;
        };
        for (name, part) in parts {
            let Some(encoding) = media.encoding(name) else {
                continue;
            };
            let required = encoding.headers.iter().filter(|(_, required)| *required);
            for (header, _) in required {
                let has = |part: &PartValue| match part {
                    PartValue::Content(content) => {
                        let mut names = content.headers.iter();
                        names.any(|(known, _)| known.eq_ignore_ascii_case(header))
                    }
                    _ => false,
                };
                if !part.contents().iter().all(has) {
                    let message =
                        format!("the part `{name}` is sent without its required header `{header}`");
                    let diagnostic = self.warning("missing-parameter", message);
                    diagnostics.push(
                        diagnostic
                            .with_related(encoding.place.clone(), "declared here")
                            .with_advice(format!(
                                "send the header with the part: `{name}: {{ $text: …, headers: {{ {header}: … }} }}`"
                            )),
                    );
                }
            }
        }
    }

    fn part_names(&self) -> impl Iterator<Item = &'s str> {
        let parts = match &self.step.body {
            Some(Body::Multipart { parts, .. }) => parts.as_slice(),
            _ => &[],
        };
        parts.iter().map(|(name, _)| name.as_str())
    }

    /// The parameters of the step.
    fn given(&self) -> Vec<(ParameterLocation, &'s str, &'s Template)> {
        let Step {
            path,
            query,
            headers,
            cookies,
            body,
            ..
        } = self.step;
        let form = match body {
            Some(Body::Form { fields, .. }) => fields.as_slice(),
            _ => &[],
        };
        let named = [
            (ParameterLocation::Path, path.as_slice()),
            (ParameterLocation::Query, query),
            (ParameterLocation::Cookie, cookies),
            (ParameterLocation::Form, form),
        ];
        let named = named.into_iter().flat_map(|(location, values)| {
            let values = values.iter();
            values.map(move |(name, value)| (location, name.as_str(), value))
        });
        let headers = headers.iter().filter_map(|(name, value)| {
            Some((ParameterLocation::Header, name.as_str(), value.as_ref()?))
        });
        named.chain(headers).collect()
    }

    fn warning(&self, code: &'static str, message: String) -> Diagnostic {
        Diagnostic::warning(code, message, self.place.clone())
    }

    fn of_violation(
        &self,
        code: &'static str,
        message: String,
        violation: &Violation,
    ) -> Diagnostic {
        self.warning(code, message)
            .with_related(violation.place.place.clone(), "the contract requires this")
            .with_advice("correct it, or expect the status of a refused request")
    }
}

fn called(location: ParameterLocation) -> &'static str {
    match location {
        ParameterLocation::Path => "path",
        ParameterLocation::Query | ParameterLocation::QueryString => "query",
        ParameterLocation::Header => "header",
        ParameterLocation::Cookie => "cookie",
        ParameterLocation::Form => "form",
    }
}

/// The fields of a form as the properties of an object.
#[derive(Default)]
struct FormFields {
    values: serde_json::Map<String, Value>,
    /// The JSON pointers of values that are not known.
    open: Vec<String>,
}

impl FormFields {
    fn of_form(fields: &[(String, Template)]) -> Self {
        let mut form = FormFields::default();
        for (name, value) in fields {
            form.add(name, value);
        }
        form
    }

    fn of_parts(parts: &[(String, PartValue)]) -> Self {
        let mut form = FormFields::default();
        for (name, part) in parts {
            match part {
                PartValue::Value(value) => form.add(name, value),
                PartValue::Content(_) | PartValue::List(_) => form.add_unknown(name),
            }
        }
        form
    }

    /// What the members of a name with brackets make up is not known.
    fn add(&mut self, name: &str, value: &Template) {
        if let Some((base, _)) = name.split_once('[') {
            return self.add_unknown(base);
        }
        let pointer = format!("/{}", escape_pointer(name));
        let value = filled(value, pointer, &mut self.open);
        self.values.insert(name.to_owned(), value);
    }

    fn add_unknown(&mut self, name: &str) {
        self.open.push(format!("/{}", escape_pointer(name)));
        self.values.insert(name.to_owned(), Value::from("unknown"));
    }
}

/// The value with something in place of its templates, whose JSON pointers are added to `open`.
fn filled(template: &Template, pointer: String, open: &mut Vec<String>) -> Value {
    match template {
        Template::Literal(value) => value.clone(),
        Template::Expression(_) | Template::Text(_) => {
            open.push(pointer);
            Value::from("template")
        }
        Template::Sequence(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| filled(item, format!("{pointer}/{index}"), open))
            .collect(),
        Template::Mapping(entries) => entries
            .iter()
            .map(|(key, entry)| {
                let pointer = format!("{pointer}/{}", escape_pointer(key));
                (key.clone(), filled(entry, pointer, open))
            })
            .collect(),
    }
}

/// Whether a violation does not depend on the value of a template.
fn is_certain(violation: &Violation, open: &[String]) -> bool {
    if open.is_empty() {
        return true;
    }
    let place = &violation.place.pointer;
    let conditions = ["/oneOf/", "/anyOf/", "/then/", "/else/", "/not/", "/if/"];
    if conditions.iter().any(|part| place.contains(part)) {
        return false;
    }
    let instance = violation.instance.as_str();
    let of_names = matches!(
        violation.keyword.as_str(),
        "required" | "additionalProperties"
    );
    open.iter().all(|open| {
        !is_at_or_below(instance, open) && (of_names || !is_at_or_below(open, instance))
    })
}
