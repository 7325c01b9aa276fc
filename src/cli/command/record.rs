//! The record that a run leaves for the next one: `reports/last.jsonl`. Main type: [`Record`]; main function: [`newest`].
//!
//! It contains the events of the run, and the names of open cases of earlier runs that this one does not run. So a partial run
//! (`--filter`, `--failed`, a round of `--watch`) never hides cases that still have to be fixed.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::args::ReportArg;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::event::{Event, Subject, SubjectNames};
use crate::report::{OpenCases, json_lines};

/// The record's name in the folder of reports.
const FILE_NAME: &str = "last.jsonl";

/// How many bytes of the first line are read; a longer line is not the start of a run.
const LONGEST_START: u64 = 1 << 20;

/// The events file in the folder whose run was started last; of two files of one run, the record. `None` if there is none.
pub(super) fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("jsonl")))
        .filter_map(|path| {
            let is_record = path.file_name() == Some(OsStr::new(FILE_NAME));
            Some((started(&path)?, is_record, path))
        })
        .max()
        .map(|(_, _, path)| path)
}

/// When the run of an events file was started; `None` if it is not an events file.
fn started(path: &Path) -> Option<OffsetDateTime> {
    let mut line = String::new();
    let file = File::open(path).ok()?.take(LONGEST_START);
    BufReader::new(file).read_line(&mut line).ok()?;
    match json_lines::read(1, &line) {
        Ok(Event::RunStarted(run)) => OffsetDateTime::parse(&run.started, &Rfc3339).ok(),
        _ => None,
    }
}

/// The record of a run under way.
pub(super) struct Record {
    path: PathBuf,
    file: File,
    /// The cases that were open when the run began.
    open: BTreeSet<Subject>,
    /// The first events, kept until a case begins. Until then the record of the previous run is valid.
    head: Option<Vec<u8>>,
    /// The first failure; nothing more is written after it.
    failed: Option<std::io::Error>,
}

impl Record {
    /// Opens the record in the folder of reports, and reads the open cases from the newest events there. `None` if the run leaves no
    /// record: a concurrent run is writing it, or the folder is not writable (a warning).
    pub(super) fn open(folder: &Path, diagnostics: &mut Diagnostics) -> Option<Record> {
        let path = folder.join(FILE_NAME);
        // An unreadable file is ignored here; `--failed` reports it.
        let open = newest(folder)
            .and_then(|newest| OpenCases::read(BufReader::new(File::open(newest).ok()?)).ok())
            .map(|open| open.cases());
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                diagnostics.push(not_kept(&path, &error.to_string()));
                return None;
            }
        };
        // A file system without locks returns another error, which is ignored.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return None;
        }
        Some(Record {
            path,
            file,
            open: open.unwrap_or_default(),
            head: Some(Vec::new()),
            failed: None,
        })
    }

    /// Adds open cases from other events.
    pub(super) fn add_open(&mut self, cases: &BTreeSet<Subject>) {
        self.open.extend(cases.iter().cloned());
    }

    /// Whether anything was open before this run.
    pub(super) fn has_open_cases(&self) -> bool {
        !self.open.is_empty()
    }

    /// Removes the cases that this run executes, because it will report their verdicts, and those that no longer exist.
    pub(super) fn settle<'c>(
        &mut self,
        executed: impl IntoIterator<Item = &'c Subject>,
        is_missing: impl Fn(&Subject) -> bool,
    ) {
        let executed: HashSet<&Subject> = executed.into_iter().collect();
        self.open
            .retain(|case| !executed.contains(case) && !is_missing(case));
    }

    /// Writes an event.
    pub(super) fn event(&mut self, event: &Event) {
        if self.failed.is_none() {
            self.failed = self.write(event).err();
        }
    }

    /// Reports a record that could not be written as a warning, because no verdict depends on it.
    pub(super) fn finish(self, diagnostics: &mut Diagnostics) {
        if let Some(error) = self.failed {
            diagnostics.push(not_kept(&self.path, &error.to_string()));
        }
    }

    fn write(&mut self, event: &Event) -> std::io::Result<()> {
        let Some(head) = &mut self.head else {
            return json_lines::write(event, &mut self.file);
        };
        json_lines::write(event, head)?;
        match event {
            Event::RunStarted(_) => {
                for cases in SubjectNames::of(&self.open) {
                    json_lines::write(&Event::LeftOpen(cases), head)?;
                }
                Ok(())
            }
            // Interrupted before its first case: the run has no results.
            Event::RunFinished(end) if end.interrupted => Ok(()),
            Event::SubjectStarted { .. } | Event::TargetLost(_) | Event::RunFinished(_) => {
                self.file.set_len(0)?;
                self.file.rewind()?;
                self.file.write_all(head)?;
                self.head = None;
                Ok(())
            }
            Event::Planned(_)
            | Event::LeftOpen(_)
            | Event::Coverable(_)
            | Event::SubjectFinished(_)
            | Event::Unknown => Ok(()),
        }
    }
}

/// Reports an error for each report that would overwrite the record.
pub(super) fn refuse(reports: &[ReportArg], folder: &Path, diagnostics: &mut Diagnostics) {
    let Ok(folder) = folder.canonicalize() else {
        return;
    };
    for ReportArg { file, .. } in reports {
        let parent = match file.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let is_there = parent.canonicalize().is_ok_and(|parent| parent == folder);
        if is_there && file.file_name() == Some(OsStr::new(FILE_NAME)) {
            diagnostics.push(
                Diagnostic::without_place(
                    "file-in-the-way",
                    format!("{} is the record that every run writes", file.display()),
                )
                .with_advice("name another file for the report"),
            );
        }
    }
}

