//! Which cases are planned, in which order, under which names, and why some are skipped.

use std::sync::Arc;

use counterpart::case::Suite;
use counterpart::plan::{Plan, Selection, TagExpression, plan, skip_reason};
use counterpart::target::Target;

use super::{Texts, load_right, read};

fn shop() -> Arc<Suite> {
    Arc::new(load_right(
        &Texts::default()
            .with("shop/system.yaml", &read("valid/shop/system.yaml"))
            .with("shop/everything.yaml", &read("valid/shop/everything.yaml"))
            .with(
                "shop/customers/create.yaml",
                &read("valid/shop/customers/create.yaml"),
            )
            .with("shop/reading.yml", READING),
    ))
}

const READING: &str = "
contract: shop/customers.yaml
cases:
  - { name: reads, call: GET /V1/customers/me, as: machine }
  - { name: reads with company, call: GET /V1/customers/me, as: machine, headers: { X-Company: '{{ credentials.company_id }}' } }
  - { name: reads as admin, call: GET /V1/customers/me, as: admin, tags: [slow] }
  - { name: '{{ method }} {{ id }}', each: { method: [GET, PUT], id: [0, abc, null] }, send: 'GET /{{ method }}/{{ id }}' }
  - { name: one of many, each: [{ a: 1 }, { a: 2 }], send: 'HEAD /{{ a }}' }
";

fn ids(plan: &Plan) -> Vec<String> {
    plan.systems
        .iter()
        .flat_map(|system| &system.cases)
        .map(|case| case.subject.to_string())
        .collect()
}

fn selected(selection: &Selection) -> Vec<String> {
    ids(&plan(&[shop()], selection, 1))
}

#[test]
fn the_order_is_by_file_then_as_written_then_by_row() {
    assert_eq!(
        selected(&Selection::default()),
        [
            "shop::customers/create::a guest registers",
            "shop::customers/create::registering needs email",
            "shop::customers/create::registering needs firstname",
            "shop::customers/create::a customer changes her own last name",
            "shop::everything::one step with all that a request can have [1]",
            "shop::everything::one step with all that a request can have [2]",
            "shop::everything::one step with all that a request can have [3]",
            "shop::everything::raw requests in several steps",
            "shop::everything::steps under a condition",
            "shop::everything::requests at the same time",
            "shop::everything::one step with a condition",
            "shop::everything::not yet",
            "shop::reading::reads",
            "shop::reading::reads with company",
            "shop::reading::reads as admin",
            "shop::reading::GET 0",
            "shop::reading::GET abc",
            "shop::reading::GET ",
            "shop::reading::PUT 0",
            "shop::reading::PUT abc",
            "shop::reading::PUT ",
            "shop::reading::one of many [1]",
            "shop::reading::one of many [2]",
        ]
    );
}

#[test]
fn a_case_has_the_values_of_its_row_and_the_path_of_its_file() {
    let plan = plan(&[shop()], &Selection::default(), 9);
    let case = plan.systems[0]
        .cases
        .iter()
        .find(|case| &*case.subject.name == "PUT abc")
        .unwrap();
    assert_eq!(
        case.row,
        [
            ("method".to_owned(), "PUT".into()),
            ("id".to_owned(), "abc".into())
        ]
    );
    assert_eq!(&*case.path, "shop/reading.yml");
    assert_eq!((plan.seed, plan.len(), plan.is_empty()), (9, 23, false));
}

#[test]
fn filters_match_a_part_of_the_id_or_all_of_it() {
    let by = |filters: &[&str]| {
        selected(&Selection {
            filters: filters.iter().map(|&f| f.to_owned()).collect(),
            ..Selection::default()
        })
    };
    assert_eq!(by(&["create::a "]).len(), 2);
    assert_eq!(by(&["=shop::reading::reads"]), ["shop::reading::reads"]);
    assert_eq!(
        by(&["needs email", "PUT abc"]),
        [
            "shop::customers/create::registering needs email",
            "shop::reading::PUT abc"
        ]
    );
    assert!(by(&["=reads"]).is_empty());
}

