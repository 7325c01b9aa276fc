//! SARIF 2.1.0 (OASIS) for code scanning. Main function: [`render`].
//!
//! A result is a cause of findings, for any number of subjects: `ruleId` is the code, the location is the place in the contract (or the line
//! of the case, if there is none), related locations are subjects. Waived findings are results with a suppression. An error is not a
//! result but a notification of the invocation, which is then not successful.
//!
//! Files are relative to `SRCROOT`, the root of the repository, which the reader knows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use crate::event::PlaceRecord;
use crate::finding::{Code, ErrorKind, Named, Severity};
use crate::report::cause::{Cause, CauseCode, Weight};
use crate::report::locate::Locate;
use crate::report::model::Report;
use crate::report::summary::Summary;
use crate::text::{counted, short};

/// Maximum number of characters of a message.
const MESSAGE: usize = 1_000;
/// Maximum number of characters of an expected or actual value.
const PART: usize = 300;

/// Characters that are not encoded in the path of a URI (RFC 3986, 3.3).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The report as a SARIF log: pretty-printed JSON with a final line feed.
pub fn render(report: &Report, locate: &Locate<'_>) -> String {
    let causes = report.causes().into_iter();
    let causes = causes.chain(report.warnings()).chain(report.waived());
    let results: Vec<Value> = causes.filter_map(|cause| result(cause, locate)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(report) },
            "invocations": [invocation(report, locate)],
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
        "shortDescription": { "text": "checks an HTTP API against its contract" },
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

/// `None` for an error, because it is not a result about the API.
fn result(cause: &Cause, locate: &Locate<'_>) -> Option<Value> {
    let CauseCode::Finding(code) = &cause.code else {
        return None;
    };
    let operation = cause.operation.short(PART);
    let at = cause.at.as_ref().map(|at| short(&at.to_string(), PART));
    let at = at.unwrap_or_default();
    let mut message = format!("{operation}, {at}: {}", cause.message.short(MESSAGE));
    for (word, value) in [("expected", &cause.expected), ("actual", &cause.actual)] {
        if let Some(value) = value {
            message.push_str(&format!("; {word} {}", value.short(PART)));
        }
    }
    let mut main = json!({ "logicalLocations": [{ "name": operation, "kind": "function" }] });
    if let Some(place) = main_place(cause) {
        main["physicalLocation"] = physical_location(place, locate);
    }
    let mut properties = json!({
        "system": short(&cause.system, PART),
        "operation": operation,
        "at": at,
        "cases": cause.subjects,
    });
    if let Some(contract) = &cause.contract {
        properties["pointer"] = json!(short(&contract.pointer, PART));
    }
    let level = match cause.weight {
        Weight::Warning => "warning",
        _ => "error",
    };
    let mut result = json!({
        "ruleId": code.to_string(),
        "level": level,
        "message": { "text": plain(&message) },
        "locations": [main],
        "partialFingerprints": { "counterpartCause/v1": fingerprint(cause) },
        "occurrenceCount": cause.subjects,
        "properties": properties,
    });
    let index = code
        .known()
        .and_then(|code| Code::ALL.iter().position(|known| *known == code));
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if cause.weight == Weight::Failure {
        result["relatedLocations"] = related(cause, locate).into();
    }
    if let Some(waiver) = &cause.waiver {
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
            "location": { "physicalLocation": physical_location(&waiver.place, locate) },
            "properties": properties,
        }]);
    }
    Some(result)
}

/// The place in the contract, else the place in the case file.
fn main_place(cause: &Cause) -> Option<&PlaceRecord> {
    let contract = cause.contract.as_ref().map(|contract| &contract.place);
    contract.or(cause.place.as_ref())
}

fn related(cause: &Cause, locate: &Locate<'_>) -> Vec<Value> {
    let subjects = cause.first.iter().enumerate().map(|(index, first)| {
        let mut name = short(&first.subject.to_string(), PART);
        if let Some(origin) = &first.origin {
            name.push_str(&format!(", {}", origin.short(PART)));
        }
        let mut location = json!({ "id": index + 1, "message": { "text": plain(&name) } });
        if let Some(place) = &first.place {
            location["physicalLocation"] = physical_location(place, locate);
        }
        location
    });
    subjects.collect()
}

/// A text in which no `[text](target)` is a link (SARIF 3.11.6).
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

