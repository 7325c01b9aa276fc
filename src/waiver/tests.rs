//! Waiver files, valid and broken; findings that are covered and not covered.

use http::StatusCode;

use super::*;
use crate::contract::ContractPlace;
use crate::diagnostic::Style;
use crate::finding::{Code, Location};
use crate::source::Span;
use time::macros::date;

const TODAY: Date = date!(2026 - 06 - 15);

fn read(text: &str) -> (Vec<Arc<Waiver>>, String) {
    let mut diagnostics = Diagnostics::new();
    let source = Source::new("waivers.yaml", text);
    let waivers = Waivers::read(source, TODAY, &mut diagnostics);
    let list = waivers.map_or_else(Vec::new, |waivers| waivers.list);
    (list, diagnostics.render(Style::Plain))
}

fn right(text: &str) -> Arc<Waivers> {
    let (list, diagnostics) = read(text);
    assert_eq!(diagnostics, "");
    Arc::new(Waivers {
        list,
        ..Waivers::default()
    })
}

/// A waiver of a null region, with further lines.
fn region(more: &str) -> Arc<Waivers> {
    right(&format!(
        "waivers:\n  - code: body-schema\n    operation: GET /V1/customers/me\n    at: body /addresses/*/region\n    reason: the import sends none\n    owner: ada\n    until: 2026-12-31\n{more}"
    ))
}

fn place(pointer: &str) -> ContractPlace {
    ContractPlace {
        place: Source::new("c.yaml", "").place(Span::default()),
        pointer: pointer.to_owned(),
    }
}

/// The finding that [`region`] is written for.
fn null_region() -> Finding {
    let at = Location::Body("/addresses/0/region".to_owned());
    let contract = place("/components/schemas/Address/properties/region/type");
    let mut finding = Finding::new(Code::BodySchema, at, "null is not of type object")
        .with_contract(Some(contract));
    finding.found = Some(ValueClass::Null);
    finding
}

const SCENE: Scene<'static> = Scene {
    system: "magento",
    target: "staging",
    url: "https://shop.example/rest",
    operation: Some("GET /V1/customers/me"),
    case: "magento::customers/me::reads",
};

fn decision(waivers: &Waivers, finding: &Finding, scene: &Scene<'_>) -> String {
    match waivers.decide(finding, scene).0 {
        Decision::Counts => "counts".to_owned(),
        Decision::Waived(_) => "waived".to_owned(),
        Decision::Outdated(_, why) => format!("{why:?}"),
    }
}

#[test]
fn everything_stated_must_match() {
    let finding = null_region();
    assert_eq!(decision(&region(""), &finding, &SCENE), "waived");
    for stated in [
        "keyword: type",
        "actual: \"null\"",
        "target: staging",
        "target: https://shop.example/rest/",
        "system: magento",
        "case: magento::customers/me::reads",
    ] {
        assert_eq!(
            decision(&region(&format!("    {stated}\n")), &finding, &SCENE),
            "waived",
            "{stated}"
        );
    }
    for stated in [
        "keyword: enum",
        "target: live",
        "target: https://shop.example",
        "system: nuweb",
        "case: magento::customers/me::reads twice",
    ] {
        assert_eq!(
            decision(&region(&format!("    {stated}\n")), &finding, &SCENE),
            "counts",
            "{stated}"
        );
    }
}

#[test]
fn another_finding_counts() {
    let waivers = region("");
    let mut other = null_region();
    other.code = Code::BodyFormat;
    assert_eq!(decision(&waivers, &other, &SCENE), "counts");
    let mut other = null_region();
    other.at = Location::Body("/addresses/0/city".to_owned());
    assert_eq!(decision(&waivers, &other, &SCENE), "counts");
    for operation in [None, Some("PUT /V1/customers/me")] {
        let scene = Scene { operation, ..SCENE };
        assert_eq!(decision(&waivers, &null_region(), &scene), "counts");
    }
}

