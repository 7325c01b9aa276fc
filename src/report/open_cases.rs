//! Which cases a recorded run leaves to be run again. Main type: [`OpenCases`].

use std::collections::BTreeSet;
use std::io::BufRead;

use crate::event::{CaseId, Event, RunStarted, Verdict};

use super::json_lines::{self, ReadError};

/// The cases that a run was to ask and that neither passed nor were skipped: failed, ended in error, or without a verdict because the
/// run was cut short, killed, or lost their target; and those that runs before it had left open and it did not ask.
#[derive(Debug, Clone, Default)]
pub struct OpenCases {
    run: Option<RunStarted>,
    /// Of the run itself.
    own: BTreeSet<CaseId>,
    /// Of runs before it.
    left: BTreeSet<CaseId>,
}

impl OpenCases {
    /// Reads a recorded run; one that was killed counts as far as it came. Fails as [`json_lines::read_report`] does.
    pub fn read(from: impl BufRead) -> Result<OpenCases, ReadError> {
        let mut open = OpenCases::default();
        json_lines::read_events(from, |event| open.fold(&event))?;
        Ok(open)
    }

    /// Takes the next event.
    pub fn fold(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::Planned(cases) => self.own.extend(cases.ids()),
            Event::LeftOpen(cases) => self.left.extend(cases.ids()),
            Event::CaseStarted { case } => {
                self.own.insert(case.clone());
            }
            Event::CaseFinished(finished) => {
                match finished.verdict {
                    Verdict::Passed | Verdict::Skipped => self.own.remove(&finished.case),
                    Verdict::Failed | Verdict::Error => self.own.insert(finished.case.clone()),
                };
            }
            Event::Coverable(_) | Event::TargetLost(_) | Event::RunFinished(_) => {}
        }
    }

    /// How the run was started; `None` only before its first event.
    pub fn run(&self) -> Option<&RunStarted> {
        self.run.as_ref()
    }

    /// The open cases, by name.
    pub fn cases(&self) -> BTreeSet<CaseId> {
        self.own.union(&self.left).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::{CaseFinished, NamedCases};
    use crate::report::fixture;

    fn id(name: &str) -> CaseId {
        CaseId {
            system: "shop".into(),
            file: "a".into(),
            name: name.into(),
        }
    }

    fn finished(name: &str, of: CaseFinished) -> Event {
        Event::CaseFinished(CaseFinished {
            case: id(name),
            ..of
        })
    }

    fn named(names: &[&str]) -> NamedCases {
        NamedCases {
            system: "shop".into(),
            file: "a".into(),
            names: names.iter().map(|&name| Arc::from(name)).collect(),
        }
    }

    fn open(events: &[Event]) -> Vec<String> {
        let mut open = OpenCases::default();
        events.iter().for_each(|event| open.fold(event));
        let cases = open.cases();
        cases.iter().map(|case| case.name.to_string()).collect()
    }

    #[test]
    fn what_was_planned_is_open_until_it_passed_or_was_skipped() {
        let events = [
            fixture::started(),
            Event::Planned(named(&[
                "passes",
                "fails",
                "errs",
                "skipped",
                "begun",
                "never begun",
            ])),
            finished("skipped", fixture::skipped()),
            Event::CaseStarted { case: id("passes") },
            finished("passes", fixture::passed()),
            finished("fails", fixture::failed()),
            finished("errs", fixture::timed_out()),
            Event::CaseStarted { case: id("begun") },
        ];
        assert_eq!(open(&events), ["begun", "errs", "fails", "never begun"]);
    }

    #[test]
    fn what_earlier_runs_left_open_stays_open() {
        let events = [
            fixture::started(),
            Event::LeftOpen(named(&["left", "left and skipped"])),
            Event::Planned(named(&["left and skipped", "passes"])),
            finished("left and skipped", fixture::skipped()),
            finished("passes", fixture::passed()),
            fixture::finished(),
        ];
        assert_eq!(open(&events), ["left", "left and skipped"]);
    }

    #[test]
    fn recordings_without_names_of_planned_cases_give_what_they_tell() {
        let events = [
            fixture::started(),
            Event::CaseStarted { case: id("begun") },
            finished("fails", fixture::failed()),
        ];
        assert_eq!(open(&events), ["begun", "fails"]);
    }

    #[test]
    fn cases_of_one_file_are_named_together() {
        let other = CaseId {
            file: "b".into(),
            ..id("three")
        };
        let cases = [id("one"), id("two"), other];
        let files = NamedCases::of(&cases);
        assert_eq!(files.len(), 2);
        assert_eq!(files[0], named(&["one", "two"]));
        let back: Vec<CaseId> = files.iter().flat_map(NamedCases::ids).collect();
        assert_eq!(back, cases);
    }
}
