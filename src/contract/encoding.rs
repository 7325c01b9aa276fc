//! How the fields of a form are written: the `encoding` of a media type (OpenAPI 3.1.1, "Encoding Object"), and what applies where it
//! says nothing.
//!
//! Main types: [`PropertyEncoding`], [`FieldFormat`].

use super::style::ParameterFormat;
use crate::source::Place;

/// The `encoding` of one property.
#[derive(Debug, Clone)]
pub struct PropertyEncoding {
    pub property: String,
    /// As written: one media type, or several and ranges (`image/*`), with commas.
    pub content_type: Option<String>,
    /// Where `style`, `explode` or `allowReserved` is stated: `content_type` is then ignored.
    pub format: Option<ParameterFormat>,
    /// The headers of the part, without `Content-Type`, and whether each is required.
    pub headers: Vec<(String, bool)>,
    pub place: Place,
}

/// How the value of a field is written into a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldFormat {
    /// By a style, or as a text of a media type: stated by the contract.
    Stated(ParameterFormat),
    /// Declared, and nothing stated: a scalar is text, a list repeats the name, a mapping is JSON.
    Declared,
    /// Not declared.
    Unknown,
}

impl FieldFormat {
    /// Whether any value is a JSON text.
    pub fn is_json(&self) -> bool {
        matches!(self, FieldFormat::Stated(format) if format.is_json())
    }
}

impl PropertyEncoding {
    /// The media types that it names, without ranges.
    pub fn media_types(&self) -> Vec<&str> {
        let written = self.content_type.as_deref().unwrap_or_default();
        let types = written.split(',').map(str::trim);
        types
            .filter(|name| !name.is_empty() && !name.contains('*'))
            .collect()
    }
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether bodies of a media type are JSON: `application/json`, `text/json`, or the suffix `+json` (RFC 6839, section 3.1).
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}
