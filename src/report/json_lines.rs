//! The events of a run as JSON Lines: one JSON object per event and line, in the order they happened. Written during the run, so a killed
//! run leaves what it finished. Main functions: [`write()`], [`read`] and [`read_report`].
//!
//! ```text
//! {"event":"run_started","format":2,"version":"0.1.0","started":"2026-11-20T08:30:00Z","seed":42,"subjects":"case","systems":[…],
//!  "planned":52}
//! {"event":"planned","system":"magento","file":"customers/me","names":["a customer reads her own data",…]}
//! {"event":"coverable","system":"magento","files":[…],"operations":[…],"texts":[…],"samples":[…],"paths":[…],"points":[…]}
//! {"event":"subject_started","subject":{"system":"magento","file":"customers/me","name":"a customer reads her own data"}}
//! {"event":"subject_finished","subject":{…},"verdict":"failed","reason":null,"place":{…},"tags":[],
//!  "operations":["GET /V1/customers/me"],"milliseconds":12.25,"requests":4,
//!  "steps":[{"label":…,"role":{"kind":"step"},"findings":[{"code":"body-schema",…}],…}]}
//! {"event":"target_lost","system":"nuweb","target":"embedded","url":"http://127.0.0.1:9","error":{…},"not_run":41}
//! {"event":"run_finished","milliseconds":1838.4,"interrupted":false,"stale_waivers":[],"strict_waivers":false}
//! ```
//!
//! A subject that is not a case has a kind: `{"kind":"entry",…}` is an entry of a recording.
//!
//! The first line has the format's number ([`FORMAT`]). While the number stays the same, fields, events and names (of verdicts, codes,
//! kinds) are only added; readers ignore unknown fields and events, and show unknown names unchanged. Removing or changing a field raises
//! the number. The fields are those of [`crate::event`]; `event/coverable/wire.rs` documents the form of `coverable`.

use std::io::{self, BufRead};

use serde::Deserialize;

use super::model::Report;
use crate::event::{Event, FORMAT};

/// An event as one line, without a line feed; `None` for an unknown event, because its content was dropped when it was read. Fails for a
/// number that JSON cannot represent.
pub fn line(event: &Event) -> io::Result<Option<String>> {
    match event {
        Event::Unknown => Ok(None),
        event => Ok(Some(serde_json::to_string(event)?)),
    }
}

/// Writes an event as one line with a line feed. Fails only if the writer fails. A killed run keeps only what was written, so pass an
/// unbuffered writer, or flush it after each line. Writes nothing for an unknown event.
pub fn write(event: &Event, to: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
    match line(event)? {
        // One write call per line: a kill between two writes leaves complete lines.
        Some(line) => to.write_all((line + "\n").as_bytes()),
        None => Ok(()),
    }
}

/// Reads one line; `number` counts from 1 and is for the message only.
///
/// Fails if the line is not JSON, not an event, or the start of a run in another format. An event that this version does not know is read
/// as [`Event::Unknown`].
pub fn read(number: usize, line: &str) -> Result<Event, ReadError> {
    // The format is checked first: in another format the rest of the line may differ.
    let Head { event, format } =
        serde_json::from_str(line).map_err(|cause| ReadError::Line { number, cause })?;
    if event == "run_started" && format != Some(FORMAT) {
        return Err(ReadError::ReportFormat { number, format });
    }
    serde_json::from_str(line).map_err(|cause| ReadError::Line { number, cause })
}

#[derive(Deserialize)]
struct Head {
    event: String,
    format: Option<u32>,
}

/// The content of a recorded run.
#[derive(Debug, Clone)]
pub struct RecordedRun {
    pub report: Report,
    /// Number of the last line if it is incomplete: the run was killed while it wrote. Everything before it is in the report.
    pub broken_off: Option<usize>,
}

/// Folds a whole file into a report. Fails as [`read_events`] does.
pub fn read_report(from: impl BufRead) -> Result<RecordedRun, ReadError> {
    let mut report = Report::new();
    let broken_off = read_events(from, |event| report.fold(&event))?;
    Ok(RecordedRun { report, broken_off })
}

/// Passes every event of a whole file to `take`, keeping one line at a time in memory. Empty lines are skipped. Returns the number of the
/// last line if it is incomplete.
///
/// Fails at the first line that is not an event, except for a last line without a line feed, which a killed run leaves. Also fails if the
/// file does not begin with the start of a run, or has a second start.
pub fn read_events(
    from: impl BufRead,
    mut take: impl FnMut(Event),
) -> Result<Option<usize>, ReadError> {
    let mut started = false;
    read_lines(from, |number, line| {
        let event = read(number, line)?;
        match (&event, started) {
            (Event::RunStarted(_), true) => return Err(ReadError::SecondStart { number }),
            (Event::RunStarted(_), false) => started = true,
            (_, false) => return Err(ReadError::NoStart { number }),
            (_, true) => {}
        }
        take(event);
        Ok(())
    })
}

/// Passes every non-empty line of a file to `take`, with its number. If `take` rejects the last line and the line has no line feed, a killed
/// run left it: then its number is returned.
///
/// Fails at the first other line that `take` rejects, and for a file without lines.
pub(super) fn read_lines(
    mut from: impl BufRead,
    mut take: impl FnMut(usize, &str) -> Result<(), ReadError>,
) -> Result<Option<usize>, ReadError> {
    let mut any = false;
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if from.read_until(b'\n', &mut line).map_err(ReadError::Io)? == 0 {
            break;
        }
        number += 1;
        let whole = line.ends_with(b"\n");
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        match take(number, text.trim_end()) {
            Ok(()) => any = true,
            Err(ReadError::Line { .. }) if !whole && any => return Ok(Some(number)),
            Err(error) => return Err(error),
        }
    }
    match any {
        true => Ok(None),
        false => Err(ReadError::Empty),
    }
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read the events: {0}")]
    Io(io::Error),
    #[error("line {number} is not an event: {cause}")]
    Line {
        number: usize,
        cause: serde_json::Error,
    },
    #[error(
        "line {number}: the events have format {}, but this version reads format {FORMAT}; use the version of counterpart that wrote them",
        format.map_or_else(|| "unknown".to_owned(), |format| format.to_string())
    )]
    ReportFormat { number: usize, format: Option<u32> },
    #[error(
        "line {number}: the events do not begin with `run_started`; pass the whole file of one run"
    )]
    NoStart { number: usize },
    #[error(
        "line {number}: a second run starts here; merge shards with `counterpart report merge`, one file per shard"
    )]
    SecondStart { number: usize },
    #[error("no events: the file is empty")]
    Empty,
}

#[cfg(test)]
mod tests;
