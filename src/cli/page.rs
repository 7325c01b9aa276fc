//! An `explain` page (a subset of Markdown) as text for a terminal. Main function: [`page`].

use unicode_width::UnicodeWidthStr;

use crate::report::terminal::{Ink, Look, Paint};

/// The maximum width of a page: longer lines are hard to read.
const WIDEST: usize = 100;

/// Renders a page: headings are highlighted, paragraphs and list items are wrapped, code blocks are indented.
pub(super) fn page(markdown: &str, look: Look) -> String {
    let mut out = MarkdownPage {
        text: String::new(),
        width: look.width.clamp(20, WIDEST),
        paint: Paint(look.style),
        words: Vec::new(),
        item: false,
    };
    let mut in_code = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            out.fill();
            in_code = !in_code;
        } else if in_code {
            out.line(&format!("    {line}"));
        } else if let Some(heading) = line.strip_prefix("## ").or(line.strip_prefix("# ")) {
            out.fill();
            let heading = out.paint.text(Ink::Strong, heading);
            out.line(&heading);
        } else if let Some(item) = line.strip_prefix("- ") {
            out.fill();
            out.item = true;
            out.take(item);
        } else if line.trim().is_empty() {
            out.fill();
            out.line("");
        } else {
            out.take(line);
        }
    }
    out.fill();
    out.text.trim_end().to_owned()
}

struct MarkdownPage {
    text: String,
    width: usize,
    paint: Paint,
    /// Of the current paragraph or item.
    words: Vec<String>,
    item: bool,
}

impl MarkdownPage {
    fn take(&mut self, line: &str) {
        let plain = line.replace("**", "");
        self.words
            .extend(plain.split_whitespace().map(str::to_owned));
    }

    /// Ends the current paragraph or item.
    fn fill(&mut self) {
        let indent = if self.item { "  " } else { "" };
        let mut line = if self.item {
            "- ".to_owned()
        } else {
            String::new()
        };
        let mut is_begun = false;
        for word in std::mem::take(&mut self.words) {
            if is_begun && line.width() + 1 + word.width() > self.width {
                self.line(&line);
                line = indent.to_owned();
                is_begun = false;
            }
            if is_begun {
                line.push(' ');
            }
            line.push_str(&word);
            is_begun = true;
        }
        if is_begun {
            self.line(&line);
        }
        self.item = false;
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Style;
    use crate::finding::{Code, ErrorKind};

    fn look(width: usize, style: Style) -> Look {
        Look { style, width }
    }

    #[test]
    fn paragraphs_and_items_are_wrapped_and_code_is_not() {
        let markdown = "# a: b\n\none two\nthree four five\n\n```json\n{ \"x\":   1, \"long\": \"line\" }\n```\n\n- **On it:** six seven eight nine\n- ten\n";
        assert_eq!(
            page(markdown, look(20, Style::Plain)),
            "a: b\n\none two three four\nfive\n\n    { \"x\":   1, \"long\": \"line\" }\n\n- On it: six seven\n  eight nine\n- ten"
        );
    }

    #[test]
    fn headings_are_highlighted_with_colours() {
        let text = page("## Example\n", look(80, Style::Coloured));
        assert!(
            text.contains("\u{1b}[1m") && text.contains("Example"),
            "{text:?}"
        );
    }

    #[test]
    fn every_page_keeps_its_words_and_the_width() {
        let pages = Code::ALL.iter().map(|code| code.page());
        for markdown in pages.chain(ErrorKind::ALL.iter().map(|kind| kind.page())) {
            let text = page(markdown, look(72, Style::Plain));
            for line in text.lines().filter(|line| !line.starts_with("    ")) {
                assert!(
                    line.width() <= 72 || !line.trim_start_matches("- ").contains(' '),
                    "{line}"
                );
                assert!(!line.starts_with('#') && !line.contains("**"), "{line}");
            }
            let plain = markdown.replace("**", "");
            let words = |text: &str| -> Vec<String> {
                let words = text
                    .split_whitespace()
                    .filter(|word| !word.starts_with('#') && !word.starts_with("```"));
                words.map(str::to_owned).collect()
            };
            let expected: Vec<String> = words(&plain);
            // A comment in a block of code begins like a heading.
            let shown: Vec<String> = words(&text);
            assert_eq!(shown, expected);
        }
    }
}
