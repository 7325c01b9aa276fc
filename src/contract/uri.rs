//! The private URIs by which the validation engine identifies our documents and locations in them.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::documents::{DocumentPointer, FileId};

/// Everything that RFC 3986 does not allow in a fragment, and `%`.
const FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The private URI of a document.
pub(super) fn document_uri(file: FileId) -> String {
    format!("contract:/{file}")
}

/// The private URI of a pointer in a document.
pub(super) fn uri(file: FileId, pointer: &str) -> String {
    format!(
        "{}#{}",
        document_uri(file),
        utf8_percent_encode(pointer, FRAGMENT)
    )
}

/// The location that a rewritten `$ref` (or an engine's keyword location) names; `from` is where it is written.
pub(super) fn target_of(reference: &str, from: &DocumentPointer) -> Option<DocumentPointer> {
    let (document, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let file: FileId = match document {
        "" => from.file,
        document => document.strip_prefix("contract:/")?.parse().ok()?,
    };
    let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
    Some(DocumentPointer::new(file, pointer))
}
