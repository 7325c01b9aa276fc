//! The dialects a contract can be written in. Main type: [`Dialect`].

use std::fmt;

/// What a document declares itself to be; the older ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    Swagger2,
    OpenApi30,
    OpenApi31,
    OpenApi32,
}

/// As people call it: `OpenAPI 3.1`.
impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dialect::Swagger2 => "Swagger 2.0",
            Dialect::OpenApi30 => "OpenAPI 3.0",
            Dialect::OpenApi31 => "OpenAPI 3.1",
            Dialect::OpenApi32 => "OpenAPI 3.2",
        })
    }
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
