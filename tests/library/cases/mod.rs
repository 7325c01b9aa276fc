//! Case files: valid ones are read in full, broken ones produce exactly the expected diagnostics.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterpart::case::{self, Suite};
use counterpart::contract::{self, Contract};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::{FileError, Files, Folder, Source};

mod contents;
mod facts;
mod planning;
mod profiles;
mod random;
mod requests;
mod schema;
mod shipped;
mod written;

/// A contract of the fixtures; without diagnostics of its own.
pub fn contract(name: &str) -> Option<Arc<Contract>> {
    let schemas = Folder::new(fixtures().join("schemas"));
    schemas.read(name).ok()?;
    let mut diagnostics = Diagnostics::new();
    let mut contract = contract::load(&schemas, name, &mut diagnostics).unwrap();
    assert!(
        diagnostics.is_empty(),
        "{}",
        diagnostics.render(Style::Plain)
    );
    // The diagnostics name the contract: they must not depend on the location of this project.
    Arc::get_mut(&mut contract).unwrap().name = name.to_owned();
    Some(contract)
}

/// Files by path.
#[derive(Debug, Default)]
pub struct Texts(BTreeMap<String, Source>);

impl Texts {
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), Source::new(path, text));
        self
    }
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        self.0
            .get(path)
            .cloned()
            .ok_or_else(|| FileError::new("no such file"))
    }

    /// Those of `valid/` that no text replaces.
    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileError> {
        match self.read(path) {
            Ok(source) => Ok(source.text().as_bytes().to_vec()),
            Err(_) => Folder::new(fixtures().join("valid")).read_bytes(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        self.0
            .keys()
            .filter(|path| path.starts_with(&below))
            .cloned()
            .collect()
    }
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases")
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(fixtures().join(path)).unwrap()
}

/// The fixture files with this folder, by name, sorted.
pub fn fixtures_in(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(fixtures().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    names
}

pub fn load(files: &dyn Files) -> (Option<Suite>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let suite = case::load(files, "shop", &|name, _| contract(name), &mut diagnostics);
    diagnostics.sort();
    (suite, diagnostics)
}

/// A suite without any diagnostic.
pub fn load_right(files: &dyn Files) -> Suite {
    let (suite, diagnostics) = load(files);
    assert!(
        diagnostics.is_empty(),
        "{}",
        diagnostics.render(Style::Plain)
    );
    suite.unwrap()
}

/// Compares with the text file beside the fixture. `SNAPSHOTS=overwrite` rewrites it: review the result.
fn assert_seen(diagnostics: &Diagnostics, expected: &Path) {
    assert!(
        diagnostics.has_errors(),
        "{}: no error was found",
        expected.display()
    );
    let seen = format!("{}\n", diagnostics.render(Style::Plain));
    // Raw: nothing in these texts may be read as a path or a wildcard.
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(
        snapbox::Data::text(seen).raw(),
        snapbox::Data::read_from(expected, None).raw(),
    );
}

#[test]
fn all_faults_of_broken_case_files_are_reported() {
    // Except for the file that would fall back to the contract of system.yaml.
    let system = read("valid/shop/system.yaml").replace("contract: shop/tokens.yaml\n", "");
    let tokens = "contract: shop/tokens.yaml\ncases: [{ name: other, call: POST /V1/integration/admin/token }]\n";
    let names = fixtures_in("broken");
    assert!(names.len() >= 20);
    for name in names {
        let files = Texts::default()
            .with("shop/system.yaml", &system)
            .with("shop/other.yaml", tokens)
            .with(&format!("shop/{name}"), &read(&format!("broken/{name}")));
        let (_, diagnostics) = load(&files);
        assert_seen(
            &diagnostics,
            &fixtures().join("broken").join(name).with_extension("txt"),
        );
    }
}

#[test]
fn all_faults_of_broken_system_files_are_reported() {
    for name in fixtures_in("broken-system") {
        let files = Texts::default()
            .with("shop/system.yaml", &read(&format!("broken-system/{name}")))
            .with("shop/one.yaml", "contract: [shop/customers.yaml, shop/tokens.yaml]\ncases: [{ name: one, call: GET /V1/customers/me }]\n");
        let (_, diagnostics) = load(&files);
        assert_seen(
            &diagnostics,
            &fixtures()
                .join("broken-system")
                .join(name)
                .with_extension("txt"),
        );
    }
}
