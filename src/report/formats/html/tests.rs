use std::collections::HashSet;

use scraper::{Html, Selector};

use super::case::PlaceView;
use super::render;
use crate::event::{
    BodyRecord, CallRecord, Coverable, Direction, Event, PlaceRecord, PointKind, PointRecord,
    SubjectFinished, Verdict,
};
use crate::finding::{Named, RunError};
use crate::report::{Report, fixture};
use crate::text::MaskedText;

fn page(events: &[Event]) -> (String, Html) {
    let text = render(&Report::from_events(events)).unwrap();
    let parsed = Html::parse_document(&text);
    (text, parsed)
}

fn count(page: &Html, selector: &str) -> usize {
    page.select(&Selector::parse(selector).unwrap()).count()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector);
    found
        .map(|element| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn attributes(page: &Html, selector: &str, name: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector);
    found
        .filter_map(|element| element.attr(name).map(str::to_owned))
        .collect()
}

/// The fixture's run with calls, and with a coverable contract that has two covered points.
fn rich() -> Vec<Event> {
    let mut events = fixture::run();
    let points = vec![
        fixture::point(PointKind::Operation),
        fixture::point(PointKind::Status("200".into())),
        fixture::point(PointKind::Status("401 <b>".into())),
        PointRecord {
            excluded: Some("no case can cover it".into()),
            ..fixture::point(PointKind::Status("500".into()))
        },
        fixture::point(PointKind::Property {
            direction: Direction::Response,
            property: ["id".into()].into(),
            status: Some(200),
        }),
    ];
    events.insert(
        1,
        Event::Coverable(Coverable {
            system: "magento".to_owned(),
            points,
        }),
    );
    let first = events.iter_mut().find_map(|event| match event {
        Event::SubjectFinished(case) => Some(case),
        _ => None,
    });
    let first = first.unwrap();
    first.covered = vec![0, 1];
    first.calls = [3.0, 4.0, 900.0]
        .map(|milliseconds| CallRecord {
            operation: "GET /V1/customers/me".into(),
            status: 200,
            milliseconds,
        })
        .to_vec();
    events
}

#[test]
fn the_headline_agrees_with_the_exit_code() {
    let case = |case: SubjectFinished| vec![Event::SubjectFinished(case)];
    let table = [
        (case(fixture::passed()), "passed", "0", "Passed"),
        (case(fixture::failed()), "findings", "1", "Failed"),
        (case(fixture::timed_out()), "unreachable", "3", "Unknown"),
        (
            case(fixture::skipped()),
            "nothing-matched",
            "4",
            "Nothing run",
        ),
    ];
    for (mut events, name, exit, word) in table {
        events.insert(0, fixture::started());
        events.push(fixture::finished());
        let (_, page) = page(&events);
        assert_eq!(attributes(&page, "#verdict", "data-verdict"), [name]);
        assert_eq!(attributes(&page, "#verdict", "data-exit"), [exit]);
        let verdict = texts(&page, "#verdict").remove(0);
        assert!(verdict.starts_with(word), "{verdict}");
    }
    let (_, page) = page(&[fixture::started()]);
    assert_eq!(
        attributes(&page, "#verdict", "data-verdict"),
        ["interrupted"]
    );
}

#[test]
fn too_little_coverage_is_not_a_passing_headline() {
    let passed = Event::SubjectFinished(fixture::passed());
    let events = [fixture::started(), passed, fixture::finished()];
    let mut report = Report::from_events(&events);
    report.require_coverage(vec![fixture::shortfall()]);
    let page = Html::parse_document(&render(&report).unwrap());
    assert_eq!(attributes(&page, "#verdict", "data-verdict"), ["coverage"]);
    assert_eq!(attributes(&page, "#verdict", "data-exit"), ["5"]);
    let remarks = texts(&page, ".remarks li");
    assert!(
        remarks.contains(&"magento covers 1/2 operations (50 %), but 100 % is required".to_owned()),
        "{remarks:?}"
    );
}

