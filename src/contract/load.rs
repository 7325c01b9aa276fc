//! From a text to a [`Contract`].
//!
//! Main functions: [`load()`], [`load_source`]; main type: [`Loader`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::confine::confine;
use super::dialect::Dialect;
use super::documents::{DocumentCache, DocumentLocation, DocumentPointer, Documents};
use super::draft::{modernise, rewrite_tuples};
use super::edition;
use super::library::{Contents, SchemaLibrary, SchemaOrigin};
use super::model::{Basis, Contract, DocumentedMediaType, Operation};
use super::normalise::normalise;
use super::nullability::Nullability;
use super::reader::{DialectReader, LocatedNode, openapi3, server, swagger2};
use super::reading::Reading;
use super::schema::Schema;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::{Document, Node, Value};
use crate::source::{Files, Source, Span};
use crate::version::Version;

/// Reads the contract at `path` in `files` with its overlays applied ([`Reading::Corrected`]). `$ref`s must lead to files below the
/// contract's own folder.
///
/// Every fault is a diagnostic; one that touches only some operations is [confined](Diagnostic::confined) to these, which have it among
/// their [faults](super::Operation::faults). `None` when nothing usable remains: the file cannot be read, its syntax is broken, or its
/// dialect is not supported (Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are).
///
/// ```
/// use counterpart::contract;
/// use counterpart::diagnostic::Diagnostics;
/// use counterpart::source::Folder;
///
/// let mut diagnostics = Diagnostics::new();
/// let schemas = Folder::new("examples/notes/schemas");
/// let contract = contract::load(&schemas, "notes/notes.yaml", &mut diagnostics).unwrap();
/// assert!(!diagnostics.has_errors());
/// assert!(contract.operation(&http::Method::GET, "/notes").is_some());
/// ```
pub fn load(files: &dyn Files, path: &str, diagnostics: &mut Diagnostics) -> Option<Arc<Contract>> {
    Loader::new(files, Reading::Corrected).load(path, diagnostics)
}

/// Reads contracts of one folder: a document that several of them refer to is read once. Files are assumed not to change.
#[derive(Clone)]
pub struct Loader<'f> {
    files: &'f dyn Files,
    reading: Reading,
    nullability: Nullability,
    cache: DocumentCache,
}

impl<'f> Loader<'f> {
    /// Reads from `files`, as documented or corrected.
    pub fn new(files: &'f dyn Files, reading: Reading) -> Self {
        Loader {
            files,
            reading,
            nullability: Nullability::default(),
            cache: DocumentCache::default(),
        }
    }

    /// Reads `nullable` in this way. (Default: [`Nullability::AsMeant`].)
    #[must_use]
    pub fn with_nullability(mut self, nullability: Nullability) -> Self {
        self.nullability = nullability;
        self
    }

    /// The contract at `path`; otherwise as [`load()`].
    pub fn load(&self, path: &str, diagnostics: &mut Diagnostics) -> Option<Arc<Contract>> {
        let path = path.strip_prefix("./").unwrap_or(path);
        match self.files.read(path) {
            Ok(source) => {
                let location = DocumentLocation {
                    files: self.files,
                    path,
                    reading: self.reading,
                    cache: &self.cache,
                };
                read(source, Some(location), self.nullability, diagnostics)
            }
            Err(reason) => {
                diagnostics.push(
                    Diagnostic::without_place(
                        "unreadable-file",
                        format!("cannot read the contract {path}: {reason}"),
                    )
                    .with_nearest(path, self.files.list("").iter().map(String::as_str)),
                );
                None
            }
        }
    }
}

impl fmt::Debug for Loader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loader({:?})", self.reading)
    }
}

/// Reads a contract of one document, without a folder: no overlays are applied, and `$ref`s to files are diagnostics. Otherwise as
/// [`load()`].
pub fn load_source(source: Source, diagnostics: &mut Diagnostics) -> Option<Arc<Contract>> {
    read(source, None, Nullability::default(), diagnostics)
}

impl Contract {
    /// Compiles every schema of the contract. Each schema that the validation engine refuses is a diagnostic at its place.
    pub fn compile(&self, diagnostics: &mut Diagnostics) {
        let schemas: Vec<&Schema> = self.schemas().collect();
        for (schema, reason) in Schema::refused(&schemas) {
            diagnostics.push(
                Diagnostic::error(
                    "invalid-schema",
                    format!("this schema cannot be used: {reason}"),
                    schema.place().place,
                )
                .with_advice("correct it: no response can be checked against it"),
            );
        }
    }

    /// All schemas: the named ones, then those of operations, in the order of the document.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        let named = self.definitions.iter().map(|(_, schema)| schema);
        let used = self.operations.iter().flat_map(|operation| {
            let parameters = operation
                .parameters
                .iter()
                .filter_map(|header| header.schema.as_ref());
            let body = operation.request_body.iter().flat_map(|body| &body.content);
            let responses = operation.responses.iter();
            let bodies = responses.clone().flat_map(|response| &response.content);
            let headers = responses.flat_map(|response| &response.headers);
            parameters
                .chain(body.chain(bodies).flat_map(DocumentedMediaType::schemas))
                .chain(headers.filter_map(|header| header.schema.as_ref()))
        });
        named.chain(used)
    }
}

