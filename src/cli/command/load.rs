//! Loads contracts, suites and waivers for the commands.

use std::path::Path;
use std::sync::Arc;

use crate::case::{self, Suite};
use crate::cli::project::SystemFiles;
use crate::contract::{self, Contract, Nullability, Reading};
use crate::diagnostic::Diagnostics;
use crate::source::{Files, Source, read_file};
use crate::waiver::{self, Waivers};

/// The contract at `path` in `files`, with all its schemas compiled.
pub(super) fn contract(
    files: &dyn Files,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Contract>> {
    let contract = contract::load(files, path, diagnostics)?;
    contract.compile(diagnostics);
    Some(contract)
}

/// The contract in a text without a folder, with all its schemas compiled.
pub(super) fn contract_text(
    source: Source,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Contract>> {
    let contract = contract::load_source(source, diagnostics)?;
    contract.compile(diagnostics);
    Some(contract)
}

/// The suite of a system: its selected case files, and the contracts they name, with or without overlays. Schemas are compiled on
/// first use.
pub(super) fn suite(
    files: &SystemFiles,
    reading: Reading,
    nullability: Nullability,
    diagnostics: &mut Diagnostics,
) -> Option<Suite> {
    let only = (!files.paths.is_empty()).then_some(files.paths.as_slice());
    let contracts = contract::Loader::new(files.schemas.as_ref(), reading);
    let contracts = contracts.with_nullability(nullability);
    let find = |name: &str, diagnostics: &mut Diagnostics| contracts.load(name, diagnostics);
    let system = &files.system;
    case::load_paths(files.cases.as_ref(), system, only, &find, diagnostics)
}

/// The waivers in the file at `path`, as of today.
pub(super) fn waivers(path: &Path, diagnostics: &mut Diagnostics) -> Option<Waivers> {
    match read_file(path) {
        Ok(source) => Waivers::read(source, waiver::today(), diagnostics),
        Err(reason) => {
            diagnostics.push(waiver::unreadable(path, &reason));
            None
        }
    }
}
