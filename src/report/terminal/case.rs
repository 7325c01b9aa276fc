//! A subject that did not pass, on one screen. Main function: [`case()`].

use super::Look;
use super::body;
use super::mark::{fit, wrap};
use super::paint::Ink;
use super::wrapping::MESSAGE;
use super::{diff, snippet, waived};
use crate::event::{
    BodyRecord, FindingRecord, ResponseRecord, StepRecord, StepRole, SubjectFinished, Verdict,
};
use crate::report::cause::decisive;
use crate::report::layout::BodyMark;
use crate::report::notes;
use crate::text::{counted, line, short};

/// Maximum number of findings shown for a step.
const FINDINGS: usize = 6;
/// Maximum number of notes shown of other steps.
const NOTES: usize = 12;
/// A longer curl line is not useful on a terminal.
const CURL: usize = 4000;

/// A subject that failed or ended in error, as text without a final line feed:
///
/// ```text
/// FAIL magento::customers/me::name (12 ms)        headline: verdict, name, time
///   --> cases/magento/customers/me.yaml:15:15      the call and the failed expectations
///    |
/// 15 |       - call: GET /V1/customers/me
///    |               ^^^^^^^^^^^^^^^^^^^^ 200 OK
///   as customer; before it: …                      the profile, and the steps up to here
///   curl -H … 'https://…'                          the same request for the shell
///   200 OK, application/json, 120 bytes, 12 ms     the response
///
///   1 body-schema at body /id: "7" is not …        each finding: code, place in the response, what is wrong
///       expected  integer
///       actual    "7"
///       contract  schemas/…yaml:210:17 `type: integer`
///                 /components/schemas/Customer/properties/id/type
///
///   response body with marks:
///   | "id": "7",                                   the body, the wrong places marked with the findings' numbers
///   |       ^^^ 1 "7" is not …
///
///   then PUT /V1/customers/me 400: status-unexpected at …   other steps in brief
/// ```
pub(super) fn case(finished: &SubjectFinished, look: Look) -> String {
    let mut out = vec![headline(finished, look)];
    let relevant: Vec<(usize, &StepRecord)> = finished
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.error.is_some() || !step.findings.is_empty())
        .collect();
    let Some(shown) = shown_step(finished, &relevant) else {
        if let Some(place) = &finished.place {
            out.extend(snippet::lines(&[(place, String::new())], look));
        }
        if let Some(origin) = &finished.origin {
            out.extend(indented(wrap(&origin.short(MESSAGE), look.room(2)), 2));
        }
        let reason = finished.reason.clone();
        let reason = reason.unwrap_or_else(|| "no reason was recorded".into());
        out.extend(indented(wrap(&reason.short(MESSAGE), look.room(2)), 2));
        return out.join("\n");
    };
    out.extend(step(finished, shown, look));
    let others: Vec<String> = relevant
        .iter()
        .filter(|(index, _)| *index != shown)
        .flat_map(|(index, step)| {
            let when = if *index < shown { "before" } else { "then" };
            in_brief(when, step, look)
        })
        .collect();
    let steps = finished.steps.iter().enumerate();
    let notes = steps
        .filter(|(index, _)| *index != shown)
        .flat_map(|(_, step)| notes::of_step(step));
    let notes = notes
        .take(NOTES)
        .map(|note| fit(&format!("  {note}"), look.room(0)));
    let others: Vec<String> = others.into_iter().chain(notes).collect();
    if !others.is_empty() {
        out.push(String::new());
        out.extend(others);
    }
    out.join("\n")
}

/// The index of the step that is shown in full: the step that decided the verdict. Later steps often fail only as a consequence, and
/// earlier steps have only warnings.
fn shown_step(finished: &SubjectFinished, relevant: &[(usize, &StepRecord)]) -> Option<usize> {
    let decisive = decisive(finished).map(|occurrence| occurrence.step);
    let mut steps = relevant.iter();
    let shown = steps
        .clone()
        .find(|(_, step)| decisive.is_some_and(|decisive| std::ptr::eq(decisive, *step)))
        .or_else(|| {
            steps
                .clone()
                .find(|(_, step)| step.role != StepRole::Cleanup)
        })
        .or_else(|| steps.next());
    shown.map(|(index, _)| *index)
}

