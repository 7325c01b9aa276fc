//! Text for people: a line for each case while they run, and after them what failed, each cause once and on one screen.
//!
//! Pure functions from events and [`Report`] to `String`; nothing here prints. Outside text is made harmless (see `untrusted`), so the
//! only escape sequences in the result are our own colours, and none where the style is plain. Main type: [`Look`].

mod body;
mod case;
mod coverage;
mod diff;
mod mark;
mod paint;
mod snippet;
mod summary;
mod waived;
mod words;

#[cfg(test)]
mod tests;

use crate::diagnostic::Style;
use crate::event::{CaseFinished, RunStarted, TargetLost, Verdict};

pub use self::coverage::coverage;
pub(crate) use self::diff::lines as diff_lines;
pub(crate) use self::paint::{Ink, Paint};
use self::words::counted;
use super::Report;
pub use super::group::Causes;
use super::group::{Group, group};
use super::untrusted::short;

/// How the text should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub style: Style,
    /// Columns of the terminal. Our lines keep to it down to about 40; names, places, URLs and the curl line are there to be copied
    /// and never cut.
    pub width: usize,
}

/// Plain, 100 columns: for files and pipes.
impl Default for Look {
    fn default() -> Self {
        Look {
            style: Style::Plain,
            width: 100,
        }
    }
}

impl Look {
    fn paint(self) -> Paint {
        Paint(self.style)
    }

    /// Columns left behind an indentation.
    fn room(self, indent: usize) -> usize {
        self.width.saturating_sub(indent).max(20)
    }

    /// The same look for text that will be indented.
    fn narrower(self, indent: usize) -> Self {
        Look {
            width: self.width.saturating_sub(indent),
            ..self
        }
    }
}

/// Which cases get a line while they run and nobody watches a progress bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lines {
    /// Only those that failed or ended in error, and of these the first of each cause ([`Causes`]). (Default)
    #[default]
    NotPassed,
    /// Every case (`--verbose`).
    All,
    /// None (`--quiet`).
    None,
}

impl Lines {
    /// Whether a case with this verdict gets its [`line()`].
    pub fn includes(self, verdict: Verdict) -> bool {
        match self {
            Lines::NotPassed => matches!(verdict, Verdict::Failed | Verdict::Error),
            Lines::All => true,
            Lines::None => false,
        }
    }
}

/// What stands above a run: a line a system (name, number of cases, target) and one for each of its contracts, with a last line feed.
pub fn opening(run: &RunStarted, look: Look) -> String {
    finish(summary::opening(run, look))
}

/// One case on one line, without line feed: `PASS magento::customers/me::… (12 ms)`; where it did not pass, followed by the first
/// reason: `FAIL magento::customers/me::… (12 ms): body-schema at body /id: "7" is not of type "integer"`.
pub fn line(case: &CaseFinished, style: Style) -> String {
    let look = Look {
        style,
        ..Look::default()
    };
    let head = case::headline(case, look);
    match reason(case) {
        Some(reason) => format!("{head}: {}", short(&reason, 300)),
        None => head,
    }
}

/// The line that says a target cannot be asked, without line feed; for showing it as it happens. [`closing`] repeats it.
pub fn lost(lost: &TargetLost, style: Style) -> String {
    summary::lost(lost, Paint(style))
}

/// The stale waivers of a run as plain text, without a last line feed; empty where there are none.
pub fn stale_waivers(report: &Report) -> String {
    waived::stale(report, Look::default()).join("\n")
}

/// A failed case or an error on one screen, without a last line feed.
pub fn case(case: &CaseFinished, look: Look) -> String {
    case::case(case, look)
}

/// What stands below a run, with a last line feed: failures and errors (each cause once), lost targets, skips, warnings and waived findings
/// grouped, stale waivers, a line a system, the seed. The last line is always `N cases: P passed, F failed, E errors, S skipped (T s)`; T has two decimals.
pub fn closing(report: &Report, look: Look) -> String {
    let mut parts = Vec::new();
    parts.extend(cases(&report.failed(), look));
    parts.extend(cases(&report.errors(), look));
    let lost = report.lost().iter();
    parts.push(lost.map(|one| summary::lost(one, look.paint())).collect());
    parts.push(summary::skipped(report, look));
    parts.push(summary::warnings(report, look));
    parts.push(waived::waived(report, look));
    parts.push(waived::stale(report, look));
    parts.push(summary::closing(report, look));
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|lines| !lines.is_empty())
        .map(|lines| lines.join("\n"))
        .collect();
    parts.join("\n\n") + "\n"
}

/// A whole run: [`opening`], an empty line, [`closing`].
pub fn render(report: &Report, look: Look) -> String {
    let mut out = match report.run() {
        Some(run) => opening(run, look) + "\n",
        None => String::new(),
    };
    out.push_str(&closing(report, look));
    out
}

/// Cases shown in full; of the others one line each is enough to see how many there are.
const SCREENS: usize = 25;
/// Lines about what was met only after another cause.
const CONSEQUENCES: usize = 12;
/// Names given of the cases that share a cause.
const NAMED: usize = 5;

fn cases(cases: &[&CaseFinished], look: Look) -> Vec<Vec<String>> {
    let (groups, consequences) = group(cases);
    let mut parts = Vec::new();
    for Group { shown, also, .. } in groups.iter().take(SCREENS) {
        let mut lines = vec![case::case(shown, look)];
        if !also.is_empty() {
            lines.push(String::new());
            lines.push(format!(
                "  the same in {}:",
                counted(also.len(), "more case")
            ));
            let named = also.iter().take(NAMED);
            let named = named.map(|one| one.case.to_string());
            lines.extend(named.map(|id| format!("    {}", super::untrusted::line(&id))));
            if also.len() > NAMED {
                lines.push(format!("    … and {} more", also.len() - NAMED));
            }
        }
        parts.push(lines);
    }
    let in_short: Vec<String> = groups
        .iter()
        .skip(SCREENS)
        .map(|one| {
            let also = match one.also.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            line(one.shown, look.style) + &also
        })
        .collect();
    if !in_short.is_empty() {
        let note = "further ones in short (whole in the JSON report):";
        let mut lines = vec![look.paint().text(Ink::Strong, note)];
        lines.extend(in_short);
        parts.push(lines);
    }
    if !consequences.is_empty() {
        let note = "met only after one of these in the same case, perhaps in consequence:";
        let mut lines = vec![look.paint().text(Ink::Strong, note)];
        for one in consequences.iter().take(CONSEQUENCES) {
            let text = short(&one.text, 200);
            let cases = counted(one.cases, "case");
            let first = super::untrusted::line(&one.first.to_string()).into_owned();
            lines.push(format!("  {text} ({cases}, first {first})"));
        }
        if consequences.len() > CONSEQUENCES {
            let more = consequences.len() - CONSEQUENCES;
            lines.push(format!("  … and {more} more (see the JSON report)"));
        }
        parts.push(lines);
    }
    parts
}

/// The first reason why a case did not pass, or passed before its end.
fn reason(case: &CaseFinished) -> Option<String> {
    let findings = case.steps.iter().flat_map(|step| &step.findings);
    let mut broken = findings.filter(|one| super::warning::fails(one));
    match case.verdict {
        Verdict::Failed => broken
            .next()
            .map(|one| format!("{} at {}: {}", one.code, one.at.trim_end(), one.message)),
        Verdict::Passed | Verdict::Error | Verdict::Skipped => case.reason.clone(),
    }
}

fn finish(lines: Vec<String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}
