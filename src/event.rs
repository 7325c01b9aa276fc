//! The events of a run, in the order they happened: plain data with secrets already masked, written as JSON and read back.
//!
//! Main type: [`Event`]. An event refers to a [`Subject`]: a case, an entry of a recording, or an observed exchange. Kinds and names
//! that a later version adds are read as `Unknown`.

mod coverable;
mod note;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contract::{ContractPlace, Reading};
use crate::document::escape_pointer;
use crate::finding::{Code, Location, Named, RunError, Severity, ValueClass};
use crate::source::Place;
use crate::text::{MaskedText, Redactor};

pub use coverable::{
    Coverable, Direction, Level, OperationRecord, PointKind, PointRecord, PositionRecord,
    PropertyPath,
};
pub use note::{AttemptRecord, StepNote};

/// Version of the event format; the first event of a run carries it.
pub const FORMAT: u32 = 2;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The first event of a run.
    RunStarted(RunStarted),
    /// Subjects of one file that this run will judge or skip. The subjects of all files are announced before the first one starts.
    Planned(SubjectNames),
    /// Cases of a case file that did not pass in their last run and are not part of this run. Only in the record that a run
    /// leaves for the next run.
    LeftOpen(SubjectNames),
    /// All points of a system's contracts that can be covered. Once per system, if coverage is recorded.
    Coverable(Coverable),
    /// A worker started a subject.
    SubjectStarted { subject: Subject },
    /// A subject has its verdict.
    SubjectFinished(SubjectFinished),
    /// A system's target could not be reached. Its remaining subjects are not run and have no events.
    TargetLost(TargetLost),
    /// The last event of a run. A file without it belongs to a run that was killed.
    RunFinished(RunFinished),
    /// An event that only a later version knows.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    pub format: u32,
    /// Version of counterpart.
    pub version: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub seed: u64,
    /// What the run's subjects are.
    #[serde(default)]
    pub subjects: SubjectKind,
    pub systems: Vec<SystemStarted>,
    /// Number of subjects planned, skipped ones included.
    pub planned: usize,
    /// Which part of the plan this run is; `None`: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardRecord>,
    /// For a report merged from shards: why it differs from the report of one whole run, one fragment per reason: `shard 3/5 is missing`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The stable name of the thing that a verdict is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    #[serde(default, skip_serializing_if = "SubjectKind::is_case")]
    pub kind: SubjectKind,
    pub system: Arc<str>,
    /// Path of the case file below the system's folder, without extension; the name of the recording.
    pub file: Arc<str>,
    pub name: Arc<str>,
}

/// What kind of thing a [`Subject`] is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubjectKind {
    #[default]
    Case,
    /// An entry of a recording.
    Entry,
    /// An observed exchange between a client and a server.
    Exchange,
    #[serde(other)]
    Unknown,
}

impl SubjectKind {
    fn is_case(&self) -> bool {
        *self == SubjectKind::Case
    }

    /// The noun for one subject.
    pub fn noun(self) -> &'static str {
        match self {
            SubjectKind::Case => "case",
            SubjectKind::Entry => "entry",
            SubjectKind::Exchange => "exchange",
            SubjectKind::Unknown => "subject",
        }
    }

    /// The noun for several subjects.
    pub fn plural(self) -> &'static str {
        match self {
            SubjectKind::Case => "cases",
            SubjectKind::Entry => "entries",
            SubjectKind::Exchange => "exchanges",
            SubjectKind::Unknown => "subjects",
        }
    }
}

impl Subject {
    /// A case of a case file.
    pub fn case(
        system: impl Into<Arc<str>>,
        file: impl Into<Arc<str>>,
        name: impl Into<Arc<str>>,
    ) -> Self {
        Subject {
            kind: SubjectKind::Case,
            system: system.into(),
            file: file.into(),
            name: name.into(),
        }
    }
}

/// `system::file::name`
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}::{}", self.system, self.file, self.name)
    }
}

