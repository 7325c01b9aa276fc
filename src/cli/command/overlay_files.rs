//! The files of `--propose-overlay`. Main type: [`OverlayProposals`].

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::report_files::{create_new, not_written};
use crate::cli::console::Console;
use crate::correction::propose;
use crate::diagnostic::Diagnostics;
use crate::judge::Observations;
use crate::text::counted;

/// The file for the first overlay, and what the overlays are made from.
pub(super) struct OverlayProposals {
    path: PathBuf,
    file: File,
    observations: Arc<Observations>,
}

impl OverlayProposals {
    /// Creates the file before anything is sent. An existing file is not overwritten.
    pub(super) fn open(path: &Path, diagnostics: &mut Diagnostics) -> Option<OverlayProposals> {
        create_new(path, diagnostics).map(|file| OverlayProposals {
            path: path.to_owned(),
            file,
            observations: Arc::default(),
        })
    }

    /// To be filled by the judges of the run.
    pub(super) fn observations(&self) -> Arc<Observations> {
        Arc::clone(&self.observations)
    }

    /// Writes the overlays: the first to the named file, each other to a new one beside it, which is named after its document.
    pub(super) fn finish(mut self, console: Console, diagnostics: &mut Diagnostics) {
        let proposal = propose(&self.observations);
        let Some((first, rest)) = proposal.overlays.split_first() else {
            let text = proposal.text_without_actions();
            if let Err(error) = self.file.write_all(text.as_bytes()) {
                diagnostics.push(not_written(&self.path, error));
            }
            return;
        };
        let mut files = Vec::new();
        for overlay in rest {
            match create_beside(&self.path, &overlay.document) {
                Ok((path, file)) => files.push((overlay, path, file)),
                Err((path, error)) => diagnostics.push(not_written(&path, error)),
            }
        }
        let names: Vec<String> = files
            .iter()
            .map(|(_, path, _)| path.display().to_string())
            .collect();
        files.insert(0, (first, self.path, self.file));
        for (number, (overlay, path, mut file)) in files.into_iter().enumerate() {
            let others = if number == 0 { names.as_slice() } else { &[] };
            let text = proposal.text(overlay, others);
            if let Err(error) = file.write_all(text.as_bytes()) {
                diagnostics.push(not_written(&path, error));
                continue;
            }
            console.warn(&format!(
                "{} proposed for {}: review {}",
                counted(overlay.actions, "correction"),
                overlay.document,
                path.display()
            ));
        }
    }
}

/// A new file beside `path` for the overlay of a document: `proposal-components.yaml`. The name is never one under which an overlay is
/// applied. Fails with the path that cannot be created.
fn create_beside(
    path: &Path,
    document: &str,
) -> Result<(PathBuf, File), (PathBuf, std::io::Error)> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path
        .extension()
        .map_or("yaml".into(), |name| name.to_string_lossy());
    let of_document = Path::new(document).file_stem().unwrap_or_default();
    let of_document = of_document.to_string_lossy();
    let mut number = 1;
    loop {
        let more = if number == 1 {
            String::new()
        } else {
            format!("-{number}")
        };
        let new = path.with_file_name(format!("{stem}-{of_document}{more}.{extension}"));
        match File::create_new(&new) {
            Ok(file) => return Ok((new, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 1000 => number += 1,
            Err(error) => return Err((new, error)),
        }
    }
}
