//! When two cases are equal: when they send, expect and capture the same. Origin and places do not count, nor do compiled forms. Two
//! notations of the same value (a literal list, and a list of literals) are equal.
//!
//! The order of keys counts, because a body is sent in it.

use std::sync::Arc;

use serde_json::Value;

use super::{
    BodySchema, Call, Case, Expectation, Expression, Fixture, Given, HeaderExpectation, Step,
    StepEntry, Template, XPathExpectation,
};
use crate::contract::Contract;

impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.differing_part(other).is_none()
    }
}

impl Case {
    /// The first part in which the cases differ: `tags`, `body of step 2`.
    pub(super) fn differing_part(&self, other: &Self) -> Option<String> {
        let Case {
            origin: _,
            name,
            tags,
            given,
            rows,
            has_each,
            vars,
            steps,
            cleanup,
            skip,
            versions,
        } = self;
        let of_case = first_unequal([
            ("name", *name == other.name),
            ("tags", *tags == other.tags),
            ("versions", *versions == other.versions),
            ("fixtures", *given == other.given),
            (
                "rows",
                *has_each == other.has_each && same_rows(rows, &other.rows),
            ),
            ("variables", *vars == other.vars),
            ("reason to skip it", *skip == other.skip),
            ("number of steps", steps.len() == other.steps.len()),
        ]);
        let named = |part: Option<&str>, what: &str, index: usize| {
            Some(format!("{} of {what} {}", part?, index + 1))
        };
        let of_steps = || {
            let mut pairs = steps.iter().zip(&other.steps).enumerate();
            pairs.find_map(|(index, (entry, other))| {
                named(entry.differing_part(other), "step", index)
            })
        };
        let of_cleanup = || {
            let mut pairs = cleanup.iter().zip(&other.cleanup).enumerate();
            pairs.find_map(|(index, (step, other))| {
                named(step.differing_part(other), "cleanup step", index)
            })
        };
        of_case
            .map(str::to_owned)
            .or_else(of_steps)
            .or_else(of_cleanup)
            .or_else(|| (cleanup.len() != other.cleanup.len()).then(|| "cleanup".to_owned()))
    }
}

fn first_unequal<const N: usize>(parts: [(&'static str, bool); N]) -> Option<&'static str> {
    let mut parts = parts.into_iter();
    parts.find_map(|(name, same)| (!same).then_some(name))
}

impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        let Given { alias, fixture } = self;
        *alias == other.alias && (Arc::ptr_eq(fixture, &other.fixture) || *fixture == other.fixture)
    }
}

impl PartialEq for Fixture {
    fn eq(&self, other: &Self) -> bool {
        let Fixture {
            name,
            given,
            vars,
            steps,
            cleanup,
            place: _,
        } = self;
        *name == other.name
            && *given == other.given
            && *vars == other.vars
            && *steps == other.steps
            && *cleanup == other.cleanup
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.differing_part(other).is_none()
    }
}

impl StepEntry {
    fn differing_part(&self, other: &Self) -> Option<&'static str> {
        match (self, other) {
            (StepEntry::Request(step), StepEntry::Request(other)) => step.differing_part(other),
            (entry, other) => (entry != other).then_some("contents"),
        }
    }
}

impl Step {
    fn differing_part(&self, other: &Self) -> Option<&'static str> {
        let Step {
            name,
            call,
            caller,
            path,
            query,
            headers,
            cookies,
            body,
            timeout,
            expect,
            capture,
            sending,
            place: _,
        } = self;
        first_unequal([
            ("name", *name == other.name),
            ("call", *call == other.call),
            ("profile", *caller == other.caller),
            ("path values", *path == other.path),
            ("query", *query == other.query),
            ("headers", *headers == other.headers),
            ("cookies", *cookies == other.cookies),
            ("body", *body == other.body),
            ("timeout", *timeout == other.timeout),
            ("expectation", *expect == other.expect),
            ("captures", *capture == other.capture),
            ("rules of sending", *sending == other.sending),
        ])
    }
}

