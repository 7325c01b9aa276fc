//! The files of `--report`. Main type: [`ReportFiles`].

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::cli::args::{ReportArg, ReportFormat};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::Event;
use crate::report::{Report, json_lines, junit};

/// Reports on their way to disk. JSON Lines grow with the run, so that a killed one leaves what it had; JUnit is written at the end.
pub(super) struct ReportFiles {
    junit: Vec<PathBuf>,
    json: Vec<Growing>,
}

struct Growing {
    path: PathBuf,
    file: File,
    /// The first failure; nothing more is written after it.
    failed: Option<std::io::Error>,
}

impl ReportFiles {
    /// Makes every file, and the folders it needs, before anything is sent: a run of an hour must not end without its report.
    /// Each that cannot be made is a diagnostic.
    pub(super) fn open(reports: &[ReportArg], diagnostics: &mut Diagnostics) -> ReportFiles {
        let mut files = ReportFiles {
            junit: Vec::new(),
            json: Vec::new(),
        };
        for ReportArg { format, file: path } in reports {
            match create(path) {
                Err(error) => diagnostics.push(not_written(path, &error.to_string())),
                Ok(file) => match format {
                    ReportFormat::Junit => files.junit.push(path.clone()),
                    ReportFormat::Json => files.json.push(Growing {
                        path: path.clone(),
                        file,
                        failed: None,
                    }),
                },
            }
        }
        files
    }

    /// Writes what grows.
    pub(super) fn event(&mut self, event: &Event) {
        for growing in self.json.iter_mut().filter(|one| one.failed.is_none()) {
            growing.failed = json_lines::write(event, &mut growing.file).err();
        }
    }

    /// Writes what is made of the whole. Everything that failed, now or earlier, is a diagnostic.
    pub(super) fn finish(self, report: &Report, diagnostics: &mut Diagnostics) {
        for growing in self.json {
            if let Some(error) = growing.failed {
                diagnostics.push(not_written(&growing.path, &error.to_string()));
            }
        }
        for path in self.junit {
            let written = junit::render(report)
                .map_err(|error| error.to_string())
                .and_then(|text| std::fs::write(&path, text).map_err(|error| error.to_string()));
            if let Err(reason) = written {
                diagnostics.push(not_written(&path, &reason));
            }
        }
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create(path)
}

fn not_written(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic::without_place(
        "report-not-written",
        format!("cannot write the report {}: {reason}", path.display()),
    )
    .with_advice("name a file in a folder you may write to")
}
