//! Sends a recording's requests in order and compares the answers. Main function: [`replay()`].

use http::Method;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::bind::{Bindings, Sent, token_call};
use super::compare::{BodyDifference, Difference, HeaderDifference, compare, cookies, trees};
use super::credentials::Account;
use super::har::{Entry, Recording};
use super::moment::Period;
use super::skip::{Areas, Rule};
use super::space;
use super::substitute::Substitution;
use crate::case::Suite;
use crate::event::ErrorRecord;
use crate::exchange::Exchange;
use crate::run::{Client, MASK, Redactor, SendError};
use crate::target::Target;

/// What became of an entry. No secret is in it.
#[derive(Debug, Clone)]
pub struct EntryResult {
    /// Its place in the recording, from 1.
    pub number: usize,
    /// Its comment, else `METHOD path`.
    pub name: String,
    pub method: Method,
    /// Path and query as recorded.
    pub path: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone)]
pub enum Outcome {
    Equal,
    Different(Box<Difference>),
    /// The target took the connection, but gave no answer that could be compared.
    Unanswered(ErrorRecord),
    Skipped(Rule),
}

/// How a replay ended.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub equal: usize,
    /// Unanswered ones among them.
    pub different: usize,
    pub skipped: usize,
    /// Why it ended before the recording did.
    pub lost: Option<Lost>,
}

/// Why a replay ended too early.
#[derive(Debug, Clone)]
pub enum Lost {
    /// There was no connection to the target.
    Unreachable(ErrorRecord),
    Interrupted,
}

impl Summary {
    /// All entries that were told.
    pub fn entries(&self) -> usize {
        self.equal + self.different + self.skipped
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Equal => self.equal += 1,
            Outcome::Different(_) | Outcome::Unanswered(_) => self.different += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }
}

/// Replays a recording on a target, one entry after the other, and hands each result to `told` as soon as it is known. `suite` says
/// what belongs to the contracts and how its auth profiles sign in. With `only`, all entries are sent, for the later ones need what
/// the earlier ones made, but only those whose name contains the text are told and counted.
///
/// Ends early when the target cannot be connected to or `cancel` is cancelled. Fails when no HTTP client can be made, with a sentence
/// fragment. Must be called within a Tokio runtime.
///
/// An entry without `Accept` is sent with `*/*`, and none with the recorded `User-Agent` or `Accept-Encoding`: these are our own.
pub async fn replay(
    recording: &Recording,
    suite: &Suite,
    target: &Target,
    only: Option<&str>,
    cancel: &CancellationToken,
    mut told: impl FnMut(EntryResult),
) -> Result<Summary, String> {
    let accounts = Account::all(recording, suite, target);
    let mut replay = Replay {
        client: Client::new(target)?,
        redactor: redactor(recording, target),
        areas: Areas::of(recording, suite),
        substitution: Substitution {
            target,
            base_path: base_path(suite),
            accounts: &accounts,
        },
        bindings: Bindings::new(),
    };
    let mut summary = Summary::default();
    for (index, entry) in recording.entries.iter().enumerate() {
        if cancel.is_cancelled() {
            summary.lost = Some(Lost::Interrupted);
            break;
        }
        let asked = tokio::select! {
            asked = replay.ask(entry) => asked,
            () = cancel.cancelled() => {
                summary.lost = Some(Lost::Interrupted);
                break;
            }
        };
        let outcome = match asked {
            Ok(outcome) => outcome,
            Err(error) => {
                summary.lost = Some(Lost::Unreachable(replay.error(&error)));
                break;
            }
        };
        if only.is_none_or(|text| entry.name.contains(text)) {
            summary.count(&outcome);
            told(EntryResult {
                number: index + 1,
                name: replay.redactor.text(&entry.name),
                method: entry.request.method.clone(),
                path: replay.redactor.text(&entry.path_and_query),
                outcome,
            });
        }
    }
    Ok(summary)
}

/// The base path of the suite's contracts.
fn base_path(suite: &Suite) -> &str {
    let contract = suite.files.iter().flat_map(|file| &file.contracts).next();
    contract.map_or("", |contract| contract.base_path.as_str())
}

/// Knows the target's secrets and all the recording has under the name of one.
fn redactor(recording: &Recording, target: &Target) -> Redactor {
    let mut redactor = Redactor::new(&target.secrets, target.auth.values());
    for entry in &recording.entries {
        learn_secrets(
            &mut redactor,
            entry.path(),
            &entry.request.body,
            entry.response.as_ref().map(|response| &response.body[..]),
        );
    }
    redactor
}

