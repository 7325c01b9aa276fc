//! Why a file cannot be read. Main type: [`FileError`].

/// Why a file cannot be read: a sentence fragment that fits after "cannot read".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FileError(String);

impl FileError {
    pub fn new(reason: impl Into<String>) -> Self {
        FileError(reason.into())
    }
}
