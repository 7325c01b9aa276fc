//! What a CI server is told beside the reports. Main type: [`Annotations`].

use std::cell::Cell;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::AnnotationsArg;
use super::console::Console;
use super::environment::Environment;
use crate::report::formats::job_summary;
use crate::report::{Locate, Report, github};

/// Annotations of GitHub Actions, where they are wanted. Until the last line of a run, nothing that is printed is taken for a command of
/// the runner: what servers answer is printed, too.
#[derive(Debug)]
pub(super) struct Annotations {
    console: Console,
    /// `None`: not wanted.
    github: Option<Github>,
}

#[derive(Debug)]
struct Github {
    /// With which commands are stopped, and taken again.
    token: String,
    is_stopped: Cell<bool>,
    /// Where the job's summary is gathered.
    summary: Option<PathBuf>,
}

impl Annotations {
    /// What is wanted. Stops the runner's commands, where annotations are.
    pub(super) fn begin(
        wanted: AnnotationsArg,
        environment: &Environment,
        console: Console,
    ) -> Annotations {
        let is_wanted = match wanted {
            AnnotationsArg::Auto => environment.get("GITHUB_ACTIONS") == Some("true"),
            AnnotationsArg::Github => true,
            AnnotationsArg::None => false,
        };
        let github = is_wanted.then(|| Github {
            token: format!("{:032x}", rand::random::<u128>()),
            is_stopped: Cell::new(false),
            summary: environment.get("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        });
        let annotations = Annotations { console, github };
        annotations.stop_commands();
        annotations
    }

    /// Lets the runner take no commands, as a round begins.
    pub(super) fn stop_commands(&self) {
        if let Some(github) = &self.github
            && !github.is_stopped.replace(true)
        {
            self.console.say(&github::stop_commands(&github.token));
        }
    }

    /// Lets the runner take commands again: other programs of the step may give some.
    fn resume_commands(&self) {
        if let Some(github) = &self.github
            && github.is_stopped.replace(false)
        {
            self.console.say(&github::resume_commands(&github.token));
        }
    }

    /// Says what stands below a run, of which the last line must stay the last: it has nothing but numbers, so commands are taken again
    /// before it.
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

    /// Prints the annotations of a run and appends its summary to the job's. Fails with the file and the reason where that cannot be
    /// written.
    pub(super) fn tell(
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
