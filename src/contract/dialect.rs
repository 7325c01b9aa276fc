//! The dialects a contract can be written in. Main type: [`Dialect`].

/// What a document declares itself to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Swagger2,
    OpenApi30,
    OpenApi31,
    OpenApi32,
}

impl Dialect {
    /// Whether schemas are plain JSON Schema (since 3.1), not the dialect's own variant.
    pub(super) fn is_json_schema(self) -> bool {
        matches!(self, Dialect::OpenApi31 | Dialect::OpenApi32)
    }

    /// Whether `paths` and the `responses` of an operation may be absent (since 3.1).
    pub(super) fn may_omit_paths(self) -> bool {
        self.is_json_schema()
    }

    /// Whether a path item may have operations of any method (since 3.2).
    pub(super) fn has_any_method(self) -> bool {
        self == Dialect::OpenApi32
    }

    /// Where named schemas live.
    pub(super) fn schemas_pointer(self) -> &'static str {
        match self {
            Dialect::Swagger2 => "/definitions",
            Dialect::OpenApi30 | Dialect::OpenApi31 | Dialect::OpenApi32 => "/components/schemas",
        }
    }
}