/// Another step of the same subject in brief, one line per finding: `then PUT /V1/customers/me 400: status-unexpected at …`.
fn in_brief(when: &str, step: &StepRecord, look: Look) -> Vec<String> {
    const SHOWN: usize = 2;
    let status = step.response.as_ref();
    let status = status.map_or_else(String::new, |response| format!(" {}", response.status));
    let head = format!("  {when} {}{status}: ", step.label);
    let mut findings: Vec<&FindingRecord> = step.findings.iter().collect();
    findings.sort_by_key(|finding| finding.is_warning());
    let mut lines: Vec<String> = findings
        .iter()
        .take(SHOWN)
        .map(|finding| {
            format!(
                "{head}{} at {}: {}",
                finding.code, finding.at, finding.message
            )
        })
        .collect();
    if findings.len() > SHOWN {
        let more = counted(findings.len() - SHOWN, "more finding");
        lines.push(format!("{head}… and {more}"));
    }
    if let Some(error) = &step.error {
        lines.push(format!("{head}{error}"));
    }
    let lines = lines.into_iter();
    lines
        .map(|text| fit(&short(&text, MESSAGE), look.room(0)))
        .collect()
}

/// `FAIL system::file::name (12 ms)`
pub(super) fn headline(finished: &SubjectFinished, look: Look) -> String {
    let paint = look.paint();
    let word = match finished.verdict {
        Verdict::Passed => paint.text(Ink::Passed, "PASS"),
        Verdict::Failed => paint.text(Ink::Failed, "FAIL"),
        Verdict::Error | Verdict::Unknown => paint.text(Ink::Error, "ERROR"),
        Verdict::Skipped => paint.text(Ink::Skipped, "SKIP"),
    };
    let name = finished.subject.to_string();
    let name = paint.text(Ink::Strong, &line(&name));
    format!("{word} {name} ({})", duration(finished.milliseconds))
}

/// `12 ms`, from ten seconds on `12.3 s`.
pub(super) fn duration(milliseconds: f64) -> String {
    if milliseconds < 10_000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}

