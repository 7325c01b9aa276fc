//! The two ways a contract is read: as documented, or corrected to what is really done. Main type: [`Reading`].

/// Which of two contracts is read from the same documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// The documents as they are: what is promised.
    Documented,
    /// With the overlays that lie beside them (`api.overlay.yaml` beside `api.yaml`) applied: what is really done.
    #[default]
    Corrected,
}

impl Reading {
    /// What people call it: `documented` or `real`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reading::Documented => "documented",
            Reading::Corrected => "real",
        }
    }

    /// Reads what people call it. Fails, with a fragment, for any other word.
    pub fn parse(word: &str) -> Result<Self, String> {
        let all = [Reading::Documented, Reading::Corrected];
        let found = all.into_iter().find(|reading| reading.as_str() == word);
        found.ok_or_else(|| format!("`{word}` is no contract; there are `documented` and `real`"))
    }
}
