//! The pages of the codes that occur in a run. Main function: [`pages`].

use std::collections::BTreeSet;

use minijinja::value::Value;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

use crate::finding::Named;
use crate::report::cause::CauseCode;

/// The page of one code.
#[derive(Debug, Serialize)]
pub(super) struct ExplainPage {
    code: &'static str,
    summary: &'static str,
    /// HTML that this module rendered.
    text: Value,
}

/// The pages of these codes; codes without a page are left out.
pub(super) fn pages(codes: &BTreeSet<CauseCode>) -> Vec<ExplainPage> {
    let pages = codes.iter().filter_map(|code| {
        let (code, summary, page) = match code {
            CauseCode::Finding(Named::Known(code)) => (code.as_str(), code.summary(), code.page()),
            CauseCode::Error(Named::Known(kind)) => (kind.as_str(), kind.summary(), kind.page()),
            CauseCode::Finding(_) | CauseCode::Error(_) => return None,
        };
        Some(ExplainPage {
            code,
            summary,
            text: Value::from_safe_string(markdown(page)),
        })
    });
    pages.collect()
}

/// Markdown as HTML: without the title, which the surrounding page shows; headings three levels deeper; no raw HTML, no links.
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
    fn findings_and_errors_have_pages_and_other_names_none() {
        let codes = BTreeSet::from([
            CauseCode::Finding(Named::of("body-schema")),
            CauseCode::Finding(Named::of("nonsense")),
            CauseCode::Error(Named::of("timeout")),
            CauseCode::Error(Named::of("nonsense")),
        ]);
        let pages = pages(&codes);
        let names: Vec<&str> = pages.iter().map(|page| page.code).collect();
        assert_eq!(names, ["body-schema", "timeout"]);
    }
}
