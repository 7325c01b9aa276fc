//! How much of the contracts a run covered. Main type: [`SystemCoverage`].

use std::fmt;

use crate::event::{Coverable, Level, PointRecord, SubjectFinished};

/// How much of a system's contracts its cases covered.
#[derive(Debug, Clone, Default)]
pub struct SystemCoverage {
    system: String,
    /// Empty until the points are announced.
    points: Vec<PointRecord>,
    covered: Vec<bool>,
}

/// The number of covered points and the number of all points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ratio {
    pub covered: usize,
    /// Without excluded points.
    pub total: usize,
}

/// A percentage, rounded down to a tenth: 99.96 is not 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u64);

impl Ratio {
    /// From 0 to 100; 100 if there is nothing to cover.
    pub fn percent(self) -> Percent {
        Percent(match self.total {
            0 => 1000,
            total => self.covered as u64 * 1000 / total as u64,
        })
    }

    /// Number of points that are not covered.
    pub fn missing(self) -> usize {
        self.total - self.covered
    }
}

impl Percent {
    pub fn tenths(self) -> u64 {
        self.0
    }
}

/// `96.1`, `100`
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.0 / 10, self.0 % 10) {
            (whole, 0) => whole.to_string(),
            (whole, tenth) => format!("{whole}.{tenth}"),
        };
        f.pad(&text)
    }
}

impl SystemCoverage {
    pub fn system(&self) -> &str {
        &self.system
    }

    /// All points in the order of the contracts, each with a flag: covered or not.
    pub fn points(&self) -> impl Iterator<Item = (&PointRecord, bool)> {
        let covered = self.covered.iter().copied().chain(std::iter::repeat(false));
        self.points.iter().zip(covered)
    }

    /// The points that count and are not covered, in the order of the contracts.
    pub fn missing(&self) -> impl Iterator<Item = &PointRecord> {
        self.points()
            .filter(|(point, covered)| !covered && point.excluded.is_none())
            .map(|(point, _)| point)
    }

    /// The covered points of a level, among those that count.
    pub fn ratio(&self, level: Level) -> Ratio {
        let counted = self
            .points()
            .filter(|(point, _)| point.level() == level && point.excluded.is_none());
        counted.fold(Ratio::default(), |sum, (_, covered)| Ratio {
            covered: sum.covered + usize::from(covered),
            total: sum.total + 1,
        })
    }
}

/// Coverage of all systems, collected from events in any order.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverages(Vec<SystemCoverage>);

/// No contract has more points; a higher index comes from a damaged recording.
const MOST_POINTS: usize = 10_000_000;

impl Coverages {
    pub(super) fn announce(&mut self, coverable: &Coverable) {
        self.of(&coverable.system)
            .points
            .clone_from(&coverable.points);
    }

    pub(super) fn take(&mut self, case: &SubjectFinished) {
        if case.covered.is_empty() {
            return;
        }
        let covered = &mut self.of(&case.subject.system).covered;
        for &index in &case.covered {
            let index = index as usize;
            if index >= covered.len() && index < MOST_POINTS {
                covered.resize(index + 1, false);
            }
            if let Some(point) = covered.get_mut(index) {
                *point = true;
            }
        }
    }

    /// Coverage of the systems whose points are known.
    pub(super) fn announced(&self) -> impl Iterator<Item = &SystemCoverage> {
        self.0.iter().filter(|coverage| !coverage.points.is_empty())
    }

    fn of(&mut self, system: &str) -> &mut SystemCoverage {
        let index = match self.0.iter().position(|coverage| coverage.system == system) {
            Some(index) => index,
            None => {
                self.0.push(SystemCoverage {
                    system: system.to_owned(),
                    ..SystemCoverage::default()
                });
                self.0.len() - 1
            }
        };
        &mut self.0[index]
    }
}
