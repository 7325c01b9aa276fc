//! Runs every case as one test of `cargo test`, with `libtest-mimic`, for this crate and for others.
//!
//! ```no_run
//! use counterpart::harness::Conformance;
//! use counterpart::target::Target;
//!
//! fn main() -> std::process::ExitCode {
//!     let project = Conformance::new(env!("CARGO_MANIFEST_DIR")); // has schemas/ and cases/
//!     project.system("notes", || Target::parse("http://127.0.0.1:8080")).main()
//! }
//! ```
//!
//! In `Cargo.toml` the test needs `harness = false`. Tests are named `system::file::case`; filters, `--list`, `--exact`,
//! `--ignored` work as usual, also with `cargo nextest run`, which starts the binary once for each test.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::case::{self, Suite};
use crate::contract::{self, Nullability, Reading};
use crate::diagnostic::{Diagnostics, Style};
use crate::event::Verdict;
use crate::plan::{self, PlannedCase, Selection};
use crate::report::ExitStatus;
use crate::report::terminal::{self, Look};
use crate::run::{Outcome, Pipeline};
use crate::source::{Files, Folder, read_file};
use crate::target::Target;
use crate::waiver::{self, Waivers};

/// The cases of one or more systems, each with its target.
#[derive(Debug)]
pub struct Conformance {
    schemas: Box<dyn Files>,
    cases: Box<dyn Files>,
    systems: Vec<HarnessSystem>,
    reading: Reading,
    nullability: Nullability,
    seed: u64,
    /// The project's waiver file; it may be missing.
    waivers: PathBuf,
}

/// Creates a target when the first test needs it, so that listing tests starts no server.
type MakeTarget = Box<dyn Fn() -> Result<Target, String> + Send + Sync>;

struct HarnessSystem {
    name: String,
    make_target: MakeTarget,
}

impl std::fmt::Debug for HarnessSystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("System").field(&self.name).finish()
    }
}

impl Conformance {
    /// The project in a folder with `schemas/`, `cases/` and optionally a `waivers.yaml`; waived findings fail no test until the
    /// waiver expires. Nothing is read yet.
    pub fn new(project: impl AsRef<Path>) -> Self {
        let project = project.as_ref();
        Conformance {
            schemas: Box::new(Folder::new(project.join("schemas"))),
            cases: Box::new(Folder::new(project.join("cases"))),
            systems: Vec::new(),
            reading: Reading::default(),
            nullability: Nullability::default(),
            seed: rand::random(),
            waivers: project.join(waiver::FILE_NAME),
        }
    }

    /// Adds the cases below `cases/<name>/`, to be run against the target that `target` creates. The function is called at most
    /// once per process, when the first test runs. If it fails, every test of the system fails with its message.
    #[must_use]
    pub fn system<F, E>(mut self, name: &str, target: F) -> Self
    where
        F: Fn() -> Result<Target, E> + Send + Sync + 'static,
        E: fmt::Display,
    {
        self.systems.push(HarnessSystem {
            name: name.to_owned(),
            make_target: Box::new(move || target().map_err(|error| error.to_string())),
        });
        self
    }

    /// Checks against the contracts as documented, without their overlays. (Default: with overlays.)
    #[must_use]
    pub fn documented(mut self) -> Self {
        self.reading = Reading::Documented;
        self
    }

    /// Accepts null only where OpenAPI gives `nullable` a meaning. (Default: wherever a schema says it.)
    #[must_use]
    pub fn strict_nullable(mut self) -> Self {
        self.nullability = Nullability::AsWritten;
        self
    }

