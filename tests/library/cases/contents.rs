//! What valid case files are read into.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use counterpart::case::{
    self, AppliedRules, Body, Call, Capture, CaptureSource, Case, Comparison, JsonType, Pattern,
    Rule, Scope, Step, Suite, Template,
};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;
use serde_json::{Value, json};

use super::{Texts, contract, fixtures, load, load_right, read};

fn shop() -> Suite {
    load_right(&Folder::new(fixtures().join("valid")))
}

fn case<'s>(suite: &'s Suite, name: &str) -> &'s Case {
    suite
        .files
        .iter()
        .flat_map(|file| &file.cases)
        .find(|case| case.row_name(0).is_ok_and(|first| first.starts_with(name)))
        .unwrap_or_else(|| panic!("no case {name}"))
}

fn literal(value: Value) -> String {
    format!("{:?}", Template::Literal(value))
}

fn operation(step: &Step) -> String {
    match &step.call {
        Call::Operation { operation, .. } => operation.name().to_string(),
        Call::Raw { method, path, .. } => format!("raw {method} {path:?}"),
    }
}

#[test]
fn files_are_found_and_named() {
    let suite = shop();
    let files: Vec<_> = suite
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.contracts.len(), file.cases.len()))
        .collect();
    // customers/create names one contract; the other is that of system.yaml.
    assert_eq!(files, [("customers/create", 2, 3), ("everything", 2, 6)]);
    assert!(
        suite.files[0]
            .path
            .ends_with("valid/shop/customers/create.yaml")
    );
    assert_eq!(
        (suite.system.as_str(), suite.description.as_deref()),
        ("shop", Some("A shop with customers"))
    );
}

#[test]
fn headers_of_the_system() {
    let headers: Vec<_> = shop()
        .headers
        .into_iter()
        .map(|(name, value)| (name, value.is_some()))
        .collect();
    assert_eq!(
        headers,
        [
            ("Accept".to_owned(), true),
            ("X-Run".to_owned(), true),
            ("User-Agent".to_owned(), false)
        ]
    );
}

