//! Case files into a [`Suite`]: every fault of every file becomes a diagnostic, none stops the reading.
//!
//! Main function: [`load`].

mod call;
mod context;
mod expectation;
mod file;
mod fixture;
mod folder;
mod library;
mod names;
mod rows;
mod step;
mod system;
mod variables;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use self::context::{Context, Profiles};
use self::fixture::Fixtures;
use self::library::{ContractLibrary, FoundContracts, contract_names};
use self::system::SystemFile;
use self::variables::Variables;
use super::{Case, CaseFile, Fixture, Suite};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::Document;
use crate::source::{Files, Source, Spanned};

pub use library::FindContract;

/// Reads all case files of a system: `SYSTEM/system.yaml`, if there is one, and every other `.yaml` or `.yml` below `SYSTEM/`,
/// in the order of their paths. Hidden files and folders (`.name`) are left out.
///
/// `None`, with a diagnostic, where there is no case file. Otherwise a suite of what could be read: it may be run only if
/// `diagnostics` has no errors.
pub fn load(
    cases: &dyn Files,
    system: &str,
    contracts: &FindContract<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Suite> {
    load_paths(cases, system, None, contracts, diagnostics)
}

/// Like [`load`], but reads only the case files that are, or lie below, one of `only` (paths relative to the root of `cases`,
/// such as `magento/customers/create.yaml` or `magento/customers`). The others are looked at for the contracts they name,
/// because those are where `system.yaml` finds the operations it calls; their faults are not reported.
pub fn load_paths(
    cases: &dyn Files,
    system: &str,
    only: Option<&[String]>,
    contracts: &FindContract<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Suite> {
    let mut library = ContractLibrary::new(contracts);
    let shared =
        folder::shared_path(cases, system).and_then(|path| open(cases, &path, diagnostics));
    let Opened {
        wanted,
        elsewhere,
        unreadable,
    } = Opened::of(cases, system, only, &mut library, diagnostics)?;

    let mut named = Vec::new();
    let mut for_all = FoundContracts::default();
    if let Some(document) = &shared {
        named = contract_names(document, diagnostics);
        for_all = library.get_all(&named, diagnostics);
    }
    named.extend(elsewhere);
    // What system.yaml itself calls may be in any contract of the system. Missing ones are reported where they are named.
    let mut anywhere = for_all.clone();
    for file in &wanted {
        anywhere = anywhere.and(&file.contracts);
    }
    anywhere = anywhere.and(&library.get_all(&named, &mut Diagnostics::new()));

    let before = diagnostics.count(DiagnosticSeverity::Error);
    let mut variables = Variables::default();
    let mut system_parts = SystemFile::bare();
    if let Some(document) = &shared {
        let context = Context {
            source: &document.source,
            contracts: &anywhere.contracts,
            incomplete: anywhere.incomplete || unreadable || anywhere.contracts.is_empty(),
            profiles: &SystemFile::bare().profiles,
        };
        system_parts = system::read(document, context, &mut variables, diagnostics);
    }
    let read = wanted.par_iter().map(|file| {
        let mut variables = variables.clone();
        let mut diagnostics = Diagnostics::new();
        let file = file.read(
            system,
            &for_all,
            &system_parts,
            &mut variables,
            &mut diagnostics,
        );
        (file, variables, diagnostics)
    });
    let read: Vec<_> = read.collect();
    // Nobody waits for the trees to be freed.
    rayon::spawn(move || drop(wanted));
    let mut files = Vec::with_capacity(read.len());
    for (file, of_file, said) in read {
        files.push(file);
        variables.add_uses(of_file);
        diagnostics.extend(said);
    }
    // Only with every file at hand can it be said that none uses a capture of a shared fixture.
    if let (Some(document), None) = (&shared, only)
        && diagnostics.count(DiagnosticSeverity::Error) == before
        && !unreadable
    {
        variables.unused_captures(document.source.name(), diagnostics);
    }
    let SystemFile {
        description,
        profiles,
        headers,
        fixtures,
    } = system_parts;
    let profiles = profiles
        .into_iter()
        .filter_map(|(name, profile)| profile.map(|profile| (name, profile)))
        .collect();
    Some(Suite {
        system: system.to_owned(),
        description,
        profiles,
        headers,
        fixtures: fixtures.into_map(),
        files,
    })
}

/// Every file as a document, with what was wrong with it, in the order of `paths`; and, at the same time, the contracts they name.
fn open_all(
    cases: &dyn Files,
    paths: &[String],
    library: &mut ContractLibrary<'_, '_>,
) -> Vec<(Option<Document>, Diagnostics)> {
    let search = library.search();
    let opened = paths.par_iter().map(|path| {
        let mut diagnostics = Diagnostics::new();
        let document = open(cases, path, &mut diagnostics);
        if let Some(document) = &document {
            search.look_for(document);
        }
        (document, diagnostics)
    });
    let opened = opened.collect();
    library.keep(search);
    opened
}

/// The case files of a system as documents.
struct Opened {
    wanted: Vec<OpenedFile>,
    /// The contracts that files name which are not wanted.
    elsewhere: Vec<Spanned<String>>,
    /// Whether a file could not be read, or not told which contract it asks.
    unreadable: bool,
}

struct OpenedFile {
    path: String,
    document: Document,
    /// Those that the file itself names.
    contract_names: Vec<String>,
    contracts: FoundContracts,
}

impl Opened {
    /// `None`, with a diagnostic, where no file is wanted.
    fn of(
        cases: &dyn Files,
        system: &str,
        only: Option<&[String]>,
        library: &mut ContractLibrary<'_, '_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Opened> {
        let mut opened = Opened {
            wanted: Vec::new(),
            elsewhere: Vec::new(),
            unreadable: false,
        };
        let mut any = false;
        let paths = folder::case_paths(cases, system);
        let documents = open_all(cases, &paths, library);
        for (path, (document, said)) in paths.into_iter().zip(documents) {
            let is_wanted =
                only.is_none_or(|only| only.iter().any(|one| folder::is_at_or_below(&path, one)));
            if !is_wanted {
                let mut aside = said;
                if let Some(document) = document {
                    opened
                        .elsewhere
                        .extend(contract_names(&document, &mut aside));
                }
                continue;
            }
            any = true;
            diagnostics.extend(said);
            let Some(document) = document else {
                opened.unreadable = true;
                continue;
            };
            let named = contract_names(&document, diagnostics);
            opened.unreadable |= named.is_empty();
            let contracts = library.get_all(&named, diagnostics);
            opened.wanted.push(OpenedFile {
                path,
                document,
                contract_names: named.into_iter().map(|name| name.value).collect(),
                contracts,
            });
        }
        if !any {
            diagnostics.push(
                Diagnostic::without_place(
                    "no-cases",
                    format!("there are no case files of the system `{system}`"),
                )
                .with_advice(format!("expected `.yaml` files below `cases/{system}/`")),
            );
            return None;
        }
        Some(opened)
    }
}

impl OpenedFile {
    fn read(
        &self,
        system: &str,
        for_all: &FoundContracts,
        shared: &SystemFile,
        variables: &mut Variables,
        diagnostics: &mut Diagnostics,
    ) -> CaseFile {
        let source = &self.document.source;
        let root = &self.document.root;
        let found = self.contracts.clone().and(for_all);
        if found.contracts.is_empty()
            && root
                .as_mapping()
                .is_some_and(|fields| !fields.contains_key("contract"))
        {
            diagnostics.push(
                Diagnostic::error(
                    "missing-field",
                    "a case file needs the field `contract`",
                    source.place(root.span),
                )
                .with_advice("name the contract it asks: `contract: SYSTEM/AREA.yaml`, a path below `schemas/`"),
            );
        }
        let context = Context {
            source,
            contracts: &found.contracts,
            // Without any contract that is the fault, not each operation.
            incomplete: found.incomplete || found.contracts.is_empty(),
            profiles: &shared.profiles,
        };
        let cases = file::read(
            &self.document,
            &shared.fixtures,
            context,
            variables,
            diagnostics,
        );
        CaseFile {
            name: folder::file_name(&self.path, system),
            path: source.name().to_owned(),
            contract_names: self.contract_names.clone(),
            contracts: found.contracts,
            cases,
        }
    }
}

/// What the text of a case file says, read in the place of `file`: the contracts it names, and its cases.
pub(super) fn read_again(
    text: &str,
    file: &CaseFile,
    suite: &Suite,
) -> (Vec<String>, Vec<Arc<Case>>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let source = Source::new(format!("{}.yaml", file.name), text);
    let Some(document) = Document::parse(source, &mut diagnostics) else {
        return (Vec::new(), Vec::new(), diagnostics);
    };
    let profiles = suite.profiles.iter();
    let profiles = profiles
        .map(|(name, profile)| (name.clone(), Some(Arc::clone(profile))))
        .collect();
    let mut variables = Variables::default();
    let mut followed = BTreeSet::new();
    for fixture in suite.fixtures.values() {
        follow(fixture, &mut followed, &mut variables, &profiles);
    }
    let context = Context {
        source: &document.source,
        contracts: &file.contracts,
        incomplete: false,
        profiles: &profiles,
    };
    let cases = file::read(
        &document,
        &Fixtures::from_map(&suite.fixtures),
        context,
        &mut variables,
        &mut diagnostics,
    );
    let names = contract_names(&document, &mut diagnostics);
    let names = names.into_iter().map(|name| name.value).collect();
    (names, cases, diagnostics)
}

/// Follows a fixture of the system after those it needs. What is wrong with it is not the file's.
fn follow<'f>(
    fixture: &'f Arc<Fixture>,
    followed: &mut BTreeSet<&'f str>,
    variables: &mut Variables,
    profiles: &Profiles,
) {
    if followed.insert(&fixture.name) {
        for given in &fixture.given {
            follow(&given.fixture, followed, variables, profiles);
        }
        variables.fixture(fixture, profiles, &mut Diagnostics::new());
    }
}

fn open(cases: &dyn Files, path: &str, diagnostics: &mut Diagnostics) -> Option<Document> {
    match cases.read(path) {
        Ok(source) => Document::parse(source, diagnostics),
        Err(reason) => {
            let message = format!("cannot read {path}: {reason}");
            diagnostics.push(Diagnostic::without_place("unreadable", message));
            None
        }
    }
}