/// Learns what a request and its answer have under the name of a secret, and a whole answer or a segment that is a token.
fn learn_secrets(redactor: &mut Redactor, path: &str, request: &[u8], response: Option<&[u8]>) {
    // `…/resetLinkToken/TOKEN`
    let segments: Vec<&str> = path.split('/').collect();
    for pair in segments.windows(2) {
        if token_call(pair[0]) && !space::is_word(pair[1]) {
            redactor.learn(pair[1]);
        }
    }
    for body in [Some(request), response].into_iter().flatten() {
        match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(serde_json::Value::String(token)) if token_call(path) => redactor.learn(&token),
            Ok(value) => redactor.learn_from(&value),
            Err(_) => {}
        }
    }
}

struct Replay<'a> {
    client: Client,
    redactor: Redactor,
    areas: Areas<'a>,
    substitution: Substitution<'a>,
    bindings: Bindings,
}

impl Replay<'_> {
    /// Sends one entry and compares. An error when there is no connection.
    async fn ask(&mut self, entry: &Entry) -> Result<Outcome, SendError> {
        let rule = self.areas.rule(entry);
        if let Some(rule) = rule.filter(|rule| !rule.is_sent()) {
            return Ok(Outcome::Skipped(rule));
        }
        let Some(recorded) = entry.exchange() else {
            return Ok(Outcome::Skipped(Rule::NoAnswer));
        };
        let (request, sent) = match self.substitution.request(entry, &self.bindings) {
            Ok(made) => made,
            Err(reason) => {
                return Ok(Outcome::Unanswered(ErrorRecord {
                    kind: "not-sent".to_owned(),
                    message: self.redactor.text(&reason),
                    advice: None,
                }));
            }
        };
        let started = OffsetDateTime::now_utc();
        let live = match self.client.send(request, None).await {
            Ok(live) => live,
            Err(error) if error.is_unreachable() => return Err(error),
            Err(error) => {
                return Ok(match rule {
                    Some(rule) => Outcome::Skipped(rule),
                    None => Outcome::Unanswered(self.error(&error)),
                });
            }
        };
        learn_secrets(
            &mut self.redactor,
            entry.path(),
            &live.request.body,
            Some(&live.response.body),
        );
        self.learn(entry, &sent, &recorded, &live, started);
        if let Some(rule) = rule {
            return Ok(Outcome::Skipped(rule));
        }
        let difference = compare(&recorded, &live, &sent, &self.bindings);
        Ok(match difference.is_none() {
            true => Outcome::Equal,
            false => Outcome::Different(Box::new(self.redacted(difference))),
        })
    }

    fn learn(
        &mut self,
        entry: &Entry,
        sent: &Sent,
        recorded: &Exchange,
        live: &Exchange,
        started: OffsetDateTime,
    ) {
        let there = Period::of(&recorded.response.headers, entry.started, entry.took);
        let here = Period::of(&live.response.headers, Some(started), live.elapsed);
        self.bindings.asked(there, here);
        for (name, value) in cookies(&recorded.response.headers) {
            let same = cookies(&live.response.headers).find(|(other, _)| *other == name);
            if let Some((_, other)) = same {
                self.bindings.learn_cookie(value, other);
            }
        }
        if recorded.response.status == live.response.status
            && let Some((there, here)) = trees(&recorded.response.body, &live.response.body)
        {
            self.bindings.learn(entry.path(), sent, &there, &here);
        }
    }

    fn error(&self, error: &SendError) -> ErrorRecord {
        ErrorRecord {
            kind: error.kind.as_str().to_owned(),
            message: self.redactor.text(&error.message),
            advice: error
                .advice
                .as_deref()
                .map(|advice| self.redactor.text(advice)),
        }
    }

    /// The difference without its secrets.
    fn redacted(&self, difference: Difference) -> Difference {
        let Difference {
            status,
            headers,
            body,
            diff,
        } = difference;
        let text = |text: Option<String>| text.map(|text| self.redactor.text(&text));
        let header = |header: HeaderDifference| {
            let HeaderDifference {
                name,
                expected,
                actual,
            } = header;
            // Of cookies only the names are here.
            HeaderDifference {
                name,
                expected: text(expected),
                actual: text(actual),
            }
        };
        let place = |place: BodyDifference| {
            let BodyDifference {
                kind,
                pointer,
                expected,
                actual,
            } = place;
            let name = pointer.rsplit('/').next().unwrap_or_default();
            let masked = |value: Option<String>| match self.redactor.is_secret_property(name) {
                true => value.map(|_| MASK.to_owned()),
                false => text(value),
            };
            let (expected, actual) = (masked(expected), masked(actual));
            BodyDifference {
                kind,
                pointer,
                expected,
                actual,
            }
        };
        Difference {
            status,
            headers: headers.into_iter().map(header).collect(),
            body: body.into_iter().map(place).collect(),
            diff: diff.map(|(expected, actual)| {
                (self.redactor.text(&expected), self.redactor.text(&actual))
            }),
        }
    }
}
