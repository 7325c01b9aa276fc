//! The slowest operations, each with the distribution of its durations. Main function: [`view`].

use serde::Serialize;

use super::limits::{NAME, duration};
use crate::report::model::Report;
use crate::report::times::OperationTimes;
use crate::text::short;

/// The operations shown, and the number of the others.
#[derive(Debug, Serialize)]
pub(super) struct SlowView {
    rows: Vec<SlowRow>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct SlowRow {
    system: String,
    operation: String,
    calls: u64,
    p50: String,
    p95: String,
    max: String,
    /// `most calls took 10 ms to 18 ms`
    summary: String,
    bars: Vec<Bar>,
}

/// A bar of the histogram; the drawing is 24 wide and 20 high.
#[derive(Debug, Serialize)]
struct Bar {
    x: usize,
    y: f64,
    height: f64,
}

const ROWS: usize = 25;
/// Number of bins: from 1 ms to 10 s, each 1.54 times the previous one, and a last bin for longer calls.
const BINS: usize = 24;

/// `None` if no durations were recorded.
pub(super) fn view(report: &Report) -> Option<SlowView> {
    let times = report.operation_times();
    if times.is_empty() {
        return None;
    }
    let bounds: Vec<f64> = (0..BINS - 1)
        .map(|bin| 10f64.powf(bin as f64 * 4.0 / (BINS - 2) as f64))
        .collect();
    Some(SlowView {
        rows: times
            .iter()
            .take(ROWS)
            .map(|operation| row(operation, &bounds))
            .collect(),
        more: times.len().saturating_sub(ROWS),
    })
}

fn row(times: &OperationTimes, bounds: &[f64]) -> SlowRow {
    let counts = times.distribution(bounds);
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let peak = counts.iter().position(|count| *count == most).unwrap_or(0);
    let bars = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let bars = bars.map(|(x, count)| {
        // Even a single call among a thousand stays visible.
        let height = (*count as f64 * 20.0 / most as f64).max(1.5);
        Bar {
            x,
            y: (200.0 - height * 10.0).round() / 10.0,
            height: (height * 10.0).round() / 10.0,
        }
    });
    let summary = match (peak.checked_sub(1).map(|at| bounds[at]), bounds.get(peak)) {
        (None, Some(to)) => format!("most calls took up to {}", duration(*to)),
        (Some(from), Some(to)) => {
            format!("most calls took {} to {}", duration(from), duration(*to))
        }
        (_, None) => "most calls took more than 10 s".to_owned(),
    };
    SlowRow {
        system: short(times.system(), NAME),
        operation: short(times.operation(), NAME),
        calls: times.calls(),
        p50: duration(times.quantile(0.5)),
        p95: duration(times.quantile(0.95)),
        max: duration(times.longest()),
        summary,
        bars: bars.collect(),
    }
}
