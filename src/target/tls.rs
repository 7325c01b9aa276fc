//! What a target's configuration names as files: certificates, and a program that signs. Main types: [`TlsSettings`],
//! [`ClientIdentity`], [`SigningCommand`].

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::text::MASK;

/// Which servers' certificates are trusted, besides those that the system trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Certificates of authorities.
    pub ca: Option<CertificateAuthorities>,
    /// Any certificate is accepted, for any name.
    pub insecure: bool,
}

/// The certificates of a file in PEM (RFC 7468).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateAuthorities {
    /// The file, for messages.
    pub name: String,
    pub pem: Vec<u8>,
}

/// The certificate that a client shows, with its key, both in PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The file of the certificate, for messages.
    pub name: String,
    pub pem: Vec<u8>,
}

/// `Debug` shows no key.
impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientIdentity({} {MASK})", self.name)
    }
}

/// A program that returns headers for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCommand {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// The folder it is started in.
    pub folder: PathBuf,
    pub timeout: Duration,
}

impl SigningCommand {
    /// The time limit where none is set.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}
