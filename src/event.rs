//! The events of a run, in the order they happened: plain data with secrets already masked, written as JSON and read back.
//!
//! Main type: [`Event`]. An event refers to a [`Subject`]: a case, an entry of a recording, or an observed exchange. Kinds and names
//! that a later version adds are read as `Unknown`.

mod connection;
mod coverable;
mod finding_record;
mod note;
mod place;
mod role;
mod subject;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contract::Reading;
use crate::finding::{Named, RunError};
use crate::text::MaskedText;

pub use connection::ConnectionRecord;
pub use coverable::{
    Coverable, Direction, Level, OperationRecord, PointKind, PointRecord, PositionRecord,
    PropertyPath,
};
pub use finding_record::{ContractRecord, DiffRecord, FindingRecord, OutdatedRecord, WaiverRecord};
pub use note::{AttemptRecord, StepNote};
pub use place::{LocationRecord, PlaceRecord};
pub use role::StepRole;
pub use subject::{Subject, SubjectKind, SubjectNames};

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
    /// What is unusual about the connections to the target.
    #[serde(default, skip_serializing_if = "ConnectionRecord::is_usual")]
    pub connection: ConnectionRecord,
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
