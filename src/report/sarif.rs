//! SARIF 2.1.0 (OASIS) for code scanning. Main function: [`render`].
//!
//! A result is a cause of findings, however many cases saw it: `ruleId` is the code, the location is the promise in the contract (the
//! line of the case where no contract makes it), related locations are cases. Waived findings are results with a suppression. What we
//! could not find out is no result but a notification of the invocation, which then was not successful.
//!
//! Files are relative to `SRCROOT`, whose place the reader knows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::event::{CaseId, ContractRecord, PlaceRecord};
use crate::finding::{Code, ErrorKind, Severity};

use super::cause::{Cause, Kind, causes};
use super::untrusted::short;
use super::{Report, Waived, Warning};

/// Characters of a message at most.
const MESSAGE: usize = 1_000;
/// Characters of an expected or actual value at most.
const PART: usize = 300;

/// Characters a path keeps in a URI (RFC 3986, 3.3).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The report as one SARIF log, pretty JSON with a last line feed.
pub fn render(report: &Report) -> String {
    let causes = causes(report);
    let mut results: Vec<Value> = causes.iter().filter_map(result).collect();
    let warnings = report.warnings();
    results.extend(warnings.iter().filter_map(|one| warning(one)));
    results.extend(report.waived().into_iter().map(waived));
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(report) },
            "invocations": [invocation(report, &causes)],
            "originalUriBaseIds": {
                "SRCROOT": { "description": { "text": "the root of the repository" } }
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }]
    });
    format!("{log:#}\n")
}

fn driver(report: &Report) -> Value {
    let rules: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            descriptor(
                (code.as_str(), code.summary(), code.page()),
                level(code.default_severity()),
            )
        })
        .collect();
    let notifications: Vec<Value> = ErrorKind::ALL
        .iter()
        .map(|kind| descriptor((kind.as_str(), kind.summary(), kind.page()), "error"))
        .collect();
    let mut driver = json!({
        "name": "counterpart",
        "shortDescription": { "text": "holds an HTTP API to its contract" },
        "rules": rules,
        "notifications": notifications,
    });
    if let Some(run) = report.run() {
        driver["version"] = json!(run.version);
    }
    driver
}

fn descriptor((name, summary, page): (&str, &str, &str), level: &str) -> Value {
    json!({
        "id": name,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": meaning(page).unwrap_or_else(|| summary.to_owned()) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level },
        "properties": { "tags": ["api", "contract"], "explain": format!("counterpart explain {name}") },
    })
}

/// The first paragraph of a page below its first heading of the second level, on one line.
fn meaning(page: &str) -> Option<String> {
    let (_, body) = page.split_once("\n## ")?;
    let (_, text) = body.split_once("\n\n")?;
    let paragraph = text.split("\n\n").next()?;
    Some(paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Off => "none",
    }
}

/// `None` for what is no finding.
fn result(cause: &Cause<'_>) -> Option<Value> {
    let Kind::Finding(finding) = cause.kind else {
        return None;
    };
    let mut message = short(cause.message, MESSAGE);
    for (word, value) in [("expected", &finding.expected), ("actual", &finding.actual)] {
        if let Some(value) = value {
            message.push_str(&format!("; {word} {}", short(value, PART)));
        }
    }
    let related = cause.first.iter().enumerate().map(|(index, (id, place))| {
        let mut location = location(place);
        location["id"] = json!(index + 1);
        location["message"] = json!({ "text": plain(&short(&id.to_string(), PART)) });
        location
    });
    Some(of(
        &Subject {
            system: cause.system,
            code: cause.code,
            operation: cause.operation,
            at: &cause.at,
            contract: cause.contract(),
            place: cause.place,
            cases: cause.cases,
        },
        "error",
        &message,
        related.collect(),
    ))
}

/// `None` for a cleanup that failed: that says nothing of the API.
fn warning(one: &Warning) -> Option<Value> {
    Code::parse(&one.code)?;
    let subject = Subject {
        system: &one.system,
        code: &one.code,
        operation: &one.operation,
        at: &one.at,
        contract: one.contract.as_ref(),
        place: one.place.as_ref()?,
        cases: one.cases,
    };
    Some(of(
        &subject,
        "warning",
        &short(&one.message, MESSAGE),
        Vec::new(),
    ))
}

