//! The events of a run as JSON Lines: one event an object a line, in the order they happened. Written while the run goes on, so a
//! run that was killed leaves what it had finished. Main functions: [`write()`], [`read`]
//! and [`read_report`].
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
//! A subject that is no case says so: `{"kind":"entry",…}` is an entry of a recording.
//!
//! The first line carries the format's number ([`FORMAT`]). Within one number fields, events and names (of verdicts, codes, kinds) are only
//! added; readers ignore fields and events that they do not know, and show names that they do not know as they are. A field removed or
//! changed raises the number. Fields are those of [`crate::event`]; how `coverable` is written says `event/coverable/wire.rs`.

use std::io::{self, BufRead};

use serde::Deserialize;

use super::model::Report;
use crate::event::{Event, FORMAT};

/// One event as one line, without a line feed; `None` of an event that was not understood when it was read, of which nothing is left.
/// Fails for a number that JSON cannot hold.
pub fn line(event: &Event) -> io::Result<Option<String>> {
    match event {
        Event::Unknown => Ok(None),
        event => Ok(Some(serde_json::to_string(event)?)),
    }
}

/// Writes one event as one line, line feed included. Fails only where the writer does. A killed run keeps what was written, so
/// give a writer that does not hold lines back, or flush it after each. Of an event that was not understood when it was read, nothing is
/// left to be written.
pub fn write(event: &Event, to: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
    match line(event)? {
        // One call a line: a kill between two writes leaves whole lines.
        Some(line) => to.write_all((line + "\n").as_bytes()),
        None => Ok(()),
    }
}

/// Reads one line; `number` counts from 1 and is for the message only.
///
/// Fails where the line is no JSON, no event, or the start of a run in another format. An event that this version does not know is
/// [`Event::Unknown`].
pub fn read(number: usize, line: &str) -> Result<Event, ReadError> {
    // The format is looked at first: with another one the rest of the line need not be what we know.
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

/// What a recorded run holds.
#[derive(Debug, Clone)]
pub struct RecordedRun {
    pub report: Report,
    /// Number of the last line where it breaks off in the middle: the run was killed while it wrote. Everything before it is in the
    /// report.
    pub broken_off: Option<usize>,
}

/// Folds a whole file into a report. Fails as [`read_events`] does.
pub fn read_report(from: impl BufRead) -> Result<RecordedRun, ReadError> {
    let mut report = Report::new();
    let broken_off = read_events(from, |event| report.fold(&event))?;
    Ok(RecordedRun { report, broken_off })
}

/// Gives every event of a whole file to `take`, holding one line at a time. Empty lines are passed over. Returns the number of the last
/// line where it breaks off in the middle.
///
/// Fails at the first line that is not an event, but for a last line without line feed, which a killed run leaves; and where the
/// file does not begin with the start of a run, or has a second one.
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

/// Gives every line of a file but empty ones to `take`, with its number. Returns the number of the last line where `take` refuses it and
/// it lacks its line feed: there a killed run broke off.
///
/// Fails at the first other line that `take` refuses, and where there is none.
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
        "line {number}: the events are of format {}, this version reads format {FORMAT}; use the version of counterpart that wrote them",
        format.map_or_else(|| "unknown".to_owned(), |format| format.to_string())
    )]
    ReportFormat { number: usize, format: Option<u32> },
    #[error(
        "line {number}: the events do not begin with `run_started`; give the whole file of one run"
    )]
    NoStart { number: usize },
    #[error(
        "line {number}: the events of a second run begin; shards are put together by `counterpart report merge`, one file each"
    )]
    SecondStart { number: usize },
    #[error("no events: the file is empty")]
    Empty,
}

#[cfg(test)]
mod tests;
