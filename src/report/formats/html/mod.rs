//! A run as one page for a browser: everything in one file, which loads nothing. Main function: [`render`].
//!
//! The page is made of [`Report`] alone and does not depend on the clock or on which worker was faster. Without its script everything
//! can be read; with it, cases can be searched, filtered and walked through by keys. Entries of a recording and observed exchanges
//! take the place of cases, under the same classes and attributes.
//!
//! # What scripts and browser tests may rely on
//!
//! - `#verdict` is the headline, with `data-verdict` = `passed`, `findings`, `unreachable`, `nothing-matched`, `coverage`, `interrupted` or
//!   `input` (see [`ExitStatus`](crate::report::ExitStatus)) and `data-exit`, the exit code.
//! - Sections: `#failures`, `#errors`, `#lost`, `#warnings`, `#waived`, `#stale`, `#skipped`, `#passed`, `#coverage`, `#times`, `#explain`;
//!   one without content is not there, but for `#passed`.
//! - `.group` is a cause: `data-code`, `data-operation`, `data-cases` (how many cases share it).
//! - `.case` is a case, `details` where it is told whole and `li` where only by name: `id` = `case-…` (the same in every run),
//!   `data-case` (its full name), `data-verdict` (`passed`, `failed`, `error`, `skipped`), and `data-operations`, `data-tags`, `data-codes`,
//!   each a list with a line feed between.
//! - `.step`: `data-role` = `step`, `fixture`, `login`, `cleanup` or `unknown`. `.finding`: `data-code`, `data-at`. `.diff`, `.body`.
//! - `#explain-CODE` is the page of a code. `.system` (`data-system`) in the header and in `#coverage`; `.operation` (`data-operation`) is a row
//!   of the coverage map and of `#times`; `.point`: `data-state` = `covered`, `missing` or `excluded`.
//! - Controls, hidden where no script runs: `#search`, `input[name=verdict]`, `#filter-operation`, `#filter-tag`, `#filter-code`,
//!   `#reset`, `#shown` (the live count), `#theme`, `#keys` (opens `dialog#help`), `button[data-copy]`.
//! - The URL's hash is either an anchor, or filters: `#q=…&verdict=failed,error&operation=…&tag=…&code=…`.
//! - The colour scheme is the system's, or the root's `data-theme` = `light` or `dark`.

mod anchor;
mod body;
mod case;
mod coverage;
mod diff;
mod explain;
mod page;
mod slow;
mod templates;
mod words;

#[cfg(test)]
mod tests;

use crate::report::model::Report;

/// The page, complete with style and script.
///
/// # Errors
///
/// Where the template cannot be filled, which only a mistake in it can cause.
pub fn render(report: &Report) -> Result<String, minijinja::Error> {
    let mut templates = templates::Templates::new()?;
    let page = page::ReportPage::of(report, &mut templates)?;
    templates.fill("page.html", &page)
}
