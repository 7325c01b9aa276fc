//! `counterpart lint [PATH…]`: reports all faults of contracts, cases and configuration; nothing is sent.

mod input;
mod project;

use std::collections::BTreeSet;
use std::path::Path;

use super::{ExitStatus, Setting, load};
use crate::case::{Suite, check_requests};
use crate::cli::args::LintArgs;
use crate::cli::config::Config;
use crate::cli::console::tally;
use crate::cli::contracts::below_schemas;
use crate::cli::fetch::fetch;
use crate::cli::project::{Project, SystemFiles};
use crate::contract::{self, Contract, Nullability, Reading};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::source::Files;
use crate::text::counted;
use input::Input;

/// Checks the files that the PATHs name, or the whole project. The last line reads `3 files: 1 error, 2 warnings`.
///
/// Ends with [`ExitStatus::Input`] if there is an error; warnings alone pass.
pub(super) fn lint(args: &LintArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let mut lint = Lint::default();
    let mut found = Diagnostics::new();
    let project = setting.project(&mut found);
    if args.paths.is_empty() {
        // A fault of the configuration counts only if the whole project is checked.
        lint.project(&project, found);
    } else {
        let inputs = input::inputs(&args.paths, setting.working_folder, &mut lint.diagnostics);
        for input in inputs {
            lint.input(input, &project);
        }
    }
    let Lint {
        mut diagnostics,
        files,
        lines,
        contracts: _,
    } = lint;
    diagnostics.sort();
    setting.console.diagnostics(&diagnostics);
    for line in lines {
        setting.console.say(&line);
    }
    let files = counted(files.len(), "file");
    setting
        .console
        .say(&format!("{files}: {}", tally(&diagnostics)));
    Ok(match diagnostics.has_errors() {
        true => ExitStatus::Input,
        false => ExitStatus::Passed,
    })
}

/// The files checked so far, and the results.
#[derive(Default)]
struct Lint {
    diagnostics: Diagnostics,
    /// Display names.
    files: BTreeSet<String>,
    /// The contracts among `files`.
    contracts: BTreeSet<String>,
    /// A line for each file without an error.
    lines: Vec<String>,
}

impl Lint {
    fn project(&mut self, project: &Project, found: Diagnostics) {
        if let Some(config) = &project.config {
            let shown = config.path.display().to_string();
            match found.has_errors() {
                true => drop(self.files.insert(shown)),
                false => self.config_line(&shown),
            }
        }
        self.diagnostics.extend(found);
        let schemas = project.schemas();
        for path in schemas.list("") {
            let source = match schemas.read(&path) {
                Ok(source) => source,
                Err(reason) => {
                    input::unreadable(Path::new(&path), &reason, &mut self.diagnostics);
                    continue;
                }
            };
            match input::kind(&source) {
                Some(input::InputKind::Contract) => {
                    self.contract(schemas.as_ref(), &path, source.name());
                }
                Some(input::InputKind::Overlay) => {
                    self.overlay(schemas.as_ref(), &path, source.name());
                }
                Some(input::InputKind::Cases | input::InputKind::Waivers) | None => {}
            }
        }
        let systems = project.systems();
        let suites: Vec<Suite> = systems
            .iter()
            .filter_map(|system| self.cases(system))
            .collect();
        if let Some(config) = &project.config {
            let complete = suites.len() == systems.len();
            let suites = complete.then_some(suites.as_slice());
            project::check_names(config, project, suites, &mut self.diagnostics);
        }
        project::check_places(project, &mut self.diagnostics);
        if let Some(path) = project.waivers() {
            self.waivers(&path);
        }
    }

    fn input(&mut self, input: Input, project: &Project) {
        match input {
            Input::Config(path) => {
                let before = self.errors();
                let _ = Config::read(&path, &mut self.diagnostics);
                if self.errors() == before {
                    self.config_line(&path.display().to_string());
                } else {
                    self.files.insert(path.display().to_string());
                }
            }
            Input::Contract(path) => {
                let (folder, name) = below_schemas(&path, project);
                self.contract(&folder, &name, &path.display().to_string());
            }
            Input::Overlay(path) => {
                let (folder, name) = below_schemas(&path, project);
                self.overlay(&folder, &name, &path.display().to_string());
            }
            Input::Url(url) => {
                self.files.insert(url.to_string());
                if let Some(source) = fetch(&url, &mut self.diagnostics) {
                    let before = self.errors();
                    let contract = load::contract_text(source, &mut self.diagnostics);
                    self.contract_line(url.as_str(), contract.as_deref(), before);
                }
            }
            Input::Waivers(path) => self.waivers(&path),
            Input::Cases(paths) => {
                for system in project.select(&paths, &mut self.diagnostics) {
                    let _ = self.cases(&system);
                }
            }
        }
    }

