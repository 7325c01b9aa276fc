//! What the PATHs of `lint` are, recognised by their content, not by their folder. Main type: [`Input`].

use std::path::{Path, PathBuf};

use url::Url;

use crate::cli::config::FILE_NAME;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Document;
use crate::source::{FileError, Source, read_file};
use crate::waiver;

/// How deep folders are searched.
const MAX_FOLDERS: usize = 32;

/// Something to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Config(PathBuf),
    Contract(PathBuf),
    /// Corrections of the contract beside it.
    Overlay(PathBuf),
    Url(Url),
    /// The case files of one PATH.
    Cases(Vec<PathBuf>),
    Waivers(PathBuf),
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputKind {
    Contract,
    Overlay,
    Cases,
    Waivers,
}

/// The inputs that the PATHs and URLs name; folders are searched. A PATH that is none of our files is reported in `diagnostics`, and so
/// is a file whose syntax is wrong.
pub(super) fn inputs(
    paths: &[String],
    working_folder: &Path,
    diagnostics: &mut Diagnostics,
) -> Vec<Input> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.starts_with("http://") || path.starts_with("https://") {
            match Url::parse(path) {
                Ok(url) => inputs.push(Input::Url(url)),
                Err(error) => diagnostics.push(Diagnostic::without_place(
                    "bad-url",
                    format!("`{path}` is not a URL: {error}"),
                )),
            }
            continue;
        }
        let typed = Path::new(path);
        let on_disk = working_folder.join(typed);
        if on_disk.is_dir() {
            folder(typed, working_folder, &mut inputs, diagnostics);
        } else {
            file(typed, working_folder, &mut inputs, diagnostics);
        }
    }
    inputs
}

/// The kind of a text, by its top-level keys. `None` if it is not one of our files, or its syntax is wrong.
pub(super) fn kind(source: &Source) -> Option<InputKind> {
    if begins_as_contract(source.text()) {
        return Some(InputKind::Contract);
    }
    let document = Document::parse(source.clone(), &mut Diagnostics::new())?;
    let has = |key: &str| document.root.get(key).is_some();
    if has("openapi") || has("swagger") {
        return Some(InputKind::Contract);
    }
    let path = Path::new(source.name());
    let named_overlay = path
        .file_stem()
        .is_some_and(|stem| stem.to_string_lossy().ends_with(".overlay"));
    if has("overlay") || named_overlay {
        return Some(InputKind::Overlay);
    }
    let named_waivers = path
        .file_name()
        .is_some_and(|name| name == waiver::FILE_NAME);
    if has("waivers") || named_waivers {
        return Some(InputKind::Waivers);
    }
    let is_shared = path.file_stem().is_some_and(|stem| stem == "system");
    let among_cases = path.components().any(|part| part.as_os_str() == "cases");
    let is_yaml = path.extension().is_none_or(|extension| extension != "json");
    let looks_like_cases = has("cases") || has("contract") || is_shared || among_cases;
    (is_yaml && looks_like_cases && !has("$schema")).then_some(InputKind::Cases)
}

/// One file that the user named.
fn file(
    typed: &Path,
    working_folder: &Path,
    inputs: &mut Vec<Input>,
    diagnostics: &mut Diagnostics,
) {
    if typed
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        inputs.push(Input::Config(typed.to_owned()));
        return;
    }
    let source = match read_file(&working_folder.join(typed)) {
        Ok(source) => Source::new(typed.display().to_string(), source.text()),
        Err(reason) => {
            diagnostics.push(
                Diagnostic::without_place(
                    "unreadable",
                    format!("cannot read {}: {reason}", typed.display()),
                )
                .with_advice("name a contract, a case file, a folder, a counterpart.toml or a URL"),
            );
            return;
        }
    };
    match kind(&source) {
        Some(InputKind::Contract) => inputs.push(Input::Contract(typed.to_owned())),
        Some(InputKind::Overlay) => inputs.push(Input::Overlay(typed.to_owned())),
        Some(InputKind::Cases) => inputs.push(Input::Cases(vec![typed.to_owned()])),
        Some(InputKind::Waivers) => inputs.push(Input::Waivers(typed.to_owned())),
        None => {
            if Document::parse(source, diagnostics).is_some() {
                diagnostics.push(
                    Diagnostic::without_place(
                        "unknown-document",
                        format!("{} is neither a contract, an overlay nor a case file", typed.display()),
                    )
                    .with_advice(
                        "a contract has the top-level key `openapi` or `swagger`, a case file `contract` and `cases`",
                    ),
                );
            }
        }
    }
}

