//! One case that did not pass, on one screen. Main function: [`case()`].

use crate::event::{
    BodyRecord, CaseFinished, FindingRecord, PlaceRecord, ResponseRecord, Role, StepRecord, Verdict,
};
use crate::report::untrusted::{line, short};
use crate::report::warning::{fails, is_warning};

use super::Look;
use super::body::{self, Wrong};
use super::mark::{fit, wrap};
use super::paint::Ink;
use super::words::WORDS;
use super::{diff, snippet, waived};

/// Findings shown of one step.
const FINDINGS: usize = 6;
/// A longer curl line helps nobody on a terminal.
const CURL: usize = 4000;

/// A failed case or an error as text without a last line feed:
///
/// ```text
/// FAIL magento::customers/me::name (12 ms)        headline: verdict, name, time
///   --> cases/magento/customers/me.yaml:15:15      the call and the expectations that were not met
///    |
/// 15 |       - call: GET /V1/customers/me
///    |               ^^^^^^^^^^^^^^^^^^^^ answered 200 OK
///   as customer; before it: …                      who asked, and the steps up to here
///   curl -H … 'https://…'                          the same request for the shell
///   200 OK, application/json, 120 bytes, 12 ms     what came
///
///   1 body-schema at body /id: "7" is not …        each finding: code, place in the response, what is wrong
///       expected  integer
///       actual    "7"
///       contract  schemas/…yaml:210:17 `type: integer`
///                 /components/schemas/Customer/properties/id/type
///
///   response body, what is wrong in it marked:
///   | "id": "7",                                   the body, the wrong places marked with the findings' numbers
///   |       ^^^ 1 "7" is not …
///
///   then PUT /V1/customers/me 400: status-unexpected at …   later steps in short
/// ```
pub(super) fn case(case: &CaseFinished, look: Look) -> String {
    let mut out = vec![headline(case, look)];
    let telling: Vec<(usize, &StepRecord)> = case
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.error.is_some() || !step.findings.is_empty())
        .collect();
    if telling.is_empty() {
        out.extend(snippet::lines(&[(&case.place, String::new())], look));
        let reason = case.reason.as_deref().unwrap_or("no reason was recorded");
        out.extend(indented(wrap(&short(reason, WORDS), look.room(2)), 2));
    }
    // The first one in full: what follows in the same case is often only its consequence.
    let first = telling
        .iter()
        .position(|(_, step)| step.role != Role::Cleanup)
        .unwrap_or(0);
    for (told, (index, step)) in telling.iter().enumerate() {
        if told == first {
            out.extend(self::step(step, &case.steps[..*index], &case.place, look));
        }
    }
    let others = telling
        .iter()
        .enumerate()
        .filter(|(told, _)| *told != first);
    for (told, (_, (_, step))) in others.enumerate() {
        if told == 0 {
            out.push(String::new());
        }
        out.extend(afterwards(step, look));
    }
    out.join("\n")
}

/// What a later step of the same case came to, a line a finding: `then PUT /V1/customers/me 400: status-unexpected at …`.
fn afterwards(step: &StepRecord, look: Look) -> Vec<String> {
    const TOLD: usize = 2;
    let status = step.response.as_ref();
    let status = status.map_or_else(String::new, |one| format!(" {}", one.status));
    let head = format!("  then {}{status}: ", line(&step.label));
    let mut findings: Vec<&FindingRecord> = step.findings.iter().collect();
    findings.sort_by_key(|finding| is_warning(finding));
    let mut lines: Vec<String> = findings
        .iter()
        .take(TOLD)
        .map(|one| format!("{head}{} at {}: {}", one.code, one.at, one.message))
        .collect();
    if findings.len() > TOLD {
        lines.push(format!(
            "{head}… and {} more findings",
            findings.len() - TOLD
        ));
    }
    if let Some(error) = &step.error {
        lines.push(format!("{head}{}: {}", error.kind, error.message));
    }
    let lines = lines.into_iter();
    lines
        .map(|text| fit(&short(&text, WORDS), look.room(0)))
        .collect()
}