fn read(
    source: Source,
    location: Option<DocumentLocation<'_>>,
    nullability: Nullability,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Contract>> {
    let mut faults = Diagnostics::new();
    let contract = read_with(source, location, nullability, &mut faults);
    diagnostics.extend(faults);
    contract.map(Arc::new)
}

fn read_with(
    source: Source,
    location: Option<DocumentLocation<'_>>,
    nullability: Nullability,
    faults: &mut Diagnostics,
) -> Option<Contract> {
    let document = Document::parse(source, faults)?;
    accept_repeated_labels(&document, faults);
    let (document, overlay) = match location {
        Some(location) => location.correct(document, location.path, faults),
        None => (document, None),
    };
    let dialect = dialect_of(&document, faults)?;
    let reading = location.map(|location| location.reading);
    let mut documents = Documents::gather(document, dialect, overlay, location);
    match dialect {
        Dialect::Swagger2 => rewrite_tuples(&mut documents),
        Dialect::OpenApi30 => {}
        Dialect::OpenApi31 | Dialect::OpenApi32 => {
            modernise(&mut documents);
            documents.identify();
        }
    }
    edition::check(&documents, faults);
    let reading = reading.unwrap_or_default();
    let rules = (dialect, nullability);
    Some(contract_of(Arc::new(documents), rules, reading, faults))
}

/// Texts for people on which nothing depends.
const LABELS: [&str; 4] = ["description", "summary", "title", "example"];

/// A text for people that is given twice is a warning: nothing depends on it. A property of such a name holds a schema.
fn accept_repeated_labels(document: &Document, faults: &mut Diagnostics) {
    for fault in faults.iter_mut() {
        let place = fault.place.as_ref();
        if fault.code == "duplicate-key"
            && place.is_some_and(|place| has_label_at(&document.root, place.span))
        {
            fault.severity = DiagnosticSeverity::Warning;
        }
    }
}

/// Whether the key with this span is that of a text for people. Recursion is bounded by the parser's depth limit.
fn has_label_at(node: &Node, key: Span) -> bool {
    match &node.value {
        Value::Mapping(entries) => {
            entries
                .iter()
                .any(|(name, entry)| match entry.key_span == key {
                    true => LABELS.contains(&name.as_str()) && entry.value.as_str().is_some(),
                    false => has_label_at(&entry.value, key),
                })
        }
        Value::Sequence(items) => items.iter().any(|item| has_label_at(item, key)),
        _ => false,
    }
}

impl Contract {
    /// One of its operations, as the contract documents it for a version of the API.
    pub fn operation_at(
        self: &Arc<Self>,
        operation: &Arc<Operation>,
        version: Option<&Version>,
    ) -> Arc<Operation> {
        let Some(version) = version else {
            return Arc::clone(operation);
        };
        let contract = self.at_version(version);
        let known = contract.operation(&operation.method, &operation.path);
        Arc::clone(known.unwrap_or(operation))
    }

    /// The contract for one version of the API: the same operations, also those that the version does not have
    /// ([`Operation::versions`](super::Operation::versions) says which), but only the parameters, bodies, responses and properties that it
    /// has. Read once for each version.
    pub fn at_version(self: &Arc<Self>, version: &Version) -> Arc<Contract> {
        let basis = &self.basis;
        if !basis.differ {
            return Arc::clone(self);
        }
        let mut editions = basis
            .editions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, contract)) = editions.iter().find(|(known, _)| known == version) {
            return Arc::clone(contract);
        }
        let documents = Arc::new(edition::at(&basis.documents, version));
        // The faults of the documents were reported when the whole contract was read.
        let mut diagnostics = Diagnostics::new();
        let contract = contract_of(documents, basis.rules, self.reading, &mut diagnostics);
        let contract = Arc::new(contract);
        editions.push((version.clone(), Arc::clone(&contract)));
        contract
    }
}

