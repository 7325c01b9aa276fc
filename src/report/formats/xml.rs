//! A writer for XML 1.0 text. Main type: [`Xml`].

use std::fmt::{Display, Write as _};

/// A document that is being written. The caller closes the elements that it opens.
#[derive(Debug)]
pub(super) struct Xml {
    text: String,
}

impl Xml {
    pub(super) fn new() -> Self {
        Xml {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
        }
    }

    /// Appends trusted markup unchanged.
    pub(super) fn raw(&mut self, markup: &str) {
        self.text.push_str(markup);
    }

    /// ` name="value"`; line breaks and tabs of the value are preserved despite the reader's normalisation (XML 1.0, 3.3.3).
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        escape(&mut self.text, value, true);
        self.text.push('"');
    }

    /// ` name="value"` of a value that needs no escaping, such as a number.
    pub(super) fn plain(&mut self, name: &str, value: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.text, " {name}=\"{value}\"");
    }

    /// The text of an element.
    pub(super) fn content(&mut self, text: &str) {
        escape(&mut self.text, text, false);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Appends a text with `&`, `<`, `>` and quotes as entities, and characters that XML 1.0 forbids (section 2.2) as `\u{…}`.
fn escape(out: &mut String, text: &str, attribute: bool) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let replacement = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if attribute => "&quot;",
            '\n' if attribute => "&#10;",
            '\t' if attribute => "&#9;",
            '\r' => "&#13;",
            '\n' | '\t' => continue,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        from = at + c.len_utf8();
        match replacement {
            "" => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            entity => out.push_str(entity),
        }
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped_each_in_its_way() {
        let mut xml = Xml::new();
        xml.raw("<a");
        xml.attribute("b", "\"<&>\n\t\r'\u{0}ü");
        xml.plain("n", 1.5);
        xml.raw(">");
        xml.content("]]>\"\n\t\r\u{1b}\u{ffff}é");
        xml.raw("</a>");
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <a b=\"&quot;&lt;&amp;&gt;&#10;&#9;&#13;'\\u{0}ü\" n=\"1.5\">]]&gt;\"\n\t&#13;\\u{1b}\\u{ffff}é</a>"
        );
    }
}
