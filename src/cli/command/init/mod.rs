//! `counterpart init [SYSTEM]`: writes a project to edit, from the files embedded in the binary, or from a contract.

mod from_contract;
mod profiles;
mod request;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::{ExitStatus, Setting};
use crate::cli::args::InitArgs;
use crate::cli::config::{DEFAULT_FILE, FILE_NAME};
use crate::cli::contracts;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::shipped;
use crate::source::Files;
use crate::target::credential_variable;
use crate::text::counted;
use from_contract::NewProject;

const EXAMPLE: [(&str, &str); 2] = [
    (
        "schemas/example/books.yaml",
        include_str!("../../example/schemas/example/books.yaml"),
    ),
    (
        "cases/example/books.yaml",
        include_str!("../../example/cases/example/books.yaml"),
    ),
];

/// Writes the files and prints what to do next. Existing equal files are kept; with a shipped system, so is an existing
/// `counterpart.toml`, which is the user's. Any other existing file fails the command before anything is written.
pub(super) fn init(args: &InitArgs, setting: &Setting<'_>) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut next = "`counterpart lint`, then `counterpart run --target http://…`".to_owned();
    let files = match (&args.from, &args.system) {
        (Some(contract), _) => {
            let made = contract_files(contract, args, setting, &mut diagnostics);
            let Some(made) = made.filter(|_| !diagnostics.prevent_run()) else {
                return Err(diagnostics);
            };
            next = next_for_contract(&made);
            let mut files = vec![config_file()];
            files.extend(editor_schemas());
            files.extend(made.files);
            files
        }
        (None, Some(system)) => system_files(system, &mut diagnostics),
        (None, None) => example_files(),
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
        "wrote {}{}; next: {next}",
        counted(missing.len(), "file"),
        match kept {
            0 => String::new(),
            kept => format!(", kept {}", counted(kept, "existing file")),
        }
    ));
    Ok(ExitStatus::Passed)
}

/// The project made from a contract; faults of single operations are printed.
fn contract_files(
    named: &str,
    args: &InitArgs,
    setting: &Setting<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<NewProject> {
    let project = setting.project(&mut Diagnostics::new());
    let opened = contracts::open(named, &project, diagnostics)?;
    if diagnostics.prevent_run() {
        return None;
    }
    let confined = diagnostics.take(|_| true);
    let errors = confined.count(DiagnosticSeverity::Error);
    if errors > 0 {
        setting.console.say(&format!(
            "{} in the contract: the operations they touch are left out; `counterpart lint` lists them",
            counted(errors, "error")
        ));
    }
    from_contract::project(&opened, args.name.as_deref(), diagnostics)
}

/// What to do after a project was made from a contract: try it against a stub.
fn next_for_contract(made: &NewProject) -> String {
    let mut lines = vec![format!(
        "with {}, try them against a stub:\n",
        counted(made.cases, "case")
    )];
    lines.push(format!(
        "  counterpart serve --contract {} --port 8080",
        made.contract
    ));
    let credentials = made.credentials.iter();
    lines.extend(credentials.flat_map(|(profile, keys)| {
        keys.iter()
            .map(|key| format!("  export {}=any", credential_variable(profile, key)))
    }));
    lines.push("  counterpart run --target http://127.0.0.1:8080 --disposable".to_owned());
    lines.join("\n")
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