/// Contracts and operations are compared by name.
impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        let names = |contracts: &[Arc<Contract>]| -> Vec<String> {
            contracts
                .iter()
                .map(|contract| contract.name.clone())
                .collect()
        };
        match (self, other) {
            (
                Call::Operation {
                    contract,
                    operation,
                },
                Call::Operation {
                    contract: other_contract,
                    operation: other_operation,
                },
            ) => {
                contract.name == other_contract.name
                    && operation.method == other_operation.method
                    && operation.path == other_operation.path
            }
            (
                Call::Raw {
                    method,
                    path,
                    contracts,
                },
                Call::Raw {
                    method: other_method,
                    path: other_path,
                    contracts: other_contracts,
                },
            ) => {
                method == other_method
                    && path == other_path
                    && names(contracts) == names(other_contracts)
            }
            (Call::Operation { .. } | Call::Raw { .. }, _) => false,
        }
    }
}

/// Compared by the written schema, wherever it is; the compiled form follows from it.
impl PartialEq for BodySchema {
    fn eq(&self, other: &Self) -> bool {
        self.written() == other.written()
    }
}

impl PartialEq for Expectation<Template> {
    fn eq(&self, other: &Self) -> bool {
        let Expectation {
            status,
            headers,
            body,
            schema,
            absent,
            message,
            text,
            binary,
            xml,
            stream,
            events,
            within,
            rules,
            place: _,
        } = self;
        *status == other.status
            && *headers == other.headers
            && *body == other.body
            && *schema == other.schema
            && *absent == other.absent
            && *message == other.message
            && *text == other.text
            && *binary == other.binary
            && *xml == other.xml
            && *stream == other.stream
            && *events == other.events
            && *within == other.within
            && *rules == other.rules
    }
}

impl PartialEq for HeaderExpectation<Template> {
    fn eq(&self, other: &Self) -> bool {
        let HeaderExpectation { name, value } = self;
        *name == other.name && *value == other.value
    }
}

impl PartialEq for XPathExpectation<Template> {
    fn eq(&self, other: &Self) -> bool {
        let XPathExpectation { path, value } = self;
        *path == other.path && *value == other.value
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Template::Literal(left), Template::Literal(right)) => same_json(left, right),
            (Template::Expression(left), Template::Expression(right)) => left == right,
            (Template::Text(left), Template::Text(right)) => left == right,
            (Template::Sequence(left), Template::Sequence(right)) => left == right,
            (Template::Mapping(left), Template::Mapping(right)) => left == right,
            (template, Template::Literal(value)) | (Template::Literal(value), template) => {
                is_literally(template, value)
            }
            _ => false,
        }
    }
}

/// Whether a template without expressions is this value.
fn is_literally(template: &Template, value: &Value) -> bool {
    match (template, value) {
        (Template::Literal(literal), _) => same_json(literal, value),
        (Template::Sequence(items), Value::Array(values)) => {
            items.len() == values.len()
                && items
                    .iter()
                    .zip(values)
                    .all(|(item, value)| is_literally(item, value))
        }
        (Template::Mapping(entries), Value::Object(values)) => {
            entries.len() == values.len()
                && entries
                    .iter()
                    .zip(values)
                    .all(|((key, item), (other, value))| key == other && is_literally(item, value))
        }
        _ => false,
    }
}

/// Whether two values are written in the same way: 1 is not 1.0, and keys have the same order.
fn same_json(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same_json(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|((key, left), (other, right))| key == other && same_json(left, right))
        }
        _ => left == right,
    }
}

fn same_rows(left: &[Vec<(String, Value)>], right: &[Vec<(String, Value)>]) -> bool {
    let same_row = |left: &[(String, Value)], right: &[(String, Value)]| {
        left.len() == right.len()
            && left
                .iter()
                .zip(right)
                .all(|((name, left), (other, right))| name == other && same_json(left, right))
    };
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(left, right)| same_row(left, right))
}

