//! The dialects a contract can be written in. Main type: [`Dialect`].

/// What a document declares itself to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Swagger2,
    OpenApi30,
    OpenApi31,
}

impl Dialect {
    /// Whether schemas are plain JSON Schema (3.1), not the dialect's own variant.
    pub(super) fn is_json_schema(self) -> bool {
        self == Dialect::OpenApi31
    }

    /// Where named schemas live.
    pub(super) fn schemas_pointer(self) -> &'static str {
        match self {
            Dialect::Swagger2 => "/definitions",
            Dialect::OpenApi30 | Dialect::OpenApi31 => "/components/schemas",
        }
    }
}