#[test]
fn every_case_is_present_once_and_a_cause_is_one_group() {
    let (_, page) = page(&rich());
    let verdicts = |verdict: &str| count(&page, &format!(".case[data-verdict={verdict}]"));
    assert_eq!(
        ["passed", "failed", "error", "skipped"].map(verdicts),
        [2, 5, 1, 3]
    );
    let mut groups = attributes(&page, "#failures .group", "data-cases");
    groups.sort();
    assert_eq!(groups, ["1", "1", "3"]);
    assert_eq!(
        attributes(&page, "#failures .group[data-cases='3']", "data-code"),
        ["status-unexpected"]
    );
    assert_eq!(
        count(&page, "#failures .group[data-cases='3'] details.case"),
        3
    );
    assert_eq!(count(&page, "#lost li"), 1);
    assert_eq!(attributes(&page, "#warnings li", "data-code").len(), 2);
}

#[test]
fn forty_cases_of_one_cause_are_one_group_with_five_in_full() {
    let mut events = vec![fixture::started()];
    for number in 0..40 {
        let mut case = fixture::failed_by_status();
        case.subject.name = format!("row {number}").into();
        events.push(Event::SubjectFinished(case));
    }
    events.push(fixture::finished());
    let (_, page) = page(&events);
    assert_eq!(attributes(&page, ".group", "data-cases"), ["40"]);
    assert_eq!(count(&page, ".group details.case"), 5);
    assert_eq!(count(&page, ".group li.case"), 35);
}

#[test]
fn ids_are_unique_and_every_link_within_the_page_has_its_anchor() {
    let (text, page) = page(&rich());
    let ids = attributes(&page, "[id]", "id");
    let known: HashSet<&String> = ids.iter().collect();
    assert_eq!(known.len(), ids.len(), "{ids:?}");
    let links = attributes(&page, "a", "href");
    assert!(
        links
            .iter()
            .any(|link| link == "#explain-status-unexpected")
    );
    assert!(links.iter().any(|link| link == "#explain-timeout"));
    for link in links {
        let anchor = link.strip_prefix('#');
        let anchor = anchor.unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(known.contains(&anchor.to_owned()), "{link} leads nowhere");
    }
    for reference in ["aria-labelledby", "for"] {
        for id in attributes(&page, &format!("[{reference}]"), reference) {
            assert!(known.contains(&id), "{reference}={id}");
        }
    }
    assert_eq!(
        attributes(&page, "[src], link, iframe, object, img", "src").len(),
        0
    );
    assert!(!text.contains("url("), "a style that would load something");
}

/// Text that is dangerous in any context.
const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></pre></details>{{ 7*7 }}\u{202e}\u{1b}[2J</textarea><!--";

/// A case in which every external text is dangerous.
fn evil(verdict: Verdict) -> SubjectFinished {
    let mut case = fixture::failed();
    let evil = || MaskedText::from(EVIL);
    case.subject.name = EVIL.into();
    case.verdict = verdict;
    case.reason = Some(evil());
    case.tags = [EVIL.to_owned()].into();
    case.operations = vec![EVIL.into()];
    for step in &mut case.steps {
        step.label = evil();
        step.operation = Some(EVIL.into());
        step.caller = EVIL.to_owned();
        let place = step.place.as_mut().unwrap();
        place.text = evil();
        place.file = EVIL.to_owned();
        if let Some(request) = &mut step.request {
            request.method = EVIL.to_owned();
            request.url = fixture::masked(&format!("javascript:{EVIL}"));
            request.curl = evil();
            request.headers = vec![(EVIL.to_owned(), evil())];
        }
        if let Some(response) = &mut step.response {
            response.headers = vec![(EVIL.to_owned(), evil())];
            let body = format!("{{\"id\": \"{}\", {EVIL}", EVIL.replace('"', "\\\""));
            response.body = Some(BodyRecord {
                bytes: body.len(),
                text: fixture::masked(&body),
                cut: true,
            });
        }
        for finding in &mut step.findings {
            finding.message = evil();
            finding.at = evil().into();
            finding.expected = Some(evil());
            finding.actual = Some(evil());
            finding.diff = Some(crate::event::DiffRecord {
                expected: fixture::masked(&format!("a\n{EVIL}")),
                actual: fixture::masked(&format!("b\n{EVIL}{EVIL}")),
            });
            if let Some(contract) = &mut finding.contract {
                contract.pointer = EVIL.to_owned();
                contract.place.text = evil();
                contract.correction = Some(EVIL.to_owned());
            }
        }
        step.error = Some(RunError {
            kind: Named::of(EVIL),
            message: evil(),
            advice: Some(evil()),
        });
    }
    case
}

#[test]
fn hostile_text_makes_no_element_and_stays_visible() {
    let mut plain = vec![fixture::started()];
    let verdicts = [
        Verdict::Failed,
        Verdict::Error,
        Verdict::Passed,
        Verdict::Skipped,
    ];
    plain.extend(verdicts.map(|verdict| Event::SubjectFinished(evil(verdict))));
    plain.push(Event::SubjectFinished(fixture::hostile()));
    plain.push(fixture::finished());
    let (text, page) = page(&plain);
    assert_eq!(count(&page, "script"), 1);
    assert_eq!(count(&page, "style"), 1);
    assert_eq!(
        count(&page, "img, iframe, object, embed, base, link, textarea"),
        0
    );
    for element in page.select(&Selector::parse("*").unwrap()) {
        for (name, _) in element.value().attrs() {
            assert!(!name.starts_with("on") && name != "style", "{name}");
        }
    }
    // A comment would hide the rest of the page.
    assert!(!page.tree.values().any(|node| node.is_comment()));
    assert_eq!(count(&page, ".case"), 5);
    let shown: String = page.root_element().text().collect();
    assert!(shown.contains("<script>alert(1)</script>") && shown.contains("{{ 7*7 }}"));
    assert!(shown.contains("\\u{202e}") && shown.contains("\\u{1b}"));
    let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(
        !text.contains(hidden),
        "{:?}",
        text.chars().find(|c| hidden(*c))
    );
}

#[test]
fn the_policy_names_the_hashes_of_the_only_style_and_script() {
    use base64::Engine as _;
    let (_, page) = page(&fixture::run());
    let policy = attributes(&page, "meta[http-equiv]", "content").remove(0);
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let element = page
            .select(&Selector::parse(element).unwrap())
            .next()
            .unwrap();
        let content: String = element.text().collect();
        let hash = base64::engine::general_purpose::STANDARD.encode(ring::digest::digest(
            &ring::digest::SHA256,
            content.as_ref(),
        ));
        assert!(
            policy.contains(&format!("{directive} 'sha256-{hash}'")),
            "{policy}"
        );
    }
}