/// Compared as written.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::case::{Body, Capture, Located, Origin, Rule, StatusPattern};
    use crate::source::{Source, Span, Spanned};

    fn origin() -> Origin {
        Origin::Recorded {
            recording: "shop.har".to_owned(),
            entry: 1,
        }
    }

    fn first(case: &mut Case) -> &mut Step {
        case.steps[0].request_mut().unwrap()
    }

    fn step() -> Step {
        Step::send(http::Method::GET, Template::literal("/"), &[])
    }

    #[test]
    fn origin_and_places_do_not_count() {
        let place = Source::new("c.yaml", "200").place(Span::new(0, 3));
        let made = Case::new("x", origin()).with_step(step().with_status(200));
        let mut written = Case::new("x", Origin::Written(place.clone()));
        let mut written_step = step();
        written_step.place = Some(place.clone());
        written_step.expect.place = Some(place.clone());
        let status = Located::from(Spanned::new(StatusPattern::Exact(200), place));
        written_step.expect.status.push(status);
        written.steps.push(written_step.into());
        assert_eq!(made, written);
    }

    #[test]
    fn whatever_is_sent_expected_or_captured_counts() {
        let case = || Case::new("x", origin()).with_step(step());
        let with = |change: fn(&mut Case)| {
            let mut case = case();
            change(&mut case);
            case
        };
        let others = [
            Case::new("y", origin()).with_step(step()),
            with(|case| case.tags.push("t".to_owned())),
            with(|case| case.has_each = true),
            with(|case| case.rows[0].push(("a".to_owned(), json!(1)))),
            with(|case| case.vars.push(("a".to_owned(), Template::literal(1)))),
            with(|case| case.cleanup.push(step())),
            with(|case| case.skip = Some("why".to_owned())),
            with(|case| case.versions = crate::version::Versions::parse(">=2").unwrap()),
            with(|case| first(case).name = Some("s".to_owned())),
            with(|case| first(case).caller = "admin".to_owned().into()),
            with(|case| first(case).expect.absent = vec!["/a".to_owned().into()]),
            with(|case| {
                first(case).headers.push(("a".to_owned(), None));
            }),
            with(|case| {
                first(case).capture = vec![Capture::body("a", "$").unwrap()];
            }),
            with(|case| first(case).body = Some(Body::json(Template::literal(1)))),
            with(|case| first(case).expect.body = Some(Rule::Any.into())),
        ];
        assert_eq!(case(), case());
        for (index, other) in others.iter().enumerate() {
            assert_ne!(case(), *other, "{index}");
            for twin in &others[index + 1..] {
                assert_ne!(other, twin);
            }
        }
    }

    #[test]
    fn two_notations_of_one_value_are_equal() {
        let list = Template::Sequence(vec![
            Template::literal(1),
            Template::Mapping(vec![("a".to_owned(), Template::literal("x"))]),
        ]);
        assert_eq!(list, Template::literal(json!([1, { "a": "x" }])));
        assert_ne!(list, Template::literal(json!([1.0, { "a": "x" }])));
        assert_ne!(list, Template::literal(json!([1, { "b": "x" }])));
        let rules = Rule::Sequence(vec![
            Rule::Value(Template::literal(1)).into(),
            Rule::Mapping(vec![(
                "a".to_owned(),
                Rule::Value(Template::literal("x")).into(),
            )])
            .into(),
        ]);
        assert_eq!(Rule::Value(list), rules);
        let ordered = |text: &str| Template::literal(serde_json::from_str::<Value>(text).unwrap());
        assert_ne!(
            ordered(r#"{"a": 1, "b": 2}"#),
            ordered(r#"{"b": 2, "a": 1}"#)
        );
        let text = |text: &str| Template::from_text(text).unwrap();
        assert_eq!(text("{{x}} y"), text("{{ x }} y"));
        assert_ne!(text("{{ x }}"), text("{{ x }} "));
    }
}
