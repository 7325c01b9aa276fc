//! What is wrong in *our* files: contracts, cases, configuration. Nothing is sent while there is a [`Diagnostic`] of severity error,
//! except one in a contract that blocks only some of its operations ([`Diagnostic::confined`]).
//!
//! A diagnostic is not a finding: a finding says that the API violates its contract.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::{Excerpt, FileError, Place};
use crate::text::{InvalidText, MaskedText, Redactor};

/// The severity of a diagnostic: an error stops the program (exit code 2), a warning is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiagnosticSeverity {
    Warning,
    Error,
}

impl DiagnosticSeverity {
    /// `"warning"` or `"error"`.
    pub fn as_str(self) -> &'static str {
        match self {
            DiagnosticSeverity::Warning => "warning",
            DiagnosticSeverity::Error => "error",
        }
    }
}

/// Text of a diagnostic: text composed at run time may quote a file or a command line, so its secrets are masked.
pub trait DiagnosticText {
    fn masked(self) -> MaskedText;
}

/// Literals of our own contain no secret.
impl DiagnosticText for &'static str {
    fn masked(self) -> MaskedText {
        self.into()
    }
}

impl DiagnosticText for String {
    fn masked(self) -> MaskedText {
        Redactor::standard().text(&self)
    }
}

impl DiagnosticText for &String {
    fn masked(self) -> MaskedText {
        Redactor::standard().text(self)
    }
}

/// It quotes what was written.
impl DiagnosticText for InvalidText {
    fn masked(self) -> MaskedText {
        self.0.masked()
    }
}

/// It may quote a path.
impl DiagnosticText for FileError {
    fn masked(self) -> MaskedText {
        self.to_string().masked()
    }
}

impl DiagnosticText for MaskedText {
    fn masked(self) -> MaskedText {
        self
    }
}

/// One fault in one of our files: what is wrong, where, and what to do.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub severity: DiagnosticSeverity,
    /// Stable kebab-case name of the rule, such as `unknown-field`.
    pub code: &'static str,
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: MaskedText,
    /// Where; absent only where there is no text to point at (a missing file).
    pub place: Option<Place>,
    /// Text beside the mark; may be empty.
    pub label: MaskedText,
    /// Related places, each with its label ("first given here").
    pub related: Vec<(Place, MaskedText)>,
    /// What to do about it.
    pub advice: Option<MaskedText>,
    /// Whether it blocks only the operations of a contract that it touches: the rest can be tested. (Default: false.)
    pub confined: bool,
}

impl Diagnostic {
    /// An error at a place, or, with `None`, about something without text.
    pub fn error(
        code: &'static str,
        message: impl DiagnosticText,
        place: impl Into<Option<Place>>,
    ) -> Self {
        Diagnostic {
            severity: DiagnosticSeverity::Error,
            code,
            message: message.masked(),
            place: place.into(),
            label: MaskedText::default(),
            related: Vec::new(),
            advice: None,
            confined: false,
        }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, message: impl DiagnosticText, place: Place) -> Self {
        Diagnostic {
            severity: DiagnosticSeverity::Warning,
            ..Diagnostic::error(code, message, place)
        }
    }

    /// An error about something without text, such as a missing file.
    pub fn without_place(code: &'static str, message: impl DiagnosticText) -> Self {
        Diagnostic::error(code, message, None)
    }

    /// Sets the text beside the mark.
    #[must_use]
    pub fn with_label(mut self, label: impl DiagnosticText) -> Self {
        self.label = label.masked();
        self
    }

    /// Adds a related place.
    #[must_use]
    pub fn with_related(mut self, place: Place, label: impl DiagnosticText) -> Self {
        self.related.push((place, label.masked()));
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: impl DiagnosticText) -> Self {
        self.advice = Some(advice.masked());
        self
    }

    /// Sets what to do about it, where `advice` is given.
    #[must_use]
    pub fn with_optional_advice(mut self, advice: Option<impl DiagnosticText>) -> Self {
        self.advice = advice.map(DiagnosticText::masked);
        self
    }

    /// Sets the advice `did you mean …` when `name` is close to one of `known`, else lists the known names (at most 16).
    pub fn with_nearest<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(name, known.iter().copied()) {
            Some(near) => self.with_advice(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None => {
                let shown = known.iter().take(16).map(|name| format!("`{name}`"));
                let more = if known.len() > 16 { ", …" } else { "" };
                let list = shown.collect::<Vec<_>>().join(", ");
                self.with_advice(format!("known here: {list}{more}"))
            }
        }
    }
}

