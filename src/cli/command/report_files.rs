//! The files of `--report` and `--propose-waivers`. Main types: [`ReportFiles`], [`Proposals`].

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::cli::args::ReportArg;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::Event;
use crate::report::{FormatWriter, Locate, RenderReport, Report, proposed_waivers};

/// Report files. Some are written during the run, so that a killed run leaves its events; the others are written at the end.
pub(super) struct ReportFiles {
    rendered: Vec<(PathBuf, RenderReport)>,
    growing: Vec<Growing>,
}

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
    /// Creates every file and its folders before anything is sent: a long run must not end without its report. Each file that cannot be
    /// created is a diagnostic.
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
                    .with_advice("give each report its own file"),
                );
                continue;
            }
            match file {
                Err(error) => diagnostics.push(not_written(path, error)),
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

    /// Whether any file is written during the run.
    pub(super) fn grow(&self) -> bool {
        !self.growing.is_empty()
    }

    /// Writes an event to the files that are written during the run.
    pub(super) fn event(&mut self, event: &Event) {
        for growing in self
            .growing
            .iter_mut()
            .filter(|growing| growing.failed.is_none())
        {
            growing.failed = (growing.append)(event, &mut growing.file).err();
        }
    }

    /// Writes the files that need the complete report. Every failure, now or earlier, is a diagnostic.
    pub(super) fn finish(
        self,
        report: &Report,
        locate: &Locate<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        for growing in self.growing {
            if let Some(error) = growing.failed {
                diagnostics.push(not_written(&growing.path, error));
            }
        }
        for (path, render) in self.rendered {
            let written = render(report, locate).and_then(|text| Ok(std::fs::write(&path, text)?));
            if let Err(reason) = written {
                diagnostics.push(not_written(&path, reason));
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
    /// Creates the file before anything is sent. An existing file is not overwritten, because it may be the waivers in use.
    pub(super) fn open(path: &Path, diagnostics: &mut Diagnostics) -> Option<Proposals> {
        create_new(path, diagnostics).map(|file| Proposals {
            path: path.to_owned(),
            file,
        })
    }

    /// Writes the candidates.
    pub(super) fn finish(mut self, report: &Report, diagnostics: &mut Diagnostics) {
        let text = proposed_waivers::render(report);
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            diagnostics.push(not_written(&self.path, error));
        }
    }
}

/// Creates a file for proposals and its folders. One that exists is not overwritten, because it may be in use.
pub(super) fn create_new(path: &Path, diagnostics: &mut Diagnostics) -> Option<File> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    match folder.and_then(|()| File::create_new(path)) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            diagnostics.push(
                Diagnostic::without_place(
                    "file-in-the-way",
                    format!("{} already exists", path.display()),
                )
                .with_advice("name a new file for the proposals, and copy from it what you accept"),
            );
            None
        }
        Err(error) => {
            diagnostics.push(not_written(path, error));
            None
        }
    }
}

/// Whether an earlier report has this file, by any path. Devices such as /dev/null can be used repeatedly.
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

/// The error for a report that could not be written.
pub(super) fn not_written(path: &Path, reason: impl fmt::Display) -> Diagnostic {
    Diagnostic::without_place(
        "report-not-written",
        format!("cannot write the report {}: {reason}", path.display()),
    )
    .with_advice("name a file in a writable folder")
}
