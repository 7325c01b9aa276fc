//! Replays a recording and sends the events of a run. Main function: [`replay()`].

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::secrets;
use super::source::{ReplaySource, Replayed};
use crate::case::Suite;
use crate::compare;
use crate::contract::Operation;
use crate::event::{
    Event, Subject, SubjectFinished, SubjectKind, SubjectNames, TargetLost, Verdict,
};
use crate::exchange::ClientError;
use crate::finding::RunError;
use crate::judge::{Judge, JudgedEntry};
use crate::recording::{Entry, Recording};
use crate::run::{RunEnding, run_finished, run_started, system_started};
use crate::target::{Target, without_credentials};
use crate::text::Redactor;

/// A recording and the target of its replay.
#[derive(Debug)]
pub struct Replay {
    pub recording: Arc<Recording>,
    /// The recording's name in reports.
    pub name: String,
    /// Its contracts and auth profiles.
    pub suite: Arc<Suite>,
    pub target: Arc<Target>,
    /// For the same suite and target.
    pub judge: Judge,
}

/// How much of a recording is replayed.
#[derive(Debug, Clone, Default)]
pub struct ReplayOptions {
    /// Only entries whose name contains this text are judged and counted. All entries are sent, because later entries depend on
    /// earlier ones. (Default: all are judged.)
    pub only: Option<String>,
    /// After this number of failed entries and errors no further entry is sent. (Default: all are sent.)
    pub max_failures: Option<NonZeroUsize>,
}

/// Replays a recording, one entry after the other, and sends events as [`crate::run::run`] does; the subjects are entries.
///
/// Ends early if no connection to the target can be established, after too many failures, or when `cancel` is cancelled. Fails
/// before the first event, with a sentence fragment, if the HTTP client cannot be created. Must be called within a Tokio runtime.
///
/// An entry without `Accept` is sent with `*/*`. The recorded `User-Agent` and `Accept-Encoding` are replaced by those of the
/// client.
pub async fn replay(
    replay: Replay,
    options: ReplayOptions,
    cancel: CancellationToken,
    events: mpsc::Sender<Event>,
) -> Result<(), ClientError> {
    let started = Instant::now();
    let mut source = ReplaySource::new(&replay.recording, &replay.suite, &replay.target)?;
    let mut redactor = secrets::redactor(&replay.recording, replay.judge.redactor());
    let subjects = replay.subjects(options.only.as_deref(), &redactor);
    let planned: Vec<&Subject> = subjects.iter().flatten().collect();
    let system = system_started(&replay.suite, &replay.target, planned.len());
    let start = run_started(SubjectKind::Entry, vec![system], 0, None);
    if events.send(Event::RunStarted(start)).await.is_err() {
        return Ok(());
    }
    for names in SubjectNames::of(planned.iter().copied()) {
        let _ = events.send(Event::Planned(names)).await;
    }
    let mut left = planned.len();
    let mut failures = 0;
    let mut ending = RunEnding::default();
    for (entry, subject) in replay.recording.entries.iter().zip(&subjects) {
        if options
            .max_failures
            .is_some_and(|most| failures >= most.get())
        {
            ending.stopped_after = (left > 0).then_some(failures);
            break;
        }
        if let Some(subject) = subject {
            let subject = subject.clone();
            let _ = events.send(Event::SubjectStarted { subject }).await;
        }
        let sent = tokio::select! {
            biased;
            () = cancel.cancelled() => {
                ending.interrupted = true;
                break;
            }
            sent = source.send(entry) => sent,
        };
        let replayed = match sent {
            Ok(replayed) => replayed,
            Err(error) => {
                let lost = replay.lost(&error, left, &redactor);
                let _ = events.send(Event::TargetLost(lost)).await;
                break;
            }
        };
        replay.learn_secrets(&mut redactor, entry, &replayed);
        if let Some(subject) = subject {
            let finished = replay.judged(entry, subject, replayed, &redactor);
            left -= 1;
            failures += usize::from(matches!(finished.verdict, Verdict::Failed | Verdict::Error));
            let _ = events.send(Event::SubjectFinished(finished)).await;
        }
    }
    let finished = run_finished(started, ending, &[replay.judge.ledger()], None);
    let _ = events.send(Event::RunFinished(finished)).await;
    Ok(())
}

impl Replay {
    /// The subject of each entry; `None` for entries that are not selected.
    fn subjects(&self, only: Option<&str>, redactor: &Redactor) -> Vec<Option<Subject>> {
        let system: Arc<str> = self.suite.system.as_str().into();
        let file: Arc<str> = self.name.as_str().into();
        let entries = self.recording.entries.iter().enumerate();
        let subject = |(index, entry): (usize, &Entry)| {
            only.is_none_or(|text| entry.name.contains(text)).then(|| {
                let name = redactor.text(&entry.name);
                Subject {
                    kind: SubjectKind::Entry,
                    system: Arc::clone(&system),
                    file: Arc::clone(&file),
                    name: format!("{} {}", index + 1, name.unescaped()).into(),
                }
            })
        };
        entries.map(subject).collect()
    }

    fn learn_secrets(&self, redactor: &mut Redactor, entry: &Entry, replayed: &Replayed) {
        if let Replayed::Compared { live, .. } | Replayed::Skipped(_, Some(live)) = replayed {
            live.request.teach(redactor);
            redactor.learn_from_headers(&live.response.headers);
            let body = Some(&live.response.body[..]);
            secrets::learn_secrets(redactor, entry.path(), &live.request.body, body);
        }
    }

    fn judged(
        &self,
        entry: &Entry,
        subject: &Subject,
        replayed: Replayed,
        redactor: &Redactor,
    ) -> SubjectFinished {
        let operation = self.operation(entry);
        let mut judged = JudgedEntry {
            subject,
            place: &entry.place,
            label: format!("{} {}", entry.request.method, entry.path_and_query),
            operation: operation.as_deref(),
            exchange: None,
            findings: Vec::new(),
            error: None,
            skipped: None,
        };
        match &replayed {
            Replayed::Compared { live, difference } => {
                let severities = &self.target.severities;
                judged.findings = compare::findings(difference, &live.response, severities);
                judged.exchange = Some(live);
            }
            Replayed::Failed(error) => judged.error = Some(error),
            Replayed::Skipped(rule, _) => judged.skipped = Some(rule.reason()),
        }
        self.judge.entry(judged, redactor)
    }

    /// The documented operation that the recorded request called.
    fn operation(&self, entry: &Entry) -> Option<Arc<Operation>> {
        let mut contracts = self.suite.contracts();
        contracts.find_map(|contract| {
            let found = contract.operation_of_request(&entry.request.method, entry.path());
            found.map(Arc::clone)
        })
    }

    fn lost(&self, error: &RunError, left: usize, redactor: &Redactor) -> TargetLost {
        TargetLost {
            system: self.suite.system.clone(),
            target: self.target.name.clone(),
            url: without_credentials(&self.target.url),
            error: error.masked(redactor),
            not_run: left,
        }
    }
}
