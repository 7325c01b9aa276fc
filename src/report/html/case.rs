//! A case that did not pass, told whole. Main type: [`CaseView`].

use std::collections::BTreeSet;

use serde::Serialize;

use crate::event::{
    CaseFinished, ErrorRecord, FindingRecord, OutdatedRecord, PlaceRecord, RequestRecord,
    ResponseRecord, Role, StepRecord, Verdict, WaiverRecord,
};
use crate::report::untrusted;
use crate::report::warning::{fails, is_warning};

use super::body::{self, BodyView, Wrong};
use super::diff::{self, DiffView};
use super::{NAME, VALUE, WORDS, duration, explain, text};

/// A case with all its steps.
#[derive(Debug, Serialize)]
pub(super) struct CaseView {
    pub(super) label: Label,
    pub(super) open: bool,
    pub(super) reason: Option<String>,
    pub(super) place: PlaceView,
    pub(super) requests: usize,
    pub(super) steps: Vec<StepView>,
    /// Steps beyond those told.
    pub(super) more_steps: usize,
}

/// What is known of every case: its name and what it is filtered by.
#[derive(Debug, Serialize)]
pub(super) struct Label {
    pub(super) id: String,
    /// `system::file::name`
    pub(super) full: String,
    pub(super) name: String,
    pub(super) system: String,
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) verdict: &'static str,
    pub(super) time: String,
    /// The lists have a line feed between two items; none has one inside.
    pub(super) operations: String,
    pub(super) tags: String,
    pub(super) codes: String,
}

/// The word of a verdict, in data and on the page.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Error => "error",
        Verdict::Skipped => "skipped",
    }
}

/// Texts of a list, harmless, a line feed between.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|one| text(one.as_ref(), NAME))
        .collect();
    items.join("\n")
}

/// Codes of findings and kinds of errors that a case met, each once.
pub(super) fn codes(case: &CaseFinished) -> BTreeSet<&str> {
    let findings = case.steps.iter().flat_map(|step| &step.findings);
    let errors = case.steps.iter().filter_map(|step| step.error.as_ref());
    let findings = findings.map(|one| one.code.as_str());
    findings
        .chain(errors.map(|one| one.kind.as_str()))
        .collect()
}

