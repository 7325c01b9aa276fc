//! Random cases over the whole language of case files, with texts that are easily misread.
//!
//! Main function: [`file`].

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use counterpart::case::{
    AppliedRules, BinaryExpectation, Body, BodySchema, Capture, CaptureSource, Case, CaseFile,
    Comparison, Expectation, Fixture, Given, HeaderExpectation, JsonType, Matcher, Origin,
    PartContent, PartData, PartValue, Pattern, Repeat, Rule, SendRules, SentFile, StatusPattern,
    Step, StepEntry, Template, Until, Wait, XPathExpectation,
};
use counterpart::exchange::StreamLimit;
use counterpart::version::Versions;
use counterpart::xml::XPath;
use http::Method;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::written::shop;

/// A file and its short form for failed tests: contracts are long.
pub struct RandomFile(pub CaseFile);

impl fmt::Debug for RandomFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.0.cases {
            write!(
                f,
                "{:?} {:?} {:?} {:?}",
                case.name, case.tags, case.rows, case.vars
            )?;
            for step in case.all_steps() {
                let Step {
                    name,
                    call: _,
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
                } = step;
                write!(
                    f,
                    "\n  {} {name:?} {caller:?} {path:?} {query:?} {headers:?} {cookies:?}",
                    step.method()
                )?;
                write!(
                    f,
                    " {body:?} {timeout:?} {expect:?} {capture:?} {sending:?}"
                )?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

const HOSTILE: [&str; 56] = [
    "",
    " ",
    "yes",
    "no",
    "on",
    "null",
    "Null",
    "~",
    "true",
    "FALSE",
    "1",
    "-1",
    "+1",
    "1e3",
    "0x1F",
    "0o17",
    ".5",
    "1_000",
    ".inf",
    ".nan",
    "1990-01-01",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    " a",
    "a ",
    "\ta",
    "a\t",
    "- a",
    "-",
    "--- a",
    "...",
    "? a",
    "[a]",
    "{a}",
    "&a",
    "*a",
    "!a",
    "|",
    ">-",
    "%a",
    "@a",
    "`a`",
    "'a'",
    "\"a\"",
    "it's \"a\"",
    "a\\b",
    "a\nb\n",
    "a\r\nb",
    "<<",
    "=",
    "{{",
    "{{ x }}",
    "$matches",
];

/// Texts that a reader of YAML, or of templates, may misread; and all others.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => select(" \t\n\r-?:,[]{}#&*!|>'\"%@`\\.~<=+$0123xeabcéß".chars().collect::<Vec<_>>()),
        1 => select("\u{0}\u{7}\u{1b}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{200f}\u{202e}\u{fffe}\u{1f600}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    prop_oneof![
        32 => "[a-z]{1,6}( [a-z]{1,6})?",
        32 => select(&HOSTILE[..]).prop_map(str::to_owned),
        32 => vec(character, 0..6).prop_map(|all| all.into_iter().collect()),
        16 => vec("[a-z{}:#'\" -]{0,6}", 2..5).prop_map(|lines| lines.join("\n")),
        1 => ("[a-z {}'\"\n]", 900..1100_usize).prop_map(|(part, times)| part.repeat(times)),
    ]
}

/// A key, which must not contain a template.
fn key() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace("{{", "{ "))
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-9..100_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("no number", |value| value.is_finite().then(|| value.into())),
    ]
}

/// Which of random entries an object keeps. `keys_of`: adapts the keys of an object to its position.
type ChooseKeys = fn(Vec<(String, Value)>) -> Vec<(String, Value)>;

fn any_json(keys_of: ChooseKeys) -> BoxedStrategy<Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        text().prop_map(Value::from),
    ];
    scalar
        .prop_recursive(2, 4, 3, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Value::from),
                vec((key(), inner), 0..4)
                    .prop_map(move |entries| Value::Object(keys_of(entries).into_iter().collect())),
            ]
        })
        .boxed()
}

fn all_keys(entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    entries
}

/// In `$equals` an object that is only a matcher is refused.
fn beside_another(mut entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    if entries.iter().any(|(key, _)| key.starts_with('$')) {
        entries.push(("another".to_owned(), Value::Null));
        entries.push(("one more".to_owned(), Value::Null));
    }
    entries
}

