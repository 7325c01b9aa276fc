//! Corrections of a contract in a separate file (OpenAPI Overlay 1.0): `customers.overlay.yaml` is applied to `customers.yaml`.
//!
//! Main types: [`Overlay`], [`AppliedOverlay`]; main function: [`correct`]. What the specification leaves open is decided as follows:
//!
//! - Where target and update both hold a list under one name, the lists are joined (as Overlay 1.1 specifies).
//! - A list as update of a list is refused: an update of a list is one entry, and a list within a list is rarely meant.
//! - A single value may be replaced by another or by a list (`type: string` by `type: [string, "null"]`). Nothing else is replaced
//!   between mappings, lists and single values: remove the old value first.
//! - `remove` also removes single values (as in Overlay 1.1), such as a keyword that is too strict.
//! - An action whose target matches nothing is an error, because what it corrects no longer exists. One that changes nothing is a
//!   warning.
//! - Every action gives its reason in `description`: findings show it.

mod apply;
mod read;
mod target;

use serde_json_path::JsonPath;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Node};
use crate::source::{Files, Place, Source, Spanned};

/// An overlay that was applied to a document of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedOverlay {
    /// The file, as shown to the user.
    pub name: String,
    pub title: String,
    pub version: String,
    /// The number of its actions.
    pub actions: usize,
}

/// An overlay as read.
struct Overlay {
    source: Source,
    title: String,
    version: String,
    actions: Vec<Action>,
}

/// One correction.
struct Action {
    target: Spanned<JsonPath>,
    change: OverlayChange,
    place: Place,
    description: String,
}

enum OverlayChange {
    Update(Node),
    Remove,
}

/// The extensions an overlay may have, in the order of the search.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// The document at `path` of `files` with the overlay beside it applied, and which overlay that is; the document itself where there is
/// none. Every fault of an overlay is a diagnostic; its other actions are still applied.
pub(super) fn correct(
    document: Document,
    files: &dyn Files,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> (Document, Option<AppliedOverlay>) {
    let mut found = beside(path).filter(|path| files.has(path));
    let Some(first) = found.next() else {
        return (document, None);
    };
    if let Some(second) = found.next() {
        diagnostics.push(
            Diagnostic::without_place(
                "two-overlays",
                format!("two overlays for one document: {first} and {second}"),
            )
            .with_advice("put all actions into one file: the order of two files is not defined"),
        );
    }
    let source = match files.read(&first) {
        Ok(source) => source,
        Err(reason) => {
            diagnostics.push(Diagnostic::without_place(
                "unreadable-file",
                format!("cannot read the overlay {first}: {reason}"),
            ));
            return (document, None);
        }
    };
    match read::read(source, path, diagnostics) {
        Some(overlay) => {
            let applied = AppliedOverlay {
                name: overlay.source.name().to_owned(),
                title: overlay.title.clone(),
                version: overlay.version.clone(),
                actions: overlay.actions.len(),
            };
            let document = apply::apply(document, overlay, diagnostics);
            (document, Some(applied))
        }
        None => (document, None),
    }
}

/// The document at `path` with the overlay `source` applied, wherever that is written. Every fault of the overlay is a diagnostic.
pub(super) fn apply_source(
    document: Document,
    source: Source,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> Document {
    match read::read(source, path, diagnostics) {
        Some(overlay) => apply::apply(document, overlay, diagnostics),
        None => document,
    }
}

/// Where the overlay of the document at `path` may be. An overlay has none itself.
fn beside(path: &str) -> impl Iterator<Item = String> {
    let (folder, file) = path
        .rsplit_once('/')
        .map_or(("", path), |(folder, file)| (folder, file));
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let is_overlay = stem.ends_with(".overlay");
    let is_document = EXTENSIONS.contains(&extension) && !stem.is_empty();
    let folder = match folder {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let base = (is_document && !is_overlay).then(|| format!("{folder}{stem}.overlay"));
    base.into_iter().flat_map(|base| {
        EXTENSIONS
            .iter()
            .map(move |extension| format!("{base}.{extension}"))
    })
}

/// Where the document that an overlay corrects may be: `api.yaml`, `api.yml` or `api.json` for `api.overlay.yaml`. Empty for a path
/// that is not an overlay's.
pub fn corrected_by(path: &str) -> impl Iterator<Item = String> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let base = stem.strip_suffix(".overlay").map(str::to_owned);
    base.into_iter().flat_map(|base| {
        EXTENSIONS
            .iter()
            .map(move |extension| format!("{base}.{extension}"))
    })
}

#[cfg(test)]
mod tests;