/// Subjects of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectNames {
    #[serde(default, skip_serializing_if = "SubjectKind::is_case")]
    pub kind: SubjectKind,
    pub system: Arc<str>,
    /// As in [`Subject::file`].
    pub file: Arc<str>,
    pub names: Vec<Arc<str>>,
}

impl SubjectNames {
    /// Groups consecutive subjects of the same file. The order is kept.
    pub fn of<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> Vec<SubjectNames> {
        let mut files: Vec<SubjectNames> = Vec::new();
        for Subject {
            kind,
            system,
            file,
            name,
        } in subjects
        {
            match files.last_mut() {
                Some(last) if (last.kind, &last.system, &last.file) == (*kind, system, file) => {
                    last.names.push(Arc::clone(name));
                }
                _ => files.push(SubjectNames {
                    kind: *kind,
                    system: Arc::clone(system),
                    file: Arc::clone(file),
                    names: vec![Arc::clone(name)],
                }),
            }
        }
        files
    }

    /// Each subject.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.names.iter().map(|name| Subject {
            kind: self.kind,
            system: Arc::clone(&self.system),
            file: Arc::clone(&self.file),
            name: Arc::clone(name),
        })
    }
}

/// One of several parts that a plan is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShardRecord {
    /// From 1 to `of`.
    pub index: u32,
    pub of: u32,
    /// Number of subjects of all parts together.
    pub planned: usize,
    /// Identifies the plan: all parts of one plan have the same number.
    pub plan: u64,
}

/// `2/5`
impl fmt::Display for ShardRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A system and the target its requests are sent to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemStarted {
    pub system: String,
    /// The target's name.
    pub target: String,
    /// The target's URL without credentials.
    pub url: String,
    /// The version of the API the target states, if any.
    #[serde(default)]
    pub target_version: Option<String>,
    /// Which contract responses are checked against.
    pub contract: Named<Reading>,
    /// Number of its subjects.
    pub planned: usize,
    /// `openapi` documents the cases name: path, title, version.
    pub contracts: Vec<ContractNamed>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContractNamed {
    pub path: String,
    pub title: String,
    pub version: String,
    /// The overlays applied to it and to the documents it refers to, by file.
    #[serde(default)]
    pub overlays: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubjectFinished {
    pub subject: Subject,
    pub verdict: Verdict,
    /// Why it was skipped, what the error was, or that a waived finding ended it before its last step, in one line; else `None`.
    pub reason: Option<MaskedText>,
    /// Where it is written; `None` if it is not written in a file.
    pub place: Option<Arc<PlaceRecord>>,
    /// Its origin as text, if it is not written in a file: `generated by boundaries (seed 7)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<MaskedText>,
    pub tags: Arc<[String]>,
    /// Operations that its own steps called, `POST /V1/customers`, in order, each once.
    pub operations: Vec<Arc<str>>,
    pub milliseconds: f64,
    /// Requests sent, fixtures and cleanup included.
    pub requests: usize,
    /// The requests that got a response and whose operation is documented, in order.
    #[serde(default)]
    pub calls: Vec<CallRecord>,
    /// Points of the system's [`Coverable`] that its exchanges covered first: ascending indices, without points that were covered before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<u32>,
    /// All steps up to the last one executed, if the verdict is failed or error; else only steps with warnings or waived findings, and those
    /// with notes, which are then without request and response.
    pub steps: Vec<StepRecord>,
}

/// A request and its response in brief.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// `POST /V1/customers`
    pub operation: Arc<str>,
    pub status: u16,
    /// From the first byte sent to the last byte received.
    pub milliseconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    /// The API deviates.
    Failed,
    /// We could not find out.
    Error,
    /// Not run, for a reason.
    Skipped,
    /// A verdict that only a later version knows; counts as an error.
    #[serde(other)]
    Unknown,
}

/// One step of a subject and its result: a request, or a pause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step's name, else what it calls.
    pub label: MaskedText,
    pub role: StepRole,
    /// `POST /V1/customers`, if the contract documents it.
    pub operation: Option<Arc<str>>,
    /// Auth profile.
    pub caller: String,
    /// The `call:` line; `None` if the step is not written in a file.
    pub place: Option<PlaceRecord>,
    pub request: Option<RequestRecord>,
    pub response: Option<ResponseRecord>,
    pub milliseconds: f64,
    pub findings: Vec<FindingRecord>,
    pub error: Option<RunError<MaskedText>>,
    /// What else happened: it was not sent, sent several times, or was a pause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<StepNote>,
}

