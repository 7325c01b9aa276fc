//! A value in one of a contract's documents. Main type: [`DocumentPointer`].

use crate::document::escape_pointer;

/// Index of a document among those of a contract; the contract's own is 0.
pub(super) type FileId = usize;

/// A value in one of the documents, by JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DocumentPointer {
    pub(super) file: FileId,
    pub(super) pointer: String,
}

impl DocumentPointer {
    pub(super) fn new(file: FileId, pointer: impl Into<String>) -> Self {
        DocumentPointer {
            file,
            pointer: pointer.into(),
        }
    }

    /// The location of a child under `key`.
    pub(super) fn child(&self, key: &str) -> DocumentPointer {
        DocumentPointer::new(
            self.file,
            format!("{}/{}", self.pointer, escape_pointer(key)),
        )
    }
}
