//! The documents a contract consists of, and where a `$ref` in one of them leads.
//!
//! Main type: [`Documents`].

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use percent_encoding::percent_decode_str;
use url::Url;

use super::dialect::Dialect;
use super::identifier::Identifiers;
use super::metaschema;
use super::overlay::{self, AppliedOverlay};
use super::place::ContractPlace;
pub(super) use super::pointer::{DocumentPointer, FileId};
use super::reading::Reading;
use crate::diagnostic::{Diagnostics, nearest};
use crate::document::{Document, Node, Value, escape_pointer, split_pointer};
use crate::source::{Files, Place, Source, Span};

/// How many files one contract may refer to.
const MAX_FILES: usize = 10_000;

/// Where a contract is read from, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentLocation<'f> {
    pub(super) files: &'f dyn Files,
    /// The contract's own document.
    pub(super) path: &'f str,
    pub(super) reading: Reading,
    /// Documents that were read for other contracts of the same files.
    pub(super) cache: &'f DocumentCache,
}

impl DocumentLocation<'_> {
    /// The document at `path` with its overlay applied, unless it is read as documented.
    pub(super) fn correct(
        &self,
        document: Document,
        path: &str,
        diagnostics: &mut Diagnostics,
    ) -> (Document, Option<AppliedOverlay>) {
        match self.reading {
            Reading::Documented => (document, None),
            Reading::Corrected => overlay::correct(document, self.files, path, diagnostics),
        }
    }

    /// The document at `path`, corrected.
    fn shared(&self, path: &str) -> CachedDocument {
        self.cache.get(path, || {
            let mut diagnostics = Diagnostics::new();
            let source = self.files.read(path).map_err(|error| error.to_string())?;
            let document = Document::parse(source, &mut diagnostics).ok_or_else(|| {
                let first = diagnostics
                    .iter()
                    .next()
                    .map(|diagnostic| match &diagnostic.place {
                        Some(place) => format!("{} ({place})", diagnostic.message),
                        None => diagnostic.message.to_string(),
                    });
                first.unwrap_or_else(|| "not a document".to_owned())
            })?;
            let (document, overlay) = self.correct(document, path, &mut diagnostics);
            Ok((Arc::new(document), overlay, diagnostics))
        })
    }
}

/// A contract's document and all files that its references name, read before any reference is resolved.
#[derive(Debug, Clone)]
pub(super) struct Documents {
    list: Vec<Loaded>,
    /// The result of reading each path (relative to the root of `Files`).
    paths: HashMap<String, Result<FileId, String>>,
    /// The folder of the contract's system within `Files`, the first on its path; `None` for a text without a folder.
    folder: Option<String>,
    /// The files below that folder, for advice.
    neighbours: Vec<String>,
    dialect: Dialect,
    identifiers: Identifiers,
}

#[derive(Debug, Clone)]
struct Loaded {
    path: String,
    document: Arc<Document>,
    overlay: Option<AppliedOverlay>,
    /// Its syntax errors, reported only when a reference in use leads to this document.
    diagnostics: Diagnostics,
}

/// The documents that contracts share, each read and corrected once: cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct DocumentCache(Arc<Mutex<HashMap<String, Arc<OnceLock<CachedDocument>>>>>);

/// A document as it was read, with its diagnostics; or why it could not be read.
type CachedDocument = Result<(Arc<Document>, Option<AppliedOverlay>, Diagnostics), String>;

impl DocumentCache {
    fn get(&self, path: &str, read: impl FnOnce() -> CachedDocument) -> CachedDocument {
        let kept = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(path.to_owned()).or_default())
        };
        kept.get_or_init(read).clone()
    }
}

/// Why a reference leads nowhere.
#[derive(Debug)]
pub(super) struct RefFault {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) advice: Option<String>,
}

