//! The pages of the codes that occur in a run. Main function: [`pages`].

use std::collections::BTreeSet;

use minijinja::value::Value;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

use crate::finding::{Code, ErrorKind};

/// The page of one code.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    code: &'static str,
    summary: &'static str,
    /// HTML of our own making.
    text: Value,
}

/// The pages of these codes and error kinds, by name; what has no page is left out.
pub(super) fn pages(codes: &BTreeSet<String>) -> Vec<Page> {
    let pages = codes.iter().filter_map(|code| {
        let (code, summary, page) = known(code)?;
        Some(Page {
            code,
            summary,
            text: Value::from_safe_string(markdown(page)),
        })
    });
    pages.collect()
}

/// Whether a code has a page to link to.
pub(super) fn is_known(code: &str) -> bool {
    known(code).is_some()
}

fn known(code: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let finding = Code::ALL.iter().find(|one| one.as_str() == code);
    let finding = finding.map(|one| (one.as_str(), one.summary(), one.page()));
    finding.or_else(|| {
        let error = ErrorKind::ALL.iter().find(|one| one.as_str() == code)?;
        Some((error.as_str(), error.summary(), error.page()))
    })
}

/// Markdown as HTML: without its title, which the page around it gives; headings three levels deeper; no raw HTML, no links.
fn markdown(page: &str) -> String {
    let body = match page.split_once('\n') {
        Some((title, rest)) if title.starts_with("# ") => rest,
        _ => page,
    };
    let events = Parser::new_ext(body, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(Tag::Heading { .. }) => Some(Event::InlineHtml("<h4>".into())),
        Event::End(TagEnd::Heading(_)) => Some(Event::InlineHtml("</h4>\n".into())),
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
        | Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => None,
        event => Some(event),
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_and_links_become_text() {
        let out = markdown(
            "# title\n\n## Head\n\na <b>b</b> [c](https://d.example)\n\n<script>x</script>\n",
        );
        assert!(out.contains("<h4>Head</h4>"), "{out}");
        assert!(out.contains("a &lt;b&gt;b&lt;/b&gt; c"), "{out}");
        assert!(out.contains("&lt;script&gt;"), "{out}");
        assert!(!out.contains("<a ") && !out.contains("title"), "{out}");
    }

    #[test]
    fn findings_and_errors_have_pages_and_other_words_none() {
        let codes = ["body-schema", "timeout", "nonsense"].map(str::to_owned);
        let pages = pages(&BTreeSet::from(codes));
        let names: Vec<&str> = pages.iter().map(|one| one.code).collect();
        assert_eq!(names, ["body-schema", "timeout"]);
    }
}
