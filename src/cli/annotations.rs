//! What a CI server is told beside the reports. Main type: [`Annotations`].

use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::AnnotationsArg;
use super::console::Console;
use super::environment::Environment;
use crate::report::{Report, github, job_summary};

/// Annotations of GitHub Actions, where they are wanted. While it lives, nothing that is printed is taken for a command of the runner:
/// what servers answer is printed, too.
#[derive(Debug)]
pub(super) struct Annotations {
    console: Console,
    /// `None`: not wanted.
    github: Option<Github>,
}

#[derive(Debug)]
struct Github {
    /// Of the commands that are stopped now.
    token: String,
    working_folder: PathBuf,
    /// The root of the repository.
    workspace: PathBuf,
    /// Where the job's summary is gathered.
    summary: Option<PathBuf>,
}

impl Annotations {
    /// Stops the runner's commands from now on, where annotations are wanted.
    pub(super) fn begin(
        wanted: AnnotationsArg,
        environment: &Environment,
        console: Console,
        working_folder: &Path,
    ) -> Annotations {
        let is_wanted = match wanted {
            AnnotationsArg::Auto => environment.get("GITHUB_ACTIONS") == Some("true"),
            AnnotationsArg::Github => true,
            AnnotationsArg::None => false,
        };
        let github = is_wanted.then(|| Github {
            token: format!("{:032x}", rand::random::<u128>()),
            working_folder: working_folder.to_owned(),
            workspace: environment
                .get("GITHUB_WORKSPACE")
                .map_or_else(|| working_folder.to_owned(), PathBuf::from),
            summary: environment.get("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        });
        if let Some(github) = &github {
            console.say(&github::stop_commands(&github.token));
        }
        Annotations { console, github }
    }

    /// Prints the annotations of a run and appends its summary to the job's. Fails with the file and the reason where that cannot be
    /// written.
    pub(super) fn tell(&self, report: &Report) -> Result<(), (PathBuf, std::io::Error)> {
        let Some(github) = &self.github else {
            return Ok(());
        };
        let annotations = github::render(report, &|file| github.locate(file));
        if !annotations.is_empty() {
            self.console.say(&github::resume_commands(&github.token));
            self.console.say(annotations.trim_end());
            self.console.say(&github::stop_commands(&github.token));
        }
        match &github.summary {
            Some(file) => {
                append(file, &job_summary::render(report)).map_err(|error| (file.clone(), error))
            }
            None => Ok(()),
        }
    }
}

/// Lets the runner take commands again: other programs of the step may give some.
impl Drop for Annotations {
    fn drop(&mut self) {
        if let Some(github) = &self.github {
            self.console.say(&github::resume_commands(&github.token));
        }
    }
}

impl Github {
    /// The path of a file in the repository; `None` where it is not in it, as what travels inside the program.
    fn locate(&self, file: &str) -> Option<String> {
        let real = self.working_folder.join(file).canonicalize().ok()?;
        let root = self.workspace.canonicalize().ok()?;
        let below = real.strip_prefix(root).ok()?;
        Some(below.to_string_lossy().replace('\\', "/"))
    }
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)?;
    file.write_all(text.as_bytes())
}
