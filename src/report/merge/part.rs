//! A recorded run, grouped by kind of event. Main type: [`ShardEvents`].

use std::collections::BTreeSet;
use std::io::BufRead;

use crate::event::{
    Coverable, Event, RunFinished, RunStarted, Subject, SubjectFinished, SubjectNames, TargetLost,
};
use crate::report::json_lines::{self, ReadError};

/// A recorded run, completely in memory.
#[derive(Debug, Clone)]
pub struct ShardEvents {
    /// Its name in messages: the file's name.
    pub(super) name: String,
    pub(super) run: RunStarted,
    pub(super) planned: Vec<SubjectNames>,
    pub(super) left_open: Vec<SubjectNames>,
    pub(super) coverables: Vec<Coverable>,
    pub(super) finished: Vec<SubjectFinished>,
    /// Subjects that started and have no verdict.
    pub(super) running: BTreeSet<Subject>,
    pub(super) lost: Vec<TargetLost>,
    /// `None` if the run was killed.
    pub(super) end: Option<RunFinished>,
    /// The number of the last line, if it is incomplete.
    broken_off: Option<usize>,
}

impl ShardEvents {
    /// Reads a file of events; `name` is for messages. For a killed run, reads what was recorded. Fails as [`json_lines::read_events`] does.
    pub fn read(name: impl Into<String>, from: impl BufRead) -> Result<ShardEvents, ReadError> {
        let mut events = Vec::new();
        let broken_off = json_lines::read_events(from, |event| events.push(event))?;
        let mut part = ShardEvents::of(name, events).ok_or(ReadError::Empty)?;
        part.broken_off = broken_off;
        Ok(part)
    }

    /// Groups the events of a run; `None` if the start is missing.
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
            running: BTreeSet::new(),
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
                self.running.insert(subject);
            }
            Event::SubjectFinished(finished) => {
                self.running.remove(&finished.subject);
                self.finished.push(finished);
            }
            Event::TargetLost(lost) => self.lost.push(lost),
            Event::RunFinished(end) => self.end = Some(end),
            Event::Unknown => {}
        }
    }

    /// The number of the last line, if it is incomplete.
    pub fn broken_off(&self) -> Option<usize> {
        self.broken_off
    }

    /// Whether the run was completed, that is, not cut short.
    pub(super) fn is_whole(&self) -> bool {
        let whole = |end: &RunFinished| !end.interrupted && end.stopped_after.is_none();
        self.end.as_ref().is_some_and(whole)
    }
}
