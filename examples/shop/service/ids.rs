//! Identifiers and secrets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A product id: the prefix `prd_` and a ULID of this time in milliseconds.
pub fn product(milliseconds: u64) -> String {
    let random = random::<10>();
    let mut bits = u128::from(milliseconds) << 80;
    for (index, byte) in random.iter().enumerate() {
        bits |= u128::from(*byte) << (8 * index);
    }
    let mut id = String::from("prd_");
    for index in (0..26).rev() {
        let digit = (bits >> (5 * index)) & 31;
        id.push(char::from(ALPHABET[digit as usize]));
    }
    id
}

/// A random UUID (version 4).
pub fn uuid() -> String {
    let mut bytes = random::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )
}

/// A secret that cannot be guessed: a session id, a token.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(random::<24>())
}

/// The SHA-256 digest of these bytes.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The system's source never fails on the platforms that the example runs on; zeros would only make ids collide.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes
}
