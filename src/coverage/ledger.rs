//! What was covered so far, by all cases of a session. Main type: [`Recorder`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::Universe;
use crate::case::Suite;
use crate::contract::Operation;
use crate::event::Coverable;
use crate::exchange::Exchange;
use crate::version::Version;

/// Records the coverage of one suite's contracts. Its [`Universe`] is built on first use.
#[derive(Debug)]
pub struct Recorder {
    suite: Arc<Suite>,
    version: Option<Version>,
    state: OnceLock<(Universe, CoverageLedger)>,
}

impl Recorder {
    /// A recorder with nothing covered yet; `version` is the one the target serves, where it is known.
    pub fn new(suite: Arc<Suite>, version: Option<Version>) -> Self {
        Recorder {
            suite,
            version,
            state: OnceLock::new(),
        }
    }

    fn state(&self) -> &(Universe, CoverageLedger) {
        self.state.get_or_init(|| {
            let universe = Universe::of(&self.suite, self.version.as_ref());
            let ledger = CoverageLedger::new(universe.points().len());
            (universe, ledger)
        })
    }

    /// All points, for the event that announces them.
    pub fn coverable(&self) -> Coverable {
        let (universe, _) = self.state();
        Coverable {
            system: self.suite.system.clone(),
            points: universe.points().to_vec(),
        }
    }

    /// Adds to `covered` the points that an exchange with a response covers and no case has claimed yet; some may be repeated. `body` is
    /// the response's, where it is JSON.
    pub fn observe(
        &self,
        operation: &Operation,
        exchange: &Exchange,
        body: Option<&Value>,
        caller: &str,
        covered: &mut Vec<u32>,
    ) {
        let (universe, ledger) = self.state();
        universe.observe(operation, exchange, body, caller, &mut |point| {
            if !ledger.has(point) {
                covered.push(point);
            }
        });
    }

    /// Claims points for a case: returns those that no case has claimed before, in ascending order.
    pub fn claim(&self, mut points: Vec<u32>) -> Vec<u32> {
        if points.is_empty() {
            return points;
        }
        let (_, ledger) = self.state();
        points.sort_unstable();
        points.dedup();
        points.retain(|&point| ledger.claim(point));
        points
    }
}

/// A bit for each point.
#[derive(Debug)]
struct CoverageLedger(Vec<AtomicU64>);

impl CoverageLedger {
    fn new(points: usize) -> Self {
        CoverageLedger(
            (0..points.div_ceil(64))
                .map(|_| AtomicU64::new(0))
                .collect(),
        )
    }

    fn has(&self, point: u32) -> bool {
        let bits = self.0.get(point as usize / 64);
        bits.is_some_and(|bits| bits.load(Ordering::Relaxed) & (1 << (point % 64)) != 0)
    }

    /// Whether it was not claimed before.
    fn claim(&self, point: u32) -> bool {
        let bit = 1 << (point % 64);
        let bits = self.0.get(point as usize / 64);
        bits.is_some_and(|bits| bits.fetch_or(bit, Ordering::Relaxed) & bit == 0)
    }
}