/// A mapping with a key that begins with `$` is a part as it is.
fn plain_keys(entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    distinct(entries, without_dollar)
}

const EXPRESSIONS: [&str; 9] = [
    "unique.email",
    "seed",
    "env.HOME",
    "target.url | upper",
    "'}}' ~ \"'{{\"",
    "{'a': {'b': seed}}",
    "[1, seed][1] + 1",
    "'{' | repeat(2)",
    "unique.word | replace(': ', ' #')",
];

/// A string with at least one expression in it.
fn template_text() -> impl Strategy<Value = Template> {
    let part = prop_oneof![
        text().prop_map(|text| text.replace('{', "{{ '{' }}")),
        select(&EXPRESSIONS[..]).prop_map(|expression| format!("{{{{{expression} }}}}")),
    ];
    (
        vec(part.clone(), 0..3),
        select(&EXPRESSIONS[..]),
        vec(part, 0..3),
    )
        .prop_map(|(before, expression, behind)| {
            let text = format!(
                "{}{{{{ {expression}}}}}{}",
                before.concat(),
                behind.concat()
            );
            Template::from_text(&text).unwrap()
        })
}

fn string() -> impl Strategy<Value = Template> {
    prop_oneof![
        2 => text().prop_map(Template::literal),
        1 => template_text(),
    ]
}

fn scalar() -> impl Strategy<Value = Template> {
    prop_oneof![
        3 => string(),
        1 => number().prop_map(Template::literal),
        1 => any::<bool>().prop_map(Template::literal),
    ]
}

fn value() -> BoxedStrategy<Template> {
    value_with(all_keys)
}

fn value_with(keys_of: ChooseKeys) -> BoxedStrategy<Template> {
    prop_oneof![
        any_json(keys_of).prop_map(Template::literal),
        template_text(),
    ]
    .prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Template::Sequence),
            vec((key(), inner), 0..3).prop_map(|entries| {
                // Not a key that could be a matcher.
                Template::Mapping(distinct(entries, |key| key.replace('$', "S")))
            }),
        ]
    })
    .boxed()
}

/// The entries without those whose key is repeated.
fn distinct<T>(entries: Vec<(String, T)>, change: impl Fn(&str) -> String) -> Vec<(String, T)> {
    let mut seen = BTreeSet::new();
    let entries = entries
        .into_iter()
        .map(|(key, value)| (change(&key), value));
    entries
        .filter(|(key, _)| seen.insert(key.clone()))
        .collect()
}

fn without_dollar(key: &str) -> String {
    match key.strip_prefix('$') {
        Some(rest) => format!("_{rest}"),
        None => key.to_owned(),
    }
}

fn pattern() -> impl Strategy<Value = Pattern> {
    select(vec![
        "^a+$", "", " ", r"\d{2}", "[{]{2}", "a{2}b", ": #", "'\"", "(?i)x", "~", "1", "\u{feff}",
        "a\tb", "x\ny",
    ])
    .prop_map(|text| Pattern::parse(text).unwrap())
}