#[test]
fn wrong_values_are_marked_at_their_place() {
    let (_, page) = page(&fixture::run());
    let marks = texts(&page, ".response .body mark");
    assert!(marks.contains(&"\"7\"".to_owned()), "{marks:?}");
    assert!(marks.contains(&"\"GBR\"".to_owned()), "{marks:?}");
    let parts = texts(&page, ".finding[data-code=expect-body] .diff .row.ch em");
    assert!(parts.iter().any(|part| part.contains("opper")), "{parts:?}");
    let places = texts(&page, ".finding[data-code=body-schema] .where");
    assert!(
        places
            .iter()
            .any(|position| position.starts_with("schemas/magento/customers.yaml:210:"))
    );
}

#[test]
fn entries_are_named_entries_and_have_no_line() {
    let (_, page) = page(&fixture::replay());
    assert_eq!(
        texts(&page, "#verdict"),
        ["Failed: the API deviates in 1 entry"]
    );
    assert_eq!(texts(&page, "#failures h2"), ["Failures 1 entry, 1 cause"]);
    assert_eq!(texts(&page, "#passed h2"), ["Passed 1 entry"]);
    assert_eq!(texts(&page, "#shown"), ["2 entries"]);
    assert_eq!(
        texts(&page, "#failures .case summary .where"),
        ["magento · recorded.har"]
    );
    assert_eq!(count(&page, ".source"), 0, "it is not written in a file");
    assert!(!texts(&page, ".facts dt").contains(&"seed".to_owned()));
    // A different order of keys is not a difference.
    assert_eq!(
        texts(&page, ".diff .row.ch code"),
        ["-  \"firstname\": \"Ada\",", "+  \"firstname\": \"Eve\","]
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    );
    let shown: String = page
        .select(&Selector::parse("main, header").unwrap())
        .flat_map(|part| part.text())
        .collect();
    let at = shown.find("case");
    assert_eq!(at.map(|at| &shown[at.saturating_sub(30)..at + 10]), None);
}