impl Label {
    pub(super) fn of(case: &CaseFinished, id: String) -> Self {
        Label {
            id,
            full: text(&case.case.to_string(), NAME),
            name: text(&case.case.name, NAME),
            system: text(&case.case.system, NAME),
            file: text(&case.place.file, NAME),
            line: case.place.line,
            verdict: verdict(case.verdict),
            time: duration(case.milliseconds),
            operations: list(&case.operations),
            tags: list(case.tags.iter()),
            codes: list(codes(case)),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct StepView {
    number: usize,
    kind: &'static str,
    role: String,
    label: String,
    operation: Option<String>,
    caller: String,
    time: String,
    place: PlaceView,
    request: Option<RequestView>,
    response: Option<ResponseView>,
    findings: Vec<FindingView>,
    more_findings: usize,
    error: Option<ErrorView>,
    /// Whether it has findings or an error.
    broken: bool,
    /// Whether it is unfolded: what a cleanup left behind is not why the case did not pass.
    open: bool,
}

#[derive(Debug, Serialize)]
struct RequestView {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<BodyView>,
    curl: String,
    /// The line is cut and must not be copied.
    curl_cut: bool,
}

#[derive(Debug, Serialize)]
struct ResponseView {
    status: u16,
    reason: &'static str,
    headers: Vec<(String, String)>,
    body: Option<BodyView>,
}

/// A line of one of our files, its meant part apart.
#[derive(Debug, Serialize)]
pub(super) struct PlaceView {
    pub(super) position: String,
    pub(super) line: usize,
    pub(super) before: String,
    pub(super) meant: String,
    pub(super) after: String,
}

#[derive(Debug, Serialize)]
struct FindingView {
    number: usize,
    code: String,
    explained: bool,
    /// `error`, `warning` or `waived`
    weight: &'static str,
    at: String,
    message: String,
    expected: Option<String>,
    actual: Option<String>,
    contract: Option<ContractView>,
    case: Option<PlaceView>,
    diff: Option<DiffView>,
    waived: Option<WaiverView>,
    outdated: Option<(WaiverView, String)>,
}

#[derive(Debug, Serialize)]
struct ContractView {
    pointer: String,
    place: PlaceView,
    correction: Option<String>,
}

/// A line of the waiver file.
#[derive(Debug, Serialize)]
pub(super) struct WaiverView {
    position: String,
    code: String,
    operation: String,
    at: String,
    reason: String,
    who: String,
    until: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ErrorView {
    kind: String,
    explained: bool,
    message: String,
    advice: Option<String>,
}

/// Steps and findings of one step told at most.
const STEPS: usize = 40;
const FINDINGS: usize = 30;
/// Characters of a body: of a step that tells what is wrong, and of any other.
const BODY: usize = 6000;
const SIDE_BODY: usize = 1200;
/// A longer line for the shell is no longer whole.
const CURL: usize = 8000;
const HEADERS: usize = 60;

impl CaseView {
    pub(super) fn of(case: &CaseFinished, id: String, open: bool) -> Self {
        let steps = case.steps.iter().enumerate().take(STEPS);
        CaseView {
            label: Label::of(case, id),
            open,
            reason: case.reason.as_ref().map(|reason| text(reason, WORDS)),
            place: PlaceView::of(&case.place),
            requests: case.requests,
            steps: steps
                .map(|(index, step)| StepView::of(index + 1, step))
                .collect(),
            more_steps: case.steps.len().saturating_sub(STEPS),
        }
    }
}

impl StepView {
    fn of(number: usize, step: &StepRecord) -> Self {
        let mut findings: Vec<&FindingRecord> = step.findings.iter().collect();
        // What fails the case first, what was waived last.
        findings.sort_by_key(|finding| (finding.waived.is_some(), is_warning(finding)));
        let broken = step.error.is_some() || !findings.is_empty();
        let more_findings = findings.len().saturating_sub(FINDINGS);
        findings.truncate(FINDINGS);
        let limit = if broken { BODY } else { SIDE_BODY };
        let (kind, role) = match &step.role {
            Role::Step => ("step", "step".to_owned()),
            Role::Fixture(name) => ("fixture", format!("fixture {}", text(name, NAME))),
            Role::Login(profile) => ("login", format!("login for {}", text(profile, NAME))),
            Role::Cleanup => ("cleanup", "cleanup".to_owned()),
        };
        let request = step.request.as_ref();
        let response = step.response.as_ref();
        let findings_told = findings.iter().enumerate();
        StepView {
            number,
            kind,
            role,
            label: text(&step.label, NAME),
            operation: step.operation.as_ref().map(|one| text(one, NAME)),
            caller: text(&step.caller, NAME),
            time: duration(step.milliseconds),
            place: PlaceView::of(&step.place),
            request: request.map(|one| RequestView::of(one, limit)),
            response: response.map(|one| ResponseView::of(one, &findings, limit)),
            findings: findings_told
                .map(|(index, one)| FindingView::of(index + 1, one))
                .collect(),
            more_findings,
            error: step.error.as_ref().map(ErrorView::of),
            broken,
            open: broken && step.role != Role::Cleanup,
        }
    }
}

fn headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let headers = headers.iter().take(HEADERS);
    headers
        .map(|(name, value)| (text(name, NAME), text(value, VALUE)))
        .collect()
}

impl RequestView {
    fn of(request: &RequestRecord, limit: usize) -> Self {
        let body = request.body.as_ref();
        RequestView {
            method: text(&request.method, NAME),
            url: text(&request.url, 2000),
            headers: headers(&request.headers),
            body: body.map(|one| body::view(one, &[], limit.min(2000))),
            curl: text(&request.curl, CURL),
            curl_cut: untrusted::cut(&request.curl, CURL).1,
        }
    }
}

impl ResponseView {
    fn of(response: &ResponseRecord, findings: &[&FindingRecord], limit: usize) -> Self {
        let wrong = findings.iter().enumerate().filter_map(|(index, finding)| {
            Some(Wrong {
                pointer: finding.pointer.as_deref()?,
                label: format!("{} {}", index + 1, finding.message),
            })
        });
        let wrong: Vec<Wrong<'_>> = wrong.collect();
        let status = http::StatusCode::from_u16(response.status).ok();
        let body = response.body.as_ref();
        ResponseView {
            status: response.status,
            reason: status
                .and_then(|status| status.canonical_reason())
                .unwrap_or_default(),
            headers: headers(&response.headers),
            body: body.map(|one| body::view(one, &wrong, limit)),
        }
    }
}

impl PlaceView {
    pub(super) fn of(place: &PlaceRecord) -> Self {
        let start = place.column.saturating_sub(1);
        let part = |from: usize, count: usize| -> String {
            let part: String = place.text.chars().skip(from).take(count).collect();
            text(&part, NAME)
        };
        PlaceView {
            position: position(place),
            line: place.line,
            before: part(0, start),
            meant: part(start, place.width),
            after: part(start.saturating_add(place.width), NAME),
        }
    }
}

/// `file:line:column`; words where no file holds it.
pub(super) fn position(place: &PlaceRecord) -> String {
    let PlaceRecord {
        file, line, column, ..
    } = place;
    let file = text(file, NAME);
    match place.is_written() {
        true => format!("{file}:{line}:{column}"),
        false => file,
    }
}

impl FindingView {
    fn of(number: usize, finding: &FindingRecord) -> Self {
        let contract = finding.contract.as_ref().map(|contract| ContractView {
            pointer: text(&contract.pointer, VALUE),
            place: PlaceView::of(&contract.place),
            correction: contract.correction.as_ref().map(|one| text(one, WORDS)),
        });
        let outdated = finding.outdated.as_ref();
        FindingView {
            number,
            code: text(&finding.code, NAME),
            explained: explain::is_known(&finding.code),
            weight: if fails(finding) {
                "error"
            } else if is_warning(finding) {
                "warning"
            } else {
                "waived"
            },
            at: text(finding.at.trim_end(), NAME),
            message: text(&finding.message, WORDS),
            expected: finding.expected.as_ref().map(|one| text(one, VALUE)),
            actual: finding.actual.as_ref().map(|one| text(one, VALUE)),
            contract,
            case: finding.case.as_ref().map(PlaceView::of),
            diff: finding.diff.as_ref().map(diff::view),
            waived: finding.waived.as_ref().map(WaiverView::of),
            outdated: outdated
                .map(|OutdatedRecord { waiver, why }| (WaiverView::of(waiver), text(why, WORDS))),
        }
    }
}

impl WaiverView {
    pub(super) fn of(waiver: &WaiverRecord) -> Self {
        let who: Vec<String> = [&waiver.ticket, &waiver.owner]
            .into_iter()
            .flatten()
            .map(|one| text(one, NAME))
            .collect();
        WaiverView {
            position: position(&waiver.place),
            code: text(&waiver.code, NAME),
            operation: text(&waiver.operation, NAME),
            at: text(&waiver.at, NAME),
            reason: text(&waiver.reason, WORDS),
            who: who.join(", "),
            until: text(&waiver.until, NAME),
        }
    }
}

impl ErrorView {
    pub(super) fn of(error: &ErrorRecord) -> Self {
        ErrorView {
            kind: text(&error.kind, NAME),
            explained: explain::is_known(&error.kind),
            message: text(&error.message, WORDS),
            advice: error.advice.as_ref().map(|one| text(one, WORDS)),
        }
    }
}