impl StepRecord {
    /// What was called: the operation, else the step's label.
    pub fn called(&self) -> MaskedText {
        match &self.operation {
            Some(operation) => MaskedText::of_name(Arc::clone(operation)),
            None => self.label.clone(),
        }
    }
}

/// What a step is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RoleParts", into = "RoleParts")]
pub enum StepRole {
    /// A step of the subject itself.
    Step,
    /// Creates what the case needs.
    Fixture(String),
    /// Obtains a token for an auth profile.
    Login(String),
    /// Removes what was created.
    Cleanup,
    /// Creates what the cases of a file share.
    Setup,
    Unknown,
}

/// The serialised form of a [`StepRole`].
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RoleParts {
    kind: RoleKind,
    /// Of a fixture or an auth profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleKind {
    Step,
    Fixture,
    Login,
    Cleanup,
    Setup,
    #[serde(other)]
    Unknown,
}

impl From<RoleParts> for StepRole {
    fn from(RoleParts { kind, name }: RoleParts) -> Self {
        match (kind, name) {
            (RoleKind::Step, _) => StepRole::Step,
            (RoleKind::Fixture, name) => StepRole::Fixture(name.unwrap_or_default()),
            (RoleKind::Login, name) => StepRole::Login(name.unwrap_or_default()),
            (RoleKind::Cleanup, _) => StepRole::Cleanup,
            (RoleKind::Setup, _) => StepRole::Setup,
            (RoleKind::Unknown, _) => StepRole::Unknown,
        }
    }
}

impl From<StepRole> for RoleParts {
    fn from(role: StepRole) -> Self {
        let (kind, name) = match role {
            StepRole::Step => (RoleKind::Step, None),
            StepRole::Fixture(name) => (RoleKind::Fixture, Some(name)),
            StepRole::Login(name) => (RoleKind::Login, Some(name)),
            StepRole::Cleanup => (RoleKind::Cleanup, None),
            StepRole::Setup => (RoleKind::Setup, None),
            StepRole::Unknown => (RoleKind::Unknown, None),
        };
        RoleParts { kind, name }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    pub method: String,
    pub url: MaskedText,
    pub headers: Vec<(String, MaskedText)>,
    pub body: Option<BodyRecord>,
    /// A shell command that sends the same request, with secrets masked.
    pub curl: MaskedText,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResponseRecord {
    pub status: u16,
    pub headers: Vec<(String, MaskedText)>,
    pub body: Option<BodyRecord>,
}

/// A body as text. Bytes that are not UTF-8 are replaced, and long bodies are truncated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BodyRecord {
    pub text: MaskedText,
    /// Size of the whole body in bytes.
    pub bytes: usize,
    /// Whether `text` is truncated.
    pub cut: bool,
}

/// A place in one of our files, with the line it marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRecord {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line. For a line of more than 200 characters the part around the place, with `…` for what is left out.
    pub text: MaskedText,
    /// From 1, in characters: where the place begins in `text`.
    pub text_column: usize,
    /// Number of characters that are marked, from `column` on.
    pub width: usize,
}

/// How many characters of a source line are kept.
const LONGEST_LINE: usize = 200;

