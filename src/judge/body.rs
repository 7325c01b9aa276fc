//! Bodies as text for reports. Main function: [`shown`].

use std::borrow::Cow;

use bytes::Bytes;

use crate::contract::essence;
use crate::hash::sha256;
use crate::multipart;

/// The text of a body. What is not text (a file, a part of a multipart body) is replaced by its size and its SHA-256.
pub(super) fn shown<'b>(content_type: Option<&[u8]>, body: &'b Bytes) -> Cow<'b, str> {
    if let Ok(text) = std::str::from_utf8(body)
        && !text.contains('\0')
    {
        return Cow::Borrowed(text);
    }
    let content_type = content_type.and_then(|value| std::str::from_utf8(value).ok());
    let named = content_type.unwrap_or_default();
    if let Some(boundary) = multipart::boundary_of(named)
        && let Some(mut parts) = multipart::read(Some(named.as_bytes()), body)
    {
        for part in &mut parts {
            if part.as_text().is_none() {
                part.content = Bytes::from(summary(&part.content));
            }
        }
        let text = multipart::write(&parts, &boundary);
        return Cow::Owned(String::from_utf8_lossy(&text).into_owned());
    }
    match is_text(&essence(named)) {
        true => String::from_utf8_lossy(body),
        false => Cow::Owned(summary(body)),
    }
}

fn summary(bytes: &[u8]) -> String {
    format!("[{} bytes, SHA-256 {}]", bytes.len(), sha256(bytes))
}

/// Whether bodies of a media type are text, of which a wrong byte is worth seeing among the others.
fn is_text(essence: &str) -> bool {
    let kinds = ["json", "xml", "javascript", "x-www-form-urlencoded", "yaml"];
    essence.starts_with("text/") || kinds.iter().any(|kind| essence.ends_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '\x89PNG\0' | sha256sum`
    const HASH: &str = "ad91235e882292469812e16da0b8fc77075a7c6d6f8760c24be14a5c792508cf";

    #[test]
    fn what_is_not_text_is_summed_up() {
        let png = Bytes::from_static(b"\x89PNG\0");
        let summary = format!("[5 bytes, SHA-256 {HASH}]");
        assert_eq!(shown(Some(b"image/png"), &png), summary);
        assert_eq!(shown(None, &png), summary);
        assert_eq!(
            shown(Some(b"image/svg+xml"), &Bytes::from_static(b"<svg/>")),
            "<svg/>"
        );
        assert_eq!(
            shown(Some(b"text/plain"), &Bytes::from_static(b"a\xff")),
            "a\u{fffd}"
        );
        let body = Bytes::from_static(
            b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
              --X\r\nContent-Disposition: form-data; name=\"b\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\0\r\n--X--\r\n",
        );
        assert_eq!(
            shown(Some(b"multipart/form-data; boundary=X"), &body),
            format!(
                "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                 --X\r\nContent-Disposition: form-data; name=\"b\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n{summary}\r\n--X--\r\n"
            )
        );
    }
}
