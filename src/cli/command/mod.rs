//! The commands, one file each. [`execute`] runs the requested command.

mod explain;
mod init;
mod lint;
mod list;
mod list_table;
mod replay;
mod report;
mod run;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod serve_contract;

mod existing;
mod failed;
mod gate;
mod load;
mod outputs;
mod overlay_files;
mod record;
mod report_files;
mod round;
mod seeds;
mod select;
mod servers;
mod stop;
mod until_failure;
mod watch;

use std::path::Path;

use super::args::Command;
use super::console::Console;
use super::environment::Environment;
use super::project::Project;
use crate::diagnostic::Diagnostics;

pub(super) use crate::report::ExitStatus;

/// The input of every command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) environment: &'a Environment,
    pub(super) console: Console,
    pub(super) working_folder: &'a Path,
    /// `--config`.
    pub(super) config: Option<&'a Path>,
}

impl Setting<'_> {
    /// The project of the working folder.
    fn project(&self, diagnostics: &mut Diagnostics) -> Project {
        Project::find(
            self.working_folder,
            self.config,
            self.environment,
            diagnostics,
        )
    }
}

/// Runs a command. Fails, before anything is sent, with everything that is wrong with our input.
pub(super) fn execute(command: Command, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    match command {
        Command::Run(args) => run::run(&args, setting),
        Command::Replay(args) => replay::replay(&args, setting),
        Command::Report(args) => report::report(&args, setting),
        Command::List(args) => list::list(&args, setting),
        Command::Lint(args) => lint::lint(&args, setting),
        Command::Explain(args) => explain::explain(&args, setting),
        Command::Init(args) => init::init(&args, setting),
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::serve(&args, setting),
    }
}