#[test]
fn tags_and_paths_select() {
    let by = |tags: &[&str], paths: &[&str]| {
        selected(&Selection {
            tags: tags
                .iter()
                .map(|tag| TagExpression::parse(tag).unwrap())
                .collect(),
            paths: paths.iter().map(|&path| path.to_owned()).collect(),
            ..Selection::default()
        })
    };
    assert_eq!(by(&["smoke"], &[]).len(), 4);
    assert_eq!(
        by(&["smoke", "!all"], &[]),
        ["shop::customers/create::a guest registers"]
    );
    assert_eq!(by(&["slow,customers"], &[]).len(), 5);
    assert_eq!(by(&[], &["shop/customers"]).len(), 4);
    assert_eq!(by(&["slow"], &["shop/customers"]).len(), 0);
    assert_eq!(by(&[], &["shop/reading.yml", "shop/everything"]).len(), 19);
}

#[test]
fn reasons_for_skipping() {
    let suite = shop();
    let planned = plan(&[suite], &Selection::default(), 1);
    let reason = |name: &str, target: &Target, selection: &Selection| {
        let case = planned.systems[0]
            .cases
            .iter()
            .find(|case| &*case.subject.name == name)
            .unwrap();
        skip_reason(case, target, selection)
    };
    let mut target = Target::new(url::Url::parse("http://127.0.0.1:1").unwrap());
    target.name = "stage".to_owned();
    let all = Selection::default();
    let read_only = Selection {
        read_only: true,
        ..Selection::default()
    };

    assert_eq!(
        reason("not yet", &target, &all).unwrap(),
        "waits for the second version of the shop"
    );
    assert_eq!(reason("GET 0", &target, &all), None);
    assert_eq!(reason("GET 0", &target, &read_only), None);
    assert_eq!(reason("registering needs email", &target, &all), None);
    assert_eq!(
        reason("registering needs email", &target, &read_only).unwrap(),
        "changes data, and only reading is allowed"
    );

    // Credentials: the login of admin, the cleanup of the fixture, those that a step mentions.
    let admin = "needs auth profile \"admin\", but target \"stage\" has no credentials for it \
                 (set [targets.stage.auth.admin] username and password, or bearer)";
    assert_eq!(reason("reads as admin", &target, &all).unwrap(), admin);
    assert_eq!(
        reason("a customer changes her own last name", &target, &all).unwrap(),
        admin
    );
    assert_eq!(
        reason("reads", &target, &all).unwrap(),
        "needs auth profile \"machine\", but target \"stage\" has no credentials for it (set [targets.stage.auth.machine] bearer)"
    );
    let half = target.clone().with_credential("admin", "username", "ada");
    assert_eq!(
        reason("reads as admin", &half, &all).unwrap(),
        "needs auth profile \"admin\", but target \"stage\" does not have all credentials for it \
         (set [targets.stage.auth.admin] password, or bearer)"
    );
    let whole = half.with_credential("admin", "password", "x");
    assert_eq!(reason("reads as admin", &whole, &all), None);
    let bearer = target
        .with_credential("admin", "bearer", "x")
        .with_credential("machine", "bearer", "y");
    assert_eq!(reason("reads as admin", &bearer, &all), None);
    assert_eq!(reason("reads", &bearer, &all), None);
    assert_eq!(
        reason("reads with company", &bearer, &all).unwrap(),
        "needs auth profile \"machine\", but target \"stage\" does not have all credentials for it (set [targets.stage.auth.machine] company_id)"
    );
    assert_eq!(
        reason(
            "reads with company",
            &bearer.clone().with_credential("machine", "company_id", "1"),
            &all
        ),
        None
    );

    // Disruptive: selected by tag or by its whole id, or on a disposable target.
    let name = "one step with all that a request can have [1]";
    assert_eq!(
        reason(name, &bearer, &all).unwrap(),
        "disruptive: runs only with `--tag disruptive`, or on a disposable target"
    );
    let by_id = Selection {
        tags: vec![TagExpression::parse("disruptive").unwrap()],
        ..Selection::default()
    };
    assert_eq!(reason(name, &bearer, &by_id), None);
    let named = Selection {
        filters: vec![format!("=shop::everything::{name}")],
        ..Selection::default()
    };
    assert_eq!(reason(name, &bearer, &named), None);
    let disposable = Target {
        disposable: true,
        ..bearer
    };
    assert_eq!(reason(name, &disposable, &all), None);
}

