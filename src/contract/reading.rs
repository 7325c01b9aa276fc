//! The two ways to read a contract: as documented, or corrected to what the API really does. Main type: [`Reading`].

use crate::text::InvalidText;

/// Which of two contracts is read from the same documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// The documents without corrections: what is documented.
    Documented,
    /// With the overlays beside them (`api.overlay.yaml` beside `api.yaml`) applied: what the API really does.
    #[default]
    Corrected,
}

impl Reading {
    /// Its name: `documented` or `real`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reading::Documented => "documented",
            Reading::Corrected => "real",
        }
    }

    /// Parses the name. Fails, with a fragment, for any other word.
    pub fn parse(word: &str) -> Result<Self, InvalidText> {
        let all = [Reading::Documented, Reading::Corrected];
        let found = all.into_iter().find(|reading| reading.as_str() == word);
        found.ok_or_else(|| {
            InvalidText(format!(
                "`{word}` is not a reading of a contract; use `documented` or `real`"
            ))
        })
    }
}
