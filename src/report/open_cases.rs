//! Which cases a recorded run leaves to be run again. Main type: [`OpenCases`].

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use serde::Deserialize;

use crate::event::{CaseId, Event, NamedCases, RunStarted, Verdict};

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

/// What an event says of a case or of cases, in whichever of its fields; the rest of its line is passed over unread, which is most of it.
#[derive(Deserialize)]
struct Told {
    event: String,
    case: Option<CaseId>,
    verdict: Option<Verdict>,
    system: Option<Arc<str>>,
    file: Option<Arc<str>>,
    names: Option<Vec<Arc<str>>>,
}

impl OpenCases {
    /// Reads a recorded run; one that was killed counts as far as it came. Fails as [`json_lines::read_report`] does.
    pub fn read(from: impl BufRead) -> Result<OpenCases, ReadError> {
        let mut open = OpenCases::default();
        json_lines::read_lines(from, |number, line| open.take(number, line))?;
        Ok(open)
    }

    fn take(&mut self, number: usize, line: &str) -> Result<(), ReadError> {
        let told: Told =
            serde_json::from_str(line).map_err(|cause| ReadError::Line { number, cause })?;
        match told.event.as_str() {
            "run_started" if self.run.is_some() => return Err(ReadError::SecondStart { number }),
            "run_started" => {
                if let Event::RunStarted(run) = json_lines::read(number, line)? {
                    self.run = Some(run);
                }
            }
            _ if self.run.is_none() => return Err(ReadError::NoStart { number }),
            "planned" => self.own.extend(told.named()),
            "left_open" => self.left.extend(told.named()),
            "case_started" | "case_finished" => match (told.case, told.verdict) {
                (Some(case), Some(Verdict::Passed | Verdict::Skipped)) => {
                    self.own.remove(&case);
                }
                (Some(case), _) => {
                    self.own.insert(case);
                }
                (None, _) => {}
            },
            _ => {}
        }
        Ok(())
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

impl Told {
    fn named(self) -> Vec<CaseId> {
        match (self.system, self.file, self.names) {
            (Some(system), Some(file), Some(names)) => {
                let cases = NamedCases {
                    system,
                    file,
                    names,
                };
                cases.ids().collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::CaseFinished;
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
        let mut text = Vec::new();
        for event in events {
            json_lines::write(event, &mut text).unwrap();
        }
        let open = OpenCases::read(text.as_slice()).unwrap();
        assert!(open.run().is_some());
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
    fn what_is_no_recording_is_refused_as_reports_refuse_it() {
        let unstarted = r#"{"event":"case_started","case":{"system":"s","file":"f","name":"n"}}"#;
        for text in ["", "{}\n", unstarted, "no\n"] {
            let ours = OpenCases::read(text.as_bytes()).unwrap_err().to_string();
            let theirs = json_lines::read_report(text.as_bytes()).unwrap_err();
            let line = |error: &str| error.split(':').next().map(str::to_owned);
            assert_eq!(line(&ours), line(&theirs.to_string()), "{text}");
        }
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
