//! Where our input came from: a named text, places in it, and the folders it is read from.
//!
//! Main types: [`Source`], [`Place`], [`Spanned`], [`Files`].

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A text we read (contract, case file, config), with the name a person knows it by. Cheap to clone.
#[derive(Clone)]
pub struct Source(Arc<Text>);

struct Text {
    name: String,
    text: String,
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    /// A source named as it should appear in messages: a path as the user would type it, or a URL.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source(Arc::new(Text {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
        }))
    }

    /// The path or URL shown to people.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The line with this number, from 1, without its end; empty where there is none.
    pub fn line(&self, number: usize) -> &str {
        let starts = self.line_starts();
        let start = number.checked_sub(1).and_then(|index| starts.get(index));
        let rest = start.and_then(|&start| self.0.text.get(start..));
        rest.and_then(|rest| rest.lines().next()).unwrap_or("")
    }

    fn line_starts(&self) -> &[usize] {
        self.0.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(self.0.text.match_indices('\n').map(|(i, _)| i + 1))
                .collect()
        })
    }

    /// The line and column of a byte offset, both counted from 1; columns count characters, not bytes.
    pub fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts();
        let offset = offset.min(self.0.text.len());
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts[line - 1];
        let column = self.0.text[start..]
            .char_indices()
            .take_while(|(i, _)| start + i < offset)
            .count();
        Position {
            line,
            column: column + 1,
        }
    }

    /// A place in this source.
    pub fn place(&self, span: Span) -> Place {
        Place {
            source: self.clone(),
            span,
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.0.name)
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
    /// The file's text under its display name. Fails when it is not there, cannot be read, or is not UTF-8.
    fn read(&self, path: &str) -> Result<Source, String>;

    /// All files below `folder` (`""`: everything), as paths relative to the root, sorted. Empty if there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;
}

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

    /// `around` are the folders on the way here as they really are: a link back to one of them would lead round in a circle.
    fn collect(&self, folder: &Path, around: &mut Vec<PathBuf>, found: &mut Vec<String>) {
        let (Ok(entries), Ok(real)) = (std::fs::read_dir(folder), folder.canonicalize()) else {
            return;
        };
        if around.contains(&real) {
            return;
        }
        around.push(real);
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.collect(&path, around, found);
            } else if let Ok(relative) = path.strip_prefix(&self.root) {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
        around.pop();
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Source, String> {
        read_file(&self.root.join(path))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(&self.root.join(folder), &mut Vec::new(), &mut found);
        found.sort();
        found
    }
}

/// Reads one file under the name it was given by (without a leading `./`). A byte order mark is dropped.
/// Fails, with a sentence fragment that fits after "cannot read", when the file is missing, unreadable or not UTF-8.
pub fn read_file(path: &Path) -> Result<Source, String> {
    let name = path
        .strip_prefix("./")
        .unwrap_or(path)
        .display()
        .to_string();
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => error.to_string(),
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 text (byte {})", error.utf8_error().valid_up_to()))?;
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(Source::new(name, text))
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
    fn links_are_followed_but_not_round_in_a_circle() {
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

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source::new("x.yaml", "a: é1\nb: 2\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        let one = source.text().find('1').unwrap_or_default();
        assert_eq!(source.position(one), Position { line: 1, column: 5 });
        let two = source.text().find('2').unwrap_or_default();
        assert_eq!(
            source.place(Span::new(two, two + 1)).to_string(),
            "x.yaml:2:4"
        );
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
    }
}
