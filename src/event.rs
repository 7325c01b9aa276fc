//! Everything reporters may know, in the order it happened: plain data, already free of secrets, written and read back as JSON.
//!
//! Main type: [`Event`].

use serde::{Deserialize, Serialize};

/// Version of the event format; the first event of a run carries it.
pub const FORMAT: u32 = 1;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First of a run.
    RunStarted(RunStarted),
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
    pub system: String,
    /// Path of the case file below the system's folder, without extension.
    pub file: String,
    pub name: String,
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
    /// Why it was skipped, or what the error was, in one line; `None` for passed and failed.
    pub reason: Option<String>,
    /// Where the case is written.
    pub place: PlaceRecord,
    pub tags: Vec<String>,
    /// Operations its own steps called, `POST /V1/customers`, in order, without repetition.
    pub operations: Vec<String>,
    pub milliseconds: f64,
    /// Requests sent, fixtures and cleanup included.
    pub requests: usize,
    /// All steps up to the one that ended the case, where the verdict is failed or error; where it passed, only steps with warnings.
    pub steps: Vec<StepRecord>,
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

/// A place in one of our files, with the line it marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRecord {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The whole line (cut after 200 characters).
    pub text: String,
    /// How many characters from `column` on are meant.
    pub width: usize,
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
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// JSON pointer of the keyword.
    pub pointer: String,
    pub place: PlaceRecord,
    /// Where the keyword comes from an overlay: the reason it gives.
    #[serde(default)]
    pub correction: Option<String>,
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
}