fn matcher() -> BoxedStrategy<Matcher<Template>> {
    let leaf = prop_oneof![
        4 => value_with(|entries| distinct(entries, without_dollar)).prop_map(Rule::Value),
        1 => pattern().prop_map(Rule::Matches),
        1 => vec(select(&JsonType::ALL[..]), 1..3).prop_map(Rule::Type),
        1 => Just(Rule::Any),
        1 => Just(Rule::Absent),
        2 => value_with(beside_another).prop_map(Rule::Equals),
        1 => prop_oneof![any::<u64>().prop_map(Template::literal), template_text()].prop_map(Rule::Length),
        1 => (comparison(), prop_oneof![number().prop_map(Template::literal), string()])
            .prop_map(|(comparison, bound)| Rule::Compare(comparison, bound)),
        1 => select(vec![
            ("9.5", "0.01"),
            ("1", "{{ 1 + 1 }}"),
            ("{{ now }}", "5s"),
            ("2026-11-28", "{{ unique.word }}")
        ])
        .prop_map(|(value, by)| {
            let operand = |text: &str| match text.parse::<f64>() {
                Ok(number) => Template::literal(number),
                Err(_) => Template::from_text(text).unwrap(),
            };
            Rule::Near {
                value: operand(value),
                by: operand(by),
            }
        }),
    ];
    let leaf = leaf.prop_map(Matcher::from);
    leaf.prop_recursive(4, 6, 3, |inner| {
        prop_oneof![
            3 => vec((key(), inner.clone()), 0..4)
                .prop_map(|entries| Rule::Mapping(distinct(entries, without_dollar))),
            2 => vec(inner.clone(), 0..4).prop_map(Rule::Sequence),
            1 => inner.clone().prop_map(|matcher| Rule::Contains(Box::new(matcher))),
            1 => inner.clone().prop_map(|matcher| Rule::Not(Box::new(matcher))),
            1 => inner.clone().prop_map(|matcher| Rule::Each(Box::new(matcher))),
            1 => vec(inner.clone(), 1..4).prop_map(Rule::OneOf),
            1 => vec(inner, 0..4).prop_map(Rule::Unordered),
        ]
        .prop_map(Matcher::from)
    })
    .boxed()
}

fn comparison() -> impl Strategy<Value = Comparison> {
    select(vec![
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
    ])
}

/// A matcher for text.
fn text_matcher() -> impl Strategy<Value = Matcher<Template>> {
    prop_oneof![
        string().prop_map(Rule::Value),
        pattern().prop_map(Rule::Matches),
        string().prop_map(|text| Rule::Contains(Box::new(Rule::Value(text).into()))),
    ]
    .prop_map(Matcher::from)
}

fn schema() -> impl Strategy<Value = BodySchema> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any_json(all_keys).prop_map(|value| json!({ "const": value })),
        (text(), key()).prop_map(|(text, key)| json!({
            "type": ["object", "null"],
            "description": text,
            "properties": { key: { "$ref": "#/$defs/x" } },
            "$defs": { "x": true },
        })),
    ]
    .prop_map(|schema| BodySchema::compile(schema, None).unwrap())
}

fn status() -> impl Strategy<Value = StatusPattern> {
    prop_oneof![
        (100..600_u16).prop_map(StatusPattern::Exact),
        (1..6_u8).prop_map(StatusPattern::Range),
    ]
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (1..2000_u64).prop_map(Duration::from_millis),
        (1..86_400_u64).prop_map(Duration::from_secs),
        (1..86_400_000_000_000_u64).prop_map(Duration::from_nanos),
    ]
}

fn header_name() -> impl Strategy<Value = String> {
    "X-[A-Za-z0-9!#$%&'*+.^_`|~-]{0,6}"
}

fn header_value() -> impl Strategy<Value = Template> {
    prop_oneof![
        "[ -~]{0,12}".prop_map(Template::literal),
        number().prop_map(Template::literal),
        template_text(),
    ]
}

