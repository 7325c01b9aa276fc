//! Named input texts, places in them, and the folders they are read from.
//!
//! Main types: [`Source`], [`Place`], [`Spanned`], [`Files`].

mod encoding;
mod excerpt;
mod file_error;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use encoding::decode;
pub use excerpt::Excerpt;
pub use file_error::FileError;

use crate::text::Redactor;

/// A text we read (contract, case file, config), with the name shown to the user. Cheap to clone.
///
/// Other texts can be layered on top ([`Source::with_layer`]): one tree may then hold values of all of them, and each value's span
/// still says in which text it is written.
#[derive(Clone)]
pub struct Source {
    text: Arc<SourceText>,
    /// In the order of their offsets; none for nearly every source.
    layers: Arc<[Layer]>,
}

struct SourceText {
    name: String,
    text: String,
    lines: OnceLock<LineIndex>,
    /// The text with its secrets blanked out, computed on first use.
    blanked: OnceLock<String>,
    notes: Vec<(Span, String)>,
}

/// An index to find lines and columns without reading from the start: a document may be one line of megabytes.
struct LineIndex {
    /// By number, from 0: the offset at which a line begins.
    starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`] bytes, the end of the text included where it is one.
    characters: Vec<usize>,
}

const STRIDE: usize = 256;

impl LineIndex {
    fn of(text: &str) -> Self {
        let feeds = text.match_indices('\n').map(|(i, _)| i + 1);
        let mut characters = vec![0];
        let mut before = 0;
        for chunk in text.as_bytes().chunks(STRIDE) {
            before += beginning(chunk);
            characters.push(before);
        }
        LineIndex {
            starts: std::iter::once(0).chain(feeds).collect(),
            characters,
        }
    }
}

/// How many characters of UTF-8 begin in some bytes.
fn beginning(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// A text whose spans begin at `offset` in the offset space that it shares with the base text.
struct Layer {
    offset: usize,
    source: Source,
}

impl Source {
    /// A source named as it should appear in messages: a path as the user would type it, or a URL.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source::of(name.into(), text.into(), Vec::new())
    }

    /// The same text with notes on ranges of it, which [`Place::note`] finds. Of overlapping ranges the first counts.
    pub fn with_notes(&self, notes: Vec<(Span, String)>) -> Self {
        Source::of(self.name().to_owned(), self.text().to_owned(), notes)
    }

    fn of(name: String, text: String, notes: Vec<(Span, String)>) -> Self {
        Source {
            text: Arc::new(SourceText {
                name,
                text,
                lines: OnceLock::new(),
                blanked: OnceLock::new(),
                notes,
            }),
            layers: Arc::new([]),
        }
    }

    /// This source with another layered on top, and the number to add to the other's spans so that they are distinct from this one's.
    /// Name and text remain those of this source.
    pub fn with_layer(&self, other: &Source) -> (Self, usize) {
        let end = |start: usize, source: &Source| start + source.text().len() + 1;
        let offset = match self.layers.last() {
            Some(last) => end(last.offset, &last.source),
            None => end(0, self),
        };
        let mut layers: Vec<Layer> = Vec::with_capacity(self.layers.len() + 1);
        layers.extend(self.layers.iter().map(|layer| Layer {
            offset: layer.offset,
            source: layer.source.clone(),
        }));
        layers.push(Layer {
            offset,
            source: other.clone(),
        });
        let source = Source {
            text: Arc::clone(&self.text),
            layers: layers.into(),
        };
        (source, offset)
    }

    /// The number to add to the spans of a source that is layered on this one ([`Source::with_layer`]); `None` where it is not.
    pub fn offset_of(&self, other: &Source) -> Option<usize> {
        let layer = self
            .layers
            .iter()
            .find(|layer| layer.source.name() == other.name());
        layer.map(|layer| layer.offset)
    }

    /// Whether the text, or one layered on it, contains `word`.
    pub fn mentions(&self, word: &str) -> bool {
        self.text().contains(word) || self.layers.iter().any(|layer| layer.source.mentions(word))
    }

    /// The path or URL shown to the user.
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text.text
    }

    /// The whole text as it may be shown: the values of secret members blanked out, every position as in [`Source::text`].
    pub fn shown_text(&self) -> &str {
        let text = &self.text;
        text.blanked
            .get_or_init(|| Redactor::standard().blanked(&text.text))
    }

    /// The line with this number, from 1, without its end; empty where there is none.
    pub fn line(&self, number: usize) -> &str {
        &self.text.text[self.line_range(number)]
    }

    /// The same line of [`Source::shown_text`].
    fn shown_line(&self, number: usize) -> &str {
        &self.shown_text()[self.line_range(number)]
    }

    fn line_range(&self, number: usize) -> Range<usize> {
        let starts = &self.lines().starts;
        let start = number.checked_sub(1).and_then(|index| starts.get(index));
        let Some(&start) = start else {
            return 0..0;
        };
        let Some(next) = starts.get(number) else {
            return start..self.text.text.len();
        };
        let line = &self.text.text[start..next - 1];
        start..start + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn lines(&self) -> &LineIndex {
        self.text
            .lines
            .get_or_init(|| LineIndex::of(&self.text.text))
    }

    /// How many characters begin before an offset in the text.
    fn characters_before(&self, offset: usize) -> usize {
        let chunk = offset / STRIDE;
        let rest = &self.text.text.as_bytes()[chunk * STRIDE..offset];
        self.lines().characters[chunk] + beginning(rest)
    }

    /// The line and column of a byte offset, both counted from 1; columns count characters, not bytes.
    pub fn position(&self, offset: usize) -> Position {
        let starts = &self.lines().starts;
        let offset = offset.min(self.text.text.len());
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts[line - 1];
        Position {
            line,
            column: self.characters_before(offset) - self.characters_before(start) + 1,
        }
    }

    /// A place in this source, or in the layer in which the span begins.
    pub fn place(&self, span: Span) -> Place {
        let layer = self.layers.iter().rfind(|layer| layer.offset <= span.start);
        match layer {
            Some(layer) => Place {
                source: layer.source.clone(),
                span: Span::new(
                    span.start - layer.offset,
                    span.end.saturating_sub(layer.offset),
                ),
            },
            None => Place {
                source: match self.layers.is_empty() {
                    true => self.clone(),
                    false => Source {
                        text: Arc::clone(&self.text),
                        layers: Arc::new([]),
                    },
                },
                span,
            },
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.text.name)
    }
}

/// A line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A range of bytes in a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The same range `by` bytes further.
    pub fn shifted(self, by: usize) -> Self {
        Span::new(self.start + by, self.end + by)
    }
}

/// A span together with the source it lies in.
#[derive(Debug, Clone)]
pub struct Place {
    pub source: Source,
    pub span: Span,
}

impl Place {
    /// Where the place begins.
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// The text the place covers.
    pub fn text(&self) -> &str {
        self.source.text().get(self.span.range()).unwrap_or("")
    }

    /// The note on the range the place begins in, such as the reason of a correction.
    pub fn note(&self) -> Option<&str> {
        let notes = &self.source.text.notes;
        let around = |span: &Span| (span.start..span.end).contains(&self.span.start);
        notes
            .iter()
            .find(|(span, _)| around(span))
            .map(|(_, note)| note.as_str())
    }
}

/// `file:line:column`, as compilers print it and editors open it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}", self.source.name())
    }
}

/// A value together with the place it was written at.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Spanned<T> {
    pub fn new(value: T, place: Place) -> Self {
        Spanned { value, place }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: f(self.value),
            place: self.place,
        }
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A folder of text files, on disk or inside the binary. Paths are relative to it and use `/`.
pub trait Files: Send + Sync + fmt::Debug {
    /// The file's text under its display name. Fails when the file is missing, cannot be read, or is neither UTF-8 nor UTF-16.
    fn read(&self, path: &str) -> Result<Source, FileError>;

    /// The file's bytes. Fails when the file is missing, cannot be read, or is a link that leads out of the folder. (Default: those of
    /// [`Files::read`].)
    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.read(path)?.text().as_bytes().to_vec())
    }

    /// All files below `folder` (`""`: everything), as paths relative to the root, sorted. Empty if there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;

    /// Whether there is a file at `path`. (Default: whether its folder lists it.)
    fn has(&self, path: &str) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.list(folder).iter().any(|file| file == path)
    }

    /// Where the folder is on disk. (Default: `None`.)
    fn on_disk(&self) -> Option<&Path> {
        None
    }
}

/// How deep folders are searched; deeper ones are hardly intended.
const MAX_FOLDERS: usize = 64;

/// [`Files`] on disk.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`; file names are displayed as `root` joined with the relative path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Folder { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `above` are the real paths of this folder and its parents: a link to one of them is a cycle and is not followed.
    fn collect(&self, folder: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<String>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if !path.is_dir() {
                if let Ok(relative) = path.strip_prefix(&self.root) {
                    found.push(relative.to_string_lossy().replace('\\', "/"));
                }
                continue;
            }
            let Ok(real) = path.canonicalize() else {
                continue;
            };
            if above.len() < MAX_FOLDERS && !above.contains(&real) {
                above.push(real);
                self.collect(&path, above, found);
                above.pop();
            }
        }
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        read_file(&self.root.join(path))
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let path = self.root.join(path);
        let real = path.canonicalize().map_err(|error| reason(&error))?;
        let root = self.root.canonicalize().map_err(|error| reason(&error))?;
        match real.starts_with(&root) {
            true if real.is_dir() => Err(FileError::new("it is a folder")),
            true => std::fs::read(&real).map_err(|error| reason(&error)),
            false => Err(FileError::new("it is a link that leads out of the folder")),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let folder = self.root.join(folder);
        let mut above: Vec<PathBuf> = folder.canonicalize().into_iter().collect();
        self.collect(&folder, &mut above, &mut found);
        found.sort();
        found
    }

    fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    fn on_disk(&self) -> Option<&Path> {
        Some(&self.root)
    }
}

/// Reads one file, in UTF-8 or UTF-16, under the name it was given by (without a leading `./`). A byte order mark is dropped.
/// Fails, with a sentence fragment that fits after "cannot read", when the file is missing, unreadable or in another encoding.
pub fn read_file(path: &Path) -> Result<Source, FileError> {
    let name = path
        .strip_prefix("./")
        .unwrap_or(path)
        .display()
        .to_string();
    let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
    Ok(Source::new(name, decode(bytes)?))
}

fn reason(error: &std::io::Error) -> FileError {
    match error.kind() {
        std::io::ErrorKind::NotFound => FileError::new("no such file"),
        _ => FileError::new(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_number() {
        let source = Source::new("x.yaml", "a: 1\r\n\nlast");
        let lines = [0, 1, 2, 3, 4].map(|number| source.line(number));
        assert_eq!(lines, ["", "a: 1", "", "last", ""]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_except_in_cycles() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("cases/shop")).unwrap();
        std::fs::create_dir(path("elsewhere")).unwrap();
        std::fs::write(path("cases/shop/a.yaml"), "").unwrap();
        std::fs::write(path("elsewhere/b.yaml"), "").unwrap();
        for (to, link) in [
            (".", "cases/round"),
            ("..", "cases/shop/up"),
            ("../elsewhere", "cases/other"),
        ] {
            std::os::unix::fs::symlink(to, path(link)).unwrap();
        }
        assert_eq!(
            Folder::new(path("cases")).list(""),
            ["other/b.yaml", "shop/a.yaml"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn bytes_are_read_only_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("cases/shop")).unwrap();
        std::fs::write(path("cases/shop/a.bin"), [0, 255]).unwrap();
        std::fs::write(path("secret"), "s").unwrap();
        std::os::unix::fs::symlink("a.bin", path("cases/shop/inside")).unwrap();
        std::os::unix::fs::symlink("../../secret", path("cases/shop/outside")).unwrap();
        let read = |name| {
            let bytes = Folder::new(path("cases")).read_bytes(name);
            bytes.map_err(|error| error.to_string())
        };
        assert_eq!(read("shop/a.bin"), Ok(vec![0, 255]));
        assert_eq!(read("shop/inside"), Ok(vec![0, 255]));
        for (name, expected) in [
            ("shop/outside", "it is a link that leads out of the folder"),
            ("../secret", "it is a link that leads out of the folder"),
            ("shop", "it is a folder"),
            ("shop/b.bin", "no such file"),
        ] {
            assert_eq!(read(name), Err(expected.to_owned()), "{name}");
        }
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source::new("x.yaml", "a: é1\nb: 2\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        let digit = source.text().find('1').unwrap_or_default();
        assert_eq!(source.position(digit), Position { line: 1, column: 5 });
        let two = source.text().find('2').unwrap_or_default();
        assert_eq!(
            source.place(Span::new(two, two + 1)).to_string(),
            "x.yaml:2:4"
        );
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_a_long_line_count_characters_wherever_they_are() {
        let word = "aé顧😀";
        for length in [0, 1, STRIDE / word.len(), 10 * STRIDE] {
            // Both a text that ends with a chunk and one that does not.
            for end in ["", "\n", "b\nb"] {
                let text = format!("x\n{}{end}", word.repeat(length));
                let source = Source::new("x.json", text.clone());
                for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                    let before = &text[..offset];
                    let line = before.split('\n').next_back().unwrap();
                    let expected = Position {
                        line: before.matches('\n').count() + 1,
                        column: line.chars().count() + 1,
                    };
                    assert_eq!(source.position(offset), expected, "{length} {offset}");
                }
            }
        }
        let full = Source::new("x.json", "é".repeat(STRIDE));
        let end = Position {
            line: 1,
            column: STRIDE + 1,
        };
        assert_eq!(full.position(2 * STRIDE), end);
    }

    #[test]
    fn a_span_says_in_which_layer_it_lies() {
        let base = Source::new("api.yaml", "a: 1\n");
        let first = Source::new("one", "b: 2\n");
        let second = Source::new("two", "c: 3\n").with_notes(vec![(Span::new(0, 4), "why".into())]);
        let (source, one) = base.with_layer(&first);
        let (source, two) = source.with_layer(&second);
        let at = |start: usize| source.place(Span::new(start, start + 1));
        assert_eq!(at(3).to_string(), "api.yaml:1:4");
        assert_eq!(at(3).text(), "1");
        assert_eq!(at(one + 3).to_string(), "one:1:4");
        assert_eq!(at(one).note(), None);
        assert_eq!(at(two + 3).text(), "3");
        assert_eq!(at(two + 3).note(), Some("why"));
        assert_eq!(at(two + 4).note(), None, "behind the range");
        assert_eq!(source.name(), "api.yaml");
        assert!(source.mentions("c: 3") && !base.mentions("c: 3"));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_form_a_cycle_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["a", "b", "c"] {
            std::fs::create_dir(root.join(name)).unwrap();
            std::fs::write(root.join(name).join("x.yaml"), "").unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("a/up")).unwrap();
        std::os::unix::fs::symlink(root.join("c"), root.join("b/c")).unwrap();
        std::os::unix::fs::symlink(root.join("b"), root.join("c/b")).unwrap();
        let files = Folder::new(root);
        // Links to other folders are followed, each cycle once.
        let expected = [
            "a/x.yaml",
            "b/c/x.yaml",
            "b/x.yaml",
            "c/b/x.yaml",
            "c/x.yaml",
        ];
        assert_eq!(files.list(""), expected);
        assert!(files.has("a/x.yaml") && !files.has("a") && !files.has("a/y.yaml"));
    }
}