    /// An overlay is checked with the document it corrects.
    fn overlay(&mut self, files: &dyn Files, path: &str, shown: &str) {
        let document = contract::corrected_by(path).find(|document| files.has(document));
        self.files.insert(shown.to_owned());
        match document {
            Some(document) => {
                let shown = match shown.strip_suffix(path) {
                    Some(folder) => format!("{folder}{document}"),
                    None => document.clone(),
                };
                self.contract(files, &document, &shown);
            }
            None => self.diagnostics.push(
                Diagnostic::without_place(
                    "orphan-overlay",
                    format!("there is no document beside the overlay {shown}"),
                )
                .with_advice(
                    "name it after the document it corrects: `api.overlay.yaml` beside `api.yaml`",
                ),
            ),
        }
    }

    fn contract(&mut self, files: &dyn Files, path: &str, shown: &str) {
        // An overlay beside it was checked with it, or will be.
        if !self.contracts.insert(shown.to_owned()) {
            return;
        }
        self.files.insert(shown.to_owned());
        let before = self.errors();
        let contract = load::contract(files, path, &mut self.diagnostics);
        let overlays = contract.iter().flat_map(|contract| &contract.overlays);
        self.files
            .extend(overlays.map(|overlay| overlay.name.clone()));
        self.contract_line(shown, contract.as_deref(), before);
    }

    fn contract_line(&mut self, shown: &str, contract: Option<&Contract>, errors_before: usize) {
        let Some(contract) = contract.filter(|_| self.errors() == errors_before) else {
            return;
        };
        let paths: BTreeSet<&str> = contract
            .operations
            .iter()
            .map(|operation| operation.path.as_str())
            .collect();
        let overlays = &contract.overlays;
        let corrections = match overlays.is_empty() {
            true => String::new(),
            false => format!(
                ", {}, {}",
                counted(overlays.len(), "overlay"),
                counted(
                    overlays.iter().map(|overlay| overlay.actions).sum(),
                    "action"
                )
            ),
        };
        self.lines.push(format!(
            "ok  {shown}: {}, {}{corrections}",
            counted(paths.len(), "path"),
            counted(contract.operations.len(), "operation")
        ));
    }

    /// The suite of a system without errors.
    fn cases(&mut self, system: &SystemFiles) -> Option<Suite> {
        let shared = format!("{}/system.yaml", system.system);
        let names = system.case_files().into_iter().chain([shared]);
        let sources = names.filter_map(|name| system.cases.read(&name).ok());
        self.files
            .extend(sources.map(|source| source.name().to_owned()));
        let before = self.errors();
        let suite = load::suite(
            system,
            Reading::Corrected,
            Nullability::default(),
            &mut self.diagnostics,
        );
        let suite = suite.filter(|_| self.errors() == before)?;
        check_requests(&suite, &mut self.diagnostics);
        for file in &suite.files {
            let cases = file.cases.iter().map(|case| case.rows.len()).sum();
            self.lines
                .push(format!("ok  {}: {}", file.path, counted(cases, "case")));
        }
        Some(suite)
    }

    fn waivers(&mut self, path: &Path) {
        let shown = path.display().to_string();
        self.files.insert(shown.clone());
        let before = self.errors();
        let waivers = load::waivers(path, &mut self.diagnostics);
        if let Some(waivers) = waivers.filter(|_| self.errors() == before) {
            let number = counted(waivers.list().len(), "waiver");
            self.lines.push(format!("ok  {shown}: {number}"));
        }
    }

    fn config_line(&mut self, shown: &str) {
        self.files.insert(shown.to_owned());
        self.lines.push(format!("ok  {shown}"));
    }

    fn errors(&self) -> usize {
        self.diagnostics.count(DiagnosticSeverity::Error)
    }
}
