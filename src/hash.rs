//! Hashes and keyed authentication codes of bytes. Main type: [`HashAlgorithm`].

use md5::{Digest, Md5};
use ring::{digest, hmac};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// RFC 1321. Broken: for interfaces that demand it.
    Md5,
    /// RFC 3174. Broken: for interfaces that demand it.
    Sha1,
    /// RFC 6234.
    Sha256,
    /// RFC 6234.
    Sha384,
    /// RFC 6234.
    Sha512,
}

impl HashAlgorithm {
    /// The hash.
    pub fn hash(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            HashAlgorithm::Md5 => return Md5::digest(bytes).to_vec(),
            HashAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            HashAlgorithm::Sha256 => &digest::SHA256,
            HashAlgorithm::Sha384 => &digest::SHA384,
            HashAlgorithm::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes).as_ref().to_vec()
    }

    /// The authentication code with a key (RFC 2104).
    pub fn hmac(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            HashAlgorithm::Md5 => return hmac_md5(key, bytes),
            HashAlgorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            HashAlgorithm::Sha256 => hmac::HMAC_SHA256,
            HashAlgorithm::Sha384 => hmac::HMAC_SHA384,
            HashAlgorithm::Sha512 => hmac::HMAC_SHA512,
        };
        let key = hmac::Key::new(algorithm, key);
        hmac::sign(&key, bytes).as_ref().to_vec()
    }
}

/// `ring` has no MD5. Its block is 64 bytes long.
fn hmac_md5(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    let short = match key.len() > block.len() {
        true => Md5::digest(key).to_vec(),
        false => key.to_vec(),
    };
    block[..short.len()].copy_from_slice(&short);
    let inner = Md5::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(bytes);
    let outer = Md5::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner.finalize());
    outer.finalize().to_vec()
}

/// Bytes as hexadecimal digits in lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of bytes as hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&HashAlgorithm::Sha256.hash(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_equal_published_vectors() {
        // RFC 1321, A.5; RFC 3174 and FIPS 180-4: "abc".
        for (algorithm, expected) in [
            (HashAlgorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (
                HashAlgorithm::Sha1,
                "a9993e364706816aba3e25717850c26c9cd0d89d",
            ),
            (
                HashAlgorithm::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                HashAlgorithm::Sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                HashAlgorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ] {
            assert_eq!(hex(&algorithm.hash(b"abc")), expected, "{algorithm:?}");
        }
    }

    #[test]
    fn codes_equal_published_vectors() {
        // RFC 2202 (MD5, SHA-1) and RFC 4231, test case 2: key "Jefe"; RFC 2202, test case 6: a key longer than a block.
        let data = b"what do ya want for nothing?";
        for (algorithm, expected) in [
            (HashAlgorithm::Md5, "750c783e6ab0b503eaa86e310a5db738"),
            (
                HashAlgorithm::Sha1,
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            ),
            (
                HashAlgorithm::Sha256,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                HashAlgorithm::Sha384,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            ),
            (
                HashAlgorithm::Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            assert_eq!(
                hex(&algorithm.hmac(b"Jefe", data)),
                expected,
                "{algorithm:?}"
            );
        }
        let long = [0xaa; 80];
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(&HashAlgorithm::Md5.hmac(&long, text)),
            "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"
        );
    }
}
