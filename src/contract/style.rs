//! How the value of a parameter becomes text in a request: `style` and `explode` (OpenAPI 3.1.1, "Parameter Object"), `content`, and
//! `collectionFormat` (Swagger 2.0).
//!
//! Main type: [`ParameterFormat`]; `serialise` follows it.

/// Where a parameter is in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterLocation {
    Path,
    Query,
    Header,
    Cookie,
    /// The query as a whole (OpenAPI 3.2, `querystring`).
    QueryString,
    /// Swagger 2.0 `formData`; `body` becomes the request's body.
    Form,
}

/// The notation of a parameter's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterFormat {
    Styled {
        style: ParameterStyle,
        /// Whether each item of a list and each entry of a mapping is written on its own.
        explode: bool,
        /// Whether reserved characters and percent-encoded triples are sent as they are (`allowReserved`).
        reserved: bool,
    },
    /// `content`: a text of this media type.
    Content(String),
}

/// OpenAPI 3.2, "Style Values"; [`TabDelimited`](ParameterStyle::TabDelimited) is the `tsv` of Swagger 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterStyle {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    TabDelimited,
    PipeDelimited,
    DeepObject,
    /// As `form`, without percent-encoding (OpenAPI 3.2).
    Cookie,
}

impl ParameterFormat {
    /// The notation of a parameter in this location for which the contract states none, or which it does not declare.
    pub fn of(location: ParameterLocation) -> Self {
        ParameterFormat::styled(match location {
            ParameterLocation::Path | ParameterLocation::Header => ParameterStyle::Simple,
            ParameterLocation::Query
            | ParameterLocation::QueryString
            | ParameterLocation::Cookie
            | ParameterLocation::Form => ParameterStyle::Form,
        })
    }

    /// A style with the `explode` that applies where none is stated.
    pub fn styled(style: ParameterStyle) -> Self {
        ParameterFormat::Styled {
            style,
            explode: matches!(
                style,
                ParameterStyle::Form | ParameterStyle::Cookie | ParameterStyle::DeepObject
            ),
            reserved: false,
        }
    }

    /// The media type of `content`.
    pub fn media_type(&self) -> Option<&str> {
        match self {
            ParameterFormat::Content(media_type) => Some(media_type),
            ParameterFormat::Styled { .. } => None,
        }
    }

    /// Whether values are JSON texts.
    pub fn is_json(&self) -> bool {
        let ParameterFormat::Content(media_type) = self else {
            return false;
        };
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        essence == "application/json" || essence.ends_with("+json")
    }

    /// Whether the entries of a mapping become parameters of their own names.
    pub fn spreads_mappings(&self) -> bool {
        matches!(
            self,
            ParameterFormat::Styled {
                style: ParameterStyle::Form | ParameterStyle::Cookie,
                explode: true,
                ..
            }
        )
    }
}
