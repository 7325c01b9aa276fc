//! What a request sends as its body: [`Body`], the parts of a multipart body ([`PartValue`]), and the media type of each where the step
//! names none.

use std::fmt;

use bytes::Bytes;

use super::Template;
use crate::contract::{Operation, essence};

/// What is sent, and with which media type (`None`: no Content-Type header).
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum Body {
    Json {
        value: Template,
        content_type: Option<String>,
    },
    Text {
        text: Template,
        content_type: Option<String>,
    },
    Form {
        fields: Vec<(String, Template)>,
        content_type: Option<String>,
    },
    /// The parts by name, in order (RFC 7578).
    Multipart {
        parts: Vec<(String, PartValue)>,
        content_type: Option<String>,
    },
    /// The bytes of a file.
    File {
        file: SentFile,
        content_type: Option<String>,
    },
    /// The bytes that a text means (RFC 4648, section 4).
    Base64 {
        text: Template,
        content_type: Option<String>,
    },
    /// A list of JSON values, each on a line of its own, or, as `application/json-seq`, after a record separator (RFC 7464).
    JsonLines {
        items: Template,
        content_type: Option<String>,
    },
}

/// What is sent under one name of a multipart body.
#[derive(Debug, PartialEq)]
pub enum PartValue {
    /// Written as the contract's `encoding` says.
    Value(Template),
    /// One part as it is.
    Content(PartContent),
    /// Several parts of the same name.
    List(Vec<PartValue>),
}

/// A part of which the case states more than a value.
#[derive(Debug, PartialEq)]
pub struct PartContent {
    pub data: PartData,
    /// `None`: none.
    pub filename: Option<Template>,
    /// `None`: as the contract says, else by the name of the file.
    pub content_type: Option<String>,
    /// Further headers of the part.
    pub headers: Vec<(String, Template)>,
}

/// The bytes of a part.
#[derive(Debug, PartialEq)]
pub enum PartData {
    File(SentFile),
    Base64(Template),
    Text(Template),
}

/// A file beside a case file, read when the case is.
#[derive(Clone, PartialEq, Eq)]
pub struct SentFile {
    /// As written: relative to the case file.
    pub path: String,
    pub bytes: Bytes,
}

impl fmt::Debug for SentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SentFile({}, {} bytes)", self.path, self.bytes.len())
    }
}

impl SentFile {
    /// The last segment of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The media type that its name suggests; `None` where it suggests none.
    pub fn media_type(&self) -> Option<&'static str> {
        let (_, extension) = self.name().rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        let known = EXTENSIONS.iter().find(|(known, _)| *known == extension);
        known.map(|(_, media_type)| *media_type)
    }
}

/// Media types of the files that are uploaded most, by extension (IANA, "Media Types").
const EXTENSIONS: [(&str, &str); 26] = [
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("md", "text/markdown"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("ndjson", "application/x-ndjson"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("txt", "text/plain"),
    ("wasm", "application/wasm"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("zip", "application/zip"),
];

/// The media type of bytes of which nothing is known.
pub(crate) const BYTES: &str = "application/octet-stream";

/// The media type of URL-encoded forms.
pub(crate) const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// A kind of body, without its contents.
#[derive(Debug, Clone, Copy)]
pub(super) enum BodyKind<'b> {
    Json,
    Text,
    Form,
    Multipart,
    File(&'b SentFile),
    Base64,
    JsonLines,
}

impl Body {
    /// The media type that is sent; `None`: none.
    pub fn content_type(&self) -> Option<&str> {
        match self {
            Body::Json { content_type, .. }
            | Body::Text { content_type, .. }
            | Body::Form { content_type, .. }
            | Body::Multipart { content_type, .. }
            | Body::File { content_type, .. }
            | Body::Base64 { content_type, .. }
            | Body::JsonLines { content_type, .. } => content_type.as_deref(),
        }
    }

    pub(super) fn kind(&self) -> BodyKind<'_> {
        match self {
            Body::Json { .. } => BodyKind::Json,
            Body::Text { .. } => BodyKind::Text,
            Body::Form { .. } => BodyKind::Form,
            Body::Multipart { .. } => BodyKind::Multipart,
            Body::File { file, .. } => BodyKind::File(file),
            Body::Base64 { .. } => BodyKind::Base64,
            Body::JsonLines { .. } => BodyKind::JsonLines,
        }
    }

    /// All templates in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Body::Json { value: one, .. }
            | Body::Text { text: one, .. }
            | Body::Base64 { text: one, .. }
            | Body::JsonLines { items: one, .. } => vec![one],
            Body::Form { fields, .. } => fields.iter().map(|(_, value)| value).collect(),
            Body::Multipart { parts, .. } => {
                let parts = parts.iter().flat_map(|(_, part)| part.contents());
                parts.flat_map(PartValue::templates).collect()
            }
            Body::File { .. } => Vec::new(),
        }
    }
}