/// A fingerprint that is the same for the same cause in every run. It depends on system, code, operation, place in the response, and the
/// keyword of the contract or else the case file, but not on lines and values. FNV-1a, 64 bits.
fn fingerprint(cause: &Cause) -> String {
    let source = match (&cause.contract, &cause.place) {
        (Some(contract), _) => contract.pointer.as_str(),
        (None, Some(place)) => place.file.as_str(),
        (None, None) => "",
    };
    let at = cause.at.as_ref().map(ToString::to_string);
    let parts = [
        &*cause.system,
        &cause.code.to_string(),
        &cause.operation.to_string(),
        &at.unwrap_or_default(),
        source,
    ];
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    format!("{hash:016x}")
}

fn physical_location(place: &PlaceRecord, locate: &Locate<'_>) -> Value {
    let (line, column) = (place.line.max(1), place.column.max(1));
    json!({
        "artifactLocation": artifact(&place.file, locate),
        "region": {
            "startLine": line,
            "startColumn": column,
            "endColumn": column + place.width.max(1),
        }
    })
}

/// A file of the repository by its path from the root; any other file by its unchanged name.
fn artifact(file: &str, locate: &Locate<'_>) -> Value {
    let encoded = |path: &str| utf8_percent_encode(path, KEPT).to_string();
    let is_url = file.starts_with("http://") || file.starts_with("https://");
    if let (true, Ok(url)) = (is_url, url::Url::parse(file)) {
        return json!({ "uri": url.as_str() });
    }
    if let Some(path) = locate(file) {
        return json!({ "uri": encoded(&path), "uriBaseId": "SRCROOT" });
    }
    let path = file.replace('\\', "/");
    match path.starts_with('/') {
        true => json!({ "uri": format!("file://{}", encoded(&path)) }),
        false => json!({ "uri": encoded(&path) }),
    }
}

