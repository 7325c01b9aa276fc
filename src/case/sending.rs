//! When and how often a request of a step is sent ([`SendRules`]), and pauses between requests ([`Wait`]).

use std::time::Duration;

use super::{Expectation, Located, Matcher, StatusPattern, Template};
use crate::duration::duration_text;
use crate::source::Place;

/// When a step is sent, and how often.
#[derive(Debug, Default, PartialEq)]
pub struct SendRules {
    /// Whether it is sent at all: an expression that must give true or false. `None`: it is.
    pub when: Option<Template>,
    /// Sent once for each item. Its captures are then lists, with a value for each round.
    pub repeat: Option<Repeat>,
    /// Sent again until this holds.
    pub until: Option<Until>,
    /// Never sent a second time by us: not over a new connection, not after `Retry-After`, not with a new token.
    pub once: bool,
}

/// The items for which a step is sent.
#[derive(Debug, PartialEq)]
pub struct Repeat {
    /// The variable with the item; `None`: only the number of rounds is given.
    pub item: Option<String>,
    /// A list, or a number of rounds.
    pub over: Template,
}

impl Repeat {
    /// The highest number of rounds.
    pub const MAX: u64 = 1000;
}

/// The condition until which a step is sent again.
#[derive(Debug)]
pub struct Until {
    /// What must hold. Without a status any status will do. Its `within` and `rules` are not used.
    pub expect: Expectation<Template>,
    /// The pause between two polls, unless the server requires a longer one by `Retry-After`.
    pub every: Duration,
    /// The limit of all polls together.
    pub within: Duration,
    /// The `until` mapping, where it is in a file.
    pub place: Option<Place>,
}

impl Until {
    /// The pause between two polls, where the case gives none.
    pub const EVERY: Duration = Duration::from_millis(500);
    /// The limit of all polls together, where the case gives none.
    pub const WITHIN: Duration = Duration::from_secs(30);
    /// The highest limit.
    pub const MAX_WITHIN: Duration = Duration::from_secs(600);
    /// The highest number of polls.
    pub const MAX_POLLS: u32 = 10_000;
}

impl PartialEq for Until {
    fn eq(&self, other: &Self) -> bool {
        let Until {
            expect,
            every,
            within,
            place: _,
        } = self;
        *expect == other.expect && *every == other.every && *within == other.within
    }
}

/// How many responses of parallel steps have a status.
#[derive(Debug, PartialEq)]
pub struct ExpectedOutcome {
    pub status: Located<StatusPattern>,
    pub count: Matcher<Template>,
}

/// A pause, and why it is necessary.
#[derive(Debug)]
pub struct Wait {
    /// Its name in reports; `None`: the reason.
    pub name: Option<String>,
    pub when: Option<Template>,
    pub duration: Duration,
    pub reason: String,
    /// The `wait` mapping, where it is in a file.
    pub place: Option<Place>,
}

impl Wait {
    /// The longest pause.
    pub const MAX: Duration = Duration::from_secs(600);

    /// Its name in reports.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => match duration_text(self.duration) {
                Some(duration) => format!("wait {duration}"),
                None => "wait".to_owned(),
            },
        }
    }
}

impl PartialEq for Wait {
    fn eq(&self, other: &Self) -> bool {
        let Wait {
            name,
            when,
            duration,
            reason,
            place: _,
        } = self;
        *name == other.name
            && *when == other.when
            && *duration == other.duration
            && *reason == other.reason
    }
}

impl SendRules {
    /// The templates that decide whether and for which items the step is sent.
    pub fn templates(&self) -> Vec<&Template> {
        let over = self.repeat.iter().map(|repeat| &repeat.over);
        self.when.iter().chain(over).collect()
    }
}
