//! The cases of a recorded run that must be run again. Main type: [`OpenCases`].

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use serde::Deserialize;

use super::json_lines::{self, ReadError};
use crate::event::{Event, RunStarted, Subject, SubjectKind, SubjectNames, Verdict};

/// The planned cases of a run that neither passed nor were skipped: failed, ended in error, or without a verdict because the run was cut
/// short, was killed, or lost the target. Also the cases that earlier runs left open and this run did not run.
#[derive(Debug, Clone, Default)]
pub struct OpenCases {
    run: Option<RunStarted>,
    /// Open cases of the run itself.
    own: BTreeSet<Subject>,
    /// Open cases of earlier runs.
    left: BTreeSet<Subject>,
}

/// The subjects that an event refers to, in any of its fields. The rest of the line, which is most of it, is not parsed.
#[derive(Deserialize)]
struct EventHead {
    event: String,
    subject: Option<Subject>,
    verdict: Option<Verdict>,
    #[serde(default)]
    kind: SubjectKind,
    system: Option<Arc<str>>,
    file: Option<Arc<str>>,
    names: Option<Vec<Arc<str>>>,
}

impl OpenCases {
    /// Reads a recorded run; of a killed run, what was recorded. Fails as [`json_lines::read_report`] does.
    pub fn read(from: impl BufRead) -> Result<OpenCases, ReadError> {
        let mut open = OpenCases::default();
        json_lines::read_lines(from, |number, line| open.take(number, line))?;
        Ok(open)
    }

    fn take(&mut self, number: usize, line: &str) -> Result<(), ReadError> {
        let head: EventHead =
            serde_json::from_str(line).map_err(|cause| ReadError::Line { number, cause })?;
        match head.event.as_str() {
            "run_started" if self.run.is_some() => return Err(ReadError::SecondStart { number }),
            "run_started" => {
                if let Event::RunStarted(run) = json_lines::read(number, line)? {
                    self.run = Some(run);
                }
            }
            _ if self.run.is_none() => return Err(ReadError::NoStart { number }),
            "planned" => self.own.extend(head.named()),
            "left_open" => self.left.extend(head.named()),
            "subject_started" | "subject_finished" => match (head.subject, head.verdict) {
                (Some(subject), Some(Verdict::Passed | Verdict::Skipped)) => {
                    self.own.remove(&subject);
                }
                (Some(subject), _) => {
                    self.own.insert(subject);
                }
                (None, _) => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// The start of the run; `None` only before its first event.
    pub fn run(&self) -> Option<&RunStarted> {
        self.run.as_ref()
    }

    /// The open cases, by name.
    pub fn cases(&self) -> BTreeSet<Subject> {
        self.own.union(&self.left).cloned().collect()
    }
}

impl EventHead {
    fn named(self) -> Vec<Subject> {
        match (self.system, self.file, self.names) {
            (Some(system), Some(file), Some(names)) => {
                let named = SubjectNames {
                    kind: self.kind,
                    system,
                    file,
                    names,
                };
                named.subjects().collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SubjectFinished;
    use crate::report::fixture;

    fn id(name: &str) -> Subject {
        Subject::case("shop", "a", name)
    }

    fn finished(name: &str, of: SubjectFinished) -> Event {
        Event::SubjectFinished(SubjectFinished {
            subject: id(name),
            ..of
        })
    }

    fn named(names: &[&str]) -> SubjectNames {
        SubjectNames {
            kind: SubjectKind::Case,
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
    fn a_planned_case_is_open_until_it_passed_or_was_skipped() {
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
            Event::SubjectStarted {
                subject: id("passes"),
            },
            finished("passes", fixture::passed()),
            finished("fails", fixture::failed()),
            finished("errs", fixture::timed_out()),
            Event::SubjectStarted {
                subject: id("begun"),
            },
        ];
        assert_eq!(open(&events), ["begun", "errs", "fails", "never begun"]);
    }

    #[test]
    fn cases_left_open_by_earlier_runs_stay_open() {
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
    fn recordings_without_planned_names_give_the_recorded_cases() {
        let events = [
            fixture::started(),
            Event::SubjectStarted {
                subject: id("begun"),
            },
            finished("fails", fixture::failed()),
        ];
        assert_eq!(open(&events), ["begun", "fails"]);
    }

    #[test]
    fn invalid_recordings_are_rejected_like_by_reports() {
        let unstarted =
            r#"{"event":"subject_started","subject":{"system":"s","file":"f","name":"n"}}"#;
        for text in ["", "{}\n", unstarted, "no\n"] {
            let ours = OpenCases::read(text.as_bytes()).unwrap_err().to_string();
            let theirs = json_lines::read_report(text.as_bytes()).unwrap_err();
            let line = |error: &str| error.split(':').next().map(str::to_owned);
            assert_eq!(line(&ours), line(&theirs.to_string()), "{text}");
        }
    }

    #[test]
    fn cases_of_one_file_are_named_together() {
        let other = Subject {
            file: "b".into(),
            ..id("three")
        };
        let cases = [id("one"), id("two"), other];
        let files = SubjectNames::of(&cases);
        assert_eq!(files.len(), 2);
        assert_eq!(files[0], named(&["one", "two"]));
        let back: Vec<Subject> = files.iter().flat_map(SubjectNames::subjects).collect();
        assert_eq!(back, cases);
    }
}
