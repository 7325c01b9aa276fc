//! One recorded run, taken apart by kinds of events. Main type: [`ShardEvents`].

use std::collections::BTreeSet;
use std::io::BufRead;

use crate::event::{
    Coverable, Event, RunFinished, RunStarted, Subject, SubjectFinished, SubjectNames, TargetLost,
};
use crate::report::json_lines::{self, ReadError};

/// A recorded run, held whole in memory.
#[derive(Debug, Clone)]
pub struct ShardEvents {
    /// How people know it: the file's name.
    pub(super) name: String,
    pub(super) run: RunStarted,
    pub(super) planned: Vec<SubjectNames>,
    pub(super) left_open: Vec<SubjectNames>,
    pub(super) coverables: Vec<Coverable>,
    pub(super) finished: Vec<SubjectFinished>,
    /// Begun and without a verdict.
    pub(super) under_way: BTreeSet<Subject>,
    pub(super) lost: Vec<TargetLost>,
    /// `None`: it was killed.
    pub(super) end: Option<RunFinished>,
    /// The line in the middle of which it breaks off.
    broken_off: Option<usize>,
}

impl ShardEvents {
    /// Reads a file of events; `name` is for messages. One that was killed counts as far as it came. Fails as
    /// [`json_lines::read_events`] does.
    pub fn read(name: impl Into<String>, from: impl BufRead) -> Result<ShardEvents, ReadError> {
        let mut events = Vec::new();
        let broken_off = json_lines::read_events(from, |event| events.push(event))?;
        let mut part = ShardEvents::of(name, events).ok_or(ReadError::Empty)?;
        part.broken_off = broken_off;
        Ok(part)
    }

    /// The events of one run; `None` where none of them is its start.
    pub fn of(
        name: impl Into<String>,
        events: impl IntoIterator<Item = Event>,
    ) -> Option<ShardEvents> {
        let mut events = events.into_iter();
        let run = events.find_map(|event| match event {
            Event::RunStarted(run) => Some(run),
            _ => None,
        })?;
        let mut part = ShardEvents {
            name: name.into(),
            run,
            planned: Vec::new(),
            left_open: Vec::new(),
            coverables: Vec::new(),
            finished: Vec::new(),
            under_way: BTreeSet::new(),
            lost: Vec::new(),
            end: None,
            broken_off: None,
        };
        events.for_each(|event| part.take(event));
        Some(part)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::RunStarted(run) => self.run = run,
            Event::Planned(names) => self.planned.push(names),
            Event::LeftOpen(names) => self.left_open.push(names),
            Event::Coverable(coverable) => self.coverables.push(coverable),
            Event::SubjectStarted { subject } => {
                self.under_way.insert(subject);
            }
            Event::SubjectFinished(finished) => {
                self.under_way.remove(&finished.subject);
                self.finished.push(finished);
            }
            Event::TargetLost(lost) => self.lost.push(lost),
            Event::RunFinished(end) => self.end = Some(end),
            Event::Unknown => {}
        }
    }

    /// The number of the line in the middle of which it breaks off, where it does.
    pub fn broken_off(&self) -> Option<usize> {
        self.broken_off
    }

    /// Whether it came to its end, as a run does that nobody cut short.
    pub(super) fn is_whole(&self) -> bool {
        let whole = |end: &RunFinished| !end.interrupted && end.stopped_after.is_none();
        self.end.as_ref().is_some_and(whole)
    }
}
