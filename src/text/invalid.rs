//! Why a text cannot be read as a value. Main type: [`InvalidText`].

/// Why a text is not a value of the expected kind: a sentence fragment that quotes the text and gives the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(pub(crate) String);