impl Documents {
    /// The contract's document and every file that its `$ref`s reach. Files that cannot be read are recorded but not reported: a `$ref`
    /// in an example or a description is not a reference.
    pub(super) fn gather(
        main: Document,
        dialect: Dialect,
        overlay: Option<AppliedOverlay>,
        location: Option<DocumentLocation<'_>>,
    ) -> Self {
        let path = location.map_or("", |location| location.path).to_owned();
        let mut documents = Documents {
            paths: HashMap::from([(path.clone(), Ok(0))]),
            folder: location.map(|_| system_folder(&path).to_owned()),
            neighbours: Vec::new(),
            list: vec![Loaded {
                path,
                document: Arc::new(main),
                overlay,
                diagnostics: Diagnostics::new(),
            }],
            dialect,
            identifiers: Identifiers::default(),
        };
        if let Some(location) = location {
            documents.load_references(location);
        }
        documents.add_metaschemas();
        documents.identify();
        documents
    }

    /// Adds the metaschemas of JSON Schema where a schema refers to one.
    fn add_metaschemas(&mut self) {
        let refers = |loaded: &Loaded| {
            let Document { source, root } = &*loaded.document;
            let mut uris = Vec::new();
            if source.mentions(metaschema::PREFIX) {
                collect_references(root, &mut uris);
            }
            uris.iter().any(|uri| uri.starts_with(metaschema::PREFIX))
        };
        if self.dialect.is_json_schema() && self.list.iter().any(refers) {
            let loaded = metaschema::metaschemas().iter().map(|document| Loaded {
                path: document.source.name().to_owned(),
                document: Arc::clone(document),
                overlay: None,
                diagnostics: Diagnostics::new(),
            });
            self.list.extend(loaded);
        }
    }

    /// Reads the identifiers of all documents again: to be called after [`Documents::roots_mut`].
    pub(super) fn identify(&mut self) {
        self.identifiers = Identifiers::default();
        // Only here are schemas JSON Schema; the older ones have no identifiers.
        if !self.dialect.is_json_schema() {
            return;
        }
        for (file, loaded) in self.list.iter().enumerate() {
            let source = &loaded.document.source;
            let words = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$self"];
            if words.iter().any(|word| source.mentions(word)) {
                let root = &loaded.document.root;
                self.identifiers.add(file, &loaded.path, root);
            }
        }
    }

    /// What names schemas besides their pointers.
    pub(super) fn identifiers(&self) -> &Identifiers {
        &self.identifiers
    }

    /// The overlays that were applied, in the order of their documents.
    pub(super) fn overlays(&self) -> impl Iterator<Item = &AppliedOverlay> {
        self.list
            .iter()
            .filter_map(|loaded| loaded.overlay.as_ref())
    }

