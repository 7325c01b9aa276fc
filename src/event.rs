//! Everything reporters may know, in the order it happened: plain data, already free of secrets, written and read back as JSON.
//!
//! Main type: [`Event`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contract::ContractPlace;
use crate::source::Place;

/// Version of the event format; the first event of a run carries it.
pub const FORMAT: u32 = 1;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First of a run.
    RunStarted(RunStarted),
    /// The cases of a case file that this run is to ask or to skip; those of all files come before the first case.
    Planned(NamedCases),
    /// Cases of a case file that did not pass when they were last run, and that this run does not ask. Only in the record that a run
    /// leaves for the next one.
    LeftOpen(NamedCases),
    /// What coverage of a system's contracts is counted over; once for a system, where coverage is recorded.
    Coverable(Coverable),
    /// A case began on a worker.
    CaseStarted { case: CaseId },
    /// A case has its verdict.
    CaseFinished(CaseFinished),
    /// A system's target could not be asked at all; its remaining cases are not run and get no events of their own.
    TargetLost(TargetLost),
    /// Last of a run; a file without it belongs to a run that was killed.
    RunFinished(RunFinished),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    pub format: u32,
    /// Version of counterpart.
    pub version: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub seed: u64,
    pub systems: Vec<SystemStarted>,
    /// Number of cases planned, skipped ones included.
    pub cases: usize,
    /// Which part of the plan this run is; `None`: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardRecord>,
    /// Of a report merged from shards: what keeps it from being that of one whole run, a fragment each: `shard 3/5 is missing`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Cases of one case file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCases {
    pub system: Arc<str>,
    /// Path of the case file below the system's folder, without extension.
    pub file: Arc<str>,
    pub names: Vec<Arc<str>>,
}

impl NamedCases {
    /// The cases file by file, in their order: cases of one file that stand together are named together.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a CaseId>) -> Vec<NamedCases> {
        let mut files: Vec<NamedCases> = Vec::new();
        for CaseId { system, file, name } in cases {
            match files.last_mut() {
                Some(last) if last.system == *system && last.file == *file => {
                    last.names.push(Arc::clone(name));
                }
                _ => files.push(NamedCases {
                    system: Arc::clone(system),
                    file: Arc::clone(file),
                    names: vec![Arc::clone(name)],
                }),
            }
        }
        files
    }

    /// Their whole names.
    pub fn ids(&self) -> impl Iterator<Item = CaseId> {
        self.names.iter().map(|name| CaseId {
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
    /// Number of cases of all parts together.
    pub cases: usize,
    /// Tells plans apart: the parts of one have the same number.
    pub plan: u64,
}

/// `2/5`
impl std::fmt::Display for ShardRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A system and the target it is asked of.
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
    /// Which contract answers are checked against: `real` (overlays applied) or `documented`.
    #[serde(default = "real")]
    pub contract: String,
    pub cases: usize,
    /// `openapi` documents the cases name: path, title, version.
    pub contracts: Vec<ContractNamed>,
}

/// What runs were checked against before they said so.
fn real() -> String {
    "real".to_owned()
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

/// The stable name of a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseId {
    pub system: Arc<str>,
    /// Path of the case file below the system's folder, without extension.
    pub file: Arc<str>,
    pub name: Arc<str>,
}

/// `system::file::name`
impl std::fmt::Display for CaseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}::{}", self.system, self.file, self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseFinished {
    pub case: CaseId,
    pub verdict: Verdict,
    /// Why it was skipped, what the error was, or that a waived finding ended it before its last step, in one line; else `None`.
    pub reason: Option<String>,
    /// Where the case is written.
    pub place: Arc<PlaceRecord>,
    pub tags: Arc<[String]>,
    /// Operations its own steps called, `POST /V1/customers`, in order, without repetition.
    pub operations: Vec<Arc<str>>,
    pub milliseconds: f64,
    /// Requests sent, fixtures and cleanup included.
    pub requests: usize,
    /// Those that were answered and whose operation is documented, in order.
    #[serde(default)]
    pub calls: Vec<CallRecord>,
    /// Which points of the system's [`Coverable`] its exchanges covered that no case finished before had covered: indices, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<u32>,
    /// All steps up to the one that ended the case, where the verdict is failed or error; else only steps with warnings or waived
    /// findings.
    pub steps: Vec<StepRecord>,
}