/// The name among `known` that `name` was probably meant to be: equal except for case, or within a third of its letters
/// (Damerau-Levenshtein). `None` when nothing is close. `name` itself is never what was meant instead of it.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let distance =
                strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// All diagnostics of a read: they are collected; the first does not stop the reading.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub fn new() -> Self {
        Diagnostics::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    pub fn extend(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.list.iter_mut()
    }

    pub fn has_errors(&self) -> bool {
        self.count(DiagnosticSeverity::Error) > 0
    }

    /// Whether there is an error because of which nothing may be sent: any but those that block only single operations of a contract
    /// ([`Diagnostic::confined`]).
    pub fn prevent_run(&self) -> bool {
        let mut all = self.list.iter();
        all.any(|diagnostic| {
            diagnostic.severity == DiagnosticSeverity::Error && !diagnostic.confined
        })
    }

    /// Removes some diagnostics and returns them.
    pub fn take(&mut self, which: impl Fn(&Diagnostic) -> bool) -> Diagnostics {
        let list = std::mem::take(&mut self.list);
        let (taken, left) = list.into_iter().partition(which);
        self.list = left;
        Diagnostics { list: taken }
    }

    pub fn count(&self, severity: DiagnosticSeverity) -> usize {
        self.list
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// Orders by file and place, and drops repetitions of the same fault at the same place (a file reached by two paths).
    pub fn sort(&mut self) {
        let key = |diagnostic: &Diagnostic| {
            let (name, start) = match &diagnostic.place {
                Some(place) => (place.source.name().to_owned(), place.span.start),
                None => (String::new(), 0),
            };
            (name, start, diagnostic.code, diagnostic.message.clone())
        };
        self.list.sort_by_cached_key(key);
        self.list.dedup_by_key(|diagnostic| key(diagnostic));
    }

    /// All of them as text, each with its snippet, a blank line between.
    pub fn render(&self, style: Style) -> String {
        let texts: Vec<String> = self
            .list
            .iter()
            .map(|diagnostic| render(diagnostic, style))
            .collect();
        texts.join("\n\n")
    }
}

/// Whether text output has ANSI colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Coloured,
}

/// One diagnostic as text: headline, file:line:column, the line with a mark, advice.
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.severity {
        DiagnosticSeverity::Error => Level::ERROR,
        DiagnosticSeverity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.unescaped())
        .id(diagnostic.code);
    let window = diagnostic.place.as_ref().map(Window::around);
    let mut group: Group<'_> = match (&diagnostic.place, &window) {
        (Some(place), Some(window)) => {
            let mut snippet = window.snippet(place).annotation(
                AnnotationKind::Primary
                    .span(window.mark.clone())
                    .label(non_empty(diagnostic.label.unescaped())),
            );
            let (in_snippet, elsewhere): (Vec<_>, Vec<_>) =
                diagnostic.related.iter().partition(|(other, _)| {
                    other.source.name() == place.source.name() && !window.is_cut()
                });
            for (other, label) in in_snippet {
                snippet = snippet.annotation(
                    AnnotationKind::Context
                        .span(clamp(other.span.range(), place.source.shown_text()))
                        .label(label.unescaped()),
                );
            }
            let mut group = title.element(snippet);
            for (other, label) in elsewhere {
                group = group.element(Level::NOTE.message(format!("{label}: {other}")));
            }
            group
        }
        _ => Group::with_title(title),
    };
    if let Some(advice) = &diagnostic.advice {
        group = group.element(Level::HELP.message(advice.unescaped()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let text = renderer.render(&[group]);
    match (&diagnostic.place, &window) {
        (Some(place), Some(window)) => window.with_true_column(place, text),
        _ => text,
    }
}

fn non_empty(label: &str) -> Option<&str> {
    (!label.is_empty()).then_some(label)
}

/// The text that a snippet is made of: the whole source, or, where its line is very long (minified JSON), only the text around the
/// mark, so that no message prints a whole document.
struct Window<'a> {
    text: Cow<'a, str>,
    /// In `text`.
    mark: Range<usize>,
    /// The mark's range in `text`, where that is not the whole source.
    column: Option<usize>,
}

impl<'a> Window<'a> {
    const LONGEST_LINE: usize = 400;
    const EXCERPT: usize = 120;

    fn around(place: &'a Place) -> Self {
        let source = &place.source;
        if source.line(place.position().line).len() <= Self::LONGEST_LINE {
            return Window {
                text: source.shown_text().into(),
                mark: clamp(place.span.range(), source.shown_text()),
                column: None,
            };
        }
        let Excerpt {
            text,
            column,
            width,
        } = place.excerpt(Self::EXCERPT);
        let offset = |characters: usize| {
            let found = text.char_indices().nth(characters);
            found.map_or(text.len(), |(at, _)| at)
        };
        let start = column - 1;
        Window {
            mark: offset(start)..offset(start.saturating_add(width)),
            text: text.into(),
            column: Some(column),
        }
    }

    fn is_cut(&self) -> bool {
        self.column.is_some()
    }

    fn snippet<A: Clone>(&'a self, place: &'a Place) -> Snippet<'a, A> {
        let snippet = Snippet::source(&*self.text);
        if self.is_cut() {
            // The column would count from the cut; the path shows the true one.
            snippet
                .line_start(place.position().line)
                .path(place.to_string())
        } else {
            snippet.path(place.source.name())
        }
    }

    /// The rendered text without the line and column that the renderer adds to the path: they would count from the cut.
    fn with_true_column(&self, place: &Place, rendered: String) -> String {
        match self.column {
            None => rendered,
            Some(column) => {
                let line = place.position().line;
                rendered.replacen(&format!("{place}:{line}:{column}"), &place.to_string(), 1)
            }
        }
    }
}

