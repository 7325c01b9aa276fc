//! The media type of the response: JSON or XML. Main function: [`accepted_format`].

/// The format that an `Accept` header selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedFormat {
    Json,
    Xml,
    /// Neither: Magento fails with an HTML page, because its error handler is not installed yet.
    Neither,
}

/// Reads an `Accept` header. Weights order the types, but 0 does not exclude a type. What is not in the form of a type is skipped; if nothing
/// remains, as without the header, it selects JSON.
pub fn accepted_format(accept: Option<&str>) -> AcceptedFormat {
    let ranges = accept.unwrap_or_default().split(',').map(media_range);
    let mut types: Vec<(&str, f32)> = ranges.filter(|(kind, _)| is_media_type(kind)).collect();
    if types.is_empty() {
        return AcceptedFormat::Json;
    }
    // A stable sort keeps the order of types with the same weight.
    types.sort_by(|a, b| b.1.total_cmp(&a.1));
    types
        .into_iter()
        .find_map(|(kind, _)| renderer(kind))
        .unwrap_or(AcceptedFormat::Neither)
}

fn media_range(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let weight = parts
        .find_map(|parameter| parameter.strip_prefix("q="))
        .and_then(|weight| weight.parse().ok())
        .unwrap_or(1.0);
    (kind, weight)
}

/// Letters, digits and `*+-`, then the same and `.` after a slash, which may be absent.
fn is_media_type(kind: &str) -> bool {
    let is_made_of = |text: &str, others: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    match kind.split_once('/') {
        Some((kind, subtype)) => is_made_of(kind, "*+-") && is_made_of(subtype, "*+-."),
        None => is_made_of(kind, "*+-"),
    }
}

fn renderer(kind: &str) -> Option<AcceptedFormat> {
    match kind {
        "*/*" | "application/json" | "application/*" => Some(AcceptedFormat::Json),
        "application/xml" | "application/xhtml+xml" | "text/xml" | "text/*" => {
            Some(AcceptedFormat::Xml)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        for (accept, expected) in [
            (None, AcceptedFormat::Json),
            (Some(""), AcceptedFormat::Json),
            (Some("*/*"), AcceptedFormat::Json),
            (Some("application/*"), AcceptedFormat::Json),
            (
                Some("application/json; charset=utf-8"),
                AcceptedFormat::Json,
            ),
            (Some("application/json;q=0"), AcceptedFormat::Json),
            (Some("text/html"), AcceptedFormat::Neither),
            (Some("image/png"), AcceptedFormat::Neither),
            (Some("text/csv"), AcceptedFormat::Neither),
            (Some("application/hal+json"), AcceptedFormat::Neither),
            (Some("APPLICATION/JSON"), AcceptedFormat::Neither),
            (Some("json"), AcceptedFormat::Neither),
            (Some("///"), AcceptedFormat::Json),
            (Some("application/"), AcceptedFormat::Json),
            (Some("///, text/csv"), AcceptedFormat::Neither),
            (Some("*/*;q=0"), AcceptedFormat::Json),
            (Some("text/xml"), AcceptedFormat::Xml),
            (
                Some("application/json;q=0.5,application/xml;q=0.9"),
                AcceptedFormat::Xml,
            ),
            (
                Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
                AcceptedFormat::Xml,
            ),
        ] {
            assert_eq!(accepted_format(accept), expected, "{accept:?}");
        }
    }
}
