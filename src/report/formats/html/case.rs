//! A subject that did not pass, shown in full. Main type: [`CaseView`].

use std::collections::BTreeSet;

use serde::Serialize;

use super::body::{self, BodyView};
use super::diff::{self, DiffView};
use super::limits::{MESSAGE, NAME, VALUE, duration};
use crate::event::{
    FindingRecord, OutdatedRecord, PlaceRecord, RequestRecord, ResponseRecord, StepRecord,
    StepRole, Subject, SubjectFinished, Verdict, WaiverRecord,
};
use crate::finding::{ErrorKind, RunError};
use crate::report::cause::{occurrences, occurrences_in};
use crate::report::layout::BodyMark;
use crate::text::{MaskedText, head, short};

/// A subject with all its steps.
#[derive(Debug, Serialize)]
pub(super) struct CaseView {
    pub(super) label: Label,
    pub(super) open: bool,
    pub(super) reason: Option<String>,
    /// `None` if it is not written in a file.
    pub(super) written_at: Option<PlaceView>,
    /// Its origin, if it is not written in a file.
    pub(super) origin: Option<String>,
    pub(super) requests: usize,
    pub(super) steps: Vec<StepView>,
    /// Steps beyond those shown.
    pub(super) more_steps: usize,
}

/// What is known of every subject: its name and the values used for filtering.
#[derive(Debug, Serialize)]
pub(super) struct Label {
    pub(super) id: String,
    /// The kind of subject: `case`, `entry`.
    pub(super) noun: &'static str,
    /// `system::file::name`
    pub(super) full: String,
    pub(super) name: String,
    pub(super) system: String,
    /// The file it is written in, else the recording's name.
    pub(super) file: String,
    /// `None` if it is not written in a file.
    pub(super) line: Option<usize>,
    pub(super) verdict: &'static str,
    pub(super) time: String,
    /// The lists have a line feed between two items; no item contains a line feed.
    pub(super) operations: String,
    pub(super) tags: String,
    pub(super) codes: String,
}

/// The name of a verdict, in attributes and on the page.
fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Error | Verdict::Unknown => "error",
        Verdict::Skipped => "skipped",
    }
}

/// The texts of a list, escaped, separated by line feeds.
fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|text| short(text.as_ref(), NAME))
        .collect();
    items.join("\n")
}

impl Label {
    /// The label of a subject without codes to filter by.
    pub(super) fn new(
        id: String,
        subject: &Subject,
        verdict: Verdict,
        place: Option<(&str, usize)>,
        milliseconds: f64,
    ) -> Self {
        Label {
            id,
            noun: subject.kind.noun(),
            full: short(&subject.to_string(), NAME),
            name: short(&subject.name, NAME),
            system: short(&subject.system, NAME),
            file: short(place.map_or(&subject.file, |(file, _)| file), NAME),
            line: place.map(|(_, line)| line),
            verdict: self::verdict(verdict),
            time: duration(milliseconds),
            operations: String::new(),
            tags: String::new(),
            codes: String::new(),
        }
    }

    /// The label of a subject with the codes to filter by.
    pub(super) fn filtered_by<O: AsRef<str>, T: AsRef<str>>(
        mut self,
        operations: &[O],
        tags: &[T],
    ) -> Self {
        self.operations = list(operations);
        self.tags = list(tags);
        self
    }

