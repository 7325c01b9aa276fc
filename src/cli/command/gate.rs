//! The coverage of the contracts that a run must reach. Main type: [`CoverageGate`].

use std::path::{Path, PathBuf};

use super::Setting;
use crate::cli::args::{CoverageArgs, Minimum};
use crate::cli::console::Verbosity;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::event::Level;
use crate::report::ratchet::Ratchet;
use crate::report::{Fallen, Report, Required, Shortfall, SystemCoverage, terminal};
use crate::source::read_file;
use crate::text::counted;

/// How many missing points are named if coverage is too low.
const NAMED: usize = 5;

/// The coverage that is required.
pub(super) struct CoverageGate<'a> {
    args: &'a CoverageArgs,
    /// The content of the `--ratchet` file.
    before: Ratchet,
}

impl<'a> CoverageGate<'a> {
    /// Rejects requirements that cannot be checked for a shard. Reads the ratchet, before anything is sent. Fails, with the reason in
    /// `diagnostics`, if it cannot be read. It may be missing if it is to be written.
    pub(super) fn open(
        args: &'a CoverageArgs,
        sharded: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<CoverageGate<'a>> {
        if sharded && args.gates() {
            diagnostics.push(
                Diagnostic::without_place(
                    "coverage-of-a-shard",
                    "a shard covers only its part: --min-coverage and --ratchet cannot be checked for it",
                )
                .with_advice("give them to `counterpart report merge`, which knows all shards"),
            );
            return None;
        }
        let before = match &args.ratchet {
            None => Ratchet::default(),
            Some(path) if args.update_ratchet && !path.exists() => Ratchet::default(),
            Some(path) => read(path, diagnostics)?,
        };
        Some(CoverageGate { args, before })
    }

    /// Shows coverage if requested.
    pub(super) fn show(&self, report: &Report, setting: &Setting<'_>) {
        if self.args.coverage {
            let console = setting.console;
            let whole = console.verbosity == Verbosity::Verbose;
            let text = terminal::coverage(report, console.look(), whole);
            console.say(text.trim_end());
            console.say("");
        }
    }

    /// Adds the coverage shortfalls to the report. Call this before the report is rendered.
    pub(super) fn judge(&self, report: &mut Report) {
        if !self.judges(report) {
            return;
        }
        let mut shortfalls = Vec::new();
        for &Minimum { level, hundredths } in &self.args.min_coverage {
            for system in report.coverage() {
                let now = system.ratio(level);
                shortfalls.extend(Shortfall::below(system.system(), level, now, hundredths));
            }
        }
        if let (Some(path), false) = (&self.args.ratchet, self.args.update_ratchet) {
            for fallen in self.before.fallen(&Ratchet::of(report)) {
                let file = path.display().to_string();
                shortfalls.push(Shortfall::of_ratchet(fallen, file));
            }
        }
        report.require_coverage(shortfalls);
    }

    /// Writes the ratchet if requested. Refuses, with a diagnostic, if the run was not complete; `partial` is the reason.
    pub(super) fn update(
        &self,
        report: &Report,
        partial: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) {
        if let (Some(path), true) = (&self.args.ratchet, self.args.update_ratchet)
            && self.judges(report)
        {
            match partial.map(str::to_owned).or_else(|| incomplete(report)) {
                Some(reason) => diagnostics.push(not_updated(path, &reason)),
                None => self.write(path, Ratchet::of(report), diagnostics),
            }
        }
    }

    /// Reports the missing coverage in `diagnostics`.
    pub(super) fn report_shortfalls(report: &Report, diagnostics: &mut Diagnostics) {
        let coverage = report.coverage();
        for shortfall in report.shortfalls() {
            let mut systems = coverage.iter();
            let system = systems.find(|system| system.system() == shortfall.system);
            diagnostics.push(shortfall_diagnostic(shortfall, system));
        }
    }

    fn judges(&self, report: &Report) -> bool {
        self.args.gates() && report.run().is_none_or(|run| run.shard.is_none())
    }

    fn write(&self, path: &Path, now: Ratchet, diagnostics: &mut Diagnostics) {
        for fallen in self.before.fallen(&now) {
            let Fallen {
                system,
                level,
                before,
                now,
            } = fallen;
            let text = format!(
                "{}: {system} covers less {} than before, {}/{} instead of {}/{}",
                path.display(),
                level.as_str(),
                now.covered,
                now.total,
                before.covered,
                before.total
            );
            diagnostics.push(
                warning("ratchet-lowered", text)
                    .with_advice("check what was lost before you keep the file"),
            );
        }
        let text = self.before.updated(now).write();
        if let Err(error) = write(path, &text) {
            diagnostics.push(
                Diagnostic::without_place(
                    "ratchet-not-written",
                    format!("cannot write {}: {error}", path.display()),
                )
                .with_advice("name a file in a writable folder"),
            );
        }
    }
}

/// Writes a temporary file first, so that a killed process never leaves half a file.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = PathBuf::from(path).into_os_string();
    beside.push(".new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

fn read(path: &Path, diagnostics: &mut Diagnostics) -> Option<Ratchet> {
    match read_file(path) {
        Ok(source) => Ratchet::read(source, diagnostics),
        Err(reason) => {
            diagnostics.push(
                Diagnostic::without_place(
                    "unreadable-file",
                    format!("cannot read the ratchet {}: {reason}", path.display()),
                )
                .with_advice("write it with --update-ratchet"),
            );
            None
        }
    }
}

/// Why the coverage of a run is not complete.
fn incomplete(report: &Report) -> Option<String> {
    let ended = report.end().is_some_and(|end| !end.interrupted);
    if !ended || report.without_verdict() > 0 || !report.lost().is_empty() {
        return Some("the run was cut short".to_owned());
    }
    let counts = report.counts();
    let broken = counts.failed + counts.errors;
    let noun = report.subject_kind().noun();
    (broken > 0).then(|| format!("{} did not pass", counted(broken, noun)))
}

fn shortfall_diagnostic(shortfall: &Shortfall, system: Option<&&SystemCoverage>) -> Diagnostic {
    let code = match shortfall.required {
        Required::Part { .. } => "coverage-too-low",
        Required::Before { .. } => "coverage-lower",
    };
    let diagnostic = Diagnostic::without_place(code, shortfall.to_string());
    match system {
        Some(system) => diagnostic.with_advice(missing_points(system, shortfall.level)),
        None => diagnostic,
    }
}

/// The first missing points of a level.
fn missing_points(system: &SystemCoverage, level: Level) -> String {
    let missing: Vec<String> = system
        .missing()
        .filter(|point| point.level() == level)
        .map(|point| match level {
            Level::Operations => point.what(),
            _ => format!("{} {}", point.operation.name, point.what()),
        })
        .collect();
    let more = match missing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more: --coverage lists them"),
    };
    let first = missing
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    format!("not covered: {first}{more}")
}

fn not_updated(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic::without_place(
        "ratchet-not-updated",
        format!("{} is not updated: {reason}", path.display()),
    )
    .with_advice("update it with a complete run that passes")
}

fn warning(code: &'static str, text: String) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Warning,
        ..Diagnostic::without_place(code, text)
    }
}