    /// All trees, to be changed.
    pub(super) fn roots_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.list
            .iter_mut()
            .map(|loaded| &mut Arc::make_mut(&mut loaded.document).root)
    }

    /// Applies further overlays: to each document, by its name, the text of one. To be followed by [`Documents::identify`].
    pub(super) fn correct_with(
        &mut self,
        overlays: &BTreeMap<String, String>,
        diagnostics: &mut Diagnostics,
    ) {
        for loaded in &mut self.list {
            let name = loaded.document.source.name();
            let Some(text) = overlays.get(name) else {
                continue;
            };
            let source = Source::new(proposed_name(name), text.clone());
            let path = match loaded.path.as_str() {
                "" => name.to_owned(),
                path => path.to_owned(),
            };
            let document = Document::clone(&loaded.document);
            let document = overlay::apply_source(document, source, &path, diagnostics);
            loaded.document = Arc::new(document);
        }
    }

    /// The document that has text of this name: its own, that of its overlay, or that of one applied by [`Documents::correct_with`].
    pub(super) fn with_text_named(&self, name: &str) -> Option<FileId> {
        self.list.iter().position(|loaded| {
            let own = loaded.document.source.name();
            let overlay = loaded.overlay.as_ref();
            own == name
                || overlay.is_some_and(|overlay| overlay.name == name)
                || proposed_name(own) == name
        })
    }

    /// The file of the overlay that was applied to a document.
    pub(super) fn overlay_of(&self, file: FileId) -> Option<&AppliedOverlay> {
        self.list.get(file)?.overlay.as_ref()
    }

    /// All documents, by their [`FileId`]s.
    pub(super) fn all(&self) -> impl Iterator<Item = &Document> {
        self.list.iter().map(|loaded| &*loaded.document)
    }

    pub(super) fn document(&self, file: FileId) -> &Document {
        &self.list[file].document
    }

    pub(super) fn source(&self, file: FileId) -> &Source {
        &self.list[file].document.source
    }

    /// The syntax errors of a file other than the contract's own.
    pub(super) fn syntax(&self, file: FileId) -> &Diagnostics {
        &self.list[file].diagnostics
    }

    pub(super) fn node(&self, location: &DocumentPointer) -> Option<&Node> {
        self.document(location.file).at(&location.pointer)
    }

    /// Where the value at a location is written, its key included.
    pub(super) fn place(&self, location: &DocumentPointer) -> ContractPlace {
        ContractPlace {
            place: self.span(location),
            pointer: location.pointer.clone(),
        }
    }

    fn span(&self, location: &DocumentPointer) -> Place {
        let document = self.document(location.file);
        let key = location
            .pointer
            .rsplit_once('/')
            .and_then(|(parent, _)| document.at(parent))
            .and_then(|parent| parent.as_mapping())
            .zip(split_pointer(&location.pointer).and_then(|mut tokens| tokens.pop()))
            .and_then(|(entries, key)| entries.get(&key))
            .map(|entry| {
                // The value of an alias is written elsewhere.
                let end = entry.value.span.end.max(entry.key_span.end);
                Span::new(entry.key_span.start, end)
            });
        let span = key
            .or_else(|| document.at(&location.pointer).map(|node| node.span))
            .unwrap_or_default();
        document.source.place(span)
    }

    /// Where the reference `text`, written at `from`, leads: to a value that exists.
    pub(super) fn resolve(
        &self,
        from: &DocumentPointer,
        text: &str,
    ) -> Result<DocumentPointer, RefFault> {
        let (uri, fragment) = text.split_once('#').unwrap_or((text, ""));
        let resource = self.identifiers.resource(from);
        let root = if uri.is_empty() {
            resource
        } else if let Some(location) = self.identifiers.named(&resource, uri) {
            location.clone()
        } else {
            DocumentPointer::new(self.file(from.file, uri)?, "")
        };
        let fragment = percent_decode_str(fragment).decode_utf8_lossy();
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.anchored(&root, &fragment);
        }
        let target = DocumentPointer::new(root.file, format!("{}{fragment}", root.pointer));
        match self.node(&target) {
            Some(_) => Ok(target),
            None => Err(self.missing(&target)),
        }
    }

    fn anchored(&self, root: &DocumentPointer, name: &str) -> Result<DocumentPointer, RefFault> {
        let found = self.identifiers.anchor(root, name);
        found
            .map(|anchor| anchor.location.clone())
            .ok_or_else(|| RefFault {
                code: "unresolved-ref",
                message: format!("this reference leads nowhere: no `$anchor` is called `{name}`"),
                advice: nearest(name, self.identifiers.anchors(root))
                    .map(|near| format!("did you mean `#{near}`?"))
                    .or_else(|| {
                        Some("a reference into a document is written `#/path/to/it`".to_owned())
                    }),
            })
    }

    /// The fault of a pointer that leads nowhere: names the deepest part that exists, and the nearest name in it.
    fn missing(&self, target: &DocumentPointer) -> RefFault {
        let mut existing = String::new();
        let mut unknown = String::new();
        for token in split_pointer(&target.pointer).unwrap_or_default() {
            let next = format!("{existing}/{}", escape_pointer(&token));
            if self.document(target.file).at(&next).is_none() {
                unknown = token;
                break;
            }
            existing = next;
        }
        let keys = self
            .document(target.file)
            .at(&existing)
            .and_then(Node::as_mapping);
        let near = keys.and_then(|keys| nearest(&unknown, keys.keys().map(String::as_str)));
        let whole = if existing.is_empty() {
            "the document"
        } else {
            &existing
        };
        RefFault {
            code: "unresolved-ref",
            message: format!("this reference leads nowhere: {whole} has no `{unknown}`"),
            advice: Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add it there, or correct the reference".to_owned(),
            }),
        }
    }

    fn file(&self, from: FileId, uri: &str) -> Result<FileId, RefFault> {
        let outside = |message: &str, advice: &str| RefFault {
            code: "outside-ref",
            message: message.to_owned(),
            advice: Some(advice.to_owned()),
        };
        let uri = self.relative(from, uri);
        let uri = uri.as_ref();
        if uri.starts_with("//") || has_scheme(uri) {
            return Err(outside(
                "this reference leads to the network or another system",
                "save that document beside the contract and refer to it by a relative path: references are not fetched",
            ));
        }
        if uri.starts_with('/') || uri.starts_with('\\') {
            return Err(outside(
                "this reference is an absolute path",
                "write the path relative to this file",
            ));
        }
        let Some(folder) = &self.folder else {
            return Err(outside(
                "this reference names a file, but the contract was read without its folder",
                "load the contract from its folder, or put everything into one document",
            ));
        };
        let path = join(parent(&self.list[from].path), uri)
            .filter(|path| folder.is_empty() || path.starts_with(&format!("{folder}/")));
        let Some(path) = path else {
            return Err(outside(
                "this reference leads outside the folder of the contract's system",
                "move the file below that folder, the first on the path to the contract",
            ));
        };
        match self.paths.get(&path) {
            Some(Ok(file)) => Ok(*file),
            Some(Err(reason)) => Err(self.unread(&path, reason)),
            None if self.list.len() < MAX_FILES => Err(self.unread(&path, "no such file")),
            None => Err(self.unread(&path, "too many files")),
        }
    }

    /// The reference `uri`, written in a document, as a path relative to that document where the two have a base in common: the
    /// document says in `$self` under which URI it is published (OpenAPI 3.2, "OpenAPI Object").
    fn relative<'u>(&self, from: FileId, uri: &'u str) -> Cow<'u, str> {
        let relative = || {
            let base = Url::parse(self_of(&self.list[from].document)?).ok()?;
            base.make_relative(&Url::parse(uri).ok()?)
        };
        match has_scheme(uri).then(relative).flatten() {
            Some(path) => Cow::Owned(path),
            None => Cow::Borrowed(uri),
        }
    }

    fn unread(&self, path: &str, reason: &str) -> RefFault {
        let near = nearest(path, self.neighbours.iter().map(String::as_str));
        RefFault {
            code: "unresolved-ref",
            message: format!("cannot read the file this reference names, {path}: {reason}"),
            advice: Some(match near.filter(|near| *near != path) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "correct the path: it is relative to the file it is written in".to_owned(),
            }),
        }
    }

    fn load_references(&mut self, location: DocumentLocation<'_>) {
        let mut next = 0;
        while next < self.list.len() && self.list.len() < MAX_FILES {
            let mut uris = Vec::new();
            collect_references(&self.list[next].document.root, &mut uris);
            let folder = parent(&self.list[next].path).to_owned();
            for uri in uris {
                let uri = self.relative(next, &uri).into_owned();
                if uri.starts_with(['/', '\\']) || has_scheme(&uri) {
                    continue;
                }
                if let Some(path) = join(&folder, &uri) {
                    self.load(location, path);
                }
            }
            next += 1;
        }
    }

    fn load(&mut self, location: DocumentLocation<'_>, path: String) {
        let folder = self.folder.clone().unwrap_or_default();
        let inside = folder.is_empty() || path.starts_with(&format!("{folder}/"));
        if !inside || self.paths.contains_key(&path) {
            return;
        }
        let file = location
            .shared(&path)
            .map(|(document, overlay, diagnostics)| {
                self.list.push(Loaded {
                    path: path.clone(),
                    document,
                    overlay,
                    diagnostics,
                });
                self.list.len() - 1
            });
        if file.is_err() && self.neighbours.is_empty() {
            self.neighbours = location.files.list(&folder);
        }
        self.paths.insert(path, file);
    }
}

