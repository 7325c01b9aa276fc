//! Cases that are written as a case file and read back are the same.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use counterpart::case::{
    self, AppliedRules, Body, Capture, Case, CaseFile, FindContract, Fixture, Given,
    HeaderExpectation, JsonType, Origin, Rule, StatusPattern, Step, Suite, Template,
};
use counterpart::contract::{Contract, Loader, Reading};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::{Files, Folder};
use counterpart::version::Versions;
use http::Method;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use super::{Texts, contract, load_right, random, read, schema};

/// The system that the files of these tests belong to.
pub struct Shop {
    pub suite: Suite,
    /// The contracts of a file that names `shop/customers.yaml`.
    pub contracts: Vec<Arc<Contract>>,
}

pub fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let files = Texts::default()
            .with("shop/system.yaml", &read("valid/shop/system.yaml"))
            .with(
                "shop/a.yaml",
                "contract: shop/customers.yaml\ncases: [{ name: a, call: GET /V1/customers/me }]\n",
            );
        Shop {
            suite: load_right(&files),
            contracts: ["shop/customers.yaml", "shop/tokens.yaml"]
                .map(|name| contract(name).unwrap())
                .into(),
        }
    })
}

/// The first step of a case.
fn first(case: &mut Case) -> &mut Step {
    case.steps[0].request_mut().unwrap()
}

/// A suite, and why it cannot be run.
fn load(cases: &dyn Files, system: &str, contracts: &FindContract<'_>) -> (Option<Suite>, String) {
    let mut diagnostics = Diagnostics::new();
    let suite = case::load(cases, system, contracts, &mut diagnostics);
    let faults = match diagnostics.has_errors() {
        true => diagnostics.render(Style::Plain),
        false => String::new(),
    };
    (suite, faults)
}

fn has_trailing_spaces(text: &str) -> bool {
    text.lines().any(|line| line.ends_with([' ', '\t']))
}

#[test]
fn shipped_files_survive_writing_and_reading() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for (schemas, cases, system) in [
        ("schemas", "cases", "magento"),
        ("schemas", "cases", "magento-admin-save"),
        ("schemas", "cases", "nuweb"),
        ("examples/notes/schemas", "examples/notes/cases", "notes"),
        (
            "src/cli/example/schemas",
            "src/cli/example/cases",
            "example",
        ),
        (
            "tests/fixtures/cases/schemas",
            "tests/fixtures/cases/valid",
            "shop",
        ),
    ] {
        let (schemas, cases) = (
            Folder::new(project.join(schemas)),
            Folder::new(project.join(cases)),
        );
        let loader = Loader::new(&schemas, Reading::default());
        let contracts = |name: &str, diagnostics: &mut Diagnostics| loader.load(name, diagnostics);
        let (suite, faults) = load(&cases, system, &contracts);
        assert_eq!(faults, "");
        let suite = suite.unwrap();
        let mut files = Texts::default();
        if let Ok(shared) = cases.read(&format!("{system}/system.yaml")) {
            files = files.with(&format!("{system}/system.yaml"), shared.text());
        }
        for file in &suite.files {
            let text = case::write(file, &suite).unwrap();
            assert!(!has_trailing_spaces(&text), "{text}");
            files = files.with(&format!("{system}/{}.yaml", file.name), &text);
        }
        let (again, faults) = load(&files, system, &contracts);
        assert_eq!(faults, "");
        let again = again.unwrap();
        assert_eq!(suite.files.len(), again.files.len());
        for (file, again) in suite.files.iter().zip(&again.files) {
            assert_eq!(file.name, again.name);
            assert_eq!(file.contract_names, again.contract_names);
            assert_eq!(file.cases.len(), again.cases.len());
            let text = files.read(&again.path).unwrap();
            for (case, again) in file.cases.iter().zip(&again.cases) {
                assert_same(case, again, text.text());
                count += 1;
            }
        }
    }
    assert!(count > 500, "only {count} cases");
}