fn waived(one: &Waived) -> Value {
    let subject = Subject {
        system: &one.system,
        code: &one.code,
        operation: &one.operation,
        at: &one.at,
        contract: one.contract.as_ref(),
        place: &one.place,
        cases: one.cases,
    };
    let mut result = of(&subject, "error", &short(&one.message, MESSAGE), Vec::new());
    let waiver = &one.waiver;
    let mut properties = json!({ "until": short(&waiver.until, PART) });
    for (name, value) in [("owner", &waiver.owner), ("ticket", &waiver.ticket)] {
        if let Some(value) = value {
            properties[name] = json!(short(value, PART));
        }
    }
    result["suppressions"] = json!([{
        "kind": "external",
        "status": "accepted",
        "justification": short(&waiver.reason, MESSAGE),
        "location": location(&waiver.place),
        "properties": properties,
    }]);
    result
}

/// What a result speaks of.
struct Subject<'a> {
    system: &'a str,
    code: &'a str,
    operation: &'a str,
    at: &'a str,
    contract: Option<&'a ContractRecord>,
    place: &'a PlaceRecord,
    cases: usize,
}

fn of(subject: &Subject<'_>, level: &str, message: &str, related: Vec<Value>) -> Value {
    let operation = short(subject.operation, PART);
    let at = short(subject.at, PART);
    let mut logical = Map::new();
    logical.insert("name".to_owned(), json!(operation));
    logical.insert("kind".to_owned(), json!("function"));
    let mut main = location(
        subject
            .contract
            .map_or(subject.place, |contract| &contract.place),
    );
    main["logicalLocations"] = json!([logical]);
    let mut properties = json!({
        "system": short(subject.system, PART),
        "operation": operation,
        "at": at,
        "cases": subject.cases,
    });
    if let Some(contract) = subject.contract {
        properties["pointer"] = json!(short(&contract.pointer, PART));
    }
    let mut result = json!({
        "ruleId": subject.code,
        "level": level,
        "message": { "text": plain(&format!("{operation}, {at}: {message}")) },
        "locations": [main],
        "partialFingerprints": { "counterpartCause/v1": fingerprint(subject) },
        "occurrenceCount": subject.cases,
        "properties": properties,
    });
    let rule = Code::ALL
        .iter()
        .position(|code| code.as_str() == subject.code);
    if let Some(index) = rule {
        result["ruleIndex"] = json!(index);
    }
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

/// A text in which no `[words](target)` is a link (SARIF 3.11.6).
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

/// The same for the same cause in every run: lines and values do not count, only system, code, operation, place in the response and
/// keyword of the contract, else the case file. FNV-1a, 64 bits.
fn fingerprint(subject: &Subject<'_>) -> String {
    let promise = match subject.contract {
        Some(contract) => contract.pointer.as_str(),
        None if subject.place.is_written() => &subject.place.file,
        // The words have the seed in them.
        None => "",
    };
    let parts = [
        subject.system,
        subject.code,
        subject.operation,
        subject.at,
        promise,
    ];
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// A place, or words where no file holds it.
fn location(place: &PlaceRecord) -> Value {
    if !place.is_written() {
        return json!({ "message": { "text": plain(&short(&place.file, PART)) } });
    }
    let mut region = json!({ "startLine": place.line.max(1), "startColumn": place.column.max(1) });
    region["endColumn"] = json!(place.column.max(1) + place.width.max(1));
    json!({ "physicalLocation": { "artifactLocation": artifact(&place.file), "region": region } })
}

fn artifact(file: &str) -> Value {
    let is_url = file.starts_with("http://") || file.starts_with("https://");
    if let (true, Ok(url)) = (is_url, url::Url::parse(file)) {
        return json!({ "uri": url.as_str() });
    }
    let path = file.replace('\\', "/");
    let encoded = utf8_percent_encode(&path, KEPT).to_string();
    match path.as_str() {
        path if path.starts_with('/') => json!({ "uri": format!("file://{encoded}") }),
        // Above the root: only the working folder knows where.
        path if path.starts_with("../") => json!({ "uri": encoded }),
        _ => json!({ "uri": encoded, "uriBaseId": "SRCROOT" }),
    }
}

fn invocation(report: &Report, causes: &[Cause<'_>]) -> Value {
    let mut notes: Vec<Value> = Vec::new();
    for lost in report.lost() {
        let text = format!(
            "{} cannot be asked at {}: {} ({} cases were not run)",
            short(&lost.system, PART),
            short(&lost.url, PART),
            short(&lost.error.message, MESSAGE),
            lost.cases
        );
        notes.push(notification(&lost.error.kind, "error", &text, None));
    }
    for cause in causes
        .iter()
        .filter(|cause| matches!(cause.kind, Kind::Error))
    {
        let text = format!(
            "{}: {} ({})",
            short(cause.operation, PART),
            short(cause.message, MESSAGE),
            cause.counted()
        );
        notes.push(notification(
            cause.code,
            "error",
            &text,
            cause.first.first().copied(),
        ));
    }
    for one in report.warnings() {
        if Code::parse(&one.code).is_none() {
            let text = format!(
                "{}: {}",
                short(&one.operation, PART),
                short(&one.message, MESSAGE)
            );
            notes.push(notification(&one.code, "warning", &text, None));
        }
    }
    let whole = report.cut_short().is_none();
    if !whole {
        let text = format!(
            "the run was cut short: {} of the cases planned have no verdict",
            report.without_verdict()
        );
        notes.push(json!({ "level": "error", "message": { "text": text } }));
    }
    let found_out = report.errors().is_empty() && report.lost().is_empty();
    let mut invocation = json!({
        "executionSuccessful": whole && found_out,
        "exitCode": report.exit_status().code(),
    });
    let started = report.run().map(|run| run.started.as_str());
    let is_time = |text: &&str| time::OffsetDateTime::parse(text, &Rfc3339).is_ok();
    if let Some(started) = started.filter(is_time) {
        invocation["startTimeUtc"] = json!(started);
    }
    if !notes.is_empty() {
        invocation["toolExecutionNotifications"] = json!(notes);
    }
    invocation
}

fn notification(
    kind: &str,
    level: &str,
    text: &str,
    case: Option<(&CaseId, &PlaceRecord)>,
) -> Value {
    let mut note = json!({ "level": level, "message": { "text": plain(text) } });
    if ErrorKind::parse(kind).is_some() {
        note["descriptor"] = json!({ "id": kind });
    }
    if let Some((_, place)) = case {
        note["locations"] = json!([location(place)]);
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::fixture;

    /// The log as JSON, after the official schema found nothing wrong with it.
    fn valid(events: &[Event]) -> Value {
        let text = render(&Report::from_events(events));
        let log: Value = serde_json::from_str(&text).expect("is JSON");
        let schema = include_str!("../../tests/formats/sarif-schema-2.1.0.json");
        let mut schema: Value = serde_json::from_str(schema).expect("is JSON");
        // Its patterns of languages are no regular expressions (a `]` too many); we state no language.
        for component in ["run", "toolComponent"] {
            let language = &mut schema["definitions"][component]["properties"]["language"];
            language.as_object_mut().map(|one| one.remove("pattern"));
        }
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        // The schema is looked at: the same log with a wrong level is refused.
        let mut wrong = log.clone();
        wrong["runs"][0]["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] =
            json!("fatal");
        assert!(!validator.is_valid(&wrong));
        log
    }

    fn results(log: &Value) -> &[Value] {
        log["runs"][0]["results"].as_array().expect("a list")
    }

    #[test]
    fn a_result_stands_where_the_contract_makes_the_promise() {
        let log = valid(&fixture::run());
        let results = results(&log);
        let schema = &results[1];
        assert_eq!(schema["ruleId"], "body-schema");
        assert_eq!(schema["level"], "error");
        assert_eq!(
            schema["message"]["text"],
            "GET /V1/customers/me, body /id: \"7\" is not of type \"integer\"; expected integer; actual \"7\""
        );
        assert_eq!(
            schema["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": { "uri": "schemas/magento/customers.yaml", "uriBaseId": "SRCROOT" },
                "region": { "startLine": 210, "startColumn": 17, "endColumn": 24 }
            })
        );
        assert_eq!(
            schema["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "cases/magento/customers/me.yaml"
        );
        // Where no contract is concerned: the line of the case.
        let status = &results[0];
        assert_eq!(
            (&status["ruleId"], &status["occurrenceCount"]),
            (&json!("status-unexpected"), &json!(3))
        );
        assert_eq!(
            status["locations"][0]["physicalLocation"]["region"]["startLine"],
            31
        );
        let index = schema["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(
            log["runs"][0]["tool"]["driver"]["rules"][index]["id"],
            "body-schema"
        );
        let warnings: Vec<&Value> = results
            .iter()
            .filter(|one| one["level"] == "warning")
            .collect();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0]["ruleId"], "body-undocumented-property");
    }

    #[test]
    fn errors_are_notifications_and_no_results() {
        let log = valid(&fixture::run());
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["exitCode"], 1);
        let notes = invocation["toolExecutionNotifications"]
            .as_array()
            .expect("a list");
        let kinds: Vec<&str> = notes
            .iter()
            .filter_map(|note| note["descriptor"]["id"].as_str())
            .collect();
        assert_eq!(kinds, ["connect-failed", "timeout", "cleanup-failed"]);
        assert!(results(&log).iter().all(|one| one["ruleId"] != "timeout"));
        let passed = valid(&[
            fixture::started(),
            Event::CaseFinished(fixture::passed()),
            fixture::finished(),
        ]);
        assert_eq!(
            passed["runs"][0]["invocations"][0]["executionSuccessful"],
            true
        );
        assert!(results(&passed).is_empty());
    }

    #[test]
    fn a_waived_finding_is_suppressed_with_its_reason() {
        let log = valid(&[
            fixture::started(),
            Event::CaseFinished(fixture::waived()),
            fixture::finished(),
        ]);
        let [one] = results(&log) else {
            panic!("{log:#}")
        };
        let suppression = &one["suppressions"][0];
        assert_eq!(suppression["kind"], "external");
        assert_eq!(suppression["status"], "accepted");
        assert_eq!(
            suppression["justification"],
            "guests are let in until the new gateway is there"
        );
        assert_eq!(
            suppression["location"]["physicalLocation"]["region"]["startLine"],
            3
        );
        assert_eq!(
            suppression["properties"],
            json!({ "until": "2026-12-31", "ticket": "SHOP-12" })
        );
    }

    #[test]
    fn a_fingerprint_stays_when_lines_and_values_move() {
        let print = |case| {
            let log = valid(&[
                fixture::started(),
                Event::CaseFinished(case),
                fixture::finished(),
            ]);
            results(&log)[0]["partialFingerprints"]["counterpartCause/v1"].clone()
        };
        let first = print(fixture::failed());
        let mut moved = fixture::failed();
        let finding = &mut moved.steps[1].findings[0];
        finding.actual = Some("\"8\"".to_owned());
        finding.message = "other words".to_owned();
        if let Some(contract) = &mut finding.contract {
            contract.place.line += 12;
        }
        assert_eq!(print(moved), first);
        let mut other = fixture::failed();
        other.steps[1].findings[0].at = "body /group_id".to_owned();
        assert_ne!(print(other), first);
    }

    #[test]
    fn hostile_text_makes_no_link_and_no_wrong_uri() {
        let mut case = fixture::hostile();
        let step = &mut case.steps[0];
        step.findings.truncate(1);
        step.findings[0].message = "see [this](http://evil.example)\n".to_owned();
        step.place.file = "cases/a b%#?é.yaml".to_owned();
        let log = valid(&[
            fixture::started(),
            Event::CaseFinished(case),
            fixture::finished(),
        ]);
        let one = &results(&log)[0];
        let text = one["message"]["text"].as_str().expect("a text");
        assert!(text.contains("[this] (http://evil.example)\\n"), "{text}");
        assert_eq!(
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "cases/a%20b%25%23%3F%C3%A9.yaml"
        );
    }

    #[test]
    fn files_outside_the_root_are_named_as_they_are() {
        assert_eq!(
            artifact("/srv/a b.yaml"),
            json!({ "uri": "file:///srv/a%20b.yaml" })
        );
        assert_eq!(artifact("../a.yaml"), json!({ "uri": "../a.yaml" }));
        assert_eq!(
            artifact("https://api.example/v1.json"),
            json!({ "uri": "https://api.example/v1.json" })
        );
    }

    #[test]
    fn every_code_is_a_rule_with_its_page() {
        let log = valid(&fixture::run());
        let driver = &log["runs"][0]["tool"]["driver"];
        let rules = driver["rules"].as_array().expect("a list");
        assert_eq!(rules.len(), Code::ALL.len());
        for rule in rules {
            let text = rule["fullDescription"]["text"].as_str().expect("a text");
            assert!(
                text.len() > 60 && !text.contains('\n'),
                "{}: {text}",
                rule["id"]
            );
            assert!(
                rule["help"]["markdown"]
                    .as_str()
                    .is_some_and(|page| page.contains("## Example"))
            );
        }
    }
}
