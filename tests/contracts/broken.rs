//! Broken contracts, each beside the exact text that its author gets.

use std::path::{Path, PathBuf};

use counterpart::contract::load;
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;

/// Every `broken/*.yaml` and `broken/*.json` says what the `.txt` beside it holds.
/// `UPDATE_FIXTURES=1` writes the texts anew, to be read before they are committed.
#[test]
fn every_fault_has_its_words() {
    assert!(compare("tests/fixtures/contracts/broken") >= 20);
}

/// The same of `overlays/`: contracts, each with the overlay beside it.
#[test]
fn every_fault_of_an_overlay_has_its_words() {
    assert!(compare("tests/fixtures/contracts/overlays") >= 12);
}

/// How many contracts there are in a folder, all of which say what they should.
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
        let said = diagnostics.render(Style::Plain) + "\n";
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(&expected, &said).unwrap();
        }
        let text = std::fs::read_to_string(&expected).unwrap_or_default();
        if text != said {
            different.push(format!(
                "{name} says\n{said}\nand {} holds\n{text}",
                expected.display()
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
    files.len()
}

/// A text cut anywhere, or with a byte changed, is answered, not died of.
#[test]
fn no_mutilation_kills_the_loader() {
    for version in ["2.0", "3.0", "3.1"] {
        let path = format!("tests/fixtures/contracts/petstore-{version}.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        for cut in (0..text.len()).step_by(37) {
            let (_, said) = super::read(&text[..cut]);
            assert!(!said.contains("panicked"));
            let mut mutilated = text.clone();
            mutilated.replace_range(cut..=cut, ["[", "{", "&", "-", "7", "\n"][cut % 6]);
            super::read(&mutilated);
        }
    }
}
