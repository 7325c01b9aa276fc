//! Bodies of several parts (RFC 2046, section 5.1; RFC 7578), written and read. Main type: [`FormPart`].

use bytes::Bytes;

use crate::hash::sha256;

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPart {
    /// The field's name; empty in a received part that has none.
    pub name: String,
    pub filename: Option<String>,
    /// `None`: text in the default of RFC 7578, section 4.4, `text/plain`.
    pub content_type: Option<String>,
    /// Other headers than the two above.
    pub headers: Vec<(String, String)>,
    pub content: Bytes,
}

impl FormPart {
    /// A field without a file name, content type and headers.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        FormPart {
            name: name.into(),
            filename: None,
            content_type: None,
            headers: Vec::new(),
            content: Bytes::from(text.into()),
        }
    }

    /// The content where it is text: UTF-8 without NUL.
    pub fn as_text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.content).ok();
        text.filter(|text| !text.contains('\0'))
    }
}

/// A boundary that follows from the parts alone, so that the same parts always make the same body, and that no part contains.
pub fn boundary(parts: &[FormPart]) -> String {
    let mut input = Vec::new();
    for part in parts {
        input.extend_from_slice(part.name.as_bytes());
        input.push(0);
        input.extend_from_slice(&part.content);
        input.push(0);
    }
    loop {
        let mut boundary = format!("counterpart-{}", sha256(&input));
        boundary.truncate("counterpart-".len() + 24);
        let is_in = |part: &FormPart| contains(&part.content, boundary.as_bytes());
        if !parts.iter().any(is_in) {
            return boundary;
        }
        input.push(1);
    }
}

fn contains(content: &[u8], word: &[u8]) -> bool {
    content.windows(word.len()).any(|window| window == word)
}

/// The body with these parts between lines with the boundary.
pub fn write(parts: &[FormPart], boundary: &str) -> Bytes {
    let mut body = Vec::new();
    for part in parts {
        let FormPart {
            name,
            filename,
            content_type,
            headers,
            content,
        } = part;
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            escaped(name)
        );
        if let Some(filename) = filename {
            head.push_str(&format!("; filename=\"{}\"", escaped(filename)));
        }
        head.push_str("\r\n");
        let content_type = content_type.as_ref().map(|value| ("Content-Type", value));
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in content_type.into_iter().chain(headers) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Bytes::from(body)
}

/// A name within quotes, in UTF-8, as browsers write it (WHATWG HTML, "Multipart form data").
fn escaped(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The boundary that a `Content-Type` of the kind `multipart/*` names (RFC 2046, section 5.1.1).
pub fn boundary_of(content_type: &str) -> Option<String> {
    let mime: mime::Mime = content_type.parse().ok()?;
    let boundary = mime.get_param(mime::BOUNDARY)?;
    (mime.type_() == mime::MULTIPART).then(|| boundary.as_str().to_owned())
}

/// The parts of a body of this `Content-Type`; `None` where it is not a multipart body, or is malformed.
pub fn read(content_type: Option<&[u8]>, body: &Bytes) -> Option<Vec<FormPart>> {
    let content_type = std::str::from_utf8(content_type?).ok()?;
    let delimiter = format!("--{}", boundary_of(content_type)?);
    let delimiter = delimiter.as_bytes();
    let mut parts = Vec::new();
    let mut at = line_with(body, 0, delimiter)? + delimiter.len();
    loop {
        if body[at..].starts_with(b"--") {
            return Some(parts);
        }
        let start = end_of_line(body, at)?;
        let next = line_with(body, start, delimiter)?;
        // The line break before the boundary belongs to it.
        let end = next.saturating_sub(1).max(start);
        let end = match end > start && body[end - 1] == b'\r' {
            true => end - 1,
            false => end,
        };
        parts.push(part(&body.slice(start..end))?);
        at = next + delimiter.len();
    }
}

/// Where the next line that begins with `start` begins, at or after `from`.
fn line_with(body: &[u8], from: usize, start: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        if body.get(at..)?.starts_with(start) {
            return Some(at);
        }
        at = end_of_line(body, at)?;
    }
}

/// Where the line after the one at `from` begins.
fn end_of_line(body: &[u8], from: usize) -> Option<usize> {
    let feed = body.get(from..)?.iter().position(|byte| *byte == b'\n')?;
    Some(from + feed + 1)
}

fn part(bytes: &Bytes) -> Option<FormPart> {
    let mut part = FormPart::text("", "");
    let mut at = 0;
    loop {
        let Some(next) = end_of_line(bytes, at) else {
            // A part that ends after its headers.
            header(bytes.get(at..)?, &mut part)?;
            return Some(part);
        };
        let line = bytes[at..next].trim_ascii();
        at = next;
        if line.is_empty() {
            part.content = bytes.slice(at..);
            return Some(part);
        }
        header(line, &mut part)?;
    }
}

