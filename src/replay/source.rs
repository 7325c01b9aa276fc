//! Sends the entries of a recording one after the other and compares the responses. Main type: [`ReplaySource`].

use time::OffsetDateTime;

use super::credentials::Account;
use super::skip::{Areas, SkipRule};
use super::substitute::Substitution;
use crate::case::Suite;
use crate::compare::moment::Period;
use crate::compare::{Bindings, Difference, Sent, compare, cookies, trees};
use crate::exchange::{Client, ClientError, Exchange, Resend};
use crate::finding::{ErrorKind, RunError};
use crate::recording::{Entry, Recording};
use crate::target::Target;

/// The result of an entry.
#[derive(Debug)]
pub(super) enum Replayed {
    /// It has a response.
    Compared {
        live: Box<Exchange>,
        difference: Box<Difference>,
    },
    /// The target accepted the connection, but there is no response to compare.
    Failed(RunError),
    /// It is not compared, even if it was sent. With the live exchange, if there is one.
    Skipped(SkipRule, Option<Box<Exchange>>),
}

/// A recording, and what was learned from the responses so far.
#[derive(Debug)]
pub(super) struct ReplaySource<'a> {
    client: Client,
    areas: Areas<'a>,
    target: &'a Target,
    base_path: &'a str,
    accounts: Vec<Account>,
    bindings: Bindings,
}

impl<'a> ReplaySource<'a> {
    /// Nothing is sent yet. Fails, with a sentence fragment, if the HTTP client cannot be created.
    pub(super) fn new(
        recording: &'a Recording,
        suite: &'a Suite,
        target: &'a Target,
    ) -> Result<Self, ClientError> {
        let contract = suite.contracts().next();
        Ok(ReplaySource {
            client: Client::new(target)?,
            areas: Areas::of(recording, suite),
            target,
            base_path: contract.map_or("", |contract| contract.base_path.as_str()),
            accounts: Account::all(recording, suite, target),
            bindings: Bindings::new(),
        })
    }

    /// Sends one entry and compares its response. Fails if there is no connection.
    pub(super) async fn send(&mut self, entry: &Entry) -> Result<Replayed, RunError> {
        let rule = self.areas.rule(entry);
        if let Some(rule) = rule.filter(|rule| !rule.is_sent()) {
            return Ok(Replayed::Skipped(rule, None));
        }
        let Some(recorded) = entry.exchange() else {
            return Ok(Replayed::Skipped(SkipRule::NoResponse, None));
        };
        let substitution = Substitution {
            target: self.target,
            base_path: self.base_path,
            accounts: &self.accounts,
        };
        let (request, sent) = match substitution.request(entry, &self.bindings) {
            Ok(made) => made,
            Err(reason) => {
                return Ok(Replayed::Failed(RunError::new(ErrorKind::NotSent, reason)));
            }
        };
        let started = OffsetDateTime::now_utc();
        let live = match self
            .client
            .send(request, None, Resend::WhereBroken, None)
            .await
        {
            Ok(live) => live,
            Err(error) if error.is_unreachable() => return Err(error),
            Err(error) => {
                return Ok(match rule {
                    Some(rule) => Replayed::Skipped(rule, None),
                    None => Replayed::Failed(error),
                });
            }
        };
        self.learn(entry, &sent, &recorded, &live, started);
        let live = Box::new(live);
        Ok(match rule {
            Some(rule) => Replayed::Skipped(rule, Some(live)),
            None => Replayed::Compared {
                difference: Box::new(compare(&recorded, &live, &sent, &self.bindings)),
                live,
            },
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
        let recorded_period = Period::of(&recorded.response.headers, entry.started, entry.took);
        let live_period = Period::of(&live.response.headers, Some(started), live.elapsed);
        self.bindings.add_period(recorded_period, live_period);
        for (name, value) in cookies(&recorded.response.headers) {
            let same = cookies(&live.response.headers).find(|(other, _)| *other == name);
            if let Some((_, other)) = same {
                self.bindings.learn_cookie(value, other);
            }
        }
        if recorded.response.status == live.response.status
            && let Some((recorded_body, live_body)) =
                trees(&recorded.response.body, &live.response.body)
        {
            self.bindings
                .learn(entry.path(), sent, &recorded_body, &live_body);
        }
    }
}