#[test]
fn a_step_with_all_that_a_request_can_have() {
    let suite = shop();
    let case = case(&suite, "one step");
    assert_eq!(case.tags, ["all", "smoke", "disruptive"]);
    let rows: Vec<_> = case.rows.iter().map(|row| row[0].1.clone()).collect();
    assert_eq!(
        (rows, case.has_each),
        (vec![json!(0), json!("abc"), json!("xxx")], true)
    );
    assert_eq!(
        case.rows[2][1],
        ("deep".to_owned(), json!({"a": [1, null]}))
    );
    let given: Vec<_> = case
        .given
        .iter()
        .map(|given| (given.alias.as_deref(), given.fixture.name.as_str()))
        .collect();
    assert_eq!(
        given,
        [
            (None, "signed-in"),
            (Some("other"), "customer"),
            (None, "empty")
        ]
    );
    assert_eq!(case.given[0].fixture.given[0].fixture.name, "customer");
    let [step] = case.requests().collect::<Vec<_>>()[..] else {
        panic!("{case:?}")
    };
    assert_eq!(
        (operation(step).as_str(), step.caller.value.as_str()),
        ("PUT /V1/customers/{customerId}", "admin")
    );
    assert_eq!(
        (step.timeout, step.place.as_ref().unwrap().position().line),
        (Some(Duration::from_secs(40)), 21)
    );

    let mut scope = Scope::default();
    for (name, value) in [
        ("number", json!(3)),
        ("id", json!(7)),
        ("token", json!("t")),
        ("customer_id", json!(5)),
        ("email", json!("e")),
    ] {
        scope.set(name, value);
    }
    scope.set("other", json!({"email": "o@example.com", "customer_id": 6}));
    scope.set("deep", json!({"a": 1}));
    for (name, template) in &case.vars {
        let value = template.render(&scope).unwrap();
        scope.set(name.as_str(), value);
    }
    assert_eq!(scope.variables["list"], json!([1, 6]));
    assert_eq!(step.path[0].1.render(&scope).unwrap(), json!(7));
    assert_eq!(
        step.query[1].1.render(&scope).unwrap(),
        json!(["a", "o@example.com", true])
    );
    let headers: Vec<_> = step
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str(),
                value
                    .as_ref()
                    .map(|value| value.render_text(&scope).unwrap()),
            )
        })
        .collect();
    assert_eq!(
        headers,
        [
            ("X-Company", Some("1".into())),
            ("X-Token", Some("t".into())),
            ("X-Id", Some("6-5".into())),
            ("Accept", None)
        ]
    );
    let Some(Body::Json {
        value,
        content_type,
    }) = &step.body
    else {
        panic!("{step:?}")
    };
    assert_eq!(
        value.render(&scope).unwrap(),
        json!({"customer": {"a": 1}, "list": [1, 6]})
    );
    assert_eq!(
        content_type.as_deref(),
        Some("application/merge-patch+json")
    );

    let expect = step.expect.render(&scope).unwrap();
    let statuses: Vec<_> = expect
        .status
        .iter()
        .map(|status| status.to_string())
        .collect();
    assert_eq!(statuses, ["400", "404", "5XX"]);
    assert!(matches!(&expect.headers[0].value.rule, Rule::Value(value) if *value == json!("3")));
    assert!(
        matches!(&expect.headers[1].value.rule, Rule::Matches(pattern) if pattern.as_str() == "no-store")
    );
    assert!(matches!(expect.headers[2].value.rule, Rule::Absent));
    let Some(Rule::Mapping(body)) = expect.body.map(|body| body.rule) else {
        panic!("no body")
    };
    let rule = |name: &str| &body.iter().find(|(key, _)| key == name).unwrap().1.rule;
    assert!(
        matches!(rule("matches"), Rule::Matches(pattern) if pattern.is_match("aa") && !pattern.is_match("b"))
    );
    assert!(matches!(rule("type"), Rule::Type(types) if types == &[JsonType::Integer]));
    assert!(
        matches!(rule("types"), Rule::Type(types) if types == &[JsonType::String, JsonType::Null])
    );
    assert!(matches!(rule("any"), Rule::Any));
    assert!(matches!(rule("gone"), Rule::Absent));
    assert!(matches!(rule("equals"), Rule::Equals(value) if *value == json!({"$ref": 7})));
    assert!(
        matches!(rule("contains"), Rule::Contains(inner) if matches!(&inner.rule, Rule::Value(value) if value == "e"))
    );
    assert!(
        matches!(rule("has"), Rule::Contains(inner) if matches!(&inner.rule, Rule::Mapping(_)))
    );
    assert!(matches!(rule("length"), Rule::Length(value) if *value == json!(3)));
    assert!(matches!(rule("length_of"), Rule::Length(value) if *value == json!(3)));
    assert!(matches!(rule("not"), Rule::Not(inner) if matches!(inner.rule, Rule::Type(_))));
    assert!(matches!(rule("one_of"), Rule::OneOf(items) if items.len() == 3));
    assert!(matches!(rule("gt"), Rule::Compare(Comparison::Greater, value) if *value == json!(5)));
    assert!(
        matches!(rule("gte"), Rule::Compare(Comparison::GreaterOrEqual, value) if *value == json!(3))
    );
    assert!(
        matches!(rule("lt"), Rule::Compare(Comparison::Less, value) if *value == json!("2030-01-01"))
    );
    assert!(
        matches!(rule("lte"), Rule::Compare(Comparison::LessOrEqual, value) if *value == json!(1.5))
    );
    assert!(matches!(rule("each"), Rule::Each(inner) if matches!(inner.rule, Rule::Mapping(_))));
    assert!(matches!(rule("unordered"), Rule::Unordered(items) if items.len() == 2));
    assert!(matches!(rule("plain"), Rule::Sequence(items) if items.len() == 2));
    assert_eq!(
        expect.schema.unwrap().value.written()["properties"]["id"],
        json!({"type": "integer"})
    );
    let absent: Vec<_> = expect
        .absent
        .iter()
        .map(|pointer| pointer.value.as_str())
        .collect();
    assert_eq!(absent, ["/password", "/customer/0/a~1b"]);
    assert_eq!(expect.within.unwrap().value, Duration::from_secs(2));
    assert_eq!(expect.rules, AppliedRules::ContractAndGeneral);
}