impl PlaceRecord {
    /// The record of a place, with secrets in its line masked.
    pub fn of(place: &Place, redactor: &Redactor) -> Self {
        let position = place.position();
        let excerpt = place.excerpt(LONGEST_LINE);
        PlaceRecord {
            file: place.source.name().to_owned(),
            line: position.line,
            column: position.column,
            text: redactor.text(&excerpt.text),
            text_column: excerpt.column,
            width: excerpt.width,
        }
    }
}

/// `file:line:column`
impl fmt::Display for PlaceRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlaceRecord {
            file, line, column, ..
        } = self;
        write!(f, "{}:{line}:{column}", crate::text::line(file))
    }
}

/// Where in a response a finding is (see [`Location`]). Serialised as its text: `status`, `header content-type`,
/// `body /customer/id`, `time`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "MaskedText", into = "MaskedText")]
pub enum LocationRecord {
    Status,
    /// By name.
    Header(MaskedText),
    /// By JSON pointer; empty for the whole body.
    Body(MaskedText),
    Time,
    Unknown(MaskedText),
}

impl LocationRecord {
    pub fn of(location: &Location, redactor: &Redactor) -> Self {
        redactor.text(&location.to_string()).into()
    }

    /// The JSON pointer, where it is in the body.
    pub fn pointer(&self) -> Option<&MaskedText> {
        match self {
            LocationRecord::Body(pointer) => Some(pointer),
            _ => None,
        }
    }

    /// The same for all items of an array: `*` in place of each index. `body /items/3/sku` and `body /items/4/sku` have one cause.
    pub fn without_indices(&self) -> LocationRecord {
        let LocationRecord::Body(pointer) = self else {
            return self.clone();
        };
        let tokens = pointer.unescaped().split('/').map(|token| {
            let is_index = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
            if is_index { "*" } else { token }
        });
        LocationRecord::Body(pointer.with_text(tokens.collect::<Vec<_>>().join("/")))
    }
}

impl From<MaskedText> for LocationRecord {
    fn from(text: MaskedText) -> Self {
        let of = |rest: &str| text.with_text(rest.to_owned());
        match text.unescaped() {
            "status" => LocationRecord::Status,
            "time" => LocationRecord::Time,
            "body" => LocationRecord::Body(of("")),
            other => match (other.strip_prefix("header "), other.strip_prefix("body ")) {
                (Some(name), _) => LocationRecord::Header(of(name)),
                (None, Some(pointer)) => LocationRecord::Body(of(pointer)),
                (None, None) => LocationRecord::Unknown(text),
            },
        }
    }
}

impl From<LocationRecord> for MaskedText {
    fn from(location: LocationRecord) -> Self {
        match location {
            LocationRecord::Status => "status".into(),
            LocationRecord::Time => "time".into(),
            LocationRecord::Body(pointer) if pointer.is_empty() => "body".into(),
            LocationRecord::Body(pointer) => {
                pointer.with_text(format!("body {}", pointer.unescaped()))
            }
            LocationRecord::Header(name) => name.with_text(format!("header {}", name.unescaped())),
            LocationRecord::Unknown(text) => text,
        }
    }
}

impl fmt::Display for LocationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocationRecord::Status => f.write_str("status"),
            LocationRecord::Time => f.write_str("time"),
            LocationRecord::Header(name) => write!(f, "header {name}"),
            LocationRecord::Body(pointer) if pointer.is_empty() => f.write_str("body"),
            LocationRecord::Body(pointer) => write!(f, "body {pointer}"),
            LocationRecord::Unknown(text) => text.fmt(f),
        }
    }
}

/// A deviation (see [`crate::finding::Finding`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    pub code: Named<Code>,
    pub severity: Named<Severity>,
    pub message: MaskedText,
    pub at: LocationRecord,
    pub contract: Option<ContractRecord>,
    pub case: Option<PlaceRecord>,
    pub expected: Option<MaskedText>,
    pub actual: Option<MaskedText>,
    pub diff: Option<DiffRecord>,
    /// The kind of the actual value: `null`, `integer`, `missing`, `status 404`, …
    #[serde(default, with = "value_class")]
    pub found: Option<ValueClass>,
    /// The schema keyword that was violated, if the finding refers to a schema.
    #[serde(default)]
    pub keyword: Option<String>,
    /// The required property that the object at `at` does not have.
    #[serde(default)]
    pub missing: Option<MaskedText>,
    /// The waiver that covers it: it does not fail its subject.
    #[serde(default)]
    pub waived: Option<WaiverRecord>,
    /// A waiver that was written for it but does not cover it or has expired: the finding counts.
    #[serde(default)]
    pub outdated: Option<OutdatedRecord>,
}