#[test]
fn the_step_that_failed_is_open_and_not_a_warning_before_it() {
    let mut case = fixture::failed_by_status();
    case.steps
        .insert(0, fixture::passed_with_warnings().steps.remove(0));
    let (_, page) = page(&[
        fixture::started(),
        Event::SubjectFinished(case),
        fixture::finished(),
    ]);
    assert_eq!(count(&page, "details.step.broken"), 2);
    let open = ".step[open] .finding";
    assert_eq!(attributes(&page, open, "data-code"), ["status-unexpected"]);
}

#[test]
fn a_case_without_any_step_shows_where_it_is_written() {
    let mut bare = fixture::timed_out();
    bare.steps.clear();
    let (_, page) = page(&[
        fixture::started(),
        Event::SubjectFinished(bare),
        fixture::finished(),
    ]);
    assert_eq!(
        texts(&page, "#errors .source .where"),
        ["cases/magento/customers/me.yaml:50:11"]
    );
}

#[test]
fn coverage_is_never_shown_by_colour_alone() {
    let (_, page) = page(&rich());
    let points = texts(&page, "#coverage .point");
    assert_eq!(points, ["✓ 200", "✗ 401 <b>", "– 500", "✗ response /id"]);
    let states = attributes(&page, "#coverage .point", "data-state");
    assert_eq!(states, ["covered", "missing", "excluded", "missing"]);
    let levels = texts(&page, "#coverage .levels td.num");
    assert_eq!(levels, ["100 %", "50 %", "100 %", "0 %", "100 %"]);
    assert_eq!(
        texts(&page, ".uncovered pre"),
        [
            r#"- name: "GET /V1/customers/me: returns 401 <b>" call: GET /V1/customers/me"#,
            r#"- name: "GET /V1/customers/me: response /id is present" call: GET /V1/customers/me expect: {"status":200,"body":{"id":"…"}}"#,
        ]
    );
}

#[test]
fn the_slowest_operations_have_their_numbers() {
    let (_, page) = page(&rich());
    let numbers = texts(&page, "#times td.num");
    assert_eq!(numbers[0], "3");
    assert_eq!(numbers[3], "900 ms");
    assert_eq!(count(&page, "#times svg.spark"), 1);
}

#[test]
fn the_order_in_which_workers_finish_does_not_matter() {
    let events = rich();
    let mut cases = events.clone();
    cases[2..].reverse();
    assert_eq!(page(&events).0, page(&cases).0);
}

#[test]
fn five_thousand_cases_stay_below_five_megabytes() {
    let mut events = vec![fixture::started()];
    let item = "{\"id\":\"x\",\"name\":\"some name of a thing\",\"n\":[1,2,3]}";
    let items = vec![item; 20_000 / item.len()].join(",");
    for number in 0..5000 {
        let mut case = match number % 10 {
            0 => fixture::failed(),
            _ => fixture::passed(),
        };
        case.subject.name =
            format!("a customer of the shop changes row {number} of a table").into();
        case.subject.file = format!("customers/file-{}", number / 50).into();
        if let Some(step) = case.steps.get_mut(1) {
            // Half of them have a cause of their own.
            if number % 20 == 0 {
                step.findings[0].at = fixture::at(&format!("body /id{number}"));
            }
            if let Some(body) = step
                .response
                .as_mut()
                .and_then(|response| response.body.as_mut())
            {
                body.text = fixture::masked(&format!("{{\"id\":\"7\",\"items\":[{items}]}}"));
                body.bytes = body.text.len();
            }
        }
        events.push(Event::SubjectFinished(case));
    }
    events.push(fixture::finished());
    let (text, page) = page(&events);
    assert!(text.len() < 5_000_000, "{} bytes", text.len());
    assert_eq!(count(&page, ".case"), 5000);
    // All names are present, and the page says what is missing.
    assert_eq!(count(&page, ".case[data-verdict=failed]"), 500);
    assert!(count(&page, "#failures .named .note") > 0);
    assert!(
        texts(&page, ".body .note")
            .iter()
            .any(|note| note.starts_with("cut: "))
    );
}

#[test]
fn the_excerpt_of_a_long_line_is_marked_where_the_place_is() {
    let view = PlaceView::of(&PlaceRecord {
        file: "api.json".to_owned(),
        line: 1,
        column: 9000,
        text: "…\"ü\":bad,…".into(),
        text_column: 6,
        width: 3,
    });
    assert_eq!(view.position, "api.json:1:9000");
    let parts = [view.before, view.meant, view.after];
    assert_eq!(parts, ["…\"ü\":", "bad", ",…"]);
}
