//! A run as an HTML page: everything in one file, which loads nothing. Main function: [`render`].
//!
//! The page is rendered from [`Report`] only and does not depend on the clock or on which worker was faster. Without its script everything
//! can be read; the script adds search, filters and keyboard navigation. Entries of a recording and observed exchanges are shown like
//! cases, with the same classes and attributes.
//!
//! # What scripts and browser tests may rely on
//!
//! - `#verdict` is the headline, with `data-verdict` = `passed`, `findings`, `unreachable`, `nothing-matched`, `coverage`, `interrupted` or
//!   `input` (see [`ExitStatus`](crate::report::ExitStatus)) and `data-exit`, the exit code.
//! - Sections: `#failures`, `#errors`, `#lost`, `#warnings`, `#waived`, `#stale`, `#skipped`, `#passed`, `#coverage`, `#times`, `#explain`;
//!   a section without content is left out, except `#passed`.
//! - `.group` is a cause: `data-code`, `data-operation`, `data-cases` (how many cases share it).
//! - `.case` is a case: `details` if it is shown in full, `li` if only its name is shown. `id` = `case-…` (the same in every run),
//!   `data-case` (its full name), `data-verdict` (`passed`, `failed`, `error`, `skipped`), and `data-operations`, `data-tags`, `data-codes`,
//!   each a list with a line feed between.
//! - `.step`: `data-role` = `step`, `fixture`, `login`, `cleanup` or `unknown`. `.finding`: `data-code`, `data-at`. `.diff`, `.body`.
//! - `#explain-CODE` is the page of a code. `.system` (`data-system`) in the header and in `#coverage`; `.operation` (`data-operation`) is a row
//!   of the coverage map and of `#times`; `.point`: `data-state` = `covered`, `missing` or `excluded`.
//! - Controls, hidden without scripting: `#search`, `input[name=verdict]`, `#filter-operation`, `#filter-tag`, `#filter-code`,
//!   `#reset`, `#shown` (the live count), `#theme`, `#keys` (opens `dialog#help`), `button[data-copy]`.
//! - The URL's hash is either an anchor, or filters: `#q=…&verdict=failed,error&operation=…&tag=…&code=…`.
//! - The colour scheme is that of the operating system, or `data-theme` = `light` or `dark` of the root element.

mod anchor;
mod body;
mod case;
mod coverage;
mod diff;
mod explain;
mod limits;
mod page;
mod slow;
mod templates;

#[cfg(test)]
mod tests;

use crate::report::model::Report;

/// The page with its style and script.
///
/// # Errors
///
/// If the template cannot be rendered, which is a fault in the template.
pub fn render(report: &Report) -> Result<String, minijinja::Error> {
    let mut templates = templates::Templates::new()?;
    let page = page::ReportPage::of(report, &mut templates)?;
    templates.fill("page.html", &page)
}