#[test]
fn raw_requests_and_other_bodies() {
    let suite = shop();
    let case = case(&suite, "raw requests");
    let [raw, form, text, no_body, null, ..] = case.requests().collect::<Vec<_>>()[..] else {
        panic!("{case:?}")
    };
    assert_eq!(raw.name.as_deref(), Some("an undocumented request"));
    let Call::Raw {
        method, contracts, ..
    } = &raw.call
    else {
        panic!("{raw:?}")
    };
    assert_eq!((method.as_str(), contracts.len()), ("GET", 2));
    assert_eq!(
        (raw.caller.value.as_str(), raw.expect.rules),
        ("guest", AppliedRules::GeneralOnly)
    );
    assert!(matches!(
        &raw.expect.text.as_ref().unwrap().rule,
        Rule::Contains(_)
    ));
    assert!(matches!(&raw.capture[0].from, CaptureSource::Header(name) if name == "Set-Cookie"));
    assert!(matches!(&raw.capture[1].from, CaptureSource::Body(path) if path.to_string() == "$"));
    assert_eq!(form.credentials(), ["company_id"]);
    let Some(Body::Form {
        fields,
        content_type,
    }) = &form.body
    else {
        panic!("{form:?}")
    };
    assert_eq!(
        (fields.len(), content_type.as_deref()),
        (3, Some("application/x-www-form-urlencoded"))
    );
    assert_eq!(
        format!("{:?}", fields[1].1),
        format!("{:?}", Template::literal(serde_json::json!([1, 2])))
    );
    let Some(Body::Text {
        text: sent,
        content_type,
    }) = &text.body
    else {
        panic!("{text:?}")
    };
    assert_eq!(
        (format!("{sent:?}"), content_type),
        (literal(json!("{ not json")), &None)
    );
    assert!(text.expect.status.is_empty());
    assert!(no_body.body.is_none());
    let Some(Body::Json {
        value,
        content_type,
    }) = &null.body
    else {
        panic!("{null:?}")
    };
    assert_eq!(
        (format!("{value:?}"), content_type.as_deref()),
        (literal(Value::Null), Some("application/json"))
    );
    assert_eq!(
        (case.cleanup.len(), case.cleanup[0].timeout),
        (1, Some(Duration::from_millis(500)))
    );
    assert_eq!(
        self::case(&suite, "not yet").skip.as_deref(),
        Some("waits for the second version of the shop")
    );
}

#[test]
fn a_case_is_safe_when_all_its_requests_only_read() {
    let text = "
contract: [shop/customers.yaml, shop/tokens.yaml]
fixtures:
  look: { steps: [{ call: GET /V1/customers/me }] }
  make: { steps: [{ call: POST /V1/customers }] }
  remove: { cleanup: [{ send: DELETE /x }] }
  nested: { given: [make] }
cases:
  - { name: reads, call: GET /V1/customers/me, as: admin }
  - { name: options, given: [look], send: OPTIONS /x }
  - { name: writes, call: POST /V1/customers }
  - { name: fixture, given: [make], call: GET /V1/customers/me }
  - { name: nested fixture, given: [nested], call: GET /V1/customers/me }
  - { name: cleanup of a fixture, given: [remove], call: GET /V1/customers/me }
  - { name: cleanup, call: GET /V1/customers/me, cleanup: [{ send: DELETE /x }] }
";
    let suite = load_right(
        &Texts::default()
            .with("shop/system.yaml", &read("valid/shop/system.yaml"))
            .with("shop/x.yaml", &format!("{text}{USES_ALL}")),
    );
    let safe: Vec<_> = suite.files[0]
        .cases
        .iter()
        .filter(|case| case.is_safe())
        .map(|case| case.row_name(0).unwrap())
        .collect();
    // A login is a POST, but that of `admin` does not count.
    assert_eq!(safe, ["reads", "options"]);
}