/// The name of the overlay that [`Documents::correct_with`] applies to a document.
fn proposed_name(document: &str) -> String {
    format!("{document} (proposed corrections)")
}

/// The text of a node's `$ref`, if it has one.
pub(super) fn reference_of(node: &Node) -> Option<&str> {
    node.get("$ref").and_then(Node::as_str)
}

/// The file parts of all references below `node`: of `$ref` and `$dynamicRef`, and of the `mapping` of discriminators.
fn collect_references(node: &Node, found: &mut Vec<String>) {
    let file_of = |text: &str| {
        let uri = text.split('#').next().unwrap_or("");
        (!uri.is_empty()).then(|| uri.to_owned())
    };
    match &node.value {
        Value::Mapping(entries) => {
            for (key, entry) in entries {
                match (key.as_str(), &entry.value.value) {
                    ("$ref" | "$dynamicRef", Value::String(text)) => found.extend(file_of(text)),
                    ("discriminator", _) => {
                        found.extend(mapped_references(&entry.value).filter_map(file_of));
                        // It may also be the name of a property.
                        collect_references(&entry.value, found);
                    }
                    _ => collect_references(&entry.value, found),
                }
            }
        }
        Value::Sequence(items) => {
            for item in items {
                collect_references(item, found);
            }
        }
        _ => {}
    }
}