#[track_caller]
fn assert_same(case: &Case, again: &Case, text: &str) {
    let name = case.row_name(0).unwrap();
    assert!(case == again, "`{name}` is read differently in\n{text}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(8),
        ..ProptestConfig::default()
    })]

    /// About two thousand cases.
    #[test]
    fn random_cases_survive_writing_and_reading(file in random::file()) {
        let file = &file.0;
        let text = match case::write(file, &shop().suite) {
            Ok(text) => text,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let files = Texts::default()
            .with("shop/system.yaml", &read("valid/shop/system.yaml"))
            .with("shop/random.yaml", &text);
        let contracts = |name: &str, _: &mut Diagnostics| {
            let mut contracts = shop().contracts.iter();
            contracts.find(|contract| contract.name == name).cloned()
        };
        let (suite, faults) = load(&files, "shop", &contracts);
        prop_assert_eq!(&faults, "", "{}", text);
        let again = &suite.unwrap().files[0];
        prop_assert_eq!(file.cases.len(), again.cases.len(), "{}", text);
        for (case, again) in file.cases.iter().zip(&again.cases) {
            prop_assert!(case == again, "{}", text);
        }
        prop_assert!(!has_trailing_spaces(&text), "{}", text);
        prop_assert_eq!(schema::faults_of_case_file(&text), Vec::<String>::new(), "{}", text);
    }
}

fn me() -> Step {
    let contract = &shop().contracts[0];
    let operation = contract.operation(&Method::GET, "/V1/customers/me");
    Step::call(contract, operation.unwrap())
}

fn recorded() -> Origin {
    Origin::Recorded {
        recording: "shop.har".to_owned(),
        entry: 3,
    }
}

fn file_of(cases: impl IntoIterator<Item = Case>) -> CaseFile {
    CaseFile {
        setup: None,
        name: "made".to_owned(),
        path: "shop/made.yaml".to_owned(),
        contract_names: vec!["shop/customers.yaml".to_owned()],
        contracts: shop().contracts.clone(),
        cases: cases.into_iter().map(Arc::new).collect(),
    }
}

