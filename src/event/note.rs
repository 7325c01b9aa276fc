//! What happened at a step besides its request and response. Main type: [`StepNote`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{MaskedText, Redactor, counted, line};

/// What happened at a step besides its request and response. `T` is `String` at first, and [`MaskedText`] once it may be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepNote<T = MaskedText> {
    /// Nothing was sent, because the step's `when` did not hold.
    NotTaken { condition: T },
    /// Nothing was sent, because the step's `repeat` had no items.
    NoRounds { list: T },
    /// A pause that the case requires.
    Waited { milliseconds: f64, reason: T },
    /// The request was sent several times, until its `until` held or its limit was over.
    Polled {
        attempts: Vec<AttemptRecord>,
        /// From the first request to the last response.
        milliseconds: f64,
    },
    /// The request was sent again, because the server required that by `Retry-After`.
    Retried {
        /// The responses after which it was sent again.
        attempts: Vec<AttemptRecord>,
        /// From the first request to the last response.
        milliseconds: f64,
    },
    /// The request was sent again after another login, because the server no longer accepted the credentials.
    LoginRenewed {
        /// The response after which it was sent again.
        attempt: AttemptRecord,
    },
    /// The requests of a group were sent at the same time; the responses in the order written.
    Parallel { attempts: Vec<AttemptRecord> },
    /// A note that only a later version knows.
    #[serde(other)]
    Unknown,
}

/// A request and its response in brief.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AttemptRecord {
    pub status: u16,
    /// From the first byte sent to the last byte received.
    pub milliseconds: f64,
}

impl StepNote<String> {
    /// The same without secrets.
    pub fn masked(&self, redactor: &Redactor) -> StepNote {
        let text = |text: &String| redactor.text(text);
        match self {
            StepNote::NotTaken { condition } => StepNote::NotTaken {
                condition: text(condition),
            },
            StepNote::NoRounds { list } => StepNote::NoRounds { list: text(list) },
            StepNote::Waited {
                milliseconds,
                reason,
            } => StepNote::Waited {
                milliseconds: *milliseconds,
                reason: text(reason),
            },
            StepNote::Polled {
                attempts,
                milliseconds,
            } => StepNote::Polled {
                attempts: attempts.clone(),
                milliseconds: *milliseconds,
            },
            StepNote::Retried {
                attempts,
                milliseconds,
            } => StepNote::Retried {
                attempts: attempts.clone(),
                milliseconds: *milliseconds,
            },
            StepNote::LoginRenewed { attempt } => StepNote::LoginRenewed { attempt: *attempt },
            StepNote::Parallel { attempts } => StepNote::Parallel {
                attempts: attempts.clone(),
            },
            StepNote::Unknown => StepNote::Unknown,
        }
    }
}

/// A fragment: `polled 5 times in 812 ms: 4 × 202, 200`.
impl fmt::Display for StepNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StepNote::NotTaken { condition } => {
                write!(f, "not sent: `{}` did not hold", condition.short(TEXT))
            }
            StepNote::NoRounds { list } => {
                write!(f, "not sent: `{}` has no items", list.short(TEXT))
            }
            StepNote::Waited {
                milliseconds,
                reason,
            } => write!(f, "waited {}: {}", span(*milliseconds), reason.short(TEXT)),
            StepNote::Polled {
                attempts,
                milliseconds,
            } => {
                let times = counted(attempts.len(), "time");
                write!(f, "polled {times} in {}: ", span(*milliseconds))?;
                f.write_str(&statuses(attempts))
            }
            StepNote::Retried {
                attempts,
                milliseconds,
            } => {
                let times = counted(attempts.len(), "time");
                let statuses = statuses(attempts);
                let span = span(*milliseconds);
                write!(
                    f,
                    "sent again {times} in {span}, as Retry-After requires: {statuses}"
                )
            }
            StepNote::LoginRenewed { attempt } => write!(
                f,
                "sent again after another login: the credentials had expired ({})",
                attempt.status
            ),
            StepNote::Parallel { attempts } => {
                let mut sorted = attempts.clone();
                sorted.sort_by_key(|attempt| attempt.status);
                write!(f, "sent at the same time: {}", statuses(&sorted))
            }
            StepNote::Unknown => f.write_str(&line("a note of an unknown kind")),
        }
    }
}

/// Maximum number of characters of a condition or reason.
const TEXT: usize = 300;

/// `812 ms`, from ten seconds on `12.3 s`.
fn span(milliseconds: f64) -> String {
    match milliseconds < 10_000.0 {
        true => format!("{milliseconds:.0} ms"),
        false => format!("{:.1} s", milliseconds / 1000.0),
    }
}

/// `4 × 202, 200`
fn statuses(attempts: &[AttemptRecord]) -> String {
    let runs = attempts.chunk_by(|left, right| left.status == right.status);
    let texts: Vec<String> = runs
        .filter_map(|run| {
            let status = run.first()?.status;
            Some(match run.len() {
                1 => status.to_string(),
                times => format!("{times} × {status}"),
            })
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(statuses: &[u16]) -> Vec<AttemptRecord> {
        let attempt = |status: &u16| AttemptRecord {
            status: *status,
            milliseconds: 3.5,
        };
        statuses.iter().map(attempt).collect()
    }

    #[test]
    fn a_note_is_a_fragment() {
        let polled = StepNote::Polled {
            attempts: attempts(&[404, 202, 202, 200]),
            milliseconds: 812.4,
        };
        assert_eq!(
            polled.to_string(),
            "polled 4 times in 812 ms: 404, 2 × 202, 200"
        );
        let retried = StepNote::Retried {
            attempts: attempts(&[429]),
            milliseconds: 12_340.0,
        };
        assert_eq!(
            retried.to_string(),
            "sent again 1 time in 12.3 s, as Retry-After requires: 429"
        );
        let waited = StepNote::Waited {
            milliseconds: 2001.0,
            reason: "the index\nis rebuilt".to_owned(),
        };
        assert_eq!(
            waited.masked(Redactor::standard()).to_string(),
            "waited 2001 ms: the index\\nis rebuilt"
        );
    }

    #[test]
    fn a_note_of_a_later_version_can_be_read() {
        let note: StepNote = serde_json::from_str(r#"{"kind":"dreamt","of":1}"#).unwrap();
        assert_eq!(note, StepNote::Unknown);
    }
}
