//! The command line: arguments as typed, settings as resolved, and the commands. [`main`] is the whole program.
//!
//! The files are in the order of the work: `environment` and `args` are read, `config` and `project` are found, `settings` combines them,
//! a `command` does the work and prints to `console`.

mod environment;

mod precedence;

mod config;

mod args;

mod repository;

mod annotations;

mod console;
mod contracts;

mod page;

mod project;

mod target_files;
mod targets;

mod settings;

mod fetch;

#[cfg(feature = "server")]
mod embedded;

mod progress;

mod command;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use args::Args;
use console::Console;
use environment::Environment;

/// The program, from the arguments of the process to its exit code. Wrong usage is reported by clap and ends the process with 2.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    let args = Args::parse();
    let console = Console::new(&args.global, &environment);
    // If the working folder was removed, paths stay as typed and are reported as missing when they are used.
    let working_folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let setting = command::Setting {
        environment: &environment,
        console,
        working_folder: &working_folder,
        config: args.global.config.as_deref(),
    };
    match command::execute(args.command, &setting) {
        Ok(status) => status.into(),
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            command::ExitStatus::Input.into()
        }
    }
}
