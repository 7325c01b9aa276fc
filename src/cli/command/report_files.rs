//! The files of `--report` and `--propose-waivers`. Main types: [`ReportFiles`], [`Proposals`].

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::args::ReportArg;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::Event;
use crate::report::{FormatWriter, Locate, Report, proposed_waivers};

/// Reports on their way to disk. Some grow with the run, so that a killed one leaves what it had; the others are written at the end.
pub(super) struct ReportFiles {
    rendered: Vec<(PathBuf, Render)>,
    growing: Vec<Growing>,
}

/// Makes a report's text.
type Render = fn(&Report, &Locate<'_>) -> Result<String, String>;

/// Writes an event.
type Append = fn(&Event, &mut dyn Write) -> std::io::Result<()>;

struct Growing {
    path: PathBuf,
    file: File,
    append: Append,
    /// The first failure; nothing more is written after it.
    failed: Option<std::io::Error>,
}

impl ReportFiles {
    /// Makes every file, and the folders it needs, before anything is sent: a run of an hour must not end without its report.
    /// Each that cannot be made is a diagnostic.
    pub(super) fn open(reports: &[ReportArg], diagnostics: &mut Diagnostics) -> ReportFiles {
        let mut files = ReportFiles {
            rendered: Vec::new(),
            growing: Vec::new(),
        };
        let mut made: Vec<PathBuf> = Vec::new();
        for ReportArg { format, file: path } in reports {
            let file = create(path);
            if file.is_ok() && is_made_twice(path, &mut made) {
                diagnostics.push(
                    Diagnostic::without_place(
                        "report-twice",
                        format!("two reports would be written to {}", path.display()),
                    )
                    .with_advice("give each report a file of its own"),
                );
                continue;
            }
            match file {
                Err(error) => diagnostics.push(not_written(path, &error.to_string())),
                Ok(file) => match format.writer {
                    FormatWriter::AtEnd(render) => files.rendered.push((path.clone(), render)),
                    FormatWriter::WithEvents(append) => files.growing.push(Growing {
                        path: path.clone(),
                        file,
                        append,
                        failed: None,
                    }),
                },
            }
        }
        files
    }

    /// Whether any grows with the events.
    pub(super) fn grow(&self) -> bool {
        !self.growing.is_empty()
    }

    /// Writes what grows.
    pub(super) fn event(&mut self, event: &Event) {
        for growing in self.growing.iter_mut().filter(|one| one.failed.is_none()) {
            growing.failed = (growing.append)(event, &mut growing.file).err();
        }
    }

    /// Writes what is made of the whole. Everything that failed, now or earlier, is a diagnostic.
    pub(super) fn finish(
        self,
        report: &Report,
        locate: &Locate<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        for growing in self.growing {
            if let Some(error) = growing.failed {
                diagnostics.push(not_written(&growing.path, &error.to_string()));
            }
        }
        for (path, render) in self.rendered {
            let written = render(report, locate)
                .and_then(|text| std::fs::write(&path, text).map_err(|error| error.to_string()));
            if let Err(reason) = written {
                diagnostics.push(not_written(&path, &reason));
            }
        }
    }
}

/// The file of `--propose-waivers`.
pub(super) struct Proposals {
    path: PathBuf,
    file: File,
}

impl Proposals {
    /// Makes the file before anything is sent. One that is there already is left alone, for it may be the waivers in force.
    pub(super) fn open(path: &Path, diagnostics: &mut Diagnostics) -> Option<Proposals> {
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        match folder.and_then(|()| File::create_new(path)) {
            Ok(file) => Some(Proposals {
                path: path.to_owned(),
                file,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                diagnostics.push(
                    Diagnostic::without_place(
                        "file-in-the-way",
                        format!("{} is there already", path.display()),
                    )
                    .with_advice(
                        "name a new file for the proposals, and take from it what you accept",
                    ),
                );
                None
            }
            Err(error) => {
                diagnostics.push(not_written(path, &error.to_string()));
                None
            }
        }
    }

    /// Writes the candidates.
    pub(super) fn finish(mut self, report: &Report, diagnostics: &mut Diagnostics) {
        let text = proposed_waivers::render(report);
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            diagnostics.push(not_written(&self.path, &error.to_string()));
        }
    }
}

/// Whether an earlier report has this file, by whatever name. What is no file, such as /dev/null, takes any number.
fn is_made_twice(path: &Path, made: &mut Vec<PathBuf>) -> bool {
    let Some(real) = path.canonicalize().ok().filter(|real| real.is_file()) else {
        return false;
    };
    let twice = made.contains(&real);
    made.push(real);
    twice
}

fn create(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create(path)
}

/// A report that could not be written, for this reason.
pub(super) fn not_written(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic::without_place(
        "report-not-written",
        format!("cannot write the report {}: {reason}", path.display()),
    )
    .with_advice("name a file in a folder you may write to")
}