/// A range within `text`, on character boundaries, not past the end of the first marked line: a mark over a whole mapping does not help.
fn clamp(range: Range<usize>, text: &str) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    let end = text.floor_char_boundary(range.end.max(start));
    let line_end = text[start..end].find('\n').map_or(end, |i| start + i);
    start..line_end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    #[test]
    fn a_diagnostic_shows_file_line_mark_and_advice() {
        let source = Source::new("cases/a.yaml", "cases:\n  - name: x\n    expct: 1\n");
        let at = source.text().find("expct").unwrap_or_default();
        let text = render(
            &Diagnostic::error(
                "unknown-field",
                "unknown field `expct`",
                source.place(Span::new(at, at + 5)),
            )
            .with_nearest("expct", ["expect", "name"]),
            Style::Plain,
        );
        assert_eq!(
            text,
            "error[unknown-field]: unknown field `expct`\n \
             --> cases/a.yaml:3:5\n  \
              |\n\
             3 |     expct: 1\n  \
              |     ^^^^^\n  \
              |\n  \
              = help: did you mean `expect`?"
        );
    }

    /// The diagnostic of `place` in a minified document.
    fn of_minified(before: &str, place: &str, after: &str) -> String {
        let source = Source::new("api.json", format!("{before}{place}{after}"));
        let span = Span::new(before.len(), before.len() + place.len());
        let diagnostic = Diagnostic::error("x", "wrong", source.place(span)).with_label("here");
        render(&diagnostic, Style::Plain)
    }

    #[test]
    fn a_minified_line_is_cut_around_the_mark() {
        let text = of_minified(
            &format!("{{{}", "\"k\":1,".repeat(1000)),
            "\"bad\"",
            &format!(":1,{}", "\"z\":2,".repeat(1000)),
        );
        let (left, right) = ("\"k\":1,".repeat(6), "\"z\":2,".repeat(11));
        let indent = " ".repeat("…:1,".chars().count() + left.len());
        assert_eq!(
            text,
            format!(
                "error[x]: wrong\n \
                 --> api.json:1:6002\n  \
                  |\n\
                 1 | …:1,{left}\"bad\":1,{right}\"z\":2…\n  \
                  | {indent}^^^^^ here"
            )
        );
    }

    #[test]
    fn the_mark_may_be_at_either_end_of_a_minified_line() {
        let long = "\"k\":1,".repeat(1000);
        let start = of_minified("{", "\"bad\"", &format!(":1,{long}"));
        assert!(start.contains(" --> api.json:1:2\n"), "{start}");
        assert!(start.contains("1 | {\"bad\":1,\"k\":1,"), "{start}");
        assert!(start.ends_with("\n  |  ^^^^^ here"), "{start}");
        let end = of_minified(&format!("{{{long}"), "\"bad\"", ":1}");
        assert!(end.contains(" --> api.json:1:6002\n"), "{end}");
        assert!(end.contains("\"k\":1,\"bad\":1}\n"), "{end}");
        let marked = end.lines().nth(3).unwrap_or_default();
        let mark = end.lines().nth(4).unwrap_or_default();
        let column = |line: &str, word: &str| line.split(word).next().map(|it| it.chars().count());
        assert_eq!(
            column(mark, "^^^^^ here"),
            column(marked, "\"bad\""),
            "{end}"
        );
    }

    #[test]
    fn a_mark_after_wide_characters_is_under_its_text() {
        // The first is one column wide, the second two.
        for (character, columns) in [('é', 1), ('客', 2)] {
            let before = character.to_string().repeat(1000);
            let text = of_minified(&before, "bad", &"z".repeat(1000));
            assert!(text.contains(" --> api.json:1:1001\n"), "{text}");
            let shown = text.lines().nth(3).unwrap_or_default();
            let kept = shown.matches(character).count();
            let mark = text.lines().nth(4).unwrap_or_default();
            // The gutter, the ellipsis, and the text before the mark.
            let expected = "1 | ".len() + 1 + kept * columns;
            assert_eq!(mark.find('^'), Some(expected), "{text}");
        }
    }

    #[test]
    fn nearest_accepts_a_typo_and_rejects_an_unrelated_name() {
        assert_eq!(nearest("expct", ["expect", "name"]), Some("expect"));
        assert_eq!(nearest("customerID", ["customerId"]), Some("customerId"));
        assert_eq!(nearest("zebra", ["expect", "name"]), None);
    }
}