#[test]
fn another_class_of_value_is_a_change_and_counts() {
    let waivers = region("    actual: \"null\"\n");
    let mut changed = null_region();
    changed.found = Some(ValueClass::String);
    assert_eq!(
        decision(&waivers, &changed, &SCENE),
        "Changed(Some(String))"
    );
    changed.found = None;
    assert_eq!(decision(&waivers, &changed, &SCENE), "Changed(None)");
}

#[test]
fn a_waiver_applies_to_the_end_of_its_last_day() {
    let of = |until: &str| {
        let text = format!(
            "waivers:\n  - {{ code: status-unexpected, operation: GET /a, at: status, reason: known, ticket: A-1, until: {until} }}\n"
        );
        let finding = Finding::new(Code::StatusUnexpected, Location::Status, "x");
        let scene = Scene {
            operation: Some("GET /a"),
            ..SCENE
        };
        decision(&right(&text), &finding, &scene)
    };
    assert_eq!(of("2026-06-15"), "waived");
    assert_eq!(of("2026-06-14"), "Expired");
}

#[test]
fn statuses_are_waived_singly_or_by_hundreds() {
    let of = |actual: &str, status: u16| {
        let text = format!(
            "waivers:\n  - {{ code: status-unexpected, operation: GET /a, at: status, actual: {actual}, reason: known, ticket: A-1, until: 2026-12-31 }}\n"
        );
        let mut finding = Finding::new(Code::StatusUnexpected, Location::Status, "x");
        let status = StatusCode::from_u16(status).unwrap();
        finding.found = Some(ValueClass::Status(status.as_u16()));
        let scene = Scene {
            operation: Some("GET /a"),
            ..SCENE
        };
        decision(&right(&text), &finding, &scene)
    };
    assert_eq!(of("status 404", 404), "waived");
    assert_eq!(of("status 4XX", 404), "waived");
    assert_eq!(of("status 404", 403), "Changed(Some(Status(403)))");
    assert_eq!(of("status 4XX", 500), "Changed(Some(Status(500)))");
}

#[test]
fn a_missing_property_is_waived_at_its_own_place() {
    let mut finding = null_region();
    finding.at = Location::Body("/addresses/0".to_owned());
    finding.missing = Some("region".to_owned());
    finding.contract = Some(place("/components/schemas/Address/required"));
    finding.found = Some(ValueClass::Missing);
    let own = region("    keyword: required\n    actual: missing\n");
    assert_eq!(decision(&own, &finding, &SCENE), "waived");
    finding.missing = Some("city".to_owned());
    assert_eq!(decision(&own, &finding, &SCENE), "counts");
    let object = right(
        "waivers:\n  - { code: body-schema, operation: GET /V1/customers/me, at: body /addresses/*, reason: known, owner: ada, until: 2026-12-31 }\n",
    );
    assert_eq!(decision(&object, &finding, &SCENE), "TooWide");
}

#[test]
fn the_first_in_force_wins_and_an_expired_one_does_not_prevent_it() {
    let two = |first: &str, second: &str| {
        region(&format!(
            "    keyword: {first}\n  - code: body-schema\n    operation: GET /V1/customers/me\n    at: body /addresses/*/region\n    reason: second\n    owner: ada\n    until: {second}\n"
        ))
    };
    let reason = |waivers: &Waivers| match waivers.decide(&null_region(), &SCENE) {
        (Decision::Waived(waiver), index) => (waiver.reason.clone(), index),
        (other, _) => panic!("{other:?}"),
    };
    assert_eq!(
        reason(&two("type", "2026-12-31")),
        ("the import sends none".to_owned(), Some(0))
    );
    assert_eq!(
        reason(&two("enum", "2026-12-31")),
        ("second".to_owned(), Some(1))
    );
    let expired_first = right(
        "waivers:\n  - { code: body-schema, operation: GET /V1/customers/me, at: body /addresses/*/region, keyword: type, reason: first, owner: ada, until: 2026-01-31 }\n  - { code: body-schema, operation: GET /V1/customers/me, at: body /addresses/*/region, reason: second, owner: ada, until: 2026-12-31 }\n",
    );
    assert_eq!(reason(&expired_first), ("second".to_owned(), Some(1)));
}