/// Uses the shared fixtures and profiles of system.yaml, so that none of them is reported as unused.
const USES_ALL: &str = "  - { name: uses, given: [customer], send: 'PUT /{{ customer_id }}' }\n";

#[test]
fn captures_have_a_source_and_perhaps_a_pattern() {
    let text = r#"
contract: shop/customers.yaml
cases:
  - name: captures
    call: GET /V1/customers/me
    capture:
      _header: { header: Location }
      _cookie: { cookie: sid, attribute: Path }
      _text: { matches: 'a(b)' }
      _body: { body: $.id, matches: '[0-9]' }
"#;
    let suite = load_right(&Texts::default().with("shop/x.yaml", text));
    let steps = &case(&suite, "captures").steps;
    let captures = &steps[0].request().unwrap().capture;
    let pattern = |text: &str| Pattern::parse(text).unwrap();
    let cookie = CaptureSource::Cookie {
        name: "sid".to_owned(),
        attribute: Some("Path".to_owned()),
    };
    let body = Capture::body("_body", "$.id").unwrap();
    let expected = [
        Capture::header("_header", "Location"),
        Capture {
            from: cookie,
            ..Capture::cookie("_cookie", "sid")
        },
        Capture::text("_text", pattern("a(b)")),
        body.with_matches(pattern("[0-9]")),
    ];
    assert_eq!(captures, &expected);
}

/// One capture for each place in an expression where a variable may be used, and one that nothing uses.
#[test]
fn a_capture_is_used_wherever_an_expression_reads_it() {
    let text = r#"
contract: shop/customers.yaml
cases:
  - name: captures
    steps:
      - call: GET /V1/customers/me
        capture:
          { a: $.a, b: $.b, c: $.c, d: $.d, e: $.e, f: $.f, g: $.g, h: $.h, i: $.i, unused: $.u }
      - send: GET /{{ a[1:] }}/{{ 'x' | replace('x', b[:2]) }}
        query:
          test: "{{ 1 is eq(c[1:]) and 1 is lt d }}"
          condition: "{{ e if f[1:] else g }}"
          nested: "{{ {'x': [dict(y=(h[1:]) | upper)]} }}"
          slice: "{{ 'abc'[i:] }}"
"#;
    let (suite, diagnostics) = load(&Texts::default().with("shop/x.yaml", text));
    assert!(suite.is_some());
    assert!(!diagnostics.has_errors());
    let messages: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, diagnostic.message.to_string()))
        .collect();
    let unused = "nothing uses the capture `unused`".to_owned();
    assert_eq!(messages, [("unused-capture", unused)]);
}

#[test]
fn only_the_selected_files_are_read() {
    let files = Texts::default()
        .with(
            "shop/system.yaml",
            &read("valid/shop/system.yaml").replace("contract: shop/tokens.yaml\n", ""),
        )
        .with(
            "shop/a/good.yaml",
            "contract: shop/customers.yaml\ncases: [{ name: a, call: GET /V1/customers/me }]",
        )
        .with(
            "shop/a.yaml",
            "contract: shop/tokens.yaml\ncases: [{ nme: b }]",
        )
        .with("shop/.hidden/x.yaml", "nonsense")
        .with("shop/README.md", "nonsense");
    let load = |only: &[&str]| {
        let only: Vec<String> = only.iter().map(|&path| path.to_owned()).collect();
        let mut diagnostics = Diagnostics::new();
        let suite = case::load_paths(
            &files,
            "shop",
            Some(&only),
            &|name, _| contract(name),
            &mut diagnostics,
        );
        let names: Vec<String> = suite
            .iter()
            .flat_map(|suite| &suite.files)
            .map(|file| file.name.clone())
            .collect();
        (
            names,
            diagnostics
                .iter()
                .map(|diagnostic| diagnostic.code)
                .collect::<Vec<_>>(),
        )
    };
    // The logins of system.yaml are found in the contract that only the other file names.
    assert_eq!(load(&["shop/a/"]), (vec!["a/good".to_owned()], vec![]));
    assert_eq!(
        load(&["shop/a/good.yaml"]),
        (vec!["a/good".to_owned()], vec![])
    );
    let (names, codes) = load(&["shop/a.yaml"]);
    assert_eq!(
        (names, codes.contains(&"unknown-field")),
        (vec!["a".to_owned()], true)
    );
    assert_eq!(load(&["shop/nothing"]), (vec![], vec!["no-cases"]));
}

