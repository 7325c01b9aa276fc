//! What the API documents: OpenAPI documents read into one [`Contract`], whichever dialect they are written in.
//!
//! Main types: [`Contract`], [`Operation`], [`DocumentedResponse`], [`Schema`]; main functions: [`load()`], [`load_source`], and
//! [`Loader`] for several contracts that share documents.
//!
//! A text becomes a tree (`documents` adds the files it refers to, `overlay` the corrections beside them, `edition` removes what one
//! version of the API does not have). One reader per dialect turns it into operations (`reader`). All schemas are rewritten as JSON
//! Schema 2020-12 (`normalise`) and keep their places, so that every violation can point at the original text.

mod annotation;
mod dialect;
mod nullability;
mod place;
mod reading;

mod overlay;

mod pointer;

mod identifier;
mod metaschema;

mod documents;

mod uri;

mod decimal;
mod depth;
mod format;
mod pattern;

mod template;

mod shape;

mod library;

mod violation;
mod walk;

mod exact;

mod schema;

mod inline;

mod security;

mod encoding;
mod serialise;
mod style;

mod server;

mod example;
mod model;

mod edition;

mod draft;

mod confine;

mod reader;

mod normalise;

mod load;
mod matching;
mod overlaid;
mod request;
mod scheme;

pub(crate) use encoding::essence;
pub use encoding::{FieldFormat, PropertyEncoding, is_json};
pub use example::DocumentedExample;
pub(crate) use format::NUMBER_FORMAT;
pub use inline::SchemaFault;
pub use load::{Loader, load, load_source};
pub use model::{
    Contract, DocumentedHeader, DocumentedMediaType, DocumentedResponse, HeaderFormat, Operation,
    Parameter, RequestBody, StatusKey, UNREACHABLE,
};
pub use nullability::Nullability;
pub(crate) use overlaid::{PlaceInDocument, SchemaNotation, quoted_name};
pub use overlay::{AppliedOverlay, corrected_by};
pub use place::ContractPlace;
pub use reading::Reading;
pub use schema::Schema;
pub use scheme::DeclaredScheme;
pub use security::{Security, SecurityAlternatives, SecurityScheme};
pub use serialise::{bracketed_pairs, nested_fields, styled_fields};
pub use server::{DocumentedServer, ServerAddress, ServerVariable};
pub(crate) use shape::{Keywords, NodeId, Shape, ShapeDispatch, ShapeNode};
pub use style::{ParameterFormat, ParameterLocation, ParameterStyle};
pub use template::MessageTemplate;
pub use violation::Violation;
pub(crate) use walk::{Applying, ValuePath, Visitor};
pub use walk::{NamedSchemaMismatch, Walked};
