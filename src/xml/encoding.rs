//! The bytes of an XML document as text. Main function: [`decoded`].

use std::borrow::Cow;

use encoding_rs::Encoding;

/// A body as text: by its byte order mark, else by the charset of the Content-Type (RFC 7303, section 3), else by the XML declaration;
/// UTF-8 without any of them. `Err`: the name of an encoding that is not known, or whose bytes these are not.
pub(crate) fn decoded<'b>(bytes: &'b [u8], charset: Option<&str>) -> Result<Cow<'b, str>, String> {
    let (encoding, skipped) = match Encoding::for_bom(bytes) {
        Some(found) => found,
        None => {
            let named = charset.map(str::to_owned).or_else(|| declared(bytes));
            let name = named.unwrap_or_else(|| "UTF-8".to_owned());
            let encoding = Encoding::for_label(name.as_bytes()).ok_or(name)?;
            (encoding, 0)
        }
    };
    let rest = bytes.get(skipped..).unwrap_or_default();
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(rest);
    decoded.ok_or_else(|| encoding.name().to_owned())
}

/// The encoding that the XML declaration names, which is written in ASCII.
fn declared(bytes: &[u8]) -> Option<String> {
    let start = bytes.get(..bytes.len().min(200))?;
    let text = String::from_utf8_lossy(start);
    let declaration = text.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| "\"'".contains(*c))?;
    Some(value[1..].split_once(quote)?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_that_of_the_mark_the_header_or_the_declaration() {
        let latin = b"<?xml version='1.0' encoding=\"ISO-8859-1\"?><a>\xe9</a>";
        assert!(decoded(latin, None).unwrap().ends_with("<a>é</a>"));
        assert_eq!(decoded(latin, Some("utf-8")), Err("UTF-8".to_owned()));
        assert_eq!(decoded(b"<a>\xe9</a>", None), Err("UTF-8".to_owned()));
        assert_eq!(decoded(b"<a/>", Some("x-none")), Err("x-none".to_owned()));
        let utf16: Vec<u8> = "\u{feff}<a>é</a>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decoded(&utf16, None).unwrap(), "<a>é</a>");
    }
}