/// Adds a line of a part's head.
fn header(line: &[u8], part: &mut FormPart) -> Option<()> {
    let line = std::str::from_utf8(line).ok()?.trim();
    if line.is_empty() {
        return Some(());
    }
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    match name.to_ascii_lowercase().as_str() {
        "content-disposition" => {
            part.name = parameter(value, "name").unwrap_or_default();
            part.filename = parameter(value, "filename");
        }
        "content-type" => part.content_type = Some(value.to_owned()),
        _ => part.headers.push((name.to_owned(), value.to_owned())),
    }
    Some(())
}

/// The value of a parameter, as written by [`escaped`] or with backslashes (RFC 9110, section 5.6.4).
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (found, value) = after.split_once('=')?;
        let (text, behind) = match value.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_text(quoted)?,
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim().to_owned(), &value[end..])
            }
        };
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = behind;
    }
    None
}

/// A text up to its closing quote, and what is behind it.
fn quoted_text(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => {
                let text = text.replace("%22", "\"").replace("%0D", "\r");
                return Some((text.replace("%0A", "\n"), &quoted[at + 1..]));
            }
            '\\' => text.push(characters.next()?.1),
            c => text.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo() -> FormPart {
        FormPart {
            name: "im\"age".to_owned(),
            filename: Some("a;b \"é\".png".to_owned()),
            content_type: Some("image/png".to_owned()),
            headers: vec![("X-Part".to_owned(), "1: 2".to_owned())],
            content: Bytes::from_static(b"\x89PNG\r\n\x1a\n\0--\r\n"),
        }
    }

    #[test]
    fn a_body_is_written_as_rfc_7578_says() {
        let body = write(
            &[
                FormPart::text("title", "x"),
                FormPart {
                    content: Bytes::from_static(b"B"),
                    ..photo()
                },
            ],
            "X",
        );
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "--X\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n\
             --X\r\nContent-Disposition: form-data; name=\"im%22age\"; filename=\"a;b %22é%22.png\"\r\n\
             Content-Type: image/png\r\nX-Part: 1: 2\r\n\r\nB\r\n--X--\r\n"
        );
    }

    #[test]
    fn a_written_body_can_be_read() {
        let empty = FormPart::text("empty", "");
        for parts in [
            vec![],
            vec![empty.clone()],
            vec![empty, photo(), FormPart::text("a", "\r\n\n")],
        ] {
            let boundary = boundary(&parts);
            let body = write(&parts, &boundary);
            let content_type = format!("multipart/form-data; boundary={boundary}");
            assert_eq!(read(Some(content_type.as_bytes()), &body), Some(parts));
        }
    }

    #[test]
    fn bodies_of_others_can_be_read() {
        // A preamble, line feeds alone, a boundary in quotes, backslashes, no quotes: RFC 2046, section 5.1.1.
        let body = Bytes::from_static(
            b"preamble\n--a b\ncontent-disposition: form-data; filename=x.txt; name=\"a\\\"b\"\n\n1\n--a b--\nepilogue",
        );
        let parts = read(Some(b"multipart/form-data; boundary=\"a b\""), &body).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].name, "a\"b");
        assert_eq!(parts[0].filename.as_deref(), Some("x.txt"));
        assert_eq!(&parts[0].content[..], b"1");
    }

    #[test]
    fn what_is_no_multipart_body_is_not_read() {
        let body = |text: &'static str| Bytes::from_static(text.as_bytes());
        let typed = b"multipart/form-data; boundary=X";
        for (content_type, text) in [
            (&typed[..], ""),
            (typed, "--X"),
            (typed, "--X\r\n"),
            (typed, "--X\r\n\r\n1"),
            (typed, "--Y\r\n\r\n1\r\n--Y--"),
            (typed, "--X\r\nno header\r\n\r\n1\r\n--X--"),
            (b"multipart/form-data", "--X--"),
            (b"text/plain; boundary=X", "--X--"),
            (b"\xff", "--X--"),
        ] {
            assert_eq!(read(Some(content_type), &body(text)), None, "{text}");
        }
        assert_eq!(read(None, &body("--X--")), None);
    }

    #[test]
    fn the_same_parts_have_the_same_boundary_and_none_contains_it() {
        let parts = [photo()];
        let first = boundary(&parts);
        assert_eq!(first, boundary(&parts));
        let other = boundary(&[FormPart::text("a", &first)]);
        assert_ne!(other, first);
        assert!(first.len() <= 70, "RFC 2046, section 5.1.1");
    }
}
