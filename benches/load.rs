//! How long it takes to read a contract: the largest published one (1.1 MB, 614 operations), if the shared folder exists, and a small
//! generated one.

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
