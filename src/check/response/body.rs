//! What a response body contains. Main type: [`ResponseBody`].

use http::{Method, StatusCode};
use serde_json::Value;

use super::content::Declared;
use crate::check::excerpt::short_text;
use crate::document::{Duplicate, JsonFaultKind, parse_json, parse_plain_json};
use crate::exchange::{Exchange, Transfer};
use crate::finding::Code;
use crate::xml::{self, XmlDocument, XmlFault};

/// What a response body contains.
#[derive(Debug)]
pub(in crate::check) enum ResponseBody {
    /// No bytes.
    Empty,
    /// JSON, with or without a JSON Content-Type.
    Json {
        value: Value,
        duplicates: Vec<Duplicate>,
    },
    /// XML, and declared as XML.
    Xml(XmlDocument),
    /// Neither JSON nor XML, and not declared as either.
    Other,
    /// Cut short, or not what its Content-Type says.
    Broken(BodyFault),
    /// JSON or XML nested deeper than this limit; it was not read further.
    TooDeep { format: &'static str, limit: usize },
}

/// Why a body is broken: [`Code::BodyTruncated`] or [`Code::BodyUnparsable`].
#[derive(Debug)]
pub(in crate::check) struct BodyFault {
    pub(in crate::check) code: Code,
    pub(in crate::check) message: String,
    pub(in crate::check) expected: &'static str,
    pub(in crate::check) actual: String,
}

impl ResponseBody {
    /// Reads a body as XML if its Content-Type says so; as JSON if its Content-Type says so or is missing, or if it begins like an object or array.
    pub(in crate::check) fn read(exchange: &Exchange, declared: &Declared, depth: usize) -> Self {
        let response = &exchange.response;
        let bytes = response.body.as_ref();
        if let Transfer::CutShort(how) = &response.transfer {
            return ResponseBody::Broken(BodyFault {
                code: Code::BodyTruncated,
                message: format!("the body was cut short after {} bytes: {how}", bytes.len()),
                expected: "the whole body",
                actual: around(bytes, bytes.len()),
            });
        }
        if bytes.is_empty() {
            return ResponseBody::Empty;
        }
        // HTTP allows no body here, so there is no media type to check against.
        if !may_have_body(&exchange.request.method, response.status) {
            return ResponseBody::Other;
        }
        if declared.is_xml() {
            return as_xml(bytes, declared, depth);
        }
        let says_json = declared.is_json();
        let looks_like_json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
        if !says_json && !looks_like_json && !matches!(declared, Declared::Missing) {
            return as_text(bytes, declared);
        }
        if let Some(value) = parse_plain_json(bytes, depth) {
            return ResponseBody::Json {
                value,
                duplicates: Vec::new(),
            };
        }
        match parse_json(bytes, depth) {
            Ok((node, duplicates)) => ResponseBody::Json {
                value: node.into_json(),
                duplicates,
            },
            Err(fault)
                if fault.kind == JsonFaultKind::TooDeep
                    && (says_json || matches!(declared, Declared::Missing)) =>
            {
                ResponseBody::TooDeep {
                    format: "JSON",
                    limit: depth,
                }
            }
            Err(_) if !says_json => as_text(bytes, declared),
            Err(fault) if fault.kind == JsonFaultKind::Truncated => {
                ResponseBody::Broken(BodyFault {
                    code: Code::BodyTruncated,
                    message: format!(
                        "the JSON body ends in the middle, after {} bytes: {}",
                        bytes.len(),
                        fault.message
                    ),
                    expected: "a complete JSON text",
                    actual: around(bytes, fault.at),
                })
            }
            Err(fault) => {
                let reason = if bytes.starts_with(b"\xef\xbb\xbf") {
                    "it begins with a byte order mark"
                } else {
                    &fault.message
                };
                ResponseBody::Broken(BodyFault {
                    code: Code::BodyUnparsable,
                    message: format!("the body is not valid JSON: {reason} (byte {})", fault.at),
                    expected: "JSON in UTF-8",
                    actual: around(bytes, fault.at),
                })
            }
        }
    }
}

/// XML in the encoding that it states.
fn as_xml(bytes: &[u8], declared: &Declared, depth: usize) -> ResponseBody {
    let unparsable = |message: String, expected: &'static str, actual: String| {
        ResponseBody::Broken(BodyFault {
            code: Code::BodyUnparsable,
            message,
            expected,
            actual,
        })
    };
    let text = match xml::decoded(bytes, declared.charset().as_deref()) {
        Ok(text) => text,
        Err(encoding) => {
            let message = format!("the XML body is not text in the encoding {encoding}");
            return unparsable(message, "text in the stated encoding", around(bytes, 0));
        }
    };
    match XmlDocument::parse(&text, depth) {
        Ok(document) => ResponseBody::Xml(document),
        Err(XmlFault::TooDeep) => ResponseBody::TooDeep {
            format: "XML",
            limit: depth,
        },
        Err(XmlFault::Entities) => unparsable(
            "the XML body uses entities of a document type, which are not expanded".to_owned(),
            "XML without entities of its own",
            around(text.as_bytes(), text.find("<!DOCTYPE").unwrap_or(0)),
        ),
        Err(XmlFault::Truncated) => ResponseBody::Broken(BodyFault {
            code: Code::BodyTruncated,
            message: format!(
                "the XML body ends in the middle, after {} bytes",
                bytes.len()
            ),
            expected: "a complete XML document",
            actual: around(bytes, bytes.len()),
        }),
        Err(XmlFault::Malformed { message, at }) => unparsable(
            format!("the body is not well-formed XML: {message}"),
            "well-formed XML",
            around(text.as_bytes(), at),
        ),
    }
}

/// Text that is declared as UTF-8 must be UTF-8. Anything else is accepted as it is.
fn as_text(bytes: &[u8], declared: &Declared) -> ResponseBody {
    let says_utf8 = declared.is_text() && declared.charset().as_deref() == Some("utf-8");
    match std::str::from_utf8(bytes) {
        Err(error) if says_utf8 => ResponseBody::Broken(BodyFault {
            code: Code::BodyUnparsable,
            message: format!(
                "the body is not valid UTF-8, although its Content-Type declares it (byte {})",
                error.valid_up_to()
            ),
            expected: "UTF-8",
            actual: around(bytes, error.valid_up_to()),
        }),
        _ => ResponseBody::Other,
    }
}

/// The text around a byte: up to 40 bytes on each side.
pub(in crate::check) fn around(bytes: &[u8], at: usize) -> String {
    let at = at.min(bytes.len());
    let start = at.saturating_sub(40);
    let end = bytes.len().min(at + 40);
    let before = if start > 0 { "…" } else { "" };
    let after = if end < bytes.len() { "…" } else { "" };
    let text = String::from_utf8_lossy(&bytes[start..end]);
    short_text(&format!("{before}{text}{after}"))
}

/// Whether a response with this status to this method may have a body (RFC 9110, 6.4.1, 9.3.2, 15.3.5, 15.3.6, 15.4.5).
pub(super) fn may_have_body(method: &Method, status: StatusCode) -> bool {
    let never = [
        StatusCode::NO_CONTENT,
        StatusCode::RESET_CONTENT,
        StatusCode::NOT_MODIFIED,
    ];
    *method != Method::HEAD && !status.is_informational() && !never.contains(&status)
}
