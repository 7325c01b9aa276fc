//! `counterpart report`: the reports of a finished run, from its recorded events; `report merge`: from the events of its shards.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::gate::CoverageGate;
use super::outputs::Outputs;
use super::report_files::{Proposals, ReportFiles};
use super::{ExitStatus, Setting};
use crate::cli::annotations::Annotations;
use crate::cli::args::{MergeCommand, RecordedArgs, RecordedOutputArgs};
use crate::cli::console::Verbosity;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::event::Event;
use crate::report::Report;
use crate::report::json_lines::{self, ReadError};
use crate::report::merge::{ShardEvents, merge};
use crate::report::terminal::{self, Look};

/// Writes all requested reports. The exit status is the run's ([`ExitStatus::of`]), raised if a report could not be written.
pub(super) fn report(
    args: &RecordedArgs,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    match (&args.merge, &args.file) {
        (Some(MergeCommand::Merge(args)), _) => report_shards(&args.files, &args.outputs, setting),
        (None, Some(file)) => report_run(file, &args.outputs, setting),
        // The command line rejects this.
        (None, None) => Ok(ExitStatus::Input),
    }
}

/// Reports one file. Its events are read one at a time.
fn report_run(
    file: &Path,
    requested: &RecordedOutputArgs,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut output = ReportOutput::new(setting, requested);
    let read =
        open(file).and_then(|from| json_lines::read_events(from, |event| output.event(&event)));
    match read {
        Ok(None) => {}
        Ok(Some(line)) => diagnostics.push(broken_off(file, line)),
        Err(error) => {
            diagnostics.push(unreadable(file, &error));
            return Err(diagnostics);
        }
    }
    let recorded = Recorded {
        of_shard: output.report.run().is_some_and(|run| run.shard.is_some()),
        coverage: !output.report.coverage().is_empty(),
    };
    let inputs = [file.to_owned()];
    let (mut outputs, mut diagnostics) = create(&inputs, requested, recorded, diagnostics)?;
    // The file is read again: nothing may be overwritten before it is known to be readable to its end.
    if outputs.files.grow() {
        let again = open(file)
            .and_then(|from| json_lines::read_events(from, |event| outputs.files.event(&event)));
        if let Err(error) = again {
            diagnostics.push(unreadable(file, &error));
        }
    }
    Ok(output.finish(outputs, diagnostics))
}

/// Reports the shards of a run.
fn report_shards(
    files: &[PathBuf],
    requested: &RecordedOutputArgs,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut parts = Vec::new();
    for file in files {
        let name = file.display().to_string();
        match open(file).and_then(|from| ShardEvents::read(name, from)) {
            Ok(part) => {
                if let Some(line) = part.broken_off() {
                    diagnostics.push(broken_off(file, line));
                }
                parts.push(part);
            }
            Err(error) => diagnostics.push(unreadable(file, &error)),
        }
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let events = merge(parts).map_err(|conflicts| {
        let mut diagnostics = Diagnostics::new();
        for conflict in conflicts {
            diagnostics.push(
                Diagnostic::without_place("not-one-run", conflict.to_string()).with_advice(
                    "pass the events of all shards of one run, each once, with the same version, contracts, cases and flags, \
                     except --shard",
                ),
            );
        }
        diagnostics
    })?;
    let recorded = Recorded {
        of_shard: false,
        coverage: events
            .iter()
            .any(|event| matches!(event, Event::Coverable(_))),
    };
    let (mut outputs, diagnostics) = create(files, requested, recorded, diagnostics)?;
    let mut output = ReportOutput::new(setting, requested);
    for event in &events {
        output.event(event);
        outputs.files.event(event);
    }
    Ok(output.finish(outputs, diagnostics))
}

/// Prints the events, and collects the report.
struct ReportOutput<'s> {
    setting: &'s Setting<'s>,
    look: Look,
    report: Report,
    annotations: Annotations,
}

impl<'s> ReportOutput<'s> {
    fn new(setting: &'s Setting<'s>, requested: &RecordedOutputArgs) -> Self {
        ReportOutput {
            setting,
            look: setting.console.look(),
            report: Report::new(),
            annotations: Annotations::begin(
                requested.reports.annotations,
                setting.environment,
                setting.console,
            ),
        }
    }

    fn event(&mut self, event: &Event) {
        let console = self.setting.console;
        match event {
            Event::RunStarted(run) if console.verbosity != Verbosity::Quiet => {
                console.say(terminal::opening(run, self.look).trim_end());
                console.say("");
            }
            Event::SubjectFinished(case) if console.verbosity == Verbosity::Verbose => {
                console.say(&terminal::line(case, self.look.style));
                let notes = terminal::notes(case);
                notes.iter().for_each(|note| console.say(note));
            }
            _ => {}
        }
        self.report.fold(event);
    }

    fn finish(mut self, outputs: Outputs<'_>, diagnostics: Diagnostics) -> ExitStatus {
        outputs.finish(
            &mut self.report,
            &self.annotations,
            self.setting,
            diagnostics,
        )
    }
}

/// What the recorded events contain.
struct Recorded {
    of_shard: bool,
    coverage: bool,
}

/// Creates every file. Fails, before any is created, if one of them is an input.
fn create<'a>(
    inputs: &[PathBuf],
    requested: &'a RecordedOutputArgs,
    recorded: Recorded,
    mut diagnostics: Diagnostics,
) -> Result<(Outputs<'a>, Diagnostics), Diagnostics> {
    let reports = requested.reports.list();
    for report in &reports {
        if inputs.iter().any(|input| is_same(input, &report.file)) {
            diagnostics.push(
                Diagnostic::without_place(
                    "report-over-events",
                    format!(
                        "the report {} would overwrite the events that it is made from",
                        report.file.display()
                    ),
                )
                .with_advice("name another file"),
            );
        }
    }
    if requested.coverage.gates() && !recorded.coverage {
        diagnostics.push(
            Diagnostic::without_place(
                "coverage-not-recorded",
                "the events contain no coverage, so it cannot be checked",
            )
            .with_advice("run again with --report json=FILE, which records it"),
        );
    }
    let gate = CoverageGate::open(&requested.coverage, recorded.of_shard, &mut diagnostics);
    let Some(gate) = gate.filter(|_| !diagnostics.has_errors()) else {
        return Err(diagnostics);
    };
    let files = ReportFiles::open(&reports, &mut diagnostics);
    let proposals = requested.propose_waivers.as_deref();
    let proposals = proposals.and_then(|path| Proposals::open(path, &mut diagnostics));
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let outputs = Outputs {
        files,
        record: None,
        proposals,
        overlays: None,
        gate,
        partial: None,
        closing: true,
    };
    Ok((outputs, diagnostics))
}

/// Whether both paths are one file. A missing file is not an input.
fn is_same(input: &Path, output: &Path) -> bool {
    match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) => input == output,
        _ => false,
    }
}

fn open(file: &Path) -> Result<BufReader<File>, ReadError> {
    File::open(file).map(BufReader::new).map_err(ReadError::Io)
}

fn unreadable(file: &Path, error: &ReadError) -> Diagnostic {
    Diagnostic::without_place("unreadable-events", format!("{}: {error}", file.display()))
        .with_advice("pass a file that `run --report json=FILE` wrote")
}

fn broken_off(file: &Path, line: usize) -> Diagnostic {
    let text = format!(
        "{} is cut off in line {line}: the run was killed while writing; all lines before it are used",
        file.display()
    );
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        ..Diagnostic::without_place("events-break-off", text)
    }
}