fn without_case(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn binary() -> BoxedStrategy<BinaryExpectation<Template>> {
    let hash = prop_oneof![
        Just("0123456789abcdefABCDEF".repeat(3)[..64].to_owned()),
        Just("{{ unique.word | sha256 }}".to_owned())
    ];
    (
        option::of(prop_oneof![
            any::<u64>().prop_map(|size| Rule::Value(Template::literal(size))),
            Just(Rule::Compare(Comparison::Greater, Template::literal(5))),
        ]),
        option::of(text_matcher()),
        hash,
        option::of(sent_file()),
    )
        .prop_map(|(size, media_type, hash, file)| BinaryExpectation {
            size: size.map(Into::into),
            media_type,
            sha256: Some(Template::from_text(&hash).unwrap()),
            file,
            place: None,
        })
        .boxed()
}

fn expectation() -> BoxedStrategy<Expectation<Template>> {
    let header =
        (header_name(), text_matcher()).prop_map(|(name, value)| HeaderExpectation { name, value });
    let bodies = (
        option::of(matcher()),
        option::weighted(0.1, schema()),
        option::weighted(0.2, text_matcher()),
        option::weighted(0.2, text_matcher()),
        option::weighted(0.1, binary()),
    );
    let absent = vec(text().prop_map(|text| format!("/{text}")), 0..3);
    let streams = (
        option::weighted(0.2, stream_limit()),
        option::weighted(0.2, vec(matcher(), 0..3)),
        vec(xpath_expectation(), 0..3),
    );
    (
        vec(status(), 0..3),
        vec(header, 0..3),
        bodies,
        absent,
        option::of(duration()),
        any::<bool>(),
        streams,
    )
        .prop_map(
            |(status, headers, bodies, absent, within, undocumented, streams)| {
                let (body, schema, message, text, binary) = bodies;
                let (stream, events, xml) = streams;
                let paths = xml.into_iter();
                let paths = paths.map(|found| (found.path.value.to_string(), found));
                let names = headers
                    .into_iter()
                    .map(|header| (header.name.clone(), header));
                let headers = distinct(names.collect(), str::to_owned);
                Expectation {
                    headers: headers.into_iter().map(|(_, header)| header).collect(),
                    body,
                    schema: schema.map(|schema| Arc::new(schema).into()),
                    absent: absent.into_iter().map(Into::into).collect(),
                    message,
                    text,
                    binary,
                    xml: distinct(paths.collect(), str::to_owned)
                        .into_iter()
                        .map(|(_, found)| found)
                        .collect(),
                    stream: stream.map(Into::into),
                    events: events.map(|events| Matcher {
                        place: None,
                        rule: Rule::Sequence(events),
                    }),
                    within: within.map(Into::into),
                    rules: match undocumented && !status.is_empty() {
                        true => AppliedRules::GeneralOnly,
                        false => AppliedRules::ContractAndGeneral,
                    },
                    status: status.into_iter().map(Into::into).collect(),
                    place: None,
                }
            },
        )
        .boxed()
}

fn stream_limit() -> impl Strategy<Value = StreamLimit> {
    let both = (option::of(1..100usize), option::of(duration()));
    both.prop_map(|(events, within)| StreamLimit {
        events: events.or(within.is_none().then_some(3)),
        within,
    })
}

fn xpath_expectation() -> impl Strategy<Value = XPathExpectation<Template>> {
    let paths = select(vec!["//o:order/@id", "count(//a) > 1", "'it' = \"'\"", "."]);
    (paths, matcher()).prop_map(|(path, value)| XPathExpectation {
        path: xpath(path).into(),
        value,
    })
}

fn xpath(path: &str) -> XPath {
    let namespaces = [("o".to_owned(), "urn:orders".to_owned())];
    XPath::parse(path, &namespaces).unwrap()
}

/// Values of a query, of cookies or of a form.
fn parameters() -> impl Strategy<Value = Vec<(String, Template)>> {
    let value = prop_oneof![
        3 => scalar(),
        1 => vec(scalar(), 0..3).prop_map(Template::Sequence),
        1 => value(),
    ];
    vec((key(), value), 0..3).prop_map(|entries| distinct(entries, str::to_owned))
}

fn body() -> BoxedStrategy<Body> {
    let content_type = |default: &'static str| {
        prop_oneof![
            Just(Some(default.to_owned())),
            Just(None),
            "[!-z][ -z]{0,10}".prop_map(Some),
        ]
    };
    prop_oneof![
        (value(), content_type("application/json")).prop_map(|(value, content_type)| Body::Json {
            value,
            content_type
        }),
        (string(), content_type("application/json"))
            .prop_map(|(text, content_type)| Body::Text { text, content_type }),
        (
            parameters(),
            content_type("application/x-www-form-urlencoded")
        )
            .prop_map(|(fields, content_type)| Body::Form {
                fields,
                content_type
            }),
        (parts(), content_type("multipart/form-data")).prop_map(|(parts, content_type)| {
            let content_type = content_type.map(|name| match name.starts_with("multipart/") {
                true => name,
                false => "multipart/mixed; x=\"1\"".to_owned(),
            });
            Body::Multipart {
                parts,
                content_type,
            }
        }),
        (sent_file(), content_type("text/plain"))
            .prop_map(|(file, content_type)| Body::File { file, content_type }),
        (base64(), content_type("application/octet-stream"))
            .prop_map(|(text, content_type)| Body::Base64 { text, content_type }),
        (
            vec(value(), 0..3).prop_map(Template::Sequence),
            content_type("application/x-ndjson")
        )
            .prop_map(|(items, content_type)| Body::JsonLines {
                items,
                content_type
            }),
    ]
    .boxed()
}