fn step(finished: &SubjectFinished, index: usize, look: Look) -> Vec<String> {
    let step = &finished.steps[index];
    let paint = look.paint();
    let mut findings: Vec<&FindingRecord> = step.findings.iter().collect();
    // Findings that fail the subject first, waived findings last.
    findings.sort_by_key(|finding| (finding.waived.is_some(), finding.is_warning()));

    let mut places = Vec::new();
    if let Some(place) = &step.place {
        places.push((place, outcome(step)));
    }
    for (index, finding) in findings.iter().take(FINDINGS).enumerate() {
        if let Some(place) = &finding.case {
            places.push((place, format!("{} {}", index + 1, finding.message)));
        }
    }
    let mut out = snippet::lines(&places, look);
    let about = about(finished, index);
    if !about.is_empty() {
        out.extend(indented(wrap(&about, look.room(2)), 2));
    }
    if let Some(request) = &step.request {
        out.push(format!("  {}", request.curl.short(CURL)));
    }
    if let Some(response) = &step.response {
        out.push(format!(
            "  {}",
            fit(&response_line(response, step.milliseconds), look.room(2))
        ));
    }
    for note in &step.notes {
        out.extend(indented(wrap(&note.to_string(), look.room(2)), 2));
    }
    if let Some(error) = &step.error {
        out.push(String::new());
        let text = format!("{}: {}", error.kind, error.message.short(MESSAGE));
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
    if let Some(body) = step
        .response
        .as_ref()
        .and_then(|response| response.body.as_ref())
        && (!findings.is_empty() || step.error.is_some())
    {
        out.push(String::new());
        out.extend(marked_body(body, &findings, look));
    }
    out
}

/// The profile that sent the request, its purpose, and the steps up to it.
fn about(finished: &SubjectFinished, index: usize) -> String {
    let (before, step) = (&finished.steps[..index], &finished.steps[index]);
    let mut parts = Vec::new();
    // A replay has no profiles.
    if !step.caller.is_empty() {
        parts.push(format!("as {}", line(&step.caller)));
    }
    if let Some(role) = role(&step.role) {
        let noun = finished.subject.kind.noun();
        let place = finished.place.iter();
        let place: String = place.map(|place| format!(" at {place}")).collect();
        parts.push(format!("{role} of the {noun}{place}"));
    }
    parts.extend(finished.origin.iter().map(|origin| origin.short(MESSAGE)));
    let about = parts.join(", ");
    match (before, about.as_str()) {
        ([], _) => about,
        (before, "") => format!("before it: {}", trail(before)),
        (before, about) => format!("{about}; before it: {}", trail(before)),
    }
}

fn role(role: &StepRole) -> Option<String> {
    match role {
        StepRole::Step => None,
        StepRole::Fixture(name) => Some(format!("fixture `{}`", line(name))),
        StepRole::Login(profile) => Some(format!("login for `{}`", line(profile))),
        StepRole::Cleanup => Some("cleanup".to_owned()),
        StepRole::Setup => Some("setup of the file".to_owned()),
        StepRole::Unknown => Some("a step of an unknown kind".to_owned()),
    }
}

/// The label of the mark under the call.
fn outcome(step: &StepRecord) -> String {
    match (&step.response, &step.error) {
        (_, Some(error)) => error.kind.to_string(),
        (Some(response), None) => status(response),
        (None, None) => String::new(),
    }
}

/// `404 Not Found`, or only the number if it has no registered name.
fn status(response: &ResponseRecord) -> String {
    let name = http::StatusCode::from_u16(response.status)
        .ok()
        .and_then(|status| status.canonical_reason());
    match name {
        Some(name) => format!("{} {name}", response.status),
        None => response.status.to_string(),
    }
}

/// The status, the media type and the size of the body, and the duration.
fn response_line(response: &ResponseRecord, milliseconds: f64) -> String {
    let content_type = response
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or_else(
            || "no content-type".to_owned(),
            |(_, value)| value.short(MESSAGE),
        );
    let size = match &response.body {
        Some(body) => counted(body.bytes, "byte"),
        None => "no body".to_owned(),
    };
    format!(
        "{}, {content_type}, {size}, {}",
        status(response),
        duration(milliseconds)
    )
}

/// The previous steps: `POST /V1/customers (fixture customer) 200, …`, the last five.
fn trail(before: &[StepRecord]) -> String {
    const NAMED: usize = 5;
    let from = before.len().saturating_sub(NAMED);
    let mut names: Vec<String> = before[from..]
        .iter()
        .map(|step| {
            let role = role(&step.role).map_or_else(String::new, |role| format!(" ({role})"));
            let status = step.response.as_ref();
            let status =
                status.map_or_else(String::new, |response| format!(" {}", response.status));
            format!("{}{role}{status}", step.label)
        })
        .collect();
    if from > 0 {
        names.insert(0, counted(from, "step"));
    }
    names.join(", ")
}

fn finding(number: usize, finding: &FindingRecord, look: Look) -> Vec<String> {
    let paint = look.paint();
    let (ink, weight) = if finding.fails() {
        (Ink::Failed, "")
    } else if finding.is_warning() {
        (Ink::Warning, " (warning)")
    } else {
        (Ink::Skipped, " (waived)")
    };
    let head = format!(
        "{number} {}{weight} at {}: {}",
        finding.code,
        finding.at,
        finding.message.short(MESSAGE)
    );
    let mut wrapped = wrap(&head, look.room(4)).into_iter();
    let first = wrapped.next().unwrap_or_default();
    // Only number and code are coloured, so that the message is easy to read.
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
    for (name, value) in [("expected", &finding.expected), ("actual", &finding.actual)] {
        let value = value.iter();
        out.extend(value.map(|value| field(name, &value.short(look.width))));
    }
    out.extend(
        finding
            .waived
            .iter()
            .map(|waiver| field("waiver", &waived::accepted(waiver))),
    );
    if let Some(contract) = &finding.contract {
        let keyword = contract.place.text.to_string();
        let name = paint.text(Ink::Dim, "contract ");
        // Not cut, because a truncated pointer is useless.
        out.push(format!(
            "      {name} {} `{}`",
            contract.place,
            keyword.trim()
        ));
        out.push(format!("{:16}{}", "", line(&contract.pointer)));
        let reason = contract.correction.iter();
        out.extend(reason.map(|reason| field("corrected", reason)));
    }
    if let Some(outdated) = &finding.outdated {
        let name = paint.text(Ink::Warning, "waiver   ");
        // Not cut, because it says why the subject fails despite its waiver.
        let text = short(
            &format!("{} {}", outdated.waiver.place, outdated.why),
            MESSAGE,
        );
        let mut wrapped = wrap(&text, look.room(16)).into_iter();
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
    let wrong: Vec<BodyMark<'_>> = findings
        .iter()
        .take(FINDINGS)
        .enumerate()
        .filter_map(|(index, finding)| {
            Some(BodyMark {
                pointer: finding.at.pointer()?,
                label: format!("{} {}", index + 1, finding.message),
            })
        })
        .collect();
    let title = if wrong.is_empty() {
        "  response body:"
    } else {
        "  response body with marks:"
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
