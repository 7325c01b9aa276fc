//! A run as one page for a browser: everything in one file, which asks nobody for anything. Main function: [`render`].
//!
//! The page is made of [`Report`] alone and does not depend on the clock or on which worker was faster. Without its script everything
//! can be read; with it, cases can be searched, filtered and walked through by keys.
//!
//! # What scripts and browser tests may rely on
//!
//! - `#verdict` is the headline, with `data-verdict` = `passed`, `findings`, `unreachable`, `nothing-matched`, `coverage`, `interrupted` or
//!   `input` (see [`ExitStatus`](super::ExitStatus)) and `data-exit`, the exit code.
//! - Sections: `#failures`, `#errors`, `#lost`, `#warnings`, `#waived`, `#stale`, `#skipped`, `#passed`, `#coverage`, `#times`, `#explain`;
//!   one without content is not there, but for `#passed`.
//! - `.group` is a cause: `data-code`, `data-operation`, `data-cases` (how many cases share it).
//! - `.case` is a case, `details` where it is told whole and `li` where only by name: `id` = `case-…` (the same in every run),
//!   `data-case` (its full name), `data-verdict` (`passed`, `failed`, `error`, `skipped`), and `data-operations`, `data-tags`, `data-codes`,
//!   each a list with a line feed between.
//! - `.step`: `data-role` = `step`, `fixture`, `login` or `cleanup`. `.finding`: `data-code`, `data-at`. `.diff`, `.body`.
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

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Report;
use super::untrusted;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Bytes that cases told whole may take together; the others are told without their steps.
const CASES_BUDGET: usize = 2_500_000;

/// The page, complete with style and script.
///
/// # Errors
///
/// Where the template cannot be filled, which only a mistake in it can cause.
pub fn render(report: &Report) -> Result<String, minijinja::Error> {
    let mut templates = Templates::new()?;
    let page = page::Page::of(report, &mut templates)?;
    templates.fill("page.html", &page)
}

/// The templates of the page, and how many bytes may still be spent on whole cases.
struct Templates {
    environment: Environment<'static>,
    left: usize,
}

impl Templates {
    fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
        // The ending `.html` turns on escaping.
        environment.add_template("page.html", include_str!("page.html"))?;
        environment.add_template("case.html", include_str!("case.html"))?;
        environment.add_template("coverage.html", include_str!("coverage.html"))?;
        environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
        environment.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
        environment.add_global("policy", Value::from_safe_string(policy()));
        Ok(Templates {
            environment,
            left: CASES_BUDGET,
        })
    }

    fn fill(&self, name: &str, view: &impl Serialize) -> Result<String, minijinja::Error> {
        self.environment
            .get_template(name)?
            .render(Value::from(Serde(view)))
    }

    /// A case told whole; `None` where the page would become too large.
    fn case(&mut self, view: &case::CaseView) -> Result<Option<String>, minijinja::Error> {
        let text = self.fill("case.html", view)?;
        match self.left.checked_sub(text.len()) {
            Some(left) => {
                self.left = left;
                Ok(Some(text))
            }
            None => Ok(None),
        }
    }
}

/// What the page may load and run: its own style and its own script, known by their hashes, and nothing else.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// Outside text on one line, at most so many characters of it.
fn text(text: &str, limit: usize) -> String {
    untrusted::short(text, limit)
}

/// Characters of a name, an operation or a place.
const NAME: usize = 300;
/// Characters of a message.
const WORDS: usize = 600;
/// Characters of a value that was expected or came.
const VALUE: usize = 1000;

/// `12 ms`, from ten seconds on `12.3 s`; below ten milliseconds with one decimal.
fn duration(milliseconds: f64) -> String {
    if milliseconds < 9.95 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 10_000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}

/// `1 case`, `2 cases`, `4 500 cases`
fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
