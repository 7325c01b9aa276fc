//! Undoes the content codings of a body (RFC 9110, section 8.4). Main function: [`decoded`].
//!
//! The HTTP client could do this itself, but it then removes `Content-Encoding` and `Content-Length`, which contracts may require.

use std::io::Read;

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue};

/// The codings that [`decoded`] undoes, as `Accept-Encoding` names them.
pub(crate) const ACCEPTED_CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate, br");

/// A body without its content codings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DecodedBody {
    Complete(Bytes),
    /// What was decoded before the fault, and the fault: a fragment.
    Broken(Bytes, String),
    /// Longer than the limit.
    TooLarge,
}

#[derive(Debug, Clone, Copy)]
enum Coding {
    Gzip,
    /// The zlib format, as RFC 9110 defines it.
    Deflate,
    Brotli,
}

/// The body of a message with these headers, decoded up to `limit` bytes. An empty body has no coding to undo, and a body with an
/// unknown coding stays as it is.
pub(crate) fn decoded(headers: &HeaderMap, body: Bytes, limit: usize) -> DecodedBody {
    let codings = codings(headers).unwrap_or_default();
    if codings.is_empty() || body.is_empty() {
        return DecodedBody::Complete(body);
    }
    let mut reader: Box<dyn Read + '_> = Box::new(&body[..]);
    // They are listed in the order in which they were applied.
    for coding in codings.into_iter().rev() {
        reader = match coding {
            Coding::Gzip => Box::new(MultiGzDecoder::new(reader)),
            Coding::Deflate => Box::new(ZlibDecoder::new(reader)),
            Coding::Brotli => Box::new(Decompressor::new(reader, 4096)),
        };
    }
    let mut decoded = Vec::new();
    // One byte more shows that there are too many.
    let read = reader
        .take((limit as u64).saturating_add(1))
        .read_to_end(&mut decoded);
    match read {
        _ if decoded.len() > limit => DecodedBody::TooLarge,
        Ok(_) => DecodedBody::Complete(decoded.into()),
        Err(error) => DecodedBody::Broken(decoded.into(), error.to_string().to_lowercase()),
    }
}

/// The codings in the order in which they were applied; `None` where one of them is unknown.
fn codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    let mut codings = Vec::new();
    for line in headers.get_all(CONTENT_ENCODING) {
        for name in line.to_str().ok()?.split(',').map(str::trim) {
            match name.to_ascii_lowercase().as_str() {
                "" | "identity" => {}
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "br" => codings.push(Coding::Brotli),
                _ => return None,
            }
        }
    }
    Some(codings)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"id\":1}";

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    /// Eight bytes as brotli writes them without compression (RFC 7932, section 9).
    fn brotli(body: &[u8]) -> Vec<u8> {
        assert_eq!(body.len(), 8);
        [&[0x70, 0x00, 0x10], body, &[0x03]].concat()
    }

    /// `lines` are the values of `Content-Encoding`.
    fn decode(lines: &[&'static str], body: &[u8], limit: usize) -> DecodedBody {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(line));
        }
        decoded(&headers, Bytes::copy_from_slice(body), limit)
    }

    fn complete(body: &[u8]) -> DecodedBody {
        DecodedBody::Complete(Bytes::copy_from_slice(body))
    }

    #[test]
    fn all_codings_are_undone_in_reverse_order() {
        for (lines, body) in [
            (&[][..], TEXT.to_vec()),
            (&["identity"], TEXT.to_vec()),
            (&["gzip"], gzip(TEXT)),
            (&["X-GZip"], gzip(TEXT)),
            (&["deflate"], deflate(TEXT)),
            (&["br"], brotli(TEXT)),
            (&["br, gzip"], gzip(&brotli(TEXT))),
            (&["deflate", "identity, gzip"], gzip(&deflate(TEXT))),
            // A gzip file may have several members (RFC 1952, section 2.2).
            (&["gzip"], [gzip(&TEXT[..3]), gzip(&TEXT[3..])].concat()),
        ] {
            assert_eq!(decode(lines, &body, 8), complete(TEXT), "{lines:?}");
        }
    }

    #[test]
    fn what_is_empty_or_unknown_stays_as_it_is() {
        assert_eq!(decode(&["gzip"], b"", 8), complete(b""));
        assert_eq!(decode(&["zstd"], TEXT, 8), complete(TEXT));
        let packed = gzip(TEXT);
        assert_eq!(decode(&["zstd, gzip"], &packed, 8), complete(&packed));
    }

    #[test]
    fn a_broken_body_keeps_what_was_decoded() {
        let long: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        for (coding, body) in [("gzip", gzip(&long)), ("deflate", deflate(&long))] {
            let DecodedBody::Broken(start, reason) =
                decode(&[coding], &body[..body.len() / 2], long.len())
            else {
                panic!("{coding}");
            };
            assert!(!start.is_empty() && long.starts_with(&start), "{coding}");
            assert!(!reason.is_empty());
        }
        for coding in ["gzip", "deflate", "br"] {
            assert!(
                matches!(decode(&[coding], TEXT, 8), DecodedBody::Broken(..)),
                "{coding}"
            );
        }
        let cut = &brotli(TEXT)[..7];
        assert!(matches!(decode(&["br"], cut, 8), DecodedBody::Broken(..)));
    }

    #[test]
    fn the_limit_is_that_of_the_decoded_body() {
        let zeros = vec![0; 1_000_000];
        let packed = gzip(&zeros);
        assert!(packed.len() < 2000);
        assert_eq!(decode(&["gzip"], &packed, 1_000_000), complete(&zeros));
        assert_eq!(decode(&["gzip"], &packed, 999_999), DecodedBody::TooLarge);
        assert_eq!(
            decode(&["gzip, gzip"], &gzip(&packed), 10),
            DecodedBody::TooLarge
        );
    }
}
