//! The notation of a parameter's values, as each dialect states it. Main functions: [`openapi3`], [`swagger2`].

use super::{Dialect, DialectReader, LocatedNode};
use crate::contract::style::{ParameterFormat, ParameterLocation, ParameterStyle};
use crate::diagnostic::Diagnostic;

/// The styles of OpenAPI 3.2, and where each is allowed ("Style Values").
const STYLES: [(&str, ParameterStyle, &[ParameterLocation]); 8] = [
    ("matrix", ParameterStyle::Matrix, &[ParameterLocation::Path]),
    ("label", ParameterStyle::Label, &[ParameterLocation::Path]),
    (
        "simple",
        ParameterStyle::Simple,
        &[ParameterLocation::Path, ParameterLocation::Header],
    ),
    (
        "form",
        ParameterStyle::Form,
        &[ParameterLocation::Query, ParameterLocation::Cookie],
    ),
    (
        "spaceDelimited",
        ParameterStyle::SpaceDelimited,
        &[ParameterLocation::Query],
    ),
    (
        "pipeDelimited",
        ParameterStyle::PipeDelimited,
        &[ParameterLocation::Query],
    ),
    (
        "deepObject",
        ParameterStyle::DeepObject,
        &[ParameterLocation::Query],
    ),
    (
        "cookie",
        ParameterStyle::Cookie,
        &[ParameterLocation::Cookie],
    ),
];

/// `collectionFormat` of Swagger 2.0 ("Parameter Object").
const COLLECTION_FORMATS: [&str; 5] = ["csv", "ssv", "tsv", "pipes", "multi"];

/// `style`, `explode` and `allowReserved` (which paths have since OpenAPI 3.2), or the media type of `content`. A style that is unknown or not allowed there is a
/// diagnostic, and the location's own applies.
pub(super) fn openapi3<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    location: ParameterLocation,
) -> ParameterFormat {
    if reader.child(at, "schema").is_none()
        && let Some(media_type) = content_type(reader, at)
    {
        return ParameterFormat::Content(media_type);
    }
    let format = match style(reader, at, location) {
        Some(style) => ParameterFormat::styled(style),
        None => ParameterFormat::of(location),
    };
    let ParameterFormat::Styled { style, explode, .. } = format else {
        return format;
    };
    ParameterFormat::Styled {
        style,
        explode: flag(reader, at, "explode").unwrap_or(explode),
        reserved: flag(reader, at, "allowReserved") == Some(true)
            && match location {
                ParameterLocation::Query => true,
                ParameterLocation::Path => reader.dialect == Dialect::OpenApi32,
                _ => false,
            },
    }
}

/// `allowEmptyValue`, which only queries have, and forms in Swagger 2.0.
pub(super) fn allows_empty<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    location: ParameterLocation,
) -> bool {
    flag(reader, at, "allowEmptyValue") == Some(true)
        && matches!(location, ParameterLocation::Query | ParameterLocation::Form)
}

/// `collectionFormat`, which only lists have. A format that is unknown or not allowed there is a diagnostic, and `csv` applies.
pub(super) fn swagger2<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    location: ParameterLocation,
) -> ParameterFormat {
    let default = ParameterFormat::of(location);
    let kind = at.node.get("type").and_then(|node| node.as_str());
    if kind != Some("array") {
        return default;
    }
    let written = at.node.get("collectionFormat");
    let written = written.map(|node| node.as_str().unwrap_or("(not a text)"));
    let repeats = matches!(location, ParameterLocation::Query | ParameterLocation::Form);
    let style = match written {
        None | Some("csv") => comma(location),
        Some("ssv") => ParameterStyle::SpaceDelimited,
        Some("tsv") => ParameterStyle::TabDelimited,
        Some("pipes") => ParameterStyle::PipeDelimited,
        Some("multi") if repeats => return default,
        Some(other) => {
            let message = match other {
                "multi" => "`multi` is only for parameters in a query or a form".to_owned(),
                other => format!("unknown collection format `{other}`"),
            };
            report(reader, at, "collectionFormat", message, &COLLECTION_FORMATS);
            comma(location)
        }
    };
    ParameterFormat::Styled {
        style,
        explode: false,
        reserved: false,
    }
}

/// The style that writes a list as one text with commas.
fn comma(location: ParameterLocation) -> ParameterStyle {
    match location {
        ParameterLocation::Path | ParameterLocation::Header => ParameterStyle::Simple,
        ParameterLocation::Query
        | ParameterLocation::QueryString
        | ParameterLocation::Cookie
        | ParameterLocation::Form => ParameterStyle::Form,
    }
}

/// The name of the one entry of `content`.
fn content_type<'n>(reader: &mut DialectReader<'n, '_>, at: &LocatedNode<'n>) -> Option<String> {
    let content = reader.child(at, "content")?;
    let (media_type, _) = content.node.as_mapping()?.first()?;
    Some(media_type.clone())
}

fn style<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    location: ParameterLocation,
) -> Option<ParameterStyle> {
    let written = at.node.get("style")?;
    let written = written.as_str().unwrap_or("(not a text)");
    let allowed = |locations: &[ParameterLocation]| locations.contains(&location);
    let known = STYLES.iter().find(|(name, ..)| *name == written);
    if let Some((_, style, locations)) = known
        && allowed(locations)
    {
        return Some(*style);
    }
    let message = match known {
        Some(_) => format!("the style `{written}` is not allowed in this location"),
        None => format!("unknown style `{written}`"),
    };
    let names: Vec<&str> = STYLES
        .iter()
        .filter(|(.., locations)| allowed(locations))
        .map(|(name, ..)| *name)
        .collect();
    report(reader, at, "style", message, &names);
    None
}

/// The boolean under `key`. Anything else is a warning: a request can still be written.
fn flag<'n>(reader: &mut DialectReader<'n, '_>, at: &LocatedNode<'n>, key: &str) -> Option<bool> {
    let node = at.node.get(key)?;
    if node.as_bool().is_none() {
        let message = format!("`{key}` must be true or false, not {}", node.kind());
        report(reader, at, key, message, &["true", "false"]);
    }
    node.as_bool()
}

fn report<'n>(
    reader: &mut DialectReader<'n, '_>,
    at: &LocatedNode<'n>,
    key: &str,
    message: String,
    names: &[&str],
) {
    let field = reader.child(at, key).unwrap_or_else(|| at.clone());
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let diagnostic = Diagnostic::warning("invalid-style", message, reader.place(&field));
    reader.diagnostics.push(diagnostic.with_advice(format!(
        "allowed here: {}; until then the default applies",
        names.join(", ")
    )));
}