/// The file of the fixtures: those of one case file have one content each.
fn sent_file() -> impl Strategy<Value = SentFile> {
    Just(SentFile {
        path: "files/note.txt".to_owned(),
        bytes: (&b"a note\n"[..]).into(),
    })
}

fn base64() -> impl Strategy<Value = Template> {
    select(vec!["", "aGk=", "aG k", "{{ unique.word }}"])
        .prop_map(|text| Template::from_text(text).unwrap())
}

fn parts() -> BoxedStrategy<Vec<(String, PartValue)>> {
    let data = prop_oneof![
        sent_file().prop_map(PartData::File),
        base64().prop_map(PartData::Base64),
        string().prop_map(PartData::Text),
    ];
    let headers = vec((header_name(), header_value()), 0..2)
        .prop_map(|headers| distinct(headers, without_case));
    let content = (
        data,
        option::of(string()),
        option::of("[!-z][ -z]{0,10}"),
        headers,
    )
        .prop_map(|(data, filename, content_type, headers)| {
            PartValue::Content(PartContent {
                data,
                filename,
                content_type,
                headers,
            })
        });
    let content = content.boxed();
    let list = vec(content.clone(), 1..3).prop_map(PartValue::List);
    let value = prop_oneof![3 => scalar(), 1 => value_with(plain_keys)].prop_map(PartValue::Value);
    vec((key(), prop_oneof![content, list, value]), 0..3)
        .prop_map(|entries| distinct(entries, str::to_owned))
        .boxed()
}

/// What a step calls, with the values that its path needs.
fn call() -> impl Strategy<Value = Step> {
    let operation = |method: Method, path: &str| {
        let contract = &shop().contracts[0];
        Step::call(contract, contract.operation(&method, path).unwrap())
    };
    let raw_path = string().prop_map(|path| match path {
        Template::Literal(Value::String(text)) => Template::literal(format!("/{text}").trim_end()),
        Template::Text(_) | Template::Expression(_) => {
            // Without surrounding text that is not part of the path.
            Template::from_text("/{{ seed }}/{{ unique.word }}").unwrap()
        }
        other => other,
    });
    let method = select(vec![
        Method::GET,
        Method::DELETE,
        Method::PATCH,
        Method::from_bytes(b"X-Y_Z").unwrap(),
    ]);
    prop_oneof![
        Just(()).prop_map(move |()| operation(Method::GET, "/V1/customers/me")),
        Just(()).prop_map(move |()| operation(Method::POST, "/V1/customers")),
        scalar().prop_map(move |id| {
            operation(Method::PUT, "/V1/customers/{customerId}").with_path("customerId", id)
        }),
        (method, raw_path).prop_map(|(method, path)| Step::send(method, path, &shop().contracts)),
    ]
}

