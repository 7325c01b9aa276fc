//! What a response declares its body to be (RFC 9110, 8.3 and 12.5.1). Main type: [`Declared`].

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use mime::Mime;

use crate::contract::DocumentedMediaType;

/// What the Content-Type header says.
#[derive(Debug)]
pub(in crate::check) enum Declared {
    Missing,
    /// Not a media type, or several that differ; the value as received.
    Unreadable(String),
    Media(Mime),
}

impl Declared {
    pub(in crate::check) fn of(headers: &HeaderMap) -> Self {
        let mut values: Vec<String> = headers
            .get_all(CONTENT_TYPE)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        values.dedup();
        match values.as_slice() {
            [] => Declared::Missing,
            [value] => {
                parse(value).map_or_else(|| Declared::Unreadable(value.clone()), Declared::Media)
            }
            several => Declared::Unreadable(several.join(", ")),
        }
    }

    /// `application/json`, `text/json`, or the suffix `+json` (RFC 6839, 3.1).
    pub(in crate::check) fn is_json(&self) -> bool {
        matches!(self, Declared::Media(media) if is_json(media))
    }

    /// `application/xml`, `text/xml`, or the suffix `+xml` (RFC 7303).
    pub(in crate::check) fn is_xml(&self) -> bool {
        matches!(self, Declared::Media(media) if is_xml(media))
    }

    /// `text/…`
    pub(in crate::check) fn is_text(&self) -> bool {
        matches!(self, Declared::Media(media) if media.type_() == mime::TEXT)
    }

    pub(in crate::check) fn is_latin1(&self) -> bool {
        self.charset()
            .is_some_and(|name| ["iso-8859-1", "latin1"].contains(&name.as_str()))
    }

    /// The `charset` parameter in lower case.
    pub(in crate::check) fn charset(&self) -> Option<String> {
        match self {
            Declared::Media(media) => media
                .get_param(mime::CHARSET)
                .map(|name| name.as_str().to_ascii_lowercase()),
            _ => None,
        }
    }

    /// The documented media type that covers this one: the most specific, and the first of equally specific ones. Without a
    /// declared type, documented JSON is assumed (RFC 9110, 8.3, allows the recipient to do so), or the contract names none either.
    pub(in crate::check) fn among<'p>(
        &self,
        documented: &'p [DocumentedMediaType],
    ) -> Option<&'p DocumentedMediaType> {
        match self {
            Declared::Missing => documented.iter().find(|media_type| {
                !media_type.is_named
                    || parse(&media_type.media_type).is_some_and(|media| is_json(&media))
            }),
            Declared::Unreadable(_) => None,
            Declared::Media(media) => documented
                .iter()
                .filter_map(|media_type| {
                    Some((nearness(&media_type.media_type, media)?, media_type))
                })
                .reduce(|best, next| if next.0 > best.0 { next } else { best })
                .map(|(_, media_type)| media_type),
        }
    }
}

/// What is documented for the media type that a message's headers declare (see [`Declared::among`]).
pub(crate) fn documented_for<'p>(
    headers: &HeaderMap,
    documented: &'p [DocumentedMediaType],
) -> Option<&'p DocumentedMediaType> {
    Declared::of(headers).among(documented)
}

/// Whether a body of a documented media type, or range, may be JSON.
pub(crate) fn may_be_json(documented: &str) -> bool {
    let range = ["*/*", "application/*"];
    parse(documented).is_none_or(|media| is_json(&media) || range.contains(&media.essence_str()))
}

/// Whether a documented media type, not a range, is one of JSON.
pub(in crate::check) fn is_json_type(documented: &str) -> bool {
    parse(documented).is_some_and(|media| is_json(&media))
}

/// Whether a documented media type, not a range, is one of XML.
pub(in crate::check) fn is_xml_type(documented: &str) -> bool {
    parse(documented).is_some_and(|media| is_xml(&media))
}

/// Whether a documented media type is `text/…`.
pub(in crate::check) fn is_text_type(documented: &str) -> bool {
    parse(documented).is_some_and(|media| media.type_() == mime::TEXT)
}

fn is_json(media: &Mime) -> bool {
    media.subtype() == mime::JSON && [mime::APPLICATION, mime::TEXT].contains(&media.type_())
        || media.suffix() == Some(mime::JSON)
}

fn is_xml(media: &Mime) -> bool {
    media.subtype() == mime::XML && [mime::APPLICATION, mime::TEXT].contains(&media.type_())
        || media.suffix() == Some(mime::XML)
}

/// A media type. Empty parameters (`application/json;`) are legal (RFC 9110, 5.6.6) and dropped.
fn parse(text: &str) -> Option<Mime> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let parts = text.split(';').map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("; ").parse().ok()
    })
}

/// How specifically a documented media type or range covers the received one; `None`: not at all. Types, subtypes and suffixes
/// are compared as a whole, `charset` never, other parameters only to choose among documented types of the same name.
fn nearness(documented: &str, received: &Mime) -> Option<usize> {
    let documented = parse(documented)?;
    if documented.essence_str() == received.essence_str() {
        let parameters: Vec<_> = documented
            .params()
            .filter(|(name, _)| *name != mime::CHARSET)
            .collect();
        let is_received = |(name, value): &(mime::Name<'_>, mime::Name<'_>)| {
            received.get_param(name.as_str()) == Some(*value)
        };
        return Some(if parameters.iter().all(is_received) {
            3 + parameters.len()
        } else {
            2
        });
    }
    if documented.subtype() != mime::STAR {
        return None;
    }
    if documented.type_() == mime::STAR {
        return Some(0);
    }
    (documented.type_() == received.type_()).then_some(1)
}