/// The contract as its documents describe it. `diagnostics` are those of these documents alone: the errors among them are confined to the
/// operations they touch.
pub(super) fn contract_of(
    documents: Arc<Documents>,
    rules: (Dialect, Nullability),
    reading: Reading,
    diagnostics: &mut Diagnostics,
) -> Contract {
    let (dialect, _) = rules;
    let library = Arc::new(SchemaLibrary::default());
    let mut reader = DialectReader::new(&documents, dialect, Arc::clone(&library), diagnostics);
    let base_path = match dialect {
        Dialect::Swagger2 => swagger2::base_path(&mut reader),
        Dialect::OpenApi30 | Dialect::OpenApi31 | Dialect::OpenApi32 => {
            openapi3::check_schema_dialect(&mut reader);
            openapi3::base_path(&mut reader)
        }
    };
    let servers = server::servers(dialect, &documents.document(0).root);
    let (title, version) = info(&mut reader);
    let mut operations = match dialect {
        Dialect::Swagger2 => swagger2::operations(&mut reader),
        Dialect::OpenApi30 | Dialect::OpenApi31 | Dialect::OpenApi32 => {
            openapi3::operations(&mut reader)
        }
    };
    let readable = operations.len();
    operations.append(&mut reader.unreadable);
    let definitions = definitions(&mut reader);
    let roots = std::mem::take(&mut reader.roots);
    let of_parameters = std::mem::take(&mut reader.of_parameters);
    let schemas = normalise(&documents, rules, roots, of_parameters, diagnostics);
    confine(&documents, &mut operations, diagnostics);
    let unreadable = operations.split_off(readable);
    library.fill(Contents {
        origin: SchemaOrigin::Contract(Arc::clone(&documents)),
        schemas,
    });
    Contract {
        name: documents.source(0).name().to_owned(),
        title,
        version,
        reading,
        overlays: documents.overlays().cloned().collect(),
        base_path,
        servers,
        operations,
        unreadable,
        definitions,
        basis: Basis {
            differ: edition::differ(&documents),
            documents,
            rules,
            editions: Mutex::default(),
        },
    }
}

/// The dialect a document declares; a diagnostic when it declares none that is supported.
fn dialect_of(document: &Document, diagnostics: &mut Diagnostics) -> Option<Dialect> {
    let read = "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are supported";
    let source = &document.source;
    let Some(entries) = document.root.as_mapping() else {
        diagnostics.push(
            Diagnostic::error(
                "unknown-dialect",
                format!("this is {}, not a contract", document.root.kind()),
                source.place(document.root.span),
            )
            .with_advice(read),
        );
        return None;
    };
    let declared = ["swagger", "openapi"]
        .iter()
        .find_map(|key| Some((*key, entries.get(*key)?)));
    let Some((key, entry)) = declared else {
        let place = source.place(document.root.span);
        diagnostics.push(
            Diagnostic::error(
                "unknown-dialect",
                "this document does not declare a dialect",
                place,
            )
            .with_advice(format!(
                "begin it with `openapi: 3.1.0` or `swagger: \"2.0\"`: {read}"
            )),
        );
        return None;
    };
    let version = match &entry.value.value {
        Value::String(text) => text.clone(),
        // `swagger: 2.0` without quotes is a number in YAML, but its meaning is clear.
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let is = |minor: &str| version == minor || version.starts_with(&format!("{minor}."));
    match key {
        "swagger" if version == "2.0" => Some(Dialect::Swagger2),
        "openapi" if is("3.0") => Some(Dialect::OpenApi30),
        "openapi" if is("3.1") => Some(Dialect::OpenApi31),
        "openapi" if is("3.2") => Some(Dialect::OpenApi32),
        _ => {
            let place = source.place(entry.value.span);
            diagnostics.push(
                Diagnostic::error(
                    "unknown-dialect",
                    match version.is_empty() {
                        true => format!("`{key}` must be a version, not {}", entry.value.kind()),
                        false => format!("unknown dialect: `{key}: {}`", place.text().trim()),
                    },
                    place,
                )
                .with_advice(read),
            );
            None
        }
    }
}

/// Title and version: both are required in every dialect, but nothing depends on them.
fn info(reader: &mut DialectReader<'_, '_>) -> (String, String) {
    let root = reader.root();
    let Some(info) = reader.child(&root, "info") else {
        let place = reader.place(&root);
        let message = "the contract has no `info`".to_owned();
        reader.warning(
            "missing-field",
            message,
            place,
            "add `info` with `title` and `version`",
        );
        return (String::new(), String::new());
    };
    if !reader.is_mapping("`info`", &info) {
        return (String::new(), String::new());
    }
    let mut field = |key: &str| {
        let node = info.node.get(key);
        if node.is_none() {
            let place = reader.key_place(&info);
            let message = format!("`info` has no `{key}`");
            reader.warning("missing-field", message, place, format!("add `{key}`"));
        }
        match node.map(|node| &node.value) {
            Some(Value::String(text)) => text.clone(),
            // `version: 1.0` without quotes.
            Some(Value::Number(_)) => info
                .node
                .get(key)
                .map(|node| {
                    let place = reader.documents.source(0).place(node.span);
                    place.text().to_owned()
                })
                .unwrap_or_default(),
            _ => String::new(),
        }
    };
    let title = field("title");
    let version = field("version");
    (title, version)
}

/// The named schemas, in the order of the document.
fn definitions(reader: &mut DialectReader<'_, '_>) -> Vec<(String, Schema)> {
    let location = DocumentPointer::new(0, reader.dialect.schemas_pointer());
    let documents = reader.documents;
    let Some(node): Option<&Node> = documents.node(&location) else {
        return Vec::new();
    };
    let at = LocatedNode {
        location,
        node,
        key: None,
    };
    let entries = reader.entries("the named schemas", &at);
    entries
        .into_iter()
        .map(|(name, at)| (name.to_owned(), reader.schema(&at)))
        .collect()
}