/// `FAIL system::file::name (12 ms)`
pub(super) fn headline(case: &CaseFinished, look: Look) -> String {
    let paint = look.paint();
    let word = match case.verdict {
        Verdict::Passed => paint.text(Ink::Passed, "PASS"),
        Verdict::Failed => paint.text(Ink::Failed, "FAIL"),
        Verdict::Error => paint.text(Ink::Error, "ERROR"),
        Verdict::Skipped => paint.text(Ink::Skipped, "SKIP"),
    };
    let name = case.case.to_string();
    let name = paint.text(Ink::Strong, &line(&name));
    format!("{word} {name} ({})", duration(case.milliseconds))
}

/// `12 ms`, from ten seconds on `12.3 s`.
pub(super) fn duration(milliseconds: f64) -> String {
    if milliseconds < 10_000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}

fn step(step: &StepRecord, before: &[StepRecord], case: &PlaceRecord, look: Look) -> Vec<String> {
    let paint = look.paint();
    let mut findings: Vec<&FindingRecord> = step.findings.iter().collect();
    // What fails the case first, what was waived last.
    findings.sort_by_key(|finding| (finding.waived.is_some(), is_warning(finding)));

    let mut places = vec![(&step.place, outcome(step))];
    for (index, finding) in findings.iter().take(FINDINGS).enumerate() {
        if let Some(place) = &finding.case {
            places.push((place, format!("{} {}", index + 1, finding.message)));
        }
    }
    let mut out = snippet::lines(&places, look);
    let mut about = format!("as {}", line(&step.caller));
    if let Some(role) = role(&step.role) {
        about.push_str(&format!(
            ", {role} of the case at {}",
            snippet::position(case)
        ));
    }
    if !before.is_empty() {
        about.push_str(&format!("; before it: {}", trail(before)));
    }
    out.extend(indented(wrap(&about, look.room(2)), 2));
    if let Some(request) = &step.request {
        out.push(format!("  {}", short(&request.curl, CURL)));
    }
    if let Some(response) = &step.response {
        out.push(format!(
            "  {}",
            fit(&answer(response, step.milliseconds), look.room(2))
        ));
    }
    if let Some(error) = &step.error {
        out.push(String::new());
        let text = format!("{}: {}", error.kind, short(&error.message, WORDS));
        let error_lines = wrap(&text, look.room(2)).into_iter();
        out.extend(error_lines.map(|text| format!("  {}", paint.text(Ink::Error, &text))));
        if let Some(advice) = &error.advice {
            out.extend(indented(wrap(&format!("help: {advice}"), look.room(2)), 2));
        }
    }
    for (index, finding) in findings.iter().take(FINDINGS).enumerate() {
        if index == 0 || finding.diff.is_some() || findings[index - 1].diff.is_some() {
            out.push(String::new());
        }
        out.extend(self::finding(index + 1, finding, look));
    }
    if findings.len() > FINDINGS {
        let more = findings.len() - FINDINGS;
        out.push(format!("  … and {more} more (see the JSON report)"));
    }
    if let Some(body) = step.response.as_ref().and_then(|one| one.body.as_ref())
        && (!findings.is_empty() || step.error.is_some())
    {
        out.push(String::new());
        out.extend(marked_body(body, &findings, look));
    }
    out
}

fn role(role: &Role) -> Option<String> {
    match role {
        Role::Step => None,
        Role::Fixture(name) => Some(format!("fixture `{name}`")),
        Role::Login(profile) => Some(format!("login for `{profile}`")),
        Role::Cleanup => Some("cleanup".to_owned()),
    }
}

/// Words beside the mark under the call.
fn outcome(step: &StepRecord) -> String {
    match (&step.response, &step.error) {
        (_, Some(error)) => error.kind.clone(),
        (Some(response), None) => format!("answered {}", status(response)),
        (None, None) => String::new(),
    }
}

/// `404 Not Found`, or the number alone where it has no registered name.
fn status(response: &ResponseRecord) -> String {
    let name = http::StatusCode::from_u16(response.status)
        .ok()
        .and_then(|status| status.canonical_reason());
    match name {
        Some(name) => format!("{} {name}", response.status),
        None => response.status.to_string(),
    }
}

/// The status line, what kind of body, how long and how fast.
fn answer(response: &ResponseRecord, milliseconds: f64) -> String {
    let content_type = response
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or("no content-type", |(_, value)| value);
    let size = match &response.body {
        Some(body) => format!("{} bytes", body.bytes),
        None => "no body".to_owned(),
    };
    format!(
        "{}, {content_type}, {size}, {}",
        status(response),
        duration(milliseconds)
    )
}