fn unchecked_step() -> impl Strategy<Value = Step> {
    let headers = vec((header_name(), option::weighted(0.8, header_value())), 0..3)
        .prop_map(|headers| distinct(headers, without_case));
    (
        call(),
        option::weighted(0.3, text()),
        select(vec!["guest", "admin", "machine", "broken-token"]),
        (parameters(), parameters()),
        headers,
        option::of(body()),
        option::weighted(0.2, duration()),
    )
        .prop_map(
            |(call, name, caller, (query, cookies), headers, body, timeout)| Step {
                name,
                query,
                headers,
                cookies,
                body,
                timeout,
                ..call.with_caller(caller)
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    let from = prop_oneof![
        select(vec![
            "$",
            "$.id",
            "$.a[0]",
            "$['it\\'s']",
            "$..['a b', \"c\"][?@.x > 1]",
            "$[\"\\u007b\"]"
        ])
        .prop_map(|path| Capture::body("_", path).unwrap()),
        header_name().prop_map(|name| Capture::header("_", name)),
        key().prop_map(|name| Capture::cookie("_", name)),
        key().prop_map(|name| Capture {
            from: CaptureSource::Cookie {
                name: "sid".to_owned(),
                attribute: Some(name),
            },
            ..Capture::cookie("_", "")
        }),
        pattern().prop_map(|pattern| Capture::text("_", pattern)),
        Just(()).prop_map(|()| Capture::xpath("_", xpath("//o:order"))),
        Just(()).prop_map(|()| Capture::events("_", "$[0].data").unwrap()),
        pattern().prop_map(|pattern| Capture::header("_", "Link").with_matches(pattern)),
        pattern().prop_map(|pattern| Capture::body("_", "$").unwrap().with_matches(pattern)),
    ];
    (unchecked_step(), expectation(), vec(from, 0..3)).prop_map(|(mut step, expect, captures)| {
        step.expect = expect;
        for (index, mut capture) in captures.into_iter().enumerate() {
            // A capture that begins with `_` need not be used.
            capture.name = format!("_{index}").into();
            step.capture.push(capture);
        }
        step
    })
}

/// A request, sent under a condition or several times, or a pause.
fn entry() -> BoxedStrategy<StepEntry> {
    let when = || {
        let conditions = vec!["{{ seed > 0 }}", "{{ not (seed == 1) }}"];
        let condition = select(conditions).prop_map(|text| Template::from_text(text).unwrap());
        option::weighted(0.3, condition)
    };
    let over = prop_oneof![
        (1..1000u64).prop_map(Template::literal),
        vec(value(), 1..3).prop_map(Template::Sequence),
        Just(Template::from_text("{{ range(3) | list }}").unwrap()),
    ];
    let repeat = (any::<bool>(), over).prop_map(|(is_named, over)| Repeat {
        item: is_named.then(|| "item".to_owned()),
        over,
    });
    let until = (expectation(), 10..500u64, 1..5u64).prop_map(|(expect, every, within)| Until {
        expect: Expectation {
            status: vec![StatusPattern::Exact(200).into()],
            within: None,
            // How much is read is a key of the step.
            stream: None,
            rules: AppliedRules::ContractAndGeneral,
            ..expect
        },
        every: Duration::from_millis(every),
        within: Duration::from_secs(within),
        place: None,
    });
    let rules = (
        when(),
        option::weighted(0.3, repeat),
        option::weighted(0.3, until.boxed()),
        any::<bool>(),
    );
    let request = (step().boxed(), rules).prop_map(|(mut step, (when, repeat, until, once))| {
        step.sending = SendRules {
            when,
            repeat,
            once: once && until.is_none(),
            until,
        };
        StepEntry::from(step)
    });
    let wait = (option::weighted(0.3, text()), when(), duration(), text()).prop_map(
        |(name, when, duration, reason)| {
            StepEntry::Wait(Wait {
                name,
                when,
                duration: duration.min(Wait::MAX),
                reason: format!("{reason}."),
                place: None,
            })
        },
    );
    // Boxed, because the types would be too large for the stack.
    prop_oneof![5 => request.boxed(), 1 => wait.boxed()].boxed()
}

fn vars(prefix: &'static str) -> impl Strategy<Value = Vec<(String, Template)>> {
    vec(value(), 0..3).prop_map(move |values| {
        let values = values.into_iter().enumerate();
        values
            .map(|(index, value)| (format!("{prefix}{index}"), value))
            .collect()
    })
}

fn given() -> impl Strategy<Value = Vec<Given>> {
    let shared = option::weighted(0.3, any::<bool>()).prop_map(|alias| {
        alias.map(|alias| Given {
            alias: alias.then(|| "other".to_owned()),
            fixture: Arc::clone(&shop().suite.fixtures["customer"]),
        })
    });
    let name = key().prop_map(|name| {
        let is_part = |c: &char| !c.is_whitespace() && *c != '\u{feff}';
        let name: String = name.chars().filter(is_part).collect();
        format!("own-{name}")
    });
    let own = (
        name,
        vars("f"),
        vec(entry(), 0..2),
        vec(unchecked_step(), 0..2),
        any::<[bool; 2]>(),
    )
        .prop_map(|(name, vars, steps, cleanup, [nested, alias])| {
            let customer = Given {
                alias: Some("needed".to_owned()),
                fixture: Arc::clone(&shop().suite.fixtures["customer"]),
            };
            let fixture = Fixture {
                name,
                given: nested.then_some(customer).into_iter().collect(),
                vars,
                steps,
                cleanup,
                place: None,
            };
            Given {
                alias: alias.then(|| "mine".to_owned()),
                fixture: Arc::new(fixture),
            }
        });
    (shared, option::weighted(0.3, own))
        .prop_map(|(shared, own)| shared.into_iter().chain(own).collect())
}

/// The rows of `each`.
fn rows() -> impl Strategy<Value = Vec<Vec<(String, Value)>>> {
    (1..3_usize).prop_flat_map(|columns| {
        let row = vec(any_json(all_keys), columns).prop_map(|cells| {
            let cells = cells.into_iter().enumerate();
            cells
                .map(|(index, cell)| (format!("c{index}"), cell))
                .collect()
        });
        vec(row, 1..4)
    })
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        (text(), option::of(text()), any::<u64>()).prop_map(|(generator, point, seed)| {
            Origin::Generated {
                generator,
                point,
                seed,
            }
        }),
        (text(), any::<usize>())
            .prop_map(|(recording, entry)| Origin::Recorded { recording, entry }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let words = (
        text(),
        vec("[a-z0-9_.-]{1,6}", 0..3),
        option::weighted(0.2, text()),
        select(vec!["", ">=2.4.8", ">= 2 <3.1-p2", "=1", "<=2 >1 >=1"]),
    );
    let steps = (vec(entry(), 1..3), vec(unchecked_step(), 0..2));
    (
        origin(),
        words,
        given(),
        option::weighted(0.3, rows()),
        vars("v"),
        steps,
    )
        .prop_map(|(origin, words, given, each, vars, (steps, cleanup))| {
            let (name, tags, skip, versions) = words;
            let name: String = name.chars().filter(|c| !c.is_control()).collect();
            let tags: BTreeSet<String> = tags.into_iter().collect();
            let mut case = Case::new(name.replace("::", ": "), origin);
            case.tags = tags.into_iter().collect();
            case.given = given;
            case.has_each = each.is_some();
            case.rows = each.unwrap_or(case.rows);
            case.vars = vars;
            case.steps = steps;
            case.cleanup = cleanup;
            case.skip = skip.map(|reason| format!("{reason}."));
            if !versions.is_empty() {
                case.versions = Versions::parse(versions).unwrap();
            }
            case
        })
}

/// A file of the shop. Its cases are distinguished by a number in their names.
pub fn file() -> impl Strategy<Value = RandomFile> {
    (vec(case(), 1..4), vec("[a-z]{1,3}", 0..2)).prop_map(|(mut cases, shared_tags)| {
        for (index, case) in cases.iter_mut().enumerate() {
            let name = match &case.name {
                Template::Literal(Value::String(name)) => name.clone(),
                other => panic!("{other:?}"),
            };
            // With a number, in front or behind, so that special first characters are kept in some names.
            case.name = Template::literal(match index {
                0 if !name.trim().is_empty() => name,
                _ => format!("{index} {name}"),
            });
            let mut tags = shared_tags.clone();
            tags.append(&mut case.tags);
            let mut seen = BTreeSet::new();
            tags.retain(|tag| seen.insert(tag.clone()));
            case.tags = tags;
            // Fixtures of one name are one fixture.
            for given in &mut case.given {
                if given.fixture.name != "customer"
                    && let Some(own) = Arc::get_mut(&mut given.fixture)
                {
                    own.name = format!("{}-{index}", own.name);
                }
            }
        }
        RandomFile(CaseFile {
            name: "random".to_owned(),
            path: "shop/random.yaml".to_owned(),
            contract_names: vec!["shop/customers.yaml".to_owned()],
            contracts: shop().contracts.clone(),
            setup: None,
            cases: cases.into_iter().map(Arc::new).collect(),
        })
    })
}
