//! Documents that publishers ship, in the folder `COUNTERPART_DOCUMENTS`: one folder for each, with the files it refers to. None of them is
//! part of the project, so the test is skipped without the variable.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterpart::contract::{Contract, load};
use counterpart::diagnostic::Diagnostics;
use counterpart::source::Folder;

/// Of fifty documents at most one may be unusable as a whole.
const USABLE_OF: usize = 50;

#[test]
fn published_documents_can_be_used() {
    let Some((folder, documents)) = published() else {
        return;
    };
    let refused = documents
        .iter()
        .filter(|path| !is_usable(&folder, path))
        .count();
    assert!(
        refused * USABLE_OF <= documents.len(),
        "{refused} of {} documents are refused as a whole",
        documents.len()
    );
}

/// The folder of published documents, and the documents in it. `None`, with a message, where the variable is not set.
pub fn published() -> Option<(PathBuf, Vec<PathBuf>)> {
    let Some(folder) = std::env::var_os("COUNTERPART_DOCUMENTS").map(PathBuf::from) else {
        println!("skipped: COUNTERPART_DOCUMENTS names no folder of published documents");
        return None;
    };
    let mut documents = Vec::new();
    find(&folder, &mut documents);
    documents.sort();
    assert!(
        !documents.is_empty(),
        "no document below {}",
        folder.display()
    );
    Some((folder, documents))
}

/// The contract of a published document.
pub fn load_published(
    folder: &Path,
    path: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Contract>> {
    let below = path.strip_prefix(folder).unwrap();
    let name = below.components().next().unwrap();
    let schemas = Folder::new(folder.join(name));
    let inner = path.strip_prefix(folder.join(name)).unwrap();
    load(&schemas, &inner.to_string_lossy(), diagnostics)
}

/// Loads a document and compiles its schemas; prints what was found.
fn is_usable(folder: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(folder).unwrap();
    let mut diagnostics = Diagnostics::new();
    let contract = load_published(folder, path, &mut diagnostics);
    let usable = contract.is_some() && !diagnostics.prevent_run();
    println!(
        "{}: {}",
        below.display(),
        contract
            .as_deref()
            .map_or_else(|| "refused".to_owned(), summary)
    );
    for diagnostic in diagnostics
        .iter()
        .filter(|diagnostic| !usable && !diagnostic.confined)
        .take(3)
    {
        println!("  {}: {}", diagnostic.code, diagnostic.message);
    }
    if let Some(contract) = &contract {
        contract.compile(&mut diagnostics);
    }
    usable
}

fn summary(contract: &Contract) -> String {
    format!(
        "{} operations, {} blocked",
        contract.operations.len(),
        contract.blocked().count()
    )
}

/// The files below a folder that declare a version of OpenAPI.
fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else if declares_version(&path) {
            found.push(path);
        }
    }
}

fn declares_version(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    if !matches!(extension, Some("yaml" | "yml" | "json")) {
        return false;
    }
    let text = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let is_yaml = lines.any(|line| line.starts_with("openapi:") || line.starts_with("swagger:"));
    let begin: String = text.chars().take(400).collect();
    is_yaml || begin.contains("\"openapi\"") || begin.contains("\"swagger\"")
}
