//! Case files into a [`Suite`]: every fault of every file becomes a diagnostic, and reading continues.
//!
//! Main function: [`load`].

mod attachment;
mod binary;
mod body;
mod call;
mod capture;
mod context;
mod entries;
mod events;
mod expectation;
mod file;
mod fixture;
mod folder;
mod library;
mod names;
mod parallel;
mod parameters;
mod profile;
mod rows;
mod sending;
mod step;
mod stream;
mod system;
mod variables;
mod xml;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use self::attachment::Attachments;
use self::context::{Context, Profiles};
use self::fixture::Fixtures;
use self::library::{ContractLibrary, FoundContracts, contract_names};
use self::system::SystemFile;
use self::variables::Variables;
use super::{Case, CaseFile, Fixture, Step, Suite};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::Document;
use crate::source::{Files, Source, Spanned};

pub use library::FindContract;

/// Reads all case files of a system: `SYSTEM/system.yaml`, if there is one, and every other `.yaml` or `.yml` below `SYSTEM/`,
/// in the order of their paths. Hidden files and folders (`.name`) are left out.
///
/// `None`, with a diagnostic, where there is no case file. Otherwise a suite of what could be read: run it only if `diagnostics` has no
/// errors.
pub fn load(
    cases: &dyn Files,
    system: &str,
    contracts: &FindContract<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Suite> {
    load_paths(cases, system, None, contracts, diagnostics)
}

/// Like [`load`], but reads only the case files that are, or lie below, one of `only` (paths relative to the root of `cases`, such as
/// `magento/customers/create.yaml` or `magento/customers`). Of the others only the names of contracts are read, because `system.yaml`
/// may call operations of these contracts; their faults are not reported.
pub fn load_paths(
    cases: &dyn Files,
    system: &str,
    only: Option<&[String]>,
    contracts: &FindContract<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Suite> {
    let mut library = ContractLibrary::new(contracts);
    let shared_path = folder::shared_path(cases, system);
    let shared = shared_path
        .as_ref()
        .and_then(|path| open(cases, path, diagnostics));
    let Opened {
        selected,
        other_names,
        unreadable,
    } = Opened::of(cases, system, only, &mut library, diagnostics)?;

    let mut named = Vec::new();
    let mut for_all = FoundContracts::default();
    if let Some(document) = &shared {
        named = contract_names(document, diagnostics);
        for_all = library.get_all(&named, diagnostics);
    }
    named.extend(other_names);
    // The calls of system.yaml may be in any contract of the system. Missing contracts are reported where they are named.
    let mut all = for_all.clone();
    for file in &selected {
        all = all.and(&file.contracts);
    }
    all = all.and(&library.get_all(&named, &mut Diagnostics::new()));

    let before = diagnostics.count(DiagnosticSeverity::Error);
    let mut variables = Variables::default();
    let mut system_parts = SystemFile::bare();
    if let (Some(document), Some(path)) = (&shared, &shared_path) {
        let context = Context {
            source: &document.source,
            contracts: &all.contracts,
            incomplete: all.incomplete || unreadable || all.contracts.is_empty(),
            profiles: &SystemFile::bare().profiles,
            attachments: Attachments::beside(path, cases),
        };
        system_parts = system::read(document, context, &mut variables, diagnostics);
    }
    let read = selected.par_iter().map(|file| {
        let mut variables = variables.clone();
        let mut diagnostics = Diagnostics::new();
        let attachments = Attachments::beside(&file.path, cases);
        let file = file.read(
            (system, attachments),
            &for_all,
            &system_parts,
            &mut variables,
            &mut diagnostics,
        );
        (file, variables, diagnostics)
    });
    let read: Vec<_> = read.collect();
    // The trees are freed in the background.
    rayon::spawn(move || drop(selected));
    let mut files = Vec::with_capacity(read.len());
    for (file, of_file, faults) in read {
        files.push(file);
        variables.add_uses(of_file);
        diagnostics.extend(faults);
    }
    // Whether a capture of a shared fixture is unused is known only after all files.
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

/// Opens every file as a document, with its diagnostics, in the order of `paths`, and loads the contracts they name at the same time.
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
    selected: Vec<OpenedFile>,
    /// The contracts named by files that are not selected.
    other_names: Vec<Spanned<String>>,
    /// Whether a file could not be read, or did not name its contract.
    unreadable: bool,
}

struct OpenedFile {
    path: String,
    document: Document,
    /// The contracts that the file itself names.
    contract_names: Vec<String>,
    contracts: FoundContracts,
}

impl Opened {
    /// `None`, with a diagnostic, where no file is selected.
    fn of(
        cases: &dyn Files,
        system: &str,
        only: Option<&[String]>,
        library: &mut ContractLibrary<'_, '_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Opened> {
        let mut opened = Opened {
            selected: Vec::new(),
            other_names: Vec::new(),
            unreadable: false,
        };
        let mut any = false;
        let paths = folder::case_paths(cases, system);
        let documents = open_all(cases, &paths, library);
        for (path, (document, faults)) in paths.into_iter().zip(documents) {
            let is_selected = only.is_none_or(|only| {
                only.iter()
                    .any(|folder_or_file| folder::is_at_or_below(&path, folder_or_file))
            });
            if !is_selected {
                let mut ignored = faults;
                if let Some(document) = document {
                    opened
                        .other_names
                        .extend(contract_names(&document, &mut ignored));
                }
                continue;
            }
            any = true;
            diagnostics.extend(faults);
            let Some(document) = document else {
                opened.unreadable = true;
                continue;
            };
            let named = contract_names(&document, diagnostics);
            opened.unreadable |= named.is_empty();
            let contracts = library.get_all(&named, diagnostics);
            opened.selected.push(OpenedFile {
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
                    format!("the system `{system}` has no case files"),
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
        (system, attachments): (&str, Attachments<'_>),
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
                .with_advice(
                    "name its contract: `contract: SYSTEM/AREA.yaml`, a path below `schemas/`",
                ),
            );
        }
        let context = Context {
            source,
            contracts: &found.contracts,
            // Without any contract, that is the fault to report, not each operation.
            incomplete: found.incomplete || found.contracts.is_empty(),
            profiles: &shared.profiles,
            attachments,
        };
        let (setup, cases) = file::read(
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
            setup,
            cases,
        }
    }
}

/// The contracts that a file names, its setup, and its cases.
pub(super) type FileContents = (Vec<String>, Option<Arc<Fixture>>, Vec<Arc<Case>>);

/// Reads the text of a case file in place of `file`.
pub(super) fn read_again(
    text: &str,
    file: &CaseFile,
    suite: &Suite,
) -> (FileContents, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let source = Source::new(format!("{}.yaml", file.name), text);
    let Some(document) = Document::parse(source, &mut diagnostics) else {
        return ((Vec::new(), None, Vec::new()), diagnostics);
    };
    let profiles = suite.profiles.iter();
    let profiles = profiles
        .map(|(name, profile)| (name.clone(), Some(Arc::clone(profile))))
        .collect();
    let steps = file.cases.iter().flat_map(|case| case.all_steps());
    let attachments = steps
        .flat_map(Step::files)
        .map(|file| (file.path.clone(), file.bytes.clone()))
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
        attachments: Attachments::Known(&attachments),
    };
    let (setup, cases) = file::read(
        &document,
        &Fixtures::from_map(&suite.fixtures),
        context,
        &mut variables,
        &mut diagnostics,
    );
    let names = contract_names(&document, &mut diagnostics);
    let names = names.into_iter().map(|name| name.value).collect();
    ((names, setup, cases), diagnostics)
}

/// Follows a fixture of the system after those it needs. Its faults are not reported again for the file.
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