/// A request that was answered, in the fewest words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// `POST /V1/customers`
    pub operation: Arc<str>,
    pub status: u16,
    /// From the first byte sent to the last byte received.
    pub milliseconds: f64,
}

/// All that a system's contracts promise and its cases could ask, piece by piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverable {
    pub system: String,
    /// In the order of the contracts; [`CaseFinished::covered`] counts them from 0.
    pub points: Vec<PointRecord>,
}

/// One thing that a run can cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointRecord {
    pub level: Level,
    /// The operation it belongs to; of a schema that several share, the first that reaches it.
    pub operation: Arc<str>,
    /// What it is, short: `400`, `query currentPage`, `asked as guest`, `request /customer/email`, `response /items/*/id`,
    /// `request /password minLength 8: shorter`. Of the level operations: the operation's name.
    pub what: String,
    /// Where the contract says it.
    pub contract: ContractRecord,
    /// The step of a case that would cover it, as YAML of a case file; `None` where no step could be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Why it does not count: nobody can ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
}

/// How closely a contract is looked at, from coarse to fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Asked and answered.
    Operations,
    /// Each documented status of each operation came.
    Statuses,
    /// Each parameter was sent, each operation asked by each role.
    Parameters,
    /// Each property of each schema was sent, or came.
    Properties,
    /// Each limit a schema sets was met from both sides.
    Keywords,
}

impl Level {
    /// From coarse to fine.
    pub const ALL: [Level; 5] = [
        Level::Operations,
        Level::Statuses,
        Level::Parameters,
        Level::Properties,
        Level::Keywords,
    ];

    /// As users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Operations => "operations",
            Level::Statuses => "statuses",
            Level::Parameters => "parameters",
            Level::Properties => "properties",
            Level::Keywords => "keywords",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    /// The API broke a promise.
    Failed,
    /// We could not find out.
    Error,
    /// Not run, for a reason.
    Skipped,
}

/// One request of a case and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step's name, else what it calls.
    pub label: String,
    pub role: Role,
    /// `POST /V1/customers`, where the contract documents what was called.
    pub operation: Option<String>,
    /// Auth profile.
    pub caller: String,
    /// The `call:` line.
    pub place: PlaceRecord,
    pub request: Option<RequestRecord>,
    pub response: Option<ResponseRecord>,
    pub milliseconds: f64,
    pub findings: Vec<FindingRecord>,
    pub error: Option<ErrorRecord>,
}

/// What a step is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A step of the case itself.
    Step,
    /// Makes what the case needs.
    Fixture(String),
    /// Obtains a token for an auth profile.
    Login(String),
    /// Removes what was made.
    Cleanup,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<BodyRecord>,
    /// A line for the shell that sends the same request, secrets masked.
    pub curl: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResponseRecord {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<BodyRecord>,
}

/// A body as text; bytes that are no UTF-8 are replaced, long ones cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BodyRecord {
    pub text: String,
    /// Bytes the whole body had.
    pub bytes: usize,
    /// Whether `text` is only its beginning.
    pub cut: bool,
}

/// A place in one of our files, with the line it marks; or, in words, where something comes from that no file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRecord {
    /// Where there is no line: words such as `generated by boundaries (seed 7)`.
    pub file: String,
    /// From 1; 0: no file holds it.
    pub line: usize,
    /// From 1, in characters; 0: no file holds it.
    pub column: usize,
    /// The whole line (cut after 200 characters).
    pub text: String,
    /// How many characters from `column` on are meant.
    pub width: usize,
}

/// How many characters of a source line are kept.
const LONGEST_LINE: usize = 200;

