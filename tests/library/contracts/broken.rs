//! Broken contracts, each with its expected diagnostics beside it.

use std::path::{Path, PathBuf};

use counterpart::contract::load;
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;

/// The diagnostics of every `broken/*.yaml` and `broken/*.json` are those in the `.txt` beside it.
/// `UPDATE_FIXTURES=1` rewrites the texts; review them before committing.
#[test]
fn every_fault_has_its_diagnostic() {
    assert!(compare("tests/fixtures/contracts/broken") >= 20);
}

/// The same for `overlays/`: contracts, each with the overlay beside it.
#[test]
fn every_fault_of_an_overlay_has_its_diagnostic() {
    assert!(compare("tests/fixtures/contracts/overlays") >= 12);
}

/// Compares the diagnostics of all contracts in a folder with the expected ones; returns the number of contracts.
fn compare(folder: &str) -> usize {
    let folder = Path::new(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let is_document = path
                .extension()
                .is_some_and(|ext| ext == "yaml" || ext == "json");
            is_document && !path.to_string_lossy().contains(".overlay.")
        })
        .collect();
    files.sort();
    let mut different = Vec::new();
    for path in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut diagnostics = Diagnostics::new();
        if let Some(contract) = load(&Folder::new(folder), name, &mut diagnostics) {
            contract.compile(&mut diagnostics);
        }
        diagnostics.sort();
        let rendered = diagnostics.render(Style::Plain) + "\n";
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(&expected, &rendered).unwrap();
        }
        let text = std::fs::read_to_string(&expected).unwrap_or_default();
        if text != rendered {
            different.push(format!(
                "{name} produces\n{rendered}\nbut {} contains\n{text}",
                expected.display()
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
    files.len()
}

/// A text that is truncated or has a changed byte produces diagnostics, not a panic.
#[test]
fn mutilated_contracts_do_not_crash_the_loader() {
    for version in ["2.0", "3.0", "3.1"] {
        let path = format!("tests/fixtures/contracts/petstore-{version}.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        for cut in (0..text.len()).step_by(37) {
            let (_, rendered) = super::read(&text[..cut]);
            assert!(!rendered.contains("panicked"));
            let mut mutilated = text.clone();
            mutilated.replace_range(cut..=cut, ["[", "{", "&", "-", "7", "\n"][cut % 6]);
            super::read(&mutilated);
        }
    }
}
