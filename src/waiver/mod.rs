//! Findings that are known and accepted for a while: `waivers.yaml` read into [`Waivers`], which decide about each finding, and the
//! [`WaiverLedger`] that records how they were used on one target.
//!
//! A waiver covers a finding when code, operation, place and all other stated fields match, it has not expired, and the actual value is
//! of the class it names. Otherwise, a waiver that fails only by its date or by the class of the value is shown with the finding
//! ([`Decision::Outdated`]), which then counts.

mod date;
mod ledger;
mod pattern;
mod read;

use std::path::Path;
use std::sync::Arc;

use time::Date;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::finding::{Finding, ValueClass};
use crate::source::{FileError, Place, Source};

pub use date::today;
pub use ledger::{Used, WaiverLedger};
pub use pattern::{ClassPattern, OperationPattern, PlacePattern, WaivedCode};

/// The default file name.
pub const FILE_NAME: &str = "waivers.yaml";

/// All waivers of a file, in its order. [`Waivers::default`] is empty.
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
    pub code: WaivedCode,
    pub operation: OperationPattern,
    pub at: PlacePattern,
    /// The schema keyword that is violated.
    pub keyword: Option<String>,
    /// The kind of the actual value; `None`: any.
    pub actual: Option<ClassPattern>,
    /// Name or URL of the only target it applies to.
    pub target: Option<String>,
    pub system: Option<String>,
    /// The only case it applies to, `system::file::name`.
    pub case: Option<String>,
    /// Why the finding is accepted.
    pub reason: String,
    pub ticket: Option<String>,
    pub owner: Option<String>,
    /// The last day on which it applies, UTC.
    pub until: Date,
    /// Whether that day has passed.
    pub expired: bool,
    /// Where it is written.
    pub place: Place,
}

/// What happens with waivers that matched nothing, although the run tested what they refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stale {
    /// Nothing: the run tested only a part, so they need not be stale. (Default)
    #[default]
    Ignored,
    /// They are warnings.
    Warns,
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
    /// `GET /V1/customers/me`; `None` where no contract documents the request.
    pub operation: Option<&'a str>,
    /// `system::file::name`
    pub case: &'a str,
}

/// How the waivers decide about a finding.
#[derive(Debug, Clone)]
pub enum Decision {
    /// No waiver covers it: it counts.
    Counts,
    /// It is waived.
    Waived(Arc<Waiver>),
    /// It counts, although this waiver was written for it.
    Outdated(Arc<Waiver>, Outdated),
}

/// Why a waiver does not cover a finding that it was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outdated {
    /// Its last day has passed.
    Expired,
    /// The actual value is of another class; `None`: there is no actual value.
    Changed(Option<ValueClass>),
    /// It names the object and not the missing property: any other missing property would be covered as well.
    TooWide,
}

impl Waivers {
    /// Reads a waiver file; `today` decides which waivers have expired. Every fault is a diagnostic, and the waiver is left out; `None` when
    /// the text has no waivers at all.
    pub fn read(source: Source, today: Date, diagnostics: &mut Diagnostics) -> Option<Self> {
        let list = read::waivers(source, today, diagnostics)?;
        Some(Waivers {
            list: list.into_iter().map(Arc::new).collect(),
            stale: Stale::default(),
            narrowed: false,
        })
    }

    /// Sets what happens with stale waivers. (Default: [`Stale::Ignored`].)
    #[must_use]
    pub fn with_stale(mut self, stale: Stale) -> Self {
        self.stale = stale;
        self
    }

    /// States that the run leaves systems out: a waiver without `system` may belong to one of them, so it is not called stale.
    #[must_use]
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

    /// Decides about a finding: the first waiver in force that covers it; else the first that was written for it and does not (or no longer)
    /// cover it. The number is the waiver's index in [`Waivers::list`].
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

impl Waivers {
    /// The index of the first waiver in force that accepts a fault of this code in the contract of the scene's operation: the operation is
    /// then tested, without what the fault concerns.
    pub fn accepting_fault(&self, code: &str, scene: &Scene<'_>) -> Option<usize> {
        self.list.iter().position(|waiver| {
            waiver.code == WaivedCode::ContractFault
                && waiver.at.matches_fault(code)
                && waiver.concerns(scene)
                && !waiver.expired
        })
    }
}

impl Waiver {
    /// Whether it refers to findings of this scene.
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
        if self.code != WaivedCode::Finding(finding.code) || !keyword || !self.concerns(scene) {
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
pub fn unreadable(path: &Path, reason: &FileError) -> Diagnostic {
    let path = path.display();
    Diagnostic::without_place(
        "unreadable-waivers",
        format!("cannot read the waivers {path}: {reason}"),
    )
    .with_advice("correct --waivers or the key `waivers` of the configuration")
}

#[cfg(test)]
mod tests;
