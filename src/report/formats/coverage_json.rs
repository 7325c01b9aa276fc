//! Coverage of the contracts as one JSON document, for scripts and dashboards. Main function: [`render`].
//!
//! `schemas/coverage.schema.json` describes it. Fields are only added.

use serde::Serialize;

use crate::coverage::proposed_case;
use crate::event::Level;
use crate::report::coverage::SystemCoverage;
use crate::report::model::Report;

#[derive(Serialize)]
struct CoverageDocument<'r> {
    /// Raised when a field is removed or changed.
    format: u32,
    systems: Vec<SystemPoints<'r>>,
}

#[derive(Serialize)]
struct SystemPoints<'r> {
    system: &'r str,
    levels: Vec<LevelCount>,
    points: Vec<CoveragePoint<'r>>,
}

#[derive(Serialize)]
struct LevelCount {
    level: Level,
    covered: usize,
    total: usize,
    /// Rounded down to a tenth.
    percent: f64,
}

#[derive(Serialize)]
struct CoveragePoint<'r> {
    level: Level,
    operation: &'r str,
    what: String,
    covered: bool,
    file: &'r str,
    line: usize,
    /// JSON pointer in the contract's document.
    pointer: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
}

/// All systems whose coverage was recorded. Fails only if JSON cannot be written.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let document = CoverageDocument {
        format: 1,
        systems: report.coverage().into_iter().map(system).collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn system(coverage: &SystemCoverage) -> SystemPoints<'_> {
    let levels = Level::ALL.map(|level| {
        let ratio = coverage.ratio(level);
        LevelCount {
            level,
            covered: ratio.covered,
            total: ratio.total,
            percent: ratio.percent().tenths() as f64 / 10.0,
        }
    });
    let points = coverage.points().map(|(point, covered)| CoveragePoint {
        level: point.level(),
        operation: &point.operation.name,
        what: point.what(),
        covered,
        file: &point.place.file,
        line: point.place.line,
        pointer: &point.pointer,
        excluded: point.excluded.as_deref(),
        // A proposed case; a covered point needs none.
        step: (!covered).then(|| proposed_case(point)).flatten(),
    });
    SystemPoints {
        system: coverage.system(),
        levels: levels.into(),
        points: points.collect(),
    }
}
