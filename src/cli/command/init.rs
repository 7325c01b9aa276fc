//! `counterpart init [SYSTEM]`: writes a project to edit, from the files embedded in the binary.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::{ExitStatus, Setting};
use crate::cli::args::InitArgs;
use crate::cli::config::{DEFAULT_FILE, FILE_NAME};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::shipped;
use crate::source::Files;
use crate::text::counted;

const EXAMPLE: [(&str, &str); 2] = [
    (
        "schemas/example/books.yaml",
        include_str!("../example/schemas/example/books.yaml"),
    ),
    (
        "cases/example/books.yaml",
        include_str!("../example/cases/example/books.yaml"),
    ),
];

/// Writes the files and prints what to do next. Existing equal files are kept; with a shipped system, so is an existing
/// `counterpart.toml`, which is the user's. Any other existing file fails the command before anything is written.
pub(super) fn init(args: &InitArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let files = match &args.system {
        Some(system) => system_files(system, &mut diagnostics),
        None => example_files(),
    };
    let folder = setting.working_folder.join(&args.into);
    let into = args.into.strip_prefix(".").unwrap_or(&args.into);
    let keep_config = args.system.is_some();
    let missing: Vec<&File> = files
        .iter()
        .filter(|file| match std::fs::read(folder.join(&file.path)) {
            Err(error) => {
                error.kind() == ErrorKind::NotFound
                    || report_unreadable(&error, file, &mut diagnostics)
            }
            Ok(text) if text == file.bytes => false,
            Ok(_) if keep_config && file.path == FILE_NAME => false,
            Ok(_) => {
                diagnostics.push(in_the_way(&into.join(&file.path)));
                false
            }
        })
        .collect();
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    for file in &missing {
        if let Err(error) = write(&folder, file) {
            diagnostics.push(Diagnostic::without_place(
                "not-writable",
                format!("cannot write {}: {error}", into.join(&file.path).display()),
            ));
            return Err(diagnostics);
        }
    }
    for file in &missing {
        setting
            .console
            .say(&into.join(&file.path).display().to_string());
    }
    let kept = files.len() - missing.len();
    setting.console.say(&format!(
        "wrote {}{}; next: `counterpart lint`, then `counterpart run --target http://…`",
        counted(missing.len(), "file"),
        match kept {
            0 => String::new(),
            kept => format!(", kept {}", counted(kept, "existing file")),
        }
    ));
    Ok(ExitStatus::Passed)
}

/// A file to be written.
struct File {
    /// With `/`, below the project's folder.
    path: String,
    bytes: Vec<u8>,
}

fn system_files(system: &str, diagnostics: &mut Diagnostics) -> Vec<File> {
    let (schemas, cases) = (shipped::schemas(), shipped::cases());
    let all = cases.list("");
    let mut systems: Vec<&str> = all
        .iter()
        .filter_map(|path| Some(path.split_once('/')?.0))
        .collect();
    systems.dedup();
    if !systems.contains(&system) {
        diagnostics.push(
            Diagnostic::without_place(
                "unknown-system",
                format!("no system named `{system}` is shipped"),
            )
            .with_nearest(system, systems),
        );
        return Vec::new();
    }
    let mut files = vec![config_file()];
    files.extend(editor_schemas());
    files.extend(shipped_files(
        "schemas",
        schemas.as_ref(),
        &schemas.list(system),
    ));
    files.extend(shipped_files("cases", cases.as_ref(), &cases.list(system)));
    files
}

fn example_files() -> Vec<File> {
    let mut files = vec![config_file()];
    files.extend(editor_schemas());
    files.extend(EXAMPLE.map(|(path, text)| File {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }));
    files
}

fn config_file() -> File {
    File {
        path: FILE_NAME.to_owned(),
        bytes: DEFAULT_FILE.as_bytes().to_vec(),
    }
}

/// The JSON Schemas of the case-file format, which the first line of every case file names for editors.
fn editor_schemas() -> Vec<File> {
    let schemas = shipped::schemas();
    let mut names = schemas.list("");
    names.retain(|name| !name.contains('/') && name.ends_with(".schema.json"));
    shipped_files("schemas", schemas.as_ref(), &names)
}

fn shipped_files(folder: &str, files: &dyn Files, names: &[String]) -> Vec<File> {
    let readable = names.iter().filter_map(|name| {
        // Every listed embedded file can be read: the list and the texts are one table.
        let bytes = files.read_bytes(name).ok()?;
        Some(File {
            path: format!("{folder}/{name}"),
            bytes,
        })
    });
    readable.collect()
}

fn in_the_way(path: &Path) -> Diagnostic {
    Diagnostic::without_place(
        "file-in-the-way",
        format!("{} already exists and differs", path.display()),
    )
    .with_advice("move it away, or write into another folder with --into DIR; nothing was written")
}

/// Reports why a file cannot be read. Returns `false`: it is not a missing file.
fn report_unreadable(error: &std::io::Error, file: &File, diagnostics: &mut Diagnostics) -> bool {
    diagnostics.push(Diagnostic::without_place(
        "not-writable",
        format!("cannot write {}: {error}", file.path),
    ));
    false
}

/// Writes a missing file. Does not overwrite a file that was created in the meantime.
fn write(folder: &Path, file: &File) -> std::io::Result<()> {
    let path = folder.join(&file.path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut opened = OpenOptions::new().write(true).create_new(true).open(path)?;
    opened.write_all(&file.bytes)
}