impl FindingRecord {
    /// Whether it fails its subject: neither a warning nor waived.
    pub fn fails(&self) -> bool {
        self.severity != Severity::Warning && self.waived.is_none()
    }

    /// Whether it is an unwaived warning: shown without failing its subject.
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning && self.waived.is_none()
    }

    /// The exact place of the fault: `at`, or for a missing property the place where it should be.
    pub fn subject(&self) -> LocationRecord {
        match (&self.at, &self.missing) {
            (LocationRecord::Body(pointer), Some(name)) => {
                let name = escape_pointer(name.unescaped());
                LocationRecord::Body(pointer.with_text(format!("{}/{name}", pointer.unescaped())))
            }
            (at, _) => at.clone(),
        }
    }
}

/// A [`ValueClass`] as its text. A class of a later version is read as `None`.
mod value_class {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::finding::ValueClass;

    pub(super) fn serialize<S: Serializer>(
        class: &Option<ValueClass>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match class {
            Some(class) => serializer.collect_str(class),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ValueClass>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| ValueClass::parse(&text)))
    }
}

/// A line of the waiver file (see [`crate::waiver::Waiver`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaiverRecord {
    /// Where it is written.
    pub place: PlaceRecord,
    pub code: String,
    pub operation: String,
    pub at: String,
    pub reason: String,
    pub ticket: Option<String>,
    pub owner: Option<String>,
    /// The last day it is valid, `2026-12-31`.
    pub until: String,
}

/// Why a waiver does not cover a finding that it was written for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutdatedRecord {
    pub waiver: WaiverRecord,
    /// To be read after the waiver's name: `expired on 2026-01-31`.
    pub why: MaskedText,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// JSON pointer of the keyword.
    pub pointer: String,
    pub place: PlaceRecord,
    /// The overlay's reason, if the keyword comes from an overlay.
    #[serde(default)]
    pub correction: Option<String>,
}

impl ContractRecord {
    /// The record of a place in a contract, with secrets in its line masked.
    pub fn of(contract: &ContractPlace, redactor: &Redactor) -> Self {
        ContractRecord {
            pointer: contract.pointer.clone(),
            place: PlaceRecord::of(&contract.place, redactor),
            correction: contract.place.note().map(str::to_owned),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffRecord {
    pub expected: MaskedText,
    pub actual: MaskedText,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetLost {
    pub system: String,
    pub target: String,
    pub url: String,
    pub error: RunError<MaskedText>,
    /// Number of subjects that were not run because of it.
    pub not_run: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    pub milliseconds: f64,
    /// Cut short by the user; subjects without verdict are not counted.
    pub interrupted: bool,
    /// The number of failures after which the run started no further subject, if subjects were left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after: Option<usize>,
    /// Waivers that matched nothing although a request they apply to got a response.
    #[serde(default)]
    pub stale_waivers: Vec<WaiverRecord>,
    /// Whether the run fails for them.
    #[serde(default)]
    pub strict_waivers: bool,
    /// For a shard: how each waiver was used. Only all shards together show whether a waiver is stale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverUse>,
}

/// How a waiver was used in a shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaiverUse {
    pub waiver: WaiverRecord,
    /// Whether a request it applies to got a response.
    #[serde(rename = "asked")]
    pub requested: bool,
    /// Whether it matched a finding.
    pub met: bool,
    /// Whether something it applies to was left out that it might have matched.
    pub doubtful: bool,
}