impl PlaceRecord {
    /// The place of what no file holds, with words that say where it comes from.
    pub fn unwritten(origin: impl Into<String>) -> Self {
        PlaceRecord {
            file: origin.into(),
            line: 0,
            column: 0,
            text: String::new(),
            width: 0,
        }
    }

    /// Whether a file holds it.
    pub fn is_written(&self) -> bool {
        self.line > 0
    }
}

impl From<&Place> for PlaceRecord {
    fn from(place: &Place) -> Self {
        let position = place.position();
        let line = place.source.line(position.line);
        let marked = place.text().lines().next().unwrap_or("").chars().count();
        PlaceRecord {
            file: place.source.name().to_owned(),
            line: position.line,
            column: position.column,
            text: line.chars().take(LONGEST_LINE).collect(),
            width: marked.max(1),
        }
    }
}

/// A broken promise (see [`crate::finding::Finding`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    pub message: String,
    /// `status`, `header content-type`, `body /customer/id`, `time`.
    pub at: String,
    /// JSON pointer into the body, where the finding is there.
    pub pointer: Option<String>,
    pub contract: Option<ContractRecord>,
    pub case: Option<PlaceRecord>,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub diff: Option<DiffRecord>,
    /// What kind of value came: `null`, `integer`, `missing`, `status 404`, … (see [`crate::finding::ValueClass`]).
    #[serde(default)]
    pub found: Option<String>,
    /// The schema keyword that was violated, where the finding speaks of a schema.
    #[serde(default)]
    pub keyword: Option<String>,
    /// The required property that the object at `pointer` does not have.
    #[serde(default)]
    pub missing: Option<String>,
    /// The waiver that covers it: it does not fail the case.
    #[serde(default)]
    pub waived: Option<WaiverRecord>,
    /// A waiver that was written for it and does not cover it (any more): it counts.
    #[serde(default)]
    pub outdated: Option<OutdatedRecord>,
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
    /// The last day it holds, `2026-12-31`.
    pub until: String,
}

/// Why a waiver does not cover a finding that it was written for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutdatedRecord {
    pub waiver: WaiverRecord,
    /// To be read after the waiver's name: `expired on 2026-01-31`.
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// JSON pointer of the keyword.
    pub pointer: String,
    pub place: PlaceRecord,
    /// Where the keyword comes from an overlay: the reason it gives.
    #[serde(default)]
    pub correction: Option<String>,
}

impl From<&ContractPlace> for ContractRecord {
    fn from(contract: &ContractPlace) -> Self {
        ContractRecord {
            pointer: contract.pointer.clone(),
            place: PlaceRecord::from(&contract.place),
            correction: contract.place.note().map(str::to_owned),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffRecord {
    pub expected: String,
    pub actual: String,
}

/// Why we could not find out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorRecord {
    /// Stable kebab-case name: `timeout`, `login-failed`, …
    pub kind: String,
    pub message: String,
    pub advice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetLost {
    pub system: String,
    pub target: String,
    pub url: String,
    pub error: ErrorRecord,
    /// Cases that were not run because of it.
    pub cases: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    pub milliseconds: f64,
    /// Cut short by the user; cases without verdict are not counted.
    pub interrupted: bool,
    /// Why the run itself began no further case, though there were some: `after 3 failures`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Waivers that matched nothing, although what they speak of was asked.
    #[serde(default)]
    pub stale_waivers: Vec<WaiverRecord>,
    /// Whether the run fails for them.
    #[serde(default)]
    pub strict_waivers: bool,
    /// Of a shard: what each waiver came to. Whether one is stale only all shards together know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverUse>,
}

/// What a waiver came to in a shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaiverUse {
    pub waiver: WaiverRecord,
    /// Whether an answer came of what it speaks of.
    pub asked: bool,
    /// Whether it met a finding.
    pub met: bool,
    /// Whether something of what it speaks of was left out, which it might have met.
    pub doubtful: bool,
}