/// What led here: `POST /V1/customers (fixture customer) 200, …`, the last five.
fn trail(before: &[StepRecord]) -> String {
    const NAMED: usize = 5;
    let from = before.len().saturating_sub(NAMED);
    let mut names: Vec<String> = before[from..]
        .iter()
        .map(|step| {
            let role = role(&step.role).map_or_else(String::new, |role| format!(" ({role})"));
            let status = step.response.as_ref();
            let status = status.map_or_else(String::new, |one| format!(" {}", one.status));
            format!("{}{role}{status}", step.label)
        })
        .collect();
    if from > 0 {
        names.insert(0, format!("{from} steps"));
    }
    names.join(", ")
}

fn finding(number: usize, finding: &FindingRecord, look: Look) -> Vec<String> {
    let paint = look.paint();
    let (ink, weight) = if fails(finding) {
        (Ink::Failed, "")
    } else if is_warning(finding) {
        (Ink::Warning, " (warning)")
    } else {
        (Ink::Skipped, " (waived)")
    };
    let head = format!(
        "{number} {}{weight} at {}: {}",
        finding.code,
        finding.at.trim_end(),
        short(&finding.message, WORDS)
    );
    let mut wrapped = wrap(&head, look.room(4)).into_iter();
    let first = wrapped.next().unwrap_or_default();
    // Only number and code are coloured: the words are for reading.
    let coded = format!("{number} {}", finding.code);
    let first = match first.strip_prefix(&coded) {
        Some(rest) => format!("{}{rest}", paint.text(ink, &coded)),
        None => first,
    };
    let mut out = vec![format!("  {first}")];
    out.extend(indented(wrapped.collect(), 4));
    let field = |name: &str, value: &str| {
        let name = paint.text(Ink::Dim, &format!("{name:<9}"));
        format!("      {name} {}", fit(value, look.room(16)))
    };
    out.extend(finding.expected.iter().map(|text| field("expected", text)));
    out.extend(finding.actual.iter().map(|text| field("actual", text)));
    out.extend(
        finding
            .waived
            .iter()
            .map(|waiver| field("waiver", &waived::accepted(waiver))),
    );
    if let Some(contract) = &finding.contract {
        let position = snippet::position(&contract.place);
        let keyword = line(contract.place.text.trim());
        let name = paint.text(Ink::Dim, "contract ");
        // Whole, however long: a pointer cut short finds nothing.
        out.push(format!("      {name} {position} `{keyword}`"));
        out.push(format!("{:16}{}", "", line(&contract.pointer)));
        let reason = contract.correction.iter();
        out.extend(reason.map(|reason| field("corrected", reason)));
    }
    if let Some(outdated) = &finding.outdated {
        let name = paint.text(Ink::Warning, "waiver   ");
        let position = snippet::position(&outdated.waiver.place);
        // Not cut: it says why the case fails although somebody meant it not to.
        let words = short(&format!("{position} {}", outdated.why), WORDS);
        let mut wrapped = wrap(&words, look.room(16)).into_iter();
        out.push(format!(
            "      {name} {}",
            wrapped.next().unwrap_or_default()
        ));
        out.extend(indented(wrapped.collect(), 16));
    }
    if let Some(compared) = &finding.diff {
        let name = paint.text(Ink::Dim, "diff     ");
        out.push(format!("      {name} - expected, + actual"));
        out.extend(indented(diff::lines(compared, look.narrower(6)), 6));
    }
    out
}

fn marked_body(body: &BodyRecord, findings: &[&FindingRecord], look: Look) -> Vec<String> {
    let wrong: Vec<Wrong<'_>> = findings
        .iter()
        .take(FINDINGS)
        .enumerate()
        .filter_map(|(index, finding)| {
            Some(Wrong {
                pointer: finding.pointer.as_deref()?,
                label: format!("{} {}", index + 1, finding.message),
            })
        })
        .collect();
    let title = if wrong.is_empty() {
        "  response body:"
    } else {
        "  response body, what is wrong in it marked:"
    };
    let mut out = vec![look.paint().text(Ink::Dim, title)];
    out.extend(indented(body::lines(body, &wrong, look.narrower(2)), 2));
    out
}

fn indented(lines: Vec<String>, by: usize) -> impl Iterator<Item = String> {
    let space = " ".repeat(by);
    lines.into_iter().map(move |line| {
        if line.is_empty() {
            line
        } else {
            format!("{space}{line}")
        }
    })
}