    pub(super) fn of(finished: &SubjectFinished, id: String) -> Self {
        let SubjectFinished {
            subject,
            verdict,
            place,
            milliseconds,
            operations,
            tags,
            ..
        } = finished;
        let place = place.as_ref().map(|place| (&*place.file, place.line));
        let codes: BTreeSet<String> = occurrences(finished)
            .map(|occurrence| occurrence.code().to_string())
            .collect();
        Label {
            codes: list(codes),
            ..Label::new(id, subject, *verdict, place, *milliseconds).filtered_by(operations, tags)
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
    place: Option<PlaceView>,
    request: Option<RequestView>,
    response: Option<ResponseView>,
    findings: Vec<FindingView>,
    more_findings: usize,
    error: Option<ErrorView>,
    notes: Vec<String>,
    /// Whether it has findings or an error.
    broken: bool,
    /// Whether it is unfolded, because it is the reason why the subject did not pass.
    open: bool,
}

#[derive(Debug, Serialize)]
struct RequestView {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<BodyView>,
    curl: String,
    /// Whether the line is cut, so that it must not be copied.
    curl_cut: bool,
}

#[derive(Debug, Serialize)]
struct ResponseView {
    status: u16,
    reason: &'static str,
    headers: Vec<(String, String)>,
    body: Option<BodyView>,
}

/// A line of one of our files, split around the marked part.
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
    contract: Option<ContractPlaceView>,
    case: Option<PlaceView>,
    diff: Option<DiffView>,
    waived: Option<WaiverView>,
    outdated: Option<(WaiverView, String)>,
}

#[derive(Debug, Serialize)]
struct ContractPlaceView {
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
    accepted_by: String,
    until: String,
}

#[derive(Debug, Serialize)]
struct ErrorView {
    kind: String,
    explained: bool,
    /// Whether it does not change the verdict.
    is_warning: bool,
    message: String,
    advice: Option<String>,
}

/// Maximum number of steps, and of findings of a step.
const STEPS: usize = 40;
const FINDINGS: usize = 30;
/// Maximum number of characters of a body: for a step with a finding or an error, and for any other step.
const BODY: usize = 6000;
const SIDE_BODY: usize = 1200;
/// Maximum length of a shell command; a longer command is cut.
const CURL: usize = 8000;
const HEADERS: usize = 60;

impl CaseView {
    pub(super) fn of(finished: &SubjectFinished, id: String, open: bool) -> Self {
        let steps = finished.steps.iter().enumerate().take(STEPS);
        CaseView {
            label: Label::of(finished, id),
            open,
            reason: finished.reason.as_ref().map(|reason| reason.short(MESSAGE)),
            written_at: finished.place.as_deref().map(PlaceView::of),
            origin: finished.origin.as_ref().map(|origin| origin.short(MESSAGE)),
            requests: finished.requests,
            steps: steps
                .map(|(index, step)| StepView::of(index + 1, finished, step))
                .collect(),
            more_steps: finished.steps.len().saturating_sub(STEPS),
        }
    }
}

impl StepView {
    fn of(number: usize, finished: &SubjectFinished, step: &StepRecord) -> Self {
        let mut findings: Vec<&FindingRecord> = step.findings.iter().collect();
        // Findings that fail the subject first, waived findings last.
        findings.sort_by_key(|finding| (finding.waived.is_some(), finding.is_warning()));
        let broken = step.error.is_some() || !findings.is_empty();
        let more_findings = findings.len().saturating_sub(FINDINGS);
        findings.truncate(FINDINGS);
        let limit = if broken { BODY } else { SIDE_BODY };
        let (kind, role) = match &step.role {
            StepRole::Step => ("step", "step".to_owned()),
            StepRole::Fixture(name) => ("fixture", format!("fixture {}", short(name, NAME))),
            StepRole::Login(profile) => ("login", format!("login for {}", short(profile, NAME))),
            StepRole::Cleanup => ("cleanup", "cleanup".to_owned()),
            StepRole::Setup => ("setup", "setup of the file".to_owned()),
            StepRole::Unknown => ("unknown", "step of an unknown kind".to_owned()),
        };
        let request = step.request.as_ref();
        let response = step.response.as_ref();
        let shown = findings.iter().enumerate();
        StepView {
            number,
            kind,
            role,
            label: step.label.short(NAME),
            operation: step
                .operation
                .as_ref()
                .map(|operation| short(operation, NAME)),
            caller: short(&step.caller, NAME),
            time: duration(step.milliseconds),
            place: step.place.as_ref().map(PlaceView::of),
            request: request.map(|request| RequestView::of(request, limit)),
            response: response.map(|response| ResponseView::of(response, &findings, limit)),
            findings: shown
                .map(|(index, finding)| FindingView::of(index + 1, finding))
                .collect(),
            more_findings,
            error: step.error.as_ref().map(ErrorView::of),
            notes: step
                .notes
                .iter()
                .map(|note| short(&note.to_string(), MESSAGE))
                .collect(),
            broken,
            open: occurrences_in(finished, step).any(|occurrence| occurrence.decides()),
        }
    }
}

fn headers(headers: &[(String, MaskedText)]) -> Vec<(String, String)> {
    let headers = headers.iter().take(HEADERS);
    headers
        .map(|(name, value)| (short(name, NAME), value.short(VALUE)))
        .collect()
}

impl RequestView {
    fn of(request: &RequestRecord, limit: usize) -> Self {
        let body = request.body.as_ref();
        RequestView {
            method: short(&request.method, NAME),
            url: request.url.short(2000),
            headers: headers(&request.headers),
            body: body.map(|body| body::view(body, &[], limit.min(2000))),
            curl: request.curl.short(CURL),
            curl_cut: head(request.curl.unescaped(), CURL).1,
        }
    }
}

impl ResponseView {
    fn of(response: &ResponseRecord, findings: &[&FindingRecord], limit: usize) -> Self {
        let wrong = findings.iter().enumerate().filter_map(|(index, finding)| {
            Some(BodyMark {
                pointer: finding.at.pointer()?,
                label: format!("{} {}", index + 1, finding.message),
            })
        });
        let wrong: Vec<BodyMark<'_>> = wrong.collect();
        let status = http::StatusCode::from_u16(response.status).ok();
        let body = response.body.as_ref();
        ResponseView {
            status: response.status,
            reason: status
                .and_then(|status| status.canonical_reason())
                .unwrap_or_default(),
            headers: headers(&response.headers),
            body: body.map(|body| body::view(body, &wrong, limit)),
        }
    }
}

impl PlaceView {
    pub(super) fn of(place: &PlaceRecord) -> Self {
        let start = place.text_column.saturating_sub(1);
        let text = place.text.unescaped();
        let part = |from: usize, count: usize| -> String {
            let part: String = text.chars().skip(from).take(count).collect();
            short(&part, NAME)
        };
        PlaceView {
            position: place.to_string(),
            line: place.line,
            before: part(0, start),
            meant: part(start, place.width),
            after: part(start.saturating_add(place.width), NAME),
        }
    }
}

impl FindingView {
    fn of(number: usize, finding: &FindingRecord) -> Self {
        let contract = finding.contract.as_ref().map(|contract| ContractPlaceView {
            pointer: short(&contract.pointer, VALUE),
            place: PlaceView::of(&contract.place),
            correction: contract
                .correction
                .as_ref()
                .map(|reason| short(reason, MESSAGE)),
        });
        let outdated = finding.outdated.as_ref();
        FindingView {
            number,
            code: finding.code.to_string(),
            explained: finding.code.known().is_some(),
            weight: if finding.fails() {
                "error"
            } else if finding.is_warning() {
                "warning"
            } else {
                "waived"
            },
            at: short(&finding.at.to_string(), NAME),
            message: finding.message.short(MESSAGE),
            expected: finding.expected.as_ref().map(|value| value.short(VALUE)),
            actual: finding.actual.as_ref().map(|value| value.short(VALUE)),
            contract,
            case: finding.case.as_ref().map(PlaceView::of),
            diff: finding.diff.as_ref().map(diff::view),
            waived: finding.waived.as_ref().map(WaiverView::of),
            outdated: outdated
                .map(|OutdatedRecord { waiver, why }| (WaiverView::of(waiver), why.short(MESSAGE))),
        }
    }
}

impl WaiverView {
    pub(super) fn of(waiver: &WaiverRecord) -> Self {
        let accepted_by: Vec<String> = [&waiver.ticket, &waiver.owner]
            .into_iter()
            .flatten()
            .map(|text| short(text, NAME))
            .collect();
        WaiverView {
            position: waiver.place.to_string(),
            code: short(&waiver.code, NAME),
            operation: short(&waiver.operation, NAME),
            at: short(&waiver.at, NAME),
            reason: short(&waiver.reason, MESSAGE),
            accepted_by: accepted_by.join(", "),
            until: short(&waiver.until, NAME),
        }
    }
}

impl ErrorView {
    fn of(error: &RunError<MaskedText>) -> Self {
        ErrorView {
            kind: error.kind.to_string(),
            explained: error.kind.known().is_some(),
            is_warning: error.kind == ErrorKind::CleanupFailed,
            message: error.message.short(MESSAGE),
            advice: error.advice.as_ref().map(|advice| advice.short(MESSAGE)),
        }
    }
}