#[test]
fn a_file_is_written_in_the_style_of_the_shipped_files() {
    let text = |text: &str| Template::from_text(text).unwrap();
    let generated = |seed| Origin::Generated {
        generator: "boundaries".to_owned(),
        point: Some("PUT /V1/customers/{customerId}: request /name maxLength".to_owned()),
        seed,
    };
    let contract = &shop().contracts[0];
    let put = contract
        .operation(&Method::PUT, "/V1/customers/{customerId}")
        .unwrap();
    let long = "{\"lastname\": \"O'Hara\", \"note\": \"as long as it must be, so that no line could hold all of it, and with both quotes\"}";
    let mut change = Step::call(contract, put)
        .with_path("customerId", text("{{ customer_id }}"))
        .with_caller("admin")
        .with_query("tag", Template::literal("a"))
        .with_query("tag", Template::literal("yes"))
        .with_header("Accept", None)
        .with_body(Body::text(Template::literal(long), None))
        .with_status(200)
        .with_status(202)
        .with_capture(Capture::header("_etag", "ETag"));
    change.name = Some("change".to_owned());
    change.expect.body = Some(
        Rule::Value(Template::literal(
            json!({ "id": 7, "tags": [], "zip": "01234" }),
        ))
        .into(),
    );
    change.expect.within = Some(Duration::from_secs(2).into());
    let own = Fixture {
        name: "basket".to_owned(),
        given: Vec::new(),
        vars: vec![("size".to_owned(), Template::literal(3))],
        steps: Vec::new(),
        cleanup: Vec::new(),
        place: None,
    };
    let given = |alias: Option<&str>, fixture: Arc<Fixture>| Given {
        alias: alias.map(str::to_owned),
        fixture,
    };
    let mut first = Case::new("null", generated(7))
        .with_step(change)
        .with_step(me().with_body(Body::json(Template::literal(json!("first\nsecond\n")))));
    first.tags = ["made", "slow"].map(str::to_owned).into();
    first.given = vec![
        given(None, Arc::clone(&shop().suite.fixtures["customer"])),
        given(Some("basket"), Arc::new(own)),
    ];
    first.versions = Versions::parse(">=2").unwrap();
    let mut second = Case::new("braces {{ {", recorded()).with_step(me());
    second.tags = vec!["made".to_owned()];
    second.versions = Versions::parse(">=2").unwrap();
    second.has_each = true;
    second.rows = vec![vec![
        ("id".to_owned(), json!(1.5)),
        ("name".to_owned(), json!("~")),
    ]];
    second.skip = Some("why: not".to_owned());
    let expected = r##"contract: shop/customers.yaml
tags: [made]
versions: ">=2"
fixtures:
  basket:
    vars:
      size: 3
cases:
  # generated by boundaries for PUT /V1/customers/{customerId}: request /name maxLength (seed 7)
  - name: "null"
    tags: [slow]
    given: [customer, { basket: basket }]
    steps:
      - name: change
        call: PUT /V1/customers/{customerId}
        path: { customerId: "{{ customer_id }}" }
        as: admin
        query: { tag: [a, yes] }
        headers: { Accept: null }
        content_type: null
        text: |-
          {"lastname": "O'Hara", "note": "as long as it must be, so that no line could hold all of it, and with both quotes"}
        expect:
          status: [200, 202]
          body: { id: 7, tags: [], zip: "01234" }
          within: 2s
        capture: { _etag: { header: ETag } }
      - call: GET /V1/customers/me
        body: |
          first
          second

  # recorded in shop.har, entry 3
  - name: braces {{ '{{' }} {
    each:
      - { id: 1.5, name: "~" }
    skip: "why: not"
    call: GET /V1/customers/me
"##;
    let written = case::write(&file_of([first, second]), &shop().suite).unwrap();
    assert_eq!(written, expected);
}

/// Each changes a case of one step into something that a case file cannot express.
#[test]
fn what_case_files_cannot_express_is_refused() {
    let value = |value: Value| Rule::Value(Template::literal(value));
    let text = |text: &str| Template::from_text(text).unwrap();
    let fixture = |name: &str, size: i32| Given {
        alias: Some(format!("f{size}")),
        fixture: Arc::new(Fixture {
            name: name.to_owned(),
            given: Vec::new(),
            vars: vec![("size".to_owned(), Template::literal(size))],
            steps: Vec::new(),
            cleanup: Vec::new(),
            place: None,
        }),
    };
    let expect_body = |case: &mut Case, rule: Rule<Template>| {
        first(case).expect.body = Some(rule.into());
    };
    let send = |case: &mut Case, body: Body| first(case).body = Some(body);
    let query = |case: &mut Case, values: &[(&str, Value)]| {
        let values = values.iter();
        first(case).query = values
            .map(|(name, value)| ((*name).to_owned(), Template::literal(value.clone())))
            .collect();
    };
    type Change<'a> = &'a dyn Fn(&mut Case);
    let changes: [(&str, Change<'_>); 29] = [
        (
            "the case `x`: the expected key `$any` would be read as a matcher",
            &|case| {
                expect_body(
                    case,
                    Rule::Mapping(vec![("$any".to_owned(), value(json!(true)).into())]),
                );
            },
        ),
        (
            "the expected key `$ref` would be read as a matcher",
            &|case| {
                expect_body(case, value(json!([{ "a": { "$ref": "x", "b": 1 } }])));
            },
        ),
        ("`$any` is not a matcher inside `$equals`", &|case| {
            expect_body(
                case,
                Rule::Equals(Template::literal(json!({ "$any": true }))),
            );
        }),
        ("must be a string, `$matches` or `$contains`", &|case| {
            first(case).expect.message = Some(Rule::Type(vec![JsonType::String]).into());
        }),
        ("`$one_of` with an empty list", &|case| {
            expect_body(case, Rule::OneOf(Vec::new()));
        }),
        ("must be a type or a list of types", &|case| {
            expect_body(case, Rule::Type(Vec::new()));
        }),
        ("`$length` must be a whole number", &|case| {
            expect_body(case, Rule::Length(Template::literal(-1)));
        }),
        (
            "the case `x`: a case file cannot express its expectation of step 1",
            &|case| {
                first(case).expect.headers = vec![HeaderExpectation {
                    name: "X-Count".to_owned(),
                    value: value(json!(1)).into(),
                }];
            },
        ),
        ("`undocumented: true` needs a `status`", &|case| {
            first(case).expect.rules = AppliedRules::GeneralOnly;
        }),
        ("not an HTTP status", &|case| {
            first(case).expect.status = vec![StatusPattern::Exact(99).into()];
        }),
        ("is not a JSON pointer", &|case| {
            first(case).expect.absent = vec!["a".to_owned().into()];
        }),
        ("0ns cannot be written as a time limit", &|case| {
            first(case).expect.within = Some(Duration::ZERO.into());
        }),
        ("172800s cannot be written as a timeout", &|case| {
            first(case).timeout = Some(Duration::from_secs(172_800));
        }),
        ("a key cannot be a template", &|case| {
            send(case, Body::json(Template::literal(json!({ "a {{ b": 1 }))));
        }),
        ("a value is nested deeper than 200 levels", &|case| {
            let deep = (0..300).fold(json!(1), |inner, _| json!([inner]));
            send(case, Body::json(Template::literal(deep)));
        }),
        ("a value is not text where text is required", &|case| {
            send(case, Body::text(Template::literal(5), None));
        }),
        ("the key `a` is given twice", &|case| {
            query(case, &[("a", json!(1)), ("a", json!(2))]);
        }),
        ("unknown variable `nope`", &|case| {
            case.vars = vec![("v".to_owned(), text("{{ nope }}"))];
        }),
        ("`env` cannot be the name of a capture", &|case| {
            first(case).capture = vec![Capture::body("env", "$.id").unwrap()];
        }),
        ("cannot express its call of step 1", &|case| {
            let path = Template::literal("/V1/customers ");
            *first(case) = Step::send(Method::GET, path, &shop().contracts);
        }),
        ("cannot express its call of step 1", &|case| {
            *first(case) = Step::send(Method::GET, Template::literal("/"), &[]);
        }),
        ("`expect` in a cleanup", &|case| {
            case.cleanup = vec![me().with_status(200)];
        }),
        ("unknown auth profile `unknown`", &|case| {
            first(case).caller = "unknown".to_owned().into();
        }),
        ("two different fixtures are called `mine`", &|case| {
            case.given = vec![fixture("mine", 1), fixture("mine", 2)];
        }),
        ("two different fixtures are called `customer`", &|case| {
            case.given = vec![fixture("customer", 1)];
        }),
        ("cannot express its tags", &|case| {
            case.tags = vec!["a".to_owned(), "a".to_owned()];
        }),
        ("cannot express its rows", &|case| {
            case.rows[0].push(("a".to_owned(), json!(1)));
        }),
        ("not a name for a case in `- name: a::b`", &|case| {
            case.name = Template::literal("a::b");
        }),
        ("a case without steps", &|case| case.steps.clear()),
    ];
    for (words, change) in changes {
        let mut case = Case::new("x", recorded()).with_step(me());
        assert!(case::write(&file_of([case]), &shop().suite).is_ok());
        case = Case::new("x", recorded()).with_step(me());
        change(&mut case);
        let error = case::write(&file_of([case]), &shop().suite).unwrap_err();
        assert!(error.to_string().contains(words), "{words}:\n{error}");
    }

    let case = || Case::new("x", recorded()).with_step(me());
    let error = case::write(&file_of([case(), case()]), &shop().suite).unwrap_err();
    assert!(
        error.to_string().contains("two cases are called `x`"),
        "{error}"
    );
    let mut elsewhere = file_of([case()]);
    elsewhere.contracts.remove(0);
    let error = case::write(&elsewhere, &shop().suite).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("unknown operation `GET /V1/customers/me`"),
        "{error}"
    );
}
