//! Text for people: a line for each subject while they run, and after them what failed, each cause once and on one screen.
//!
//! Pure functions from events and [`Report`] to `String`; nothing here prints. Text from outside is escaped, so the only escape sequences
//! in the result are our own colours, and none where the style is plain. Main type: [`Look`].

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

use super::cause::{What, decisive};
use super::group::{CauseGroup, group};
use super::model::Report;
use crate::diagnostic::Style;
use crate::event::{RunStarted, SubjectFinished, SubjectKind, Verdict};
use crate::text::{counted, short};

pub use self::coverage::coverage;
pub(crate) use self::paint::{Ink, Paint};

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

/// Which subjects get a line while they run and nobody watches a progress bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TerminalLines {
    /// Only those that failed or ended in error, and of these the first of each cause ([`super::SeenCauses`]). (Default)
    #[default]
    NotPassed,
    /// Every one (`--verbose`).
    All,
    /// None (`--quiet`).
    None,
}

impl TerminalLines {
    /// Whether a subject with this verdict gets its [`line()`].
    pub fn includes(self, verdict: Verdict) -> bool {
        match self {
            TerminalLines::NotPassed => !matches!(verdict, Verdict::Passed | Verdict::Skipped),
            TerminalLines::All => true,
            TerminalLines::None => false,
        }
    }
}

/// What stands above a run: a line a system (name, number of subjects, target) and one for each of its contracts, with a last line feed.
pub fn opening(run: &RunStarted, look: Look) -> String {
    words::ended(summary::opening(run, look))
}

/// One subject on one line, without line feed: `PASS magento::customers/me::… (12 ms)`; where it did not pass, followed by the first
/// reason: `FAIL magento::customers/me::… (12 ms): body-schema at body /id: "7" is not of type "integer"`.
pub fn line(finished: &SubjectFinished, style: Style) -> String {
    let look = Look {
        style,
        ..Look::default()
    };
    let head = case::headline(finished, look);
    match reason(finished) {
        Some(reason) => format!("{head}: {}", short(&reason, 300)),
        None => head,
    }
}

/// A subject that failed or ended in error on one screen, without a last line feed.
pub fn case(finished: &SubjectFinished, look: Look) -> String {
    case::case(finished, look)
}

/// What stands below a run, with a last line feed: failures and errors (each cause once), lost targets, skips, warnings and waived
/// findings grouped, stale waivers, a line a system, the seed. The last line is always
/// `N cases: P passed, F failed, E errors, S skipped (T s)`; T has two decimals. Entries of a recording are counted as `N entries`.
pub fn closing(report: &Report, look: Look) -> String {
    let summary = report.summary();
    let mut parts = Vec::new();
    parts.extend(subjects(&report.failed(), summary.kind, look));
    parts.extend(subjects(&report.errors(), summary.kind, look));
    parts.push(summary::lost_targets(&summary, look));
    parts.push(summary::skipped(report, look));
    parts.push(summary::warnings(report, look));
    parts.push(waived::waived(report, look));
    parts.push(waived::stale(&summary, look));
    parts.push(summary::closing(report, &summary, look));
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

/// Subjects shown in full; of the others one line each is enough to see how many there are.
const SCREENS: usize = 25;
/// Lines about what was met only after another cause.
const CONSEQUENCES: usize = 12;
/// Names given of the subjects that share a cause.
const NAMED: usize = 5;

fn subjects(subjects: &[&SubjectFinished], kind: SubjectKind, look: Look) -> Vec<Vec<String>> {
    let (groups, consequences) = group(subjects);
    let noun = kind.noun();
    let mut parts = Vec::new();
    for CauseGroup { shown, also, .. } in groups.iter().take(SCREENS) {
        let mut lines = vec![case::case(shown, look)];
        if !also.is_empty() {
            lines.push(String::new());
            let more = counted(also.len(), &format!("more {noun}"));
            lines.push(format!("  the same in {more}:"));
            let named = also.iter().take(NAMED);
            let named = named.map(|one| one.subject.to_string());
            lines.extend(named.map(|name| format!("    {}", crate::text::line(&name))));
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
        let note =
            format!("met only after one of these in the same {noun}, perhaps in consequence:");
        let mut lines = vec![look.paint().text(Ink::Strong, &note)];
        for one in consequences.iter().take(CONSEQUENCES) {
            let text = short(&one.cause.to_string(), 200);
            let number = counted(one.subjects, noun);
            let first = one.first.to_string();
            lines.push(format!(
                "  {text} ({number}, first {})",
                crate::text::line(&first)
            ));
        }
        if consequences.len() > CONSEQUENCES {
            let more = consequences.len() - CONSEQUENCES;
            lines.push(format!("  … and {more} more (see the JSON report)"));
        }
        parts.push(lines);
    }
    parts
}

/// The first reason why a subject did not pass, or passed before its end.
fn reason(finished: &SubjectFinished) -> Option<String> {
    match (finished.verdict, decisive(finished).map(|met| met.what)) {
        (Verdict::Failed, Some(What::Finding(finding))) => Some(format!(
            "{} at {}: {}",
            finding.code, finding.at, finding.message
        )),
        _ => finished.reason.as_ref().map(ToString::to_string),
    }
}