#[test]
fn a_waiver_is_stale_when_it_was_tested_and_matched_nothing() {
    let waivers = region("");
    let elsewhere = Scene {
        operation: Some("PUT /V1/customers/me"),
        ..SCENE
    };
    let stale = |ledgers: &[&WaiverLedger]| {
        let used = WaiverLedger::used(ledgers.iter().copied());
        used.iter().filter(|waiver| waiver.is_stale()).count()
    };

    let ledger = WaiverLedger::new(Arc::clone(&waivers));
    ledger.record_tested(&elsewhere);
    assert_eq!(stale(&[&ledger]), 0, "it was not tested");
    ledger.record_tested(&SCENE);
    assert_eq!(stale(&[&ledger]), 1);

    // On another target of the same run it matched its finding, or might have.
    let other = WaiverLedger::new(Arc::clone(&waivers));
    other.record_omitted(&elsewhere);
    assert_eq!(stale(&[&ledger, &other]), 1);
    other.record_omitted(&SCENE);
    assert_eq!(stale(&[&ledger, &other]), 0, "a case was left out");
    let other = WaiverLedger::new(Arc::clone(&waivers));
    let decision = other.decide(&null_region(), &SCENE);
    assert!(matches!(decision, Decision::Waived(_)));
    assert_eq!(stale(&[&ledger, &other]), 0, "it matched a finding");

    let narrowed = Waivers::clone(&waivers).with_systems_left_out(true);
    let ledger = WaiverLedger::new(Arc::new(narrowed));
    ledger.record_tested(&SCENE);
    assert_eq!(stale(&[&ledger]), 0, "it may belong to a system left out");
}

#[test]
fn a_changed_or_expired_waiver_that_matched_its_finding_is_not_stale() {
    let changed = region("    actual: string\n");
    let ledger = WaiverLedger::new(changed);
    ledger.record_tested(&SCENE);
    let decision = ledger.decide(&null_region(), &SCENE);
    assert!(matches!(
        decision,
        Decision::Outdated(_, Outdated::Changed(_))
    ));
    assert!(!WaiverLedger::used([&ledger]).iter().any(Used::is_stale));
}

#[test]
fn all_faults_of_broken_files_are_reported() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/waivers/broken");
    let mut number = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        number += 1;
        let mut diagnostics = Diagnostics::new();
        let name = path.file_name().unwrap().to_string_lossy();
        let source = Source::new(name, std::fs::read_to_string(&path).unwrap());
        let _ = Waivers::read(source, TODAY, &mut diagnostics);
        assert!(diagnostics.has_errors(), "{}", path.display());
        let seen = format!("{}\n", diagnostics.render(Style::Plain));
        let expected = path.with_extension("txt");
        // `SNAPSHOTS=overwrite` rewrites them: read the result.
        snapbox::Assert::new().action_env("SNAPSHOTS").eq(
            snapbox::Data::text(seen).raw(),
            snapbox::Data::read_from(&expected, None).raw(),
        );
    }
    assert_eq!(number, 7);
}

#[test]
fn every_page_of_a_code_shows_a_valid_waiver() {
    for code in Code::ALL {
        let page = code.page();
        let (_, section) = page
            .split_once("## How to waive it\n")
            .expect("the section");
        let (_, block) = section.split_once("```yaml\n").expect("an example");
        let (yaml, _) = block.split_once("```").expect("its end");
        let (list, diagnostics) = read(yaml);
        assert_eq!(diagnostics, "", "{code}");
        assert_eq!(list.len(), 1, "{code}");
        assert_eq!(list[0].code, WaivedCode::Finding(*code));
    }
}