/// Cases for some versions, and an operation that only some have.
const VERSIONED: &str = "
contract: shop/versions.yaml
versions: '>=2.4.6'
cases:
  - { name: of all, call: GET /V1/a }
  - { name: of later ones, call: GET /V1/a, versions: '>=2.4.8 <3' }
  - { name: of a later operation, given: [b], call: GET /V1/a }
fixtures:
  b: { steps: [{ call: POST /V1/b }] }
";

#[test]
fn cases_for_other_versions_are_skipped() {
    let suite = Arc::new(load_right(
        &Texts::default().with("shop/versioned.yaml", VERSIONED),
    ));
    let planned = plan(&[suite], &Selection::default(), 1);
    let reasons = |version: Option<&str>| -> Vec<Option<String>> {
        let mut target = Target::parse("http://127.0.0.1:1").unwrap();
        target.name = "stage".to_owned();
        if let Some(version) = version {
            target = target.with_version(version).unwrap();
        }
        let cases = planned.systems[0].cases.iter();
        cases
            .map(|case| skip_reason(case, &target, &Selection::default()))
            .collect()
    };
    let reason_text = |text: &str| Some(text.to_owned());
    // Which of two cases for two versions applies is unknown.
    assert_eq!(
        reasons(None)[0],
        reason_text(
            "applies to versions >=2.4.6, but target \"stage\" does not state its version (set `version`, or --target-version)"
        )
    );
    assert_eq!(reasons(Some("2.4.8-p1")), [None, None, None]);
    assert_eq!(
        reasons(Some("2.4.7-p3")),
        [
            None,
            reason_text("applies to versions >=2.4.8 <3, but target \"stage\" is 2.4.7-p3"),
            reason_text("POST /V1/b exists in versions >=2.4.8, but target \"stage\" is 2.4.7-p3"),
        ]
    );
    assert_eq!(
        reasons(Some("2.4.5"))[0],
        reason_text("applies to versions >=2.4.6, but target \"stage\" is 2.4.5")
    );
}

#[test]
fn ten_thousand_rows_keep_their_names() {
    let values: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let list = values.join(", ");
    let text = format!(
        "contract: shop/customers.yaml\ncases:\n  - {{ name: '{{{{ a }}}}/{{{{ b }}}}', each: {{ a: [{list}], b: [{list}] }}, send: 'GET /{{{{ a }}}}/{{{{ b }}}}' }}\n"
    );
    let suite = Arc::new(load_right(&Texts::default().with("shop/many.yaml", &text)));
    let ids = ids(&plan(
        std::slice::from_ref(&suite),
        &Selection::default(),
        1,
    ));
    assert_eq!(ids.len(), 10_000);
    assert_eq!(
        (ids[0].as_str(), ids[9_999].as_str()),
        ("shop::many::0/0", "shop::many::99/99")
    );
    assert_eq!(ids[101], "shop::many::1/1");
    let selection = Selection {
        filters: vec!["=shop::many::7/7".to_owned()],
        ..Selection::default()
    };
    assert_eq!(
        self::ids(&plan(&[suite], &selection, 2)),
        ["shop::many::7/7"]
    );
}
