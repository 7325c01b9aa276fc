//! The bytes of a file as text. Main function: [`decode`].

use super::file_error::FileError;

/// The text of a file in UTF-8 or UTF-16, without its byte order mark. UTF-16 is recognised by its mark, else by the zero byte beside a
/// first character that is ASCII (YAML 1.2.2, section 5.2). Fails for every other encoding, with a fragment that fits after
/// "cannot read": it names the encoding where that can be recognised.
pub fn decode(bytes: Vec<u8>) -> Result<String, FileError> {
    match bytes.as_slice() {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            Err(FileError::new("it is UTF-32 text; save it as UTF-8"))
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, "UTF-16 (little-endian)", u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, "UTF-16 (big-endian)", u16::from_be_bytes),
        [first, 0, second, 0, ..] if first.is_ascii() && *first > 0 && *second > 0 => {
            utf16(&bytes, "UTF-16 (little-endian)", u16::from_le_bytes)
        }
        [0, first, 0, second, ..] if first.is_ascii() && *first > 0 && *second > 0 => {
            utf16(&bytes, "UTF-16 (big-endian)", u16::from_be_bytes)
        }
        _ => utf8(bytes),
    }
}

fn utf8(mut bytes: Vec<u8>) -> Result<String, FileError> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        not_utf8(error.as_bytes(), at)
    })
}

/// The fault of bytes that are not UTF-8 from `at` on.
fn not_utf8(bytes: &[u8], at: usize) -> FileError {
    let (before, rest) = bytes.split_at(at);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let byte = rest.first().copied().unwrap_or_default();
    // A text in UTF-8 that was cut or damaged has other characters of several bytes; a zero byte is in no text.
    let is_latin = before.is_ascii() && !bytes.contains(&0) && byte >= 0xa0;
    FileError::new(match is_latin {
        true => format!(
            "it is not UTF-8, probably Latin-1 (ISO 8859-1) or Windows-1252: the byte {byte:#04x} in line {line} would be `{}`; save it as UTF-8",
            char::from(byte)
        ),
        false => format!(
            "it is not UTF-8 text: the byte {byte:#04x} in line {line} begins no character; save it as UTF-8"
        ),
    })
}

fn utf16(bytes: &[u8], name: &str, unit: impl Fn([u8; 2]) -> u16) -> Result<String, FileError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(FileError::new(format!(
            "it is {name} text with a character that is cut or damaged; save it as UTF-8"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text in UTF-16, without a mark.
    fn encoded(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn refused(bytes: &[u8]) -> String {
        decode(bytes.to_vec()).unwrap_err().to_string()
    }

    #[test]
    fn utf_8_and_utf_16_are_read_with_and_without_a_mark() {
        let text = "openapi: 3.1.0 # é顧😀\n";
        let le = encoded(text, u16::to_le_bytes);
        let be = encoded(text, u16::to_be_bytes);
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            le.clone(),
            [b"\xff\xfe", le.as_slice()].concat(),
            be.clone(),
            [b"\xfe\xff", be.as_slice()].concat(),
        ] {
            assert_eq!(decode(bytes).unwrap(), text);
        }
        for bytes in [&b""[..], b"a", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"] {
            let text = decode(bytes.to_vec()).unwrap();
            assert_eq!(text, if bytes == b"a" { "a" } else { "" });
        }
    }

    #[test]
    fn other_encodings_are_named() {
        let latin = refused(b"a: 1\nb: caf\xe9\n");
        assert!(latin.contains("Latin-1") && latin.contains("line 2") && latin.contains("`é`"));
        let damaged = refused(b"a: \xc3\xa9\nb: \xc3\x28\n");
        assert!(
            damaged.contains("not UTF-8") && damaged.contains("line 2"),
            "{damaged}"
        );
        assert!(!damaged.contains("Latin-1"), "{damaged}");
        assert!(!refused(b"\x89PNG\r\n\x1a\n\0\0").contains("Latin-1"));
        let mut utf32 = vec![0xff, 0xfe, 0, 0];
        utf32.extend("a: 1".chars().flat_map(|c| u32::from(c).to_le_bytes()));
        assert!(refused(&utf32).contains("UTF-32"));
        let lone = [
            &b"\xff\xfe"[..],
            &encoded("a: ", u16::to_le_bytes),
            b"\x00\xd8",
        ]
        .concat();
        assert!(refused(&lone).contains("UTF-16 (little-endian)"));
        assert!(refused(b"\xfe\xff\0a\0").contains("UTF-16 (big-endian)"));
    }
}