#[test]
fn a_contract_is_loaded_once_and_its_faults_are_kept() {
    let files = Texts::default()
        .with("shop/a.yaml", "contract: shop/customers.yaml\ncases: [{ name: a, call: GET /V1/customers/me }]")
        .with("shop/b.yaml", "contract: [shop/customers.yaml, shop/gone.yaml]\ncases: [{ name: a, call: GET /V1/what }]");
    let requested = Mutex::new(Vec::new());
    let mut diagnostics = Diagnostics::new();
    case::load(
        &files,
        "shop",
        &|name, diagnostics| {
            requested.lock().unwrap().push(name.to_owned());
            diagnostics.push(counterpart::diagnostic::Diagnostic::without_place(
                "of-contract",
                name.to_owned(),
            ));
            contract(name)
        },
        &mut diagnostics,
    );
    let mut requested = requested.into_inner().unwrap();
    requested.sort();
    assert_eq!(requested, ["shop/customers.yaml", "shop/gone.yaml"]);
    let codes: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    assert_eq!(codes, ["of-contract", "of-contract", "unknown-contract"]);
}

#[test]
fn values_of_fixtures_are_available_through_others_and_under_aliases() {
    let text = "
contract: shop/customers.yaml
fixtures:
  made: { steps: [{ call: POST /V1/customers, capture: { id: $.id } }] }
  around: { given: [made, { inner: made }], vars: { own: '{{ id }}{{ inner.id }}' } }
cases:
  - name: reaches all of them
    given: [made, around, { outer: around }]
    send: 'GET /{{ id }}/{{ own }}/{{ inner.id }}/{{ outer.id }}/{{ outer.own }}/{{ outer.inner.id }}'
";
    let suite = load_right(&Texts::default().with("shop/x.yaml", text));
    let given = &suite.files[0].cases[0].given;
    assert!(Arc::ptr_eq(
        &given[0].fixture,
        &given[1].fixture.given[0].fixture
    ));
    let wrong = text.replace("outer.inner.id", "outer.inner.idd");
    let (_, diagnostics) = load(&Texts::default().with("shop/x.yaml", &wrong));
    let messages: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.to_string())
        .collect();
    assert_eq!(messages, ["`inner` has no `idd`"]);
}

#[test]
fn no_text_makes_the_loader_panic() {
    // A fixed pseudo-random sequence (Knuth's MMIX constants): the same mutations in every run.
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let scraps = [
        "{{", "}}", "$", "[", "]", "{", "}", ": ", "- ", "\n", "\"", "'", "é", "5", "null", "|",
        "*a", "&a", "$each", "/", "#", "{{ x }}", "call", "steps", "given", "each",
    ];
    let originals = [
        ("shop/x.yaml", read("valid/shop/everything.yaml")),
        ("shop/system.yaml", read("valid/shop/system.yaml")),
    ];
    let mut with_errors = 0;
    for round in 0..300 {
        let mut texts: Vec<String> = originals.iter().map(|(_, text)| text.clone()).collect();
        for _ in 0..=next(3) {
            let text = &mut texts[round % 2];
            let mut from = next(text.len());
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            let mut to = (from + next(12)).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            text.replace_range(from..to, scraps[next(scraps.len())]);
        }
        let files = Texts::default()
            .with(originals[0].0, &texts[0])
            .with(originals[1].0, &texts[1]);
        let (_, diagnostics) = load(&files);
        with_errors += usize::from(diagnostics.has_errors());
        // Rendering reads the places in the texts: it must not panic either.
        assert!(diagnostics.is_empty() || !diagnostics.render(Style::Plain).is_empty());
    }
    assert!(
        with_errors > 150,
        "only {with_errors} mutations were reported"
    );
}