impl Body {
    /// The files whose bytes it sends.
    pub fn files(&self) -> Vec<&SentFile> {
        match self {
            Body::File { file, .. } => vec![file],
            Body::Multipart { parts, .. } => {
                let parts = parts.iter().flat_map(|(_, part)| part.contents());
                parts.filter_map(PartValue::file).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl PartValue {
    fn file(&self) -> Option<&SentFile> {
        match self {
            PartValue::Content(PartContent {
                data: PartData::File(file),
                ..
            }) => Some(file),
            _ => None,
        }
    }

    /// The parts of a list; else itself.
    pub(crate) fn contents(&self) -> &[PartValue] {
        match self {
            PartValue::List(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }

    fn templates(&self) -> Vec<&Template> {
        match self {
            PartValue::Value(value) => vec![value],
            PartValue::Content(content) => {
                let data = match &content.data {
                    PartData::File(_) => None,
                    PartData::Base64(text) | PartData::Text(text) => Some(text),
                };
                let headers = content.headers.iter().map(|(_, value)| value);
                data.into_iter()
                    .chain(&content.filename)
                    .chain(headers)
                    .collect()
            }
            PartValue::List(parts) => parts.iter().flat_map(PartValue::templates).collect(),
        }
    }
}

impl BodyKind<'_> {
    /// The media type that is sent where the step names none: the only one of this kind that the operation documents, else the usual one.
    pub(super) fn default_content_type(self, operation: Option<&Operation>) -> String {
        let documented = operation.and_then(|operation| operation.request_body.as_ref());
        let documented: Vec<&str> = documented
            .iter()
            .flat_map(|body| &body.content)
            .filter(|media| media.is_named && !media.media_type.contains('*'))
            .map(|media| media.media_type.as_str())
            .filter(|media_type| self.may_be(&essence(media_type)))
            .collect();
        let usual = match self {
            BodyKind::Json | BodyKind::Text => "application/json",
            BodyKind::Form => URL_ENCODED,
            BodyKind::Multipart => "multipart/form-data",
            BodyKind::File(file) => file.media_type().unwrap_or(BYTES),
            BodyKind::Base64 => BYTES,
            BodyKind::JsonLines => "application/x-ndjson",
        };
        match documented[..] {
            [only] => only,
            _ => usual,
        }
        .to_owned()
    }

    /// Whether a body of this kind can have a media type.
    fn may_be(self, essence: &str) -> bool {
        let is_multipart = essence.starts_with("multipart/");
        match self {
            BodyKind::Json => essence == "application/json" || essence.ends_with("+json"),
            BodyKind::Text | BodyKind::File(_) | BodyKind::Base64 => {
                !is_multipart && essence != URL_ENCODED
            }
            BodyKind::Form => essence == URL_ENCODED,
            BodyKind::Multipart => is_multipart,
            BodyKind::JsonLines => ["ndjson", "jsonl", "json-seq"]
                .iter()
                .any(|name| essence.ends_with(name)),
        }
    }
}