fn invocation(report: &Report, locate: &Locate<'_>) -> Value {
    let summary = report.summary();
    let notes = notifications(report, &summary, locate);
    let found_out = report.errors().is_empty() && report.lost().is_empty();
    let mut invocation = json!({
        "executionSuccessful": summary.cut_short.is_none() && found_out,
        "exitCode": summary.status.code(),
        "exitCodeDescription": summary.sentence,
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

fn notifications(report: &Report, summary: &Summary, locate: &Locate<'_>) -> Vec<Value> {
    let mut notes: Vec<Value> = Vec::new();
    for problem in &summary.problems {
        let level = match problem.fails() {
            true => "error",
            false => "warning",
        };
        let mut text = problem.with_advice();
        for detail in &problem.details {
            text.push_str(&format!("; {}", detail.trim()));
        }
        notes.push(notification(
            level,
            &text,
            problem.is_explained.then_some(&*problem.code),
        ));
    }
    let notes_on_run = summary.notes.iter();
    notes.extend(notes_on_run.map(|note| notification("warning", note, None)));
    let noun = summary.kind.noun();
    for cause in report.causes().into_iter().chain(report.warnings()) {
        let CauseCode::Error(kind) = &cause.code else {
            continue;
        };
        let level = match cause.weight {
            Weight::Warning => "warning",
            _ => "error",
        };
        let text = format!(
            "{}: {} ({})",
            cause.operation.short(PART),
            cause.message.short(MESSAGE),
            counted(cause.subjects, noun)
        );
        let name = kind.to_string();
        let is_known = matches!(kind, Named::Known(_));
        let mut note = notification(level, &text, is_known.then_some(&name));
        if let Some(place) = cause.first.first().and_then(|first| first.place.as_ref()) {
            note["locations"] = json!([{ "physicalLocation": physical_location(place, locate) }]);
        }
        notes.push(note);
    }
    notes
}

/// `descriptor`: the id of a kind of error.
fn notification(level: &str, text: &str, descriptor: Option<&str>) -> Value {
    let mut note = json!({ "level": level, "message": { "text": plain(text) } });
    if let Some(id) = descriptor {
        note["descriptor"] = json!({ "id": id });
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::fixture;

    fn everywhere(file: &str) -> Option<String> {
        Some(file.to_owned())
    }

    /// The log as JSON, after validation against the official schema.
    fn valid(events: &[Event]) -> Value {
        let text = render(&Report::from_events(events), &everywhere);
        let log: Value = serde_json::from_str(&text).expect("is JSON");
        let schema = include_str!("../../../tests/formats/sarif-schema-2.1.0.json");
        let mut schema: Value = serde_json::from_str(schema).expect("is JSON");
        // The schema's patterns for languages are not valid regular expressions (an extra `]`). The log states no language.
        for component in ["run", "toolComponent"] {
            let language = &mut schema["definitions"][component]["properties"]["language"];
            language
                .as_object_mut()
                .map(|members| members.remove("pattern"));
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
        // Counter-check: the schema rejects the same log with a wrong level.
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
    fn a_result_is_located_at_the_keyword_of_the_contract() {
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
        // Without a place in the contract: the line of the case.
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
            .filter(|result| result["level"] == "warning")
            .collect();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0]["ruleId"], "body-undocumented-property");
    }

    #[test]
    fn errors_are_notifications_and_not_results() {
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
        assert!(
            results(&log)
                .iter()
                .all(|result| result["ruleId"] != "timeout")
        );
        let passed = valid(&[
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
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
            Event::SubjectFinished(fixture::waived()),
            fixture::finished(),
        ]);
        let [result] = results(&log) else {
            panic!("{log:#}")
        };
        let suppression = &result["suppressions"][0];
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
                Event::SubjectFinished(case),
                fixture::finished(),
            ]);
            results(&log)[0]["partialFingerprints"]["counterpartCause/v1"].clone()
        };
        let first = print(fixture::failed());
        let mut moved = fixture::failed();
        let finding = &mut moved.steps[1].findings[0];
        finding.actual = Some("\"8\"".into());
        finding.message = "another message".into();
        if let Some(contract) = &mut finding.contract {
            contract.place.line += 12;
        }
        assert_eq!(print(moved), first);
        let mut other = fixture::failed();
        other.steps[1].findings[0].at = fixture::at("body /group_id");
        assert_ne!(print(other), first);
    }

    #[test]
    fn hostile_text_makes_no_link_and_no_wrong_uri() {
        let mut case = fixture::hostile();
        let step = &mut case.steps[0];
        step.findings.truncate(1);
        step.findings[0].message = "see [this](http://evil.example)\n".into();
        step.place.as_mut().unwrap().file = "cases/a b%#?é.yaml".to_owned();
        let log = valid(&[
            fixture::started(),
            Event::SubjectFinished(case),
            fixture::finished(),
        ]);
        let result = &results(&log)[0];
        let text = result["message"]["text"].as_str().expect("a text");
        assert!(text.contains("[this] (http://evil.example)\\n"), "{text}");
        assert_eq!(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "cases/a%20b%25%23%3F%C3%A9.yaml"
        );
    }

    #[test]
    fn files_of_the_repository_are_relative_to_its_root_and_others_named_as_they_are() {
        let nowhere = |_: &str| None;
        assert_eq!(
            artifact("/srv/a b.yaml", &nowhere),
            json!({ "uri": "file:///srv/a%20b.yaml" })
        );
        assert_eq!(
            artifact("../a.yaml", &nowhere),
            json!({ "uri": "../a.yaml" })
        );
        assert_eq!(
            artifact("https://api.example/v1.json", &everywhere),
            json!({ "uri": "https://api.example/v1.json" })
        );
        let below = |file: &str| Some(format!("services/shop/{file}"));
        assert_eq!(
            artifact("cases/a.yaml", &below),
            json!({ "uri": "services/shop/cases/a.yaml", "uriBaseId": "SRCROOT" })
        );
    }

    #[test]
    fn an_entry_is_a_result_without_a_file() {
        let log = valid(&fixture::replay());
        let [result] = results(&log) else {
            panic!("{log:#}")
        };
        assert_eq!(result["ruleId"], "difference-value");
        assert_eq!(
            result["message"]["text"],
            "GET /V1/customers/{customerId}, body /firstname: the value differs from the recorded value; expected \"Ada\"; actual \"Eve\""
        );
        assert_eq!(
            result["locations"],
            json!([{ "logicalLocations": [{ "name": "GET /V1/customers/{customerId}", "kind": "function" }] }])
        );
        assert_eq!(
            result["relatedLocations"],
            json!([{ "id": 1, "message": { "text": "magento::recorded.har::5 the admin reads her" } }])
        );
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(
            invocation["exitCodeDescription"],
            "the API deviates in 1 entry"
        );
    }

    #[test]
    fn problems_without_a_subject_are_notifications() {
        let log = valid(&[
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
            fixture::stopped(),
        ]);
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(
            invocation["toolExecutionNotifications"][0]["message"]["text"],
            "the run stopped after 3 failures: 51 cases not run"
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
