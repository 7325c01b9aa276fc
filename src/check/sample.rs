//! Values for the tests of this folder: places, matchers, expectations, exchanges.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use serde_json::{Value, json};

use crate::case::{
    AppliedRules, BinaryExpectation, BodySchema, Comparison, Expectation, HeaderExpectation,
    JsonType, Matcher, Pattern, Rule, SentFile, StatusPattern,
};
use crate::exchange::{Exchange, Request, Response, Transfer};
use crate::source::{Place, Source, Span, Spanned};

/// A place in the case file: `case_place("status")` covers that word.
fn case_place(word: &str) -> Place {
    let text = "status headers body schema absent text within expect";
    let start = text.find(word).unwrap_or(0);
    Source::new("case.yaml", text).place(Span::new(start, start + word.len()))
}

/// A matcher as a case file would write it: an object with one `$` key is a rule, everything else is a literal.
pub(super) fn matcher(written: &Value) -> Matcher<Value> {
    let all = |items: &Value| items.as_array().unwrap().iter().map(matcher).collect();
    let inner = |value: &Value| Box::new(matcher(value));
    let rule = match written {
        Value::Array(items) => Rule::Sequence(items.iter().map(matcher).collect()),
        Value::Object(entries) => match entries.iter().next() {
            Some((key, value)) if entries.len() == 1 && key.starts_with('$') => {
                match key.as_str() {
                    "$matches" => Rule::Matches(Pattern::parse(value.as_str().unwrap()).unwrap()),
                    "$type" => Rule::Type(
                        value
                            .as_str()
                            .unwrap()
                            .split('|')
                            .map(|name| match name {
                                "null" => JsonType::Null,
                                "boolean" => JsonType::Boolean,
                                "integer" => JsonType::Integer,
                                "number" => JsonType::Number,
                                "string" => JsonType::String,
                                "array" => JsonType::Array,
                                "object" => JsonType::Object,
                                other => panic!("unknown type {other}"),
                            })
                            .collect(),
                    ),
                    "$any" => Rule::Any,
                    "$absent" => Rule::Absent,
                    "$equals" => Rule::Equals(value.clone()),
                    "$value" => Rule::Value(value.clone()),
                    "$contains" => Rule::Contains(inner(value)),
                    "$length" => Rule::Length(value.clone()),
                    "$not" => Rule::Not(inner(value)),
                    "$one_of" => Rule::OneOf(all(value)),
                    "$gt" => Rule::Compare(Comparison::Greater, value.clone()),
                    "$gte" => Rule::Compare(Comparison::GreaterOrEqual, value.clone()),
                    "$lt" => Rule::Compare(Comparison::Less, value.clone()),
                    "$lte" => Rule::Compare(Comparison::LessOrEqual, value.clone()),
                    "$near" => Rule::Near {
                        value: value["value"].clone(),
                        by: value["by"].clone(),
                    },
                    "$each" => Rule::Each(inner(value)),
                    "$unordered" => Rule::Unordered(all(value)),
                    other => panic!("unknown rule {other}"),
                }
            }
            _ => Rule::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), matcher(value)))
                    .collect(),
            ),
        },
        scalar => Rule::Value(scalar.clone()),
    };
    Matcher {
        place: Some(case_place("body")),
        rule,
    }
}

/// An expectation written as in a case file, except `status`: a list of numbers and ranges such as `"4XX"`.
fn body_schema(written: &Value) -> BodySchema {
    BodySchema::compile(written.clone(), Some(case_place("schema"))).unwrap()
}

pub(super) fn expectation(written: &Value) -> Expectation<Value> {
    let status = |value: &Value| match value {
        Value::Number(code) => StatusPattern::Exact(code.as_u64().unwrap() as u16),
        range => StatusPattern::Range(range.as_str().unwrap().as_bytes()[0] - b'0'),
    };
    let list = |name: &str| written[name].as_array().cloned().unwrap_or_default();
    let headers = written["headers"].as_object().cloned().unwrap_or_default();
    Expectation {
        status: list("status")
            .iter()
            .map(|value| Spanned::new(status(value), case_place("status")).into())
            .collect(),
        headers: headers
            .iter()
            .map(|(name, value)| HeaderExpectation {
                name: name.clone(),
                value: matcher(value),
            })
            .collect(),
        body: written.get("body").map(matcher),
        schema: written
            .get("schema")
            .map(|schema| Spanned::new(Arc::new(body_schema(schema)), case_place("schema")).into()),
        absent: list("absent")
            .iter()
            .map(|p| Spanned::new(p.as_str().unwrap().to_owned(), case_place("absent")).into())
            .collect(),
        message: written.get("message").map(matcher),
        text: written.get("text").map(matcher),
        binary: written.get("binary").map(|binary| BinaryExpectation {
            size: binary.get("size").map(matcher),
            media_type: binary.get("media_type").map(matcher),
            sha256: binary.get("sha256").cloned(),
            file: binary.get("file").map(|text| SentFile {
                path: "a.bin".to_owned(),
                bytes: text.as_str().unwrap().to_owned().into(),
            }),
            place: Some(case_place("binary")),
        }),
        xml: Vec::new(),
        stream: None,
        events: written.get("events").map(matcher),
        within: written["within"]
            .as_u64()
            .map(|ms| Spanned::new(Duration::from_millis(ms), case_place("within")).into()),
        rules: if written["undocumented"] == json!(true) {
            AppliedRules::GeneralOnly
        } else {
            AppliedRules::ContractAndGeneral
        },
        place: Some(case_place("expect")),
    }
}

/// `GET /things/7` with a response of this status, these headers (`Name: value` lines) and this body, after 12 ms.
pub(super) fn exchange(status: u16, headers: &str, body: impl Into<Bytes>) -> Exchange {
    let mut map = HeaderMap::new();
    for line in headers.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').unwrap();
        map.append(
            HeaderName::from_bytes(name.trim().as_bytes()).unwrap(),
            HeaderValue::from_bytes(value.trim().as_bytes()).unwrap(),
        );
    }
    Exchange {
        request: Request {
            method: Method::GET,
            url: url::Url::parse("http://127.0.0.1/things/7").unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        },
        response: Response {
            status: StatusCode::from_u16(status).unwrap(),
            version: Version::HTTP_11,
            headers: map,
            body: body.into(),
            transfer: Transfer::Complete,
        },
        elapsed: Duration::from_millis(12),
    }
}
