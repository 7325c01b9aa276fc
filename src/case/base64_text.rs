//! Bytes from a text in base64. Main function: [`decoded_base64`].

use base64::DecodeError;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};

/// The bytes that a text in base64 means (RFC 4648, section 4), with or without padding. White space is skipped. Fails with a fragment
/// that fits after "is".
pub(crate) fn decoded_base64(text: &str) -> Result<Vec<u8>, String> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let plain: String = text.split_ascii_whitespace().collect();
    let decoded = GeneralPurpose::new(&STANDARD, LENIENT).decode(&plain);
    decoded.map_err(|error| match error {
        DecodeError::InvalidByte(at, _) => {
            let found = plain.get(at..).and_then(|rest| rest.chars().next());
            let found = found.map_or_else(String::new, |c| format!(": it has the character `{c}`"));
            format!("not base64{found}")
        }
        _ => "not base64: it was cut off".to_owned(),
    })
}
