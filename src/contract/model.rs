//! The one model every dialect is read into.

use std::sync::{Arc, Mutex};

use http::{Method, StatusCode};

use super::dialect::Dialect;
use super::documents::{DocumentPointer, Documents};
use super::encoding::PropertyEncoding;
use super::example::DocumentedExample;
use super::nullability::Nullability;
use super::overlay::AppliedOverlay;
use super::reading::Reading;
use super::schema::Schema;
use super::security::{Security, SecurityAlternatives};
use super::server::DocumentedServer;
use super::style::{ParameterFormat, ParameterLocation};
use crate::diagnostic::Diagnostic;
use crate::document::Node;
use crate::source::Place;
use crate::version::{Version, Versions};

/// The extension with which a response, parameter or schema states that no case can cover it, and why: a sentence.
pub const UNREACHABLE: &str = "x-counterpart-unreachable";

/// Everything that one OpenAPI document describes.
#[derive(Debug)]
pub struct Contract {
    /// The path or URL it was loaded from, as shown to the user.
    pub name: String,
    pub title: String,
    pub version: String,
    /// Whether overlays are applied.
    pub reading: Reading,
    /// The overlays that were applied, to this document and those it refers to.
    pub overlays: Vec<AppliedOverlay>,
    /// The path of the first server (3.x) or `basePath` (2.0), without a trailing slash: `/rest/default`; `""` when none is stated.
    pub base_path: String,
    /// Those of the whole document; none in Swagger 2.0.
    pub servers: Vec<DocumentedServer>,
    /// In the order of the document.
    pub operations: Vec<Arc<Operation>>,
    /// Operations of which nothing could be read because of a fault: they can be named, not called.
    pub(super) unreadable: Vec<Arc<Operation>>,
    /// The named schemas (`definitions` in 2.0, `components/schemas` in 3.x), in the order of the document.
    pub definitions: Vec<(String, Schema)>,
    pub(super) basis: Basis,
}

/// What a contract was read from; it is read again from this for each version of the API.
#[derive(Debug)]
pub(super) struct Basis {
    pub(super) documents: Arc<Documents>,
    /// By which its schemas are read.
    pub(super) rules: (Dialect, Nullability),
    /// Whether anything in the documents depends on a version.
    pub(super) differ: bool,
    /// The contracts of single versions, read on first use.
    pub(super) editions: Mutex<Vec<(Version, Arc<Contract>)>>,
}

/// One method on one path.
#[derive(Debug)]
pub struct Operation {
    pub(super) contract: Arc<str>,
    pub(super) name: Arc<str>,
    pub method: Method,
    /// The path template as documented, `/V1/customers/{customerId}`, without the base path.
    pub path: String,
    pub operation_id: Option<String>,
    pub summary: Option<String>,
    pub tags: Vec<String>,
    /// Path-level and operation-level parameters; the latter win.
    pub parameters: Vec<Parameter>,
    pub request_body: Option<RequestBody>,
    /// Its own or, if it has none, those of its path; empty: those of the document.
    pub servers: Vec<DocumentedServer>,
    /// In the order of the document.
    pub responses: Vec<DocumentedResponse>,
    pub security: Security,
    /// What [`Security::Protected`] requires; as documented, also where it is [`Security::Open`].
    pub security_alternatives: SecurityAlternatives,
    /// The versions of the API that have it (`x-counterpart-since`, `x-counterpart-until`).
    pub versions: Versions,
    /// The method's key in the document.
    pub place: Place,
    /// JSON pointer of the operation in its document.
    pub pointer: String,
    /// The errors in the documents that touch it: a response cannot be checked reliably. None of them is about more than single
    /// operations.
    pub faults: Vec<Arc<Diagnostic>>,
    pub(super) location: DocumentPointer,
    /// The path item.
    pub(super) path_location: DocumentPointer,
    /// The entry in `paths`, which may refer to the path item.
    pub(super) path_entry: DocumentPointer,
}

#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    pub location: ParameterLocation,
    pub required: bool,
    pub schema: Option<Schema>,
    /// How its values are written.
    pub format: ParameterFormat,
    /// `allowEmptyValue`: an empty text may be sent in place of no value, whatever the schema says.
    pub allow_empty: bool,
    /// In the order of the document.
    pub examples: Vec<DocumentedExample>,
    /// Why no case can send it, where the contract says so (`x-counterpart-unreachable`).
    pub unreachable: Option<String>,
    pub place: Place,
}

#[derive(Debug)]
pub struct RequestBody {
    pub required: bool,
    pub content: Vec<DocumentedMediaType>,
    pub place: Place,
}

/// What the contract documents for one status, a status range, or all other statuses.
#[derive(Debug)]
pub struct DocumentedResponse {
    pub status: StatusKey,
    pub description: String,
    pub headers: Vec<DocumentedHeader>,
    /// Empty: no body is documented.
    pub content: Vec<DocumentedMediaType>,
    /// Why no case can provoke it, where the contract says so (`x-counterpart-unreachable`).
    pub unreachable: Option<String>,
    /// The status key in the document.
    pub place: Place,
    pub pointer: String,
}