fn not_kept(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        ..Diagnostic::without_place(
            "no-record",
            format!("cannot write {}: {reason}", path.display()),
        )
        .with_advice("`run --failed` will not include this run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{SubjectFinished, SubjectKind, SubjectNames};
    use crate::report::fixture;

    fn id(name: &str) -> Subject {
        Subject {
            kind: SubjectKind::Case,
            system: "shop".into(),
            file: "a".into(),
            name: name.into(),
        }
    }

    fn events(names: &[(&str, SubjectFinished)]) -> Vec<Event> {
        let ids: Vec<Subject> = names.iter().map(|(name, _)| id(name)).collect();
        let mut events = vec![fixture::started()];
        events.extend(SubjectNames::of(&ids).into_iter().map(Event::Planned));
        events.extend(names.iter().map(|(name, of)| {
            Event::SubjectFinished(SubjectFinished {
                subject: id(name),
                ..of.clone()
            })
        }));
        events.push(fixture::finished());
        events
    }

    fn run(folder: &Path, names: &[(&str, SubjectFinished)], missing: &str) {
        let mut diagnostics = Diagnostics::new();
        let mut record = Record::open(folder, &mut diagnostics).expect("no concurrent run");
        let executed: Vec<Subject> = names.iter().map(|(name, _)| id(name)).collect();
        record.settle(&executed, |case| &*case.name == missing);
        for event in events(names) {
            record.event(&event);
        }
        record.finish(&mut diagnostics);
        assert!(diagnostics.is_empty());
    }

    fn open(folder: &Path) -> Vec<String> {
        let path = newest(folder).expect("a record");
        let open = OpenCases::read(BufReader::new(File::open(path).unwrap())).unwrap();
        let cases = open.cases();
        cases.iter().map(|case| case.name.to_string()).collect()
    }

    #[test]
    fn cases_that_a_partial_run_left_out_stay_open() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (failed, passed) = (fixture::failed(), fixture::passed());
        let all = ["a", "b", "c", "d"].map(|name| (name, failed.clone()));
        run(folder, &all, "");
        assert_eq!(open(folder), ["a", "b", "c", "d"]);
        run(folder, &[("a", passed.clone()), ("b", failed)], "");
        assert_eq!(open(folder), ["b", "c", "d"]);
        run(folder, &[("b", passed.clone())], "c");
        assert_eq!(open(folder), ["d"], "`c` no longer exists");
        run(folder, &[], "");
        assert_eq!(open(folder), ["d"]);
        run(folder, &[("d", passed)], "");
        assert_eq!(open(folder), [""; 0]);
    }

    #[test]
    fn the_previous_record_is_valid_until_a_case_begins() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        run(folder, &[("a", fixture::failed())], "");
        let mut diagnostics = Diagnostics::new();
        let mut record = Record::open(folder, &mut diagnostics).unwrap();
        assert!(
            Record::open(folder, &mut diagnostics).is_none(),
            "one run at a time"
        );
        record.settle(&[id("a")], |_| false);
        let events = events(&[("a", fixture::passed())]);
        record.event(&events[0]);
        record.event(&events[1]);
        let Event::RunFinished(mut end) = fixture::finished() else {
            panic!("the end of a run");
        };
        end.interrupted = true;
        record.event(&Event::RunFinished(end));
        assert_eq!(open(folder), ["a"], "interrupted before its first case");
        record.event(&Event::SubjectStarted { subject: id("a") });
        assert_eq!(open(folder), ["a"], "started, and killed");
        record.event(&events[2]);
        assert_eq!(open(folder), [""; 0]);
    }

    #[test]
    fn the_newest_file_is_the_last_started_and_the_record_wins_a_tie() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(newest(folder), None);
        let write = |name: &str, started: &str| {
            let Event::RunStarted(mut run) = fixture::started() else {
                panic!("a start");
            };
            run.started = started.to_owned();
            let mut line = Vec::new();
            json_lines::write(&Event::RunStarted(run), &mut line).unwrap();
            std::fs::write(folder.join(name), line).unwrap();
        };
        write("z.jsonl", "2026-11-20T08:30:00Z");
        write("last.jsonl", "2026-11-20T08:30:00Z");
        write("b.jsonl", "2026-11-20T08:29:59.5Z");
        write("a.txt", "2026-11-21T00:00:00Z");
        std::fs::write(folder.join("other.jsonl"), "{\"entry\":1}\n").unwrap();
        assert_eq!(newest(folder), Some(folder.join("last.jsonl")));
        write("ci.jsonl", "2026-11-20T08:30:00.25Z");
        assert_eq!(newest(folder), Some(folder.join("ci.jsonl")));
    }

    #[test]
    fn no_report_overwrites_the_record() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |name: &str| {
            let mut diagnostics = Diagnostics::new();
            let report = ReportArg {
                format: crate::report::ReportFormat::named("json").unwrap(),
                file: folder.path().join(name),
            };
            refuse(&[report], folder.path(), &mut diagnostics);
            diagnostics.has_errors()
        };
        assert!(refused("last.jsonl") && refused("./last.jsonl"));
        assert!(!refused("run.jsonl") && !refused("below/last.jsonl"));
    }
}
