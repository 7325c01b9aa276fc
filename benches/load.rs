//! How long it takes to read a contract: the largest published one (1.1 MB, 614 operations), if the shared folder exists, a small
//! generated one, one whose schemas all lead to each other, and the documents in the folder that `COUNTERPART_DOCUMENTS` names.

#![allow(clippy::print_stdout, reason = "a bench reports when it is skipped")]

use std::fmt::Write;
use std::path::PathBuf;

use counterpart::contract::{load, load_source};
use counterpart::diagnostic::Diagnostics;
use counterpart::source::{Folder, Source};

fn main() {
    divan::main();
}

const LARGEST: &str = "magento-admin-2.4.9.swagger.yaml";

/// The folder of published contracts: below `COUNTERPART_SHARED`, else `../shared` beside the project.
fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("COUNTERPART_SHARED").map(PathBuf::from);
    let shared =
        shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let folder = shared.join("contracts");
    if folder.join(LARGEST).exists() {
        return Some(folder);
    }
    println!("skipped: no {LARGEST} in the shared folder (set COUNTERPART_SHARED)");
    None
}

#[divan::bench(sample_count = 20)]
fn magento_admin_yaml(bencher: divan::Bencher) {
    let Some(folder) = folder() else {
        return;
    };
    let files = Folder::new(folder);
    bencher.bench(|| load(&files, LARGEST, &mut Diagnostics::new()));
}

#[divan::bench(sample_count = 5)]
fn magento_admin_yaml_with_every_schema_compiled(bencher: divan::Bencher) {
    let Some(folder) = folder() else {
        return;
    };
    let files = Folder::new(folder);
    bencher.bench(|| {
        let mut diagnostics = Diagnostics::new();
        let contract = load(&files, LARGEST, &mut diagnostics);
        if let Some(contract) = &contract {
            contract.compile(&mut diagnostics);
        }
        contract
    });
}

#[divan::bench]
fn small_yaml(bencher: divan::Bencher) {
    let mut text = String::from(
        "openapi: 3.1.0\ninfo: { title: Small, version: '1' }\ncomponents:\n  schemas:\n    Thing:\n      type: object\n      properties: { id: { type: integer } }\npaths:\n",
    );
    for i in 0..10 {
        let _ = write!(
            text,
            "  /things{i}:\n    get:\n      responses:\n        '200':\n          description: a thing\n          content:\n            application/json:\n              schema: {{ $ref: '#/components/schemas/Thing' }}\n"
        );
    }
    let source = Source::new("small.yaml", text);
    bencher.bench(|| load_source(source.clone(), &mut Diagnostics::new()));
}

/// 500 schemas that all lead to each other, used by 200 operations: what `lint` does with them.
#[divan::bench(sample_count = 5)]
fn connected_schemas_compiled(bencher: divan::Bencher) {
    let mut text =
        String::from("openapi: 3.1.0\ninfo: { title: Connected, version: '1' }\npaths:\n");
    for i in 0..200 {
        let _ = write!(
            text,
            "  /things{i}:\n    get: {{ responses: {{ '200': {{ description: a thing, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/S{i}' }} }} }} }} }} }}\n"
        );
    }
    text.push_str("components:\n  schemas:\n");
    for i in 0..500 {
        let _ = write!(
            text,
            "    S{i}: {{ type: object, properties: {{ id: {{ type: integer }}"
        );
        for (name, step) in [("a", 1), ("b", 7), ("c", 31), ("d", 101)] {
            let to = (i + step) % 500;
            let _ = write!(
                text,
                ", {name}: {{ anyOf: [ {{ type: string, maxLength: 5000 }}, {{ $ref: '#/components/schemas/S{to}' }} ] }}"
            );
        }
        text.push_str(" } }\n");
    }
    let source = Source::new("connected.yaml", text);
    bencher.bench(|| {
        let mut diagnostics = Diagnostics::new();
        let contract = load_source(source.clone(), &mut diagnostics);
        if let Some(contract) = &contract {
            contract.compile(&mut diagnostics);
        }
        contract
    });
}

/// Each document that somebody published and that was put into the folder, as `lint` reads it.
#[divan::bench(sample_count = 3, args = documents())]
fn published_document_compiled(bencher: divan::Bencher, path: &DocumentPath) {
    let (Some(folder), Some(name)) = (path.0.parent(), path.0.file_name().and_then(|n| n.to_str()))
    else {
        return;
    };
    let files = Folder::new(folder);
    bencher.bench(|| {
        let mut diagnostics = Diagnostics::new();
        let contract = load(&files, name, &mut diagnostics);
        if let Some(contract) = &contract {
            contract.compile(&mut diagnostics);
        }
        contract
    });
}

/// A document on disk, shown by its name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct DocumentPath(PathBuf);

impl std::fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.0.file_name().unwrap_or_default();
        write!(f, "{}", name.display())
    }
}

/// The files in the folder that `COUNTERPART_DOCUMENTS` names.
fn documents() -> Vec<DocumentPath> {
    let folder = std::env::var_os("COUNTERPART_DOCUMENTS");
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    let mut files: Vec<DocumentPath> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .map(DocumentPath)
        .collect();
    files.sort();
    files
}
