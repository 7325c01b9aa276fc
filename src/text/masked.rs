//! Text without secrets. Main type: [`MaskedText`].

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::escape::line;
use super::excerpt::head;

/// Text from which a [`Redactor`](super::Redactor) has removed the secrets: the only text that may be written to a disk or a terminal.
///
/// It may contain anything else that a server or a file can: its `Display` escapes ([`line()`]), so that printing it is always safe.
/// Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaskedText(Arc<str>);

impl MaskedText {
    /// Only for the redactor: the caller guarantees that no secret is left.
    pub(super) fn new(text: impl Into<Arc<str>>) -> Self {
        MaskedText(text.into())
    }

    /// The name of a system, an operation or a case: it comes from the user's own files and is shown as written.
    pub fn of_name(name: impl Into<Arc<str>>) -> Self {
        MaskedText::new(name)
    }

    /// A text composed from this one, such as a part of it or a longer text that quotes it.
    pub fn with_text(&self, text: String) -> MaskedText {
        MaskedText::new(text)
    }

    /// At most `limit` of its characters, escaped, with `…` where there were more.
    pub fn short(&self, limit: usize) -> String {
        short(&self.0, limit)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The text as it is, for parsing and comparing. For printing use `Display` or [`MaskedText::short`].
    pub fn unescaped(&self) -> &str {
        &self.0
    }

    /// Its first bytes, up to `limit`, cut at a character boundary.
    pub fn truncated(&self, limit: usize) -> MaskedText {
        match self.0.len() > limit {
            true => MaskedText::new(&self.0[..self.0.floor_char_boundary(limit)]),
            false => self.clone(),
        }
    }
}

/// Literals of our own, which contain no secret.
impl From<&'static str> for MaskedText {
    fn from(text: &'static str) -> Self {
        MaskedText::new(text)
    }
}

/// On one line, escaped.
impl fmt::Display for MaskedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&line(&self.0))
    }
}

impl fmt::Debug for MaskedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl PartialEq<str> for MaskedText {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for MaskedText {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

/// The first `limit` characters, escaped, with `…` where there were more.
pub fn short(text: &str, limit: usize) -> String {
    let (head, more) = head(text, limit);
    let mut shown = line(head).into_owned();
    if more {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_escapes_and_json_does_not() {
        let text = MaskedText::from("a\u{1b}[2Jb");
        assert_eq!(text.to_string(), "a\\u{1b}[2Jb");
        assert_eq!(text.short(3), "a\\u{1b}[…");
        assert_eq!(
            serde_json::to_string(&text).unwrap_or_default(),
            "\"a\\u001b[2Jb\""
        );
        assert_eq!(text, "a\u{1b}[2Jb");
    }

    #[test]
    fn bytes_are_cut_between_characters() {
        let text = MaskedText::from("äöü");
        assert_eq!(text.truncated(3), "ä");
        assert_eq!(text.truncated(6), "äöü");
    }

    /// The only files that read a text unescaped: none of them prints it.
    const OPENED_BY: [(&str, &str); 14] = [
        ("diagnostic.rs", "annotate-snippets escapes what it renders"),
        ("event/finding_record.rs", "places in a response are parsed"),
        ("event/place.rs", "the same"),
        ("exchange/curl.rs", "a masked value is composed again"),
        ("exchange/curl_form.rs", "the same, of the parts of a form"),
        ("finding/named.rs", "names are compared"),
        ("judge/entry.rs", "characters are counted"),
        ("replay/run.rs", "a name becomes that of a subject"),
        ("report/diff.rs", "both sides are parsed and compared"),
        ("report/formats/html/body.rs", "the body is laid out"),
        ("report/formats/html/case.rs", "a line is cut at its mark"),
        ("report/proposed_waivers.rs", "a waiver is written, quoted"),
        ("report/terminal/body.rs", "the body is laid out"),
        ("report/terminal/snippet.rs", "a line is cut at its mark"),
    ];

    fn opening_files(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("is a folder") {
            let path = entry.expect("is readable").path();
            if path.is_dir() {
                opening_files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = std::fs::read_to_string(&path).expect("is text");
                if code.contains(concat!(".unescaped", "(")) {
                    found.push(path);
                }
            }
        }
    }

    #[test]
    fn only_files_that_parse_or_compare_open_a_text() {
        let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let mut found = Vec::new();
        opening_files(root, &mut found);
        let mut found: Vec<String> = found
            .iter()
            .filter_map(|path| path.strip_prefix(root).ok())
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .collect();
        found.sort();
        assert_eq!(
            found,
            OPENED_BY.map(|(file, _)| file),
            "print through `Display` or `short`; a file that has to parse or compare is listed with its reason"
        );
    }
}
