//! The colours of the terminal report, named by their meaning. Main type: [`Paint`].

use crate::diagnostic::Style;

/// The meaning of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Passed,
    Failed,
    Error,
    Skipped,
    Warning,
    /// A headline or an important name.
    Strong,
    /// Gutters and side remarks.
    Dim,
    /// The mark under a wrong value, and its label.
    Mark,
    Removed,
    Added,
    /// The part of a removed or added line that differs.
    RemovedPart,
    AddedPart,
}

/// Colours text, or leaves it unchanged in the plain style.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub(crate) Style);

impl Paint {
    pub(crate) fn text(self, ink: Ink, text: &str) -> String {
        if self.0 == Style::Plain || text.is_empty() {
            return text.to_owned();
        }
        // Select Graphic Rendition codes (ECMA-48): the sixteen colours that users can configure in any terminal.
        let code = match ink {
            Ink::Passed | Ink::Added => "32",
            Ink::Failed | Ink::Mark => "1;31",
            Ink::Error => "1;35",
            Ink::Skipped | Ink::Warning => "33",
            Ink::Strong => "1",
            Ink::Dim => "2",
            Ink::Removed => "31",
            Ink::RemovedPart => "7;31",
            Ink::AddedPart => "7;32",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