/// The texts in a discriminator that may be references to files; others are names of schemas (OpenAPI 3.1, "Discriminator Object").
fn mapped_references(discriminator: &Node) -> impl Iterator<Item = &str> {
    let mapping = discriminator.get("mapping").and_then(Node::as_mapping);
    let mapped = mapping.into_iter().flatten().map(|(_, entry)| &entry.value);
    mapped
        .chain(discriminator.get("defaultMapping"))
        .filter_map(Node::as_str)
        .filter(|text| may_be_reference(text))
}

/// Whether a text that is the name of a schema or a reference to one may be the latter.
pub(super) fn may_be_reference(text: &str) -> bool {
    text.contains(['/', '.', '#'])
}

/// The URI under which a document of OpenAPI 3.2 says it is published.
fn self_of(document: &Document) -> Option<&str> {
    document.root.get("openapi")?;
    document.root.get("$self").and_then(Node::as_str)
}

/// Whether a text starts with a URI scheme (RFC 3986, section 3.1). A single letter is a Windows drive, which is refused as well.
fn has_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// The folder part of a path, without the slash; `""` for none.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder of the system that a contract at `path` belongs to: the first on the path; `""` where it is in none.
fn system_folder(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

/// A relative, percent-encoded path seen from `folder`. `None` when it climbs out of the root.
fn join(folder: &str, uri: &str) -> Option<String> {
    let uri = percent_decode_str(uri).decode_utf8().ok()?;
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in uri.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_without_leaving_the_root() {
        assert_eq!(join("a/b", "../c.yaml").as_deref(), Some("a/c.yaml"));
        assert_eq!(join("", "./x%20y.yaml").as_deref(), Some("x y.yaml"));
        assert_eq!(join("a", "../../c.yaml"), None);
    }

    #[test]
    fn schemes_are_distinguished_from_file_names() {
        assert!(has_scheme("https://a/b"));
        assert!(has_scheme("urn:x"));
        assert!(!has_scheme("models/a.yaml"));
    }
}
