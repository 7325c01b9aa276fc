//! Output for CI servers besides the reports. Main type: [`Annotations`].

use std::cell::Cell;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::AnnotationsArg;
use super::console::Console;
use super::environment::Environment;
use crate::report::formats::job_summary;
use crate::report::{Locate, Report, github};

/// Annotations of GitHub Actions, if enabled. Until the last line of a run the runner ignores commands in the output, because the output
/// contains responses of the server under test.
#[derive(Debug)]
pub(super) struct Annotations {
    console: Console,
    /// `None`: disabled.
    github: Option<Github>,
}

#[derive(Debug)]
struct Github {
    /// Stops and resumes the commands of the runner.
    token: String,
    is_stopped: Cell<bool>,
    /// The file of the job's summary.
    summary: Option<PathBuf>,
}

impl Annotations {
    /// Evaluates the flag. Stops the runner's commands if annotations are enabled.
    pub(super) fn begin(
        flag: AnnotationsArg,
        environment: &Environment,
        console: Console,
    ) -> Annotations {
        let is_enabled = match flag {
            AnnotationsArg::Auto => environment.get("GITHUB_ACTIONS") == Some("true"),
            AnnotationsArg::Github => true,
            AnnotationsArg::None => false,
        };
        let github = is_enabled.then(|| Github {
            token: format!("{:032x}", rand::random::<u128>()),
            is_stopped: Cell::new(false),
            summary: environment.get("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        });
        let annotations = Annotations { console, github };
        annotations.stop_commands();
        annotations
    }

    /// Makes the runner ignore commands, at the start of a round.
    pub(super) fn stop_commands(&self) {
        if let Some(github) = &self.github
            && !github.is_stopped.replace(true)
        {
            self.console.say(&github::stop_commands(&github.token));
        }
    }

    /// Makes the runner accept commands again: other programs of the step may print some.
    fn resume_commands(&self) {
        if let Some(github) = &self.github
            && github.is_stopped.replace(false)
        {
            self.console.say(&github::resume_commands(&github.token));
        }
    }

    /// Prints the closing lines of a run. Commands are resumed before the last line, which must stay the last one and contains only
    /// numbers.
    pub(super) fn close(&self, closing: &str) {
        match closing.trim_end().rsplit_once('\n') {
            Some((text, last)) => {
                self.console.say(text);
                self.resume_commands();
                self.console.say(last);
            }
            None => self.console.say(closing.trim_end()),
        }
    }

    /// Prints the annotations of a run and appends its summary to the job's. Fails with the file and the reason if that file
    /// cannot be written.
    pub(super) fn publish(
        &self,
        report: &Report,
        locate: &Locate<'_>,
    ) -> Result<(), (PathBuf, std::io::Error)> {
        let Some(github) = &self.github else {
            return Ok(());
        };
        let annotations = github::render(report, locate);
        if !annotations.is_empty() {
            self.resume_commands();
            self.console.say(annotations.trim_end());
            self.stop_commands();
        }
        match &github.summary {
            Some(file) => {
                append(file, &job_summary::render(report)).map_err(|error| (file.clone(), error))
            }
            None => Ok(()),
        }
    }
}

impl Drop for Annotations {
    fn drop(&mut self) {
        self.resume_commands();
    }
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)?;
    file.write_all(text.as_bytes())
}
