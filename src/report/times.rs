//! Durations of the calls of each operation, in a few kilobytes per operation for any number of calls. Main type: [`OperationTimes`].

use std::collections::HashMap;
use std::sync::Arc;

use hdrhistogram::Histogram;

use crate::event::SubjectFinished;

/// The durations of an operation's calls that got a response.
#[derive(Debug, Clone)]
pub struct OperationTimes {
    system: Arc<str>,
    operation: Arc<str>,
    /// Microseconds, with two significant digits.
    histogram: Histogram<u32>,
    longest: f64,
}

impl OperationTimes {
    pub fn system(&self) -> &str {
        &self.system
    }

    /// `POST /V1/customers`
    pub fn operation(&self) -> &str {
        &self.operation
    }

    pub fn calls(&self) -> u64 {
        self.histogram.len()
    }

    /// The duration in milliseconds that this share of the calls (from 0 to 1) did not exceed, with two significant digits and at most
    /// [`Self::longest`].
    pub fn quantile(&self, share: f64) -> f64 {
        let microseconds = self.histogram.value_at_quantile(share);
        (microseconds as f64 / 1000.0).min(self.longest)
    }

    /// Milliseconds, exact.
    pub fn longest(&self) -> f64 {
        self.longest
    }

    /// A histogram: for each bound (milliseconds, ascending) the number of calls that took up to this bound and longer than the previous
    /// bound; the last number counts the calls beyond all bounds.
    pub fn distribution(&self, bounds: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; bounds.len() + 1];
        for step in self.histogram.iter_recorded() {
            let milliseconds = step.value_iterated_to() as f64 / 1000.0;
            let bin = bounds.partition_point(|bound| *bound < milliseconds);
            counts[bin] += step.count_since_last_iteration();
        }
        counts
    }
}

/// 10 minutes. A longer call counts as this long, except in [`OperationTimes::longest`].
const LONGEST_MICROSECONDS: u64 = 600_000_000;

/// The durations of all operations, collected from events in any order.
#[derive(Debug, Clone, Default)]
pub(super) struct Times {
    list: Vec<OperationTimes>,
    known: HashMap<(Arc<str>, Arc<str>), usize>,
}

impl Times {
    /// No contract has more operations; further operations of a recording are not kept.
    const OPERATIONS: usize = 10_000;

    pub(super) fn all(&self) -> impl Iterator<Item = &OperationTimes> {
        self.list.iter()
    }

    pub(super) fn take(&mut self, case: &SubjectFinished) {
        for call in &case.calls {
            if !call.milliseconds.is_finite() {
                continue;
            }
            let Some(times) = self.of(&case.subject.system, &call.operation) else {
                continue;
            };
            // A float outside the range of integers becomes the nearest integer.
            let microseconds = (call.milliseconds * 1000.0).round() as u64;
            times.histogram.saturating_record(microseconds.max(1));
            times.longest = times.longest.max(call.milliseconds);
        }
    }

    fn of(&mut self, system: &Arc<str>, operation: &Arc<str>) -> Option<&mut OperationTimes> {
        let key = (Arc::clone(system), Arc::clone(operation));
        let index = match self.known.get(&key) {
            Some(&index) => index,
            None if self.list.len() >= Self::OPERATIONS => return None,
            None => {
                // The bounds are constants that hdrhistogram accepts.
                let histogram = Histogram::new_with_bounds(1, LONGEST_MICROSECONDS, 2).ok()?;
                self.list.push(OperationTimes {
                    system: Arc::clone(system),
                    operation: Arc::clone(operation),
                    histogram,
                    longest: 0.0,
                });
                self.known.insert(key, self.list.len() - 1);
                self.list.len() - 1
            }
        };
        self.list.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::CallRecord;
    use crate::report::fixture;

    fn timed(times: &[f64]) -> SubjectFinished {
        let mut case = fixture::passed();
        let calls = times.iter().map(|milliseconds| CallRecord {
            operation: "GET /V1/customers/me".into(),
            status: 200,
            milliseconds: *milliseconds,
        });
        case.calls = calls.collect();
        case
    }

    fn folded(cases: &[SubjectFinished]) -> OperationTimes {
        let mut times = Times::default();
        for case in cases {
            times.take(case);
        }
        times.list.remove(0)
    }

    #[test]
    fn quantiles_are_right_to_two_digits_and_the_longest_is_exact() {
        let all: Vec<f64> = (1..=1000).map(f64::from).collect();
        let times = folded(&[timed(&all)]);
        assert_eq!(times.calls(), 1000);
        assert_eq!(times.longest(), 1000.0);
        for (share, exact) in [(0.5, 500.0), (0.95, 950.0), (1.0, 1000.0)] {
            let actual = times.quantile(share);
            assert!((actual - exact).abs() <= exact * 0.01, "{share}: {actual}");
        }
    }

    #[test]
    fn the_order_of_the_cases_does_not_matter() {
        let (a, b) = (timed(&[1.0, 250.0]), timed(&[30.0, 0.0]));
        let (first, second) = (folded(&[a.clone(), b.clone()]), folded(&[b, a]));
        assert_eq!(first.histogram, second.histogram);
        assert_eq!(first.quantile(0.5), second.quantile(0.5));
    }

    #[test]
    fn absurd_times_neither_panic_nor_grow() {
        let times = folded(&[timed(&[f64::NAN, f64::INFINITY, -1.0, 1e300])]);
        assert_eq!((times.calls(), times.longest()), (2, 1e300));
        assert!(times.quantile(1.0) <= 700_000.0);
    }

    #[test]
    fn each_call_is_in_one_bin() {
        let times = folded(&[timed(&[1.0, 2.0, 5.0, 50.0, 5000.0])]);
        assert_eq!(times.distribution(&[3.0, 10.0, 100.0]), [2, 1, 1, 1]);
    }
}