/// All our files below a folder, without hidden folders and those of build tools. Other files are ignored.
fn folder(
    typed: &Path,
    working_folder: &Path,
    inputs: &mut Vec<Input>,
    diagnostics: &mut Diagnostics,
) {
    let mut paths = Vec::new();
    files_below(typed, working_folder, 0, &mut paths);
    paths.sort();
    let before = inputs.len();
    let mut cases = Vec::new();
    for path in paths {
        if path.file_name().is_some_and(|name| name == FILE_NAME) {
            inputs.push(Input::Config(path));
            continue;
        }
        let source = match read_file(&working_folder.join(&path)) {
            Ok(source) => source,
            Err(reason) => {
                unreadable(&path, &reason, diagnostics);
                continue;
            }
        };
        let source = Source::new(path.display().to_string(), source.text());
        match kind(&source) {
            Some(InputKind::Contract) => inputs.push(Input::Contract(path)),
            Some(InputKind::Overlay) => inputs.push(Input::Overlay(path)),
            Some(InputKind::Cases) => cases.push(path),
            Some(InputKind::Waivers) => inputs.push(Input::Waivers(path)),
            // The kind of a file with wrong syntax is unknown: its syntax error is reported.
            None => drop(Document::parse(source, diagnostics)),
        }
    }
    if !cases.is_empty() {
        inputs.push(Input::Cases(cases));
    }
    if inputs.len() == before && !diagnostics.has_errors() {
        diagnostics.push(Diagnostic::without_place(
            "nothing-to-check",
            format!(
                "there is no contract, case file or {FILE_NAME} in {}",
                typed.display()
            ),
        ));
    }
}

/// Reports a file of a searched folder that cannot be read and, by its name, may be one of ours.
pub(super) fn unreadable(path: &Path, reason: &FileError, diagnostics: &mut Diagnostics) {
    if is_ours(path) {
        diagnostics.push(Diagnostic::without_place(
            "unreadable",
            format!("cannot read {}: {reason}", path.display()),
        ));
    }
}

fn files_below(folder: &Path, working_folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(working_folder.join(folder));
    for entry in entries.into_iter().flatten().flatten() {
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        let path = match folder == Path::new(".") {
            true => PathBuf::from(&name),
            false => folder.join(&name),
        };
        // Links are not followed: they may form a cycle.
        let Ok(file_type) = entry.file_type() else {
            continue;
        };
        if file_type.is_dir() {
            let is_built = name == "target" || name == "node_modules";
            if !hidden && !is_built && depth < MAX_FOLDERS {
                files_below(&path, working_folder, depth + 1, found);
            }
        } else if is_ours(&path) {
            found.push(path);
        }
    }
}

fn is_ours(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    path.file_name().is_some_and(|name| name == FILE_NAME)
        || matches!(extension, Some("yaml" | "yml" | "json"))
}

/// Whether the first key is `openapi` or `swagger`, as in nearly every contract. Avoids parsing a large contract twice.
fn begins_as_contract(text: &str) -> bool {
    let comments =
        |line: &&str| line.starts_with('#') || line.starts_with("---") || line.trim().is_empty();
    let first = text
        .lines()
        .find(|line| !comments(line))
        .unwrap_or_default();
    let first = first
        .trim_start_matches('{')
        .trim_start_matches([' ', '"', '\'']);
    ["openapi", "swagger"].iter().any(|key| {
        first.strip_prefix(key).is_some_and(|rest| {
            rest.trim_start_matches(['"', '\''])
                .trim_start()
                .starts_with(':')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_recognised_by_their_content() {
        for (name, text, expected) in [
            (
                "a.yaml",
                "# x\n---\nopenapi: 3.1.0\n",
                Some(InputKind::Contract),
            ),
            (
                "a.json",
                "{\"swagger\": \"2.0\"}",
                Some(InputKind::Contract),
            ),
            (
                "a.json",
                "{\n  \"info\": {},\n  \"openapi\": \"3.0.0\"\n}",
                Some(InputKind::Contract),
            ),
            (
                "http://x/schema",
                "{\"swagger\":\"2.0\"}",
                Some(InputKind::Contract),
            ),
            (
                "x/a.yaml",
                "contract: a.yaml\ncases: []\n",
                Some(InputKind::Cases),
            ),
            ("a.yaml", "waivers: []\n", Some(InputKind::Waivers)),
            ("x/waivers.yaml", "wavers: []\n", Some(InputKind::Waivers)),
            ("x/system.yaml", "auth: {}\n", Some(InputKind::Cases)),
            ("cases/m/a.yaml", "csaes: []\n", Some(InputKind::Cases)),
            (
                "a.yaml",
                "overlay: 1.0.0\nactions: []\n",
                Some(InputKind::Overlay),
            ),
            ("a.overlay.yaml", "actoins: []\n", Some(InputKind::Overlay)),
            ("a.json", "{\"openapiVersion\": 1}", None),
            ("s.schema.json", "{\"$schema\": \"x\", \"cases\": 1}", None),
            ("a.yaml", "services: []\n", None),
            ("a.yaml", "openapis: []\n", None),
        ] {
            assert_eq!(kind(&Source::new(name, text)), expected, "{name}: {text}");
        }
    }
}
