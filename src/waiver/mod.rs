//! Findings that are known and accepted for a while: `waivers.yaml` read into [`Waivers`], which decide over each finding, and the
//! [`WaiverLedger`] of what they came to on one target.
//!
//! A waiver covers a finding when code, operation, place and all else that it states agree, it has not expired, and the actual value is
//! of the class it names. A waiver that would have covered it but for its date, or for the class of the value, is told beside the finding
//! ([`Decision::Outdated`]), which then counts.

mod date;
mod ledger;
mod pattern;
mod read;

use std::path::Path;
use std::sync::Arc;

use time::Date;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::finding::{Code, Finding, ValueClass};
use crate::source::{Place, Source};

pub use date::today;
pub use ledger::{Used, WaiverLedger};
pub use pattern::{ClassPattern, OperationPattern, PlacePattern};

/// The file's name where nobody gives another.
pub const FILE_NAME: &str = "waivers.yaml";

/// All waivers of a file, in its order. [`Waivers::default`] has none.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    list: Vec<Arc<Waiver>>,
    stale: Stale,
    /// Whether systems are left out of the run.
    narrowed: bool,
}

/// A known finding that is accepted until a day.
#[derive(Debug, Clone)]
pub struct Waiver {
    pub code: Code,
    pub operation: OperationPattern,
    pub at: PlacePattern,
    /// The schema keyword that is violated.
    pub keyword: Option<String>,
    /// What kind of value comes; `None`: any.
    pub actual: Option<ClassPattern>,
    /// Name or URL of the only target that is meant.
    pub target: Option<String>,
    pub system: Option<String>,
    /// The only case that is meant, `system::file::name`.
    pub case: Option<String>,
    /// Why the finding is accepted.
    pub reason: String,
    pub ticket: Option<String>,
    pub owner: Option<String>,
    /// The last day on which it holds, UTC.
    pub until: Date,
    /// Whether that day has passed.
    pub expired: bool,
    /// Where it is written.
    pub place: Place,
}

/// What becomes of waivers that matched nothing, although the run asked for what they speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stale {
    /// Nobody is told: the run asked only for a part, so nothing follows. (Default)
    #[default]
    Ignored,
    /// As a warning.
    Told,
    /// The run fails (`--strict-waivers`).
    Fails,
}

/// Where a finding was made.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub system: &'a str,
    /// The target's name, and its URL without credentials and trailing slash.
    pub target: &'a str,
    pub url: &'a str,
    /// `GET /V1/customers/me`; `None` where no contract documents what was called.
    pub operation: Option<&'a str>,
    /// `system::file::name`
    pub case: &'a str,
}

/// What the waivers say to a finding.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Nothing: it counts.
    Counts,
    /// It is waived.
    Waived(Arc<Waiver>),
    /// It counts, though this waiver was written for it.
    Outdated(Arc<Waiver>, Outdated),
}

/// Why a waiver does not cover a finding that it was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outdated {
    /// Its last day has passed.
    Expired,
    /// The actual value is of another class; `None`: there is no value to speak of.
    Changed(Option<ValueClass>),
    /// It names the object and not the property that is missing in it: any other missing one would be covered as well.
    TooWide,
}

impl Waivers {
    /// Reads a waiver file; `today` decides which have expired. Everything wrong is a diagnostic, and the waiver is left out; `None` when
    /// the text has no waivers at all.
    pub fn read(source: Source, today: Date, diagnostics: &mut Diagnostics) -> Option<Self> {
        let list = read::waivers(source, today, diagnostics)?;
        Some(Waivers {
            list: list.into_iter().map(Arc::new).collect(),
            stale: Stale::default(),
            narrowed: false,
        })
    }

    /// Sets what becomes of stale ones. (Default: [`Stale::Ignored`].)
    pub fn with_stale(mut self, stale: Stale) -> Self {
        self.stale = stale;
        self
    }

    /// Says that the run leaves systems out: a waiver that states no `system` may belong to one of them, so it is not called stale.
    pub fn with_systems_left_out(mut self, narrowed: bool) -> Self {
        self.narrowed = narrowed;
        self
    }

    pub fn stale(&self) -> Stale {
        self.stale
    }

    /// In the order of the file.
    pub fn list(&self) -> &[Arc<Waiver>] {
        &self.list
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Decides over a finding: the first waiver in force that covers it; else the first that was written for it and does not cover it
    /// (any more). The number is the waiver's in [`Waivers::list`].
    pub fn decide(&self, finding: &Finding, scene: &Scene<'_>) -> (Decision, Option<usize>) {
        let mut outdated = None;
        for (index, waiver) in self.list.iter().enumerate() {
            match waiver.covers(finding, scene) {
                Some(Ok(())) => return (Decision::Waived(Arc::clone(waiver)), Some(index)),
                Some(Err(why)) => {
                    outdated.get_or_insert((waiver, why, index));
                }
                None => {}
            }
        }
        match outdated {
            Some((waiver, why, index)) => {
                (Decision::Outdated(Arc::clone(waiver), why), Some(index))
            }
            None => (Decision::Counts, None),
        }
    }
}

impl Waiver {
    /// Whether it speaks of findings made there.
    pub fn concerns(&self, scene: &Scene<'_>) -> bool {
        let is = |stated: &Option<String>, actual: &str| {
            stated.as_deref().is_none_or(|stated| stated == actual)
        };
        let target = self.target.as_deref().is_none_or(|stated| {
            stated == scene.target || stated.trim_end_matches('/') == scene.url
        });
        target
            && is(&self.system, scene.system)
            && is(&self.case, scene.case)
            && self.operation.matches(scene.operation)
    }

    /// `None` where it was not written for this finding.
    fn covers(&self, finding: &Finding, scene: &Scene<'_>) -> Option<Result<(), Outdated>> {
        let keyword = self
            .keyword
            .as_deref()
            .is_none_or(|keyword| finding.keyword() == Some(keyword));
        if self.code != finding.code || !keyword || !self.concerns(scene) {
            return None;
        }
        if !self.at.matches(&finding.subject()) {
            return (finding.missing.is_some() && self.at.matches(&finding.at))
                .then_some(Err(Outdated::TooWide));
        }
        if let Some(actual) = &self.actual
            && !finding.found.is_some_and(|found| actual.matches(found))
        {
            return Some(Err(Outdated::Changed(finding.found)));
        }
        Some(if self.expired {
            Err(Outdated::Expired)
        } else {
            Ok(())
        })
    }
}

/// The diagnostic for a waiver file that cannot be read; `reason` is a fragment.
pub fn unreadable(path: &Path, reason: &str) -> Diagnostic {
    let path = path.display();
    Diagnostic::without_place(
        "unreadable-waivers",
        format!("cannot read the waivers {path}: {reason}"),
    )
    .with_advice("correct --waivers or the key `waivers` of the configuration")
}

#[cfg(test)]
mod tests;