/// The key of a response (OpenAPI 3.1, "Responses Object").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusKey {
    Exact(u16),
    /// `4XX`: the first digit.
    Range(u8),
    Default,
}

#[derive(Debug)]
pub struct DocumentedHeader {
    /// As documented; names compare case-insensitively.
    pub name: String,
    pub required: bool,
    pub schema: Option<Schema>,
    pub format: HeaderFormat,
    pub place: Place,
    pub pointer: String,
}

/// How the text of a header represents a value of its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderFormat {
    /// The style `simple`: lists are `1,2`, objects `R=100,G=200` with `explode` and `R,100,G,200` without it (OpenAPI 3.1, "Style
    /// Examples").
    Simple { explode: bool },
    /// Lists with these separators: of the items, then of the items of each item (Swagger 2.0, "Header Object" and "Items Object":
    /// `collectionFormat`).
    Separated(Vec<char>),
    /// A text of this media type (OpenAPI 3.1, "Header Object": `content`).
    Content(String),
}

/// A media type (or range: `application/*`, `*/*`) and the schema of its bodies.
#[derive(Debug)]
pub struct DocumentedMediaType {
    pub media_type: String,
    /// Whether the contract names it. Swagger 2.0 without `produces` names none: `media_type` is then `*/*`, and every Content-Type is
    /// allowed.
    pub is_named: bool,
    pub schema: Option<Schema>,
    /// The schema of each item where bodies are sequences, such as event streams and JSON Lines (OpenAPI 3.2, `itemSchema`).
    pub item_schema: Option<Schema>,
    /// How the fields of a form are written, where the contract says so.
    pub encodings: Vec<PropertyEncoding>,
    /// In the order of the document.
    pub examples: Vec<DocumentedExample>,
    pub place: Place,
    pub pointer: String,
}

impl Contract {
    /// Every file the contract consists of, as shown to the user: its own document, those it refers to, and the overlays applied.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let documents = self.basis.documents.all();
        let overlays = self.overlays.iter().map(|overlay| overlay.name.as_str());
        documents
            .map(|document| document.source.name())
            .chain(overlays)
    }

    /// The value of one of its examples. Of a media type that is not JSON, it is usually a text.
    pub fn example(&self, example: &DocumentedExample) -> serde_json::Value {
        let node = self.basis.documents.node(&example.location);
        node.map_or(serde_json::Value::Null, Node::to_json)
    }

    /// The operation documented for exactly this method and path template.
    pub fn operation(&self, method: &Method, template: &str) -> Option<&Arc<Operation>> {
        let mut known = self.operations.iter().chain(&self.unreadable);
        known.find(|operation| operation.method == *method && operation.path == template)
    }

    /// The operations that a fault in the documents blocks ([`Operation::faults`]).
    pub fn blocked(&self) -> impl Iterator<Item = &Arc<Operation>> {
        let known = self.operations.iter().chain(&self.unreadable);
        known.filter(|operation| !operation.faults.is_empty())
    }
}

impl DocumentedMediaType {
    /// The schema of whole bodies and that of their items.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schema.iter().chain(&self.item_schema)
    }
}

impl Operation {
    /// The name of the contract it belongs to ([`Contract::name`]). With [`Operation::name`] it identifies the operation, also when the
    /// contract is loaded again or read for another version of the API.
    pub fn contract(&self) -> &Arc<str> {
        &self.contract
    }

    /// `GET /V1/customers/{customerId}`: its name in messages and case files.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The declared parameter of this name; names of headers compare case-insensitively.
    pub fn parameter(&self, location: ParameterLocation, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            parameter.location == location
                && match location {
                    ParameterLocation::Header => parameter.name.eq_ignore_ascii_case(name),
                    _ => parameter.name == name,
                }
        })
    }

    /// The parameter of this name in the query, or the one that is the whole query (`querystring`).
    pub fn query_parameter(&self, name: &str) -> Option<&Parameter> {
        let parameter = self.parameter(ParameterLocation::Query, name);
        parameter.or_else(|| self.parameter(ParameterLocation::QueryString, name))
    }

    /// Whether the query parameters of one name with brackets are declared one by one: `filter[status]`, but not `filter`.
    pub fn has_flat_names(&self, name: &str) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|parameter| {
            let below = parameter.name.strip_prefix(name);
            parameter.location == ParameterLocation::Query
                && below.is_some_and(|rest| rest.starts_with('[') && rest != "[]")
        }) && self.parameter(ParameterLocation::Query, name).is_none()
    }

    /// The documented response for a status: the exact code, else its range, else `default` (OpenAPI 3.1, "Responses Object").
    pub fn response(&self, status: StatusCode) -> Option<&DocumentedResponse> {
        let code = status.as_u16();
        let find = |key: StatusKey| {
            self.responses
                .iter()
                .find(|response| response.status == key)
        };
        find(StatusKey::Exact(code))
            .or_else(|| find(StatusKey::Range((code / 100) as u8)))
            .or_else(|| find(StatusKey::Default))
    }
}