    /// Sets the seed of generated values. (Default: random; a failing test shows it.)
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Reads the command line as `cargo test` passes it, runs the tests, and returns the process's exit code: 0 if all passed,
    /// 101 if one failed, 2 if contracts or cases are wrong (their diagnostics are printed to standard error).
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        match self.trials() {
            Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
            Err(diagnostics) => {
                #[expect(
                    clippy::print_stderr,
                    reason = "a test binary has no other way to report why there are no tests"
                )]
                {
                    eprintln!("{}", diagnostics.render(Style::Plain));
                }
                ExitStatus::Input.into()
            }
        }
    }

    /// One trial for each case. Fails with all diagnostics if contracts or cases are wrong.
    pub fn trials(self) -> Result<Vec<Trial>, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut trials = Vec::new();
        let waivers = Arc::new(waivers(&self.waivers, &mut diagnostics));
        let runtime = Arc::new(OnceLock::new());
        let contracts = contract::Loader::new(self.schemas.as_ref(), self.reading);
        let contracts = contracts.with_nullability(self.nullability);
        let contracts =
            |path: &str, diagnostics: &mut Diagnostics| contracts.load(path, diagnostics);
        for system in self.systems {
            let loaded = case::load(
                self.cases.as_ref(),
                &system.name,
                &contracts,
                &mut diagnostics,
            );
            let Some(suite) = loaded.map(Arc::new) else {
                continue;
            };
            let planned = plan::plan(&[Arc::clone(&suite)], &Selection::default(), self.seed);
            let shared = Arc::new(Shared {
                suite,
                make_target: system.make_target,
                seed: self.seed,
                waivers: Arc::clone(&waivers),
                pipeline: OnceLock::new(),
                runtime: Arc::clone(&runtime),
            });
            for planned in planned.systems.into_iter().flat_map(|system| system.cases) {
                let shared = Arc::clone(&shared);
                trials.push(Trial::ignorable_test(
                    planned.subject.to_string(),
                    move || shared.run(&planned),
                ));
            }
        }
        diagnostics.sort();
        if diagnostics.prevent_run() {
            Err(diagnostics)
        } else {
            Ok(trials)
        }
    }
}

/// The project's waivers; empty if there is no waiver file.
fn waivers(path: &Path, diagnostics: &mut Diagnostics) -> Waivers {
    if !path.is_file() {
        return Waivers::default();
    }
    let read = match read_file(path) {
        Ok(source) => Waivers::read(source, waiver::today(), diagnostics),
        Err(reason) => {
            diagnostics.push(waiver::unreadable(path, &reason));
            None
        }
    };
    read.unwrap_or_default()
}

/// The shared state of the tests of one system.
struct Shared {
    suite: Arc<Suite>,
    make_target: MakeTarget,
    seed: u64,
    waivers: Arc<Waivers>,
    pipeline: OnceLock<Result<Pipeline, String>>,
    runtime: Arc<OnceLock<Result<Runtime, String>>>,
}

/// Removes what the cases of a file shared, when the last test has ended.
impl Drop for Shared {
    fn drop(&mut self) {
        let pipeline = self.pipeline.get();
        if let (Some(Ok(pipeline)), Some(Ok(runtime))) = (pipeline, self.runtime.get()) {
            runtime.block_on(pipeline.session.remove_setups());
        }
    }
}

impl Shared {
    fn run(&self, planned: &PlannedCase) -> Result<Completion, Failed> {
        let runtime = self
            .runtime
            .get_or_init(|| Runtime::new().map_err(|error| error.to_string()));
        let runtime = runtime.as_ref().map_err(Failed::from)?;
        let pipeline = self.pipeline.get_or_init(|| {
            let target = (self.make_target)()?;
            let suite = Arc::clone(&self.suite);
            let pipeline = Pipeline::new(suite, Arc::new(target), self.seed);
            let mut pipeline = pipeline.map_err(|error| error.to_string())?;
            pipeline.judge.accept(Arc::clone(&self.waivers));
            Ok(pipeline)
        });
        let pipeline = pipeline.as_ref().map_err(Failed::from)?;
        let target = pipeline.session.target();
        if let Some(reason) = plan::skip_reason(planned, target, &Selection::default()) {
            return Ok(Completion::ignored_with(reason));
        }
        match runtime.block_on(pipeline.run(planned, &CancellationToken::new())) {
            Outcome::Interrupted => Err("interrupted".into()),
            Outcome::Unreachable(error) => {
                Err(format!("cannot reach {}: {}", target.name, error.message).into())
            }
            Outcome::Finished(finished) => match finished.verdict {
                Verdict::Passed => Ok(Completion::Completed),
                Verdict::Skipped => Ok(Completion::ignored_with(
                    finished.reason.unwrap_or_default().to_string(),
                )),
                Verdict::Failed | Verdict::Error | Verdict::Unknown => {
                    let text = terminal::case(&finished, Look::default());
                    Err(format!("{text}\nseed {}", self.seed).into())
                }
            },
        }
    }
}
