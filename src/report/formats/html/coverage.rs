//! The coverage map: which parts of the contracts were exercised and which were not. Main function: [`views`].

use std::collections::HashMap;

use serde::Serialize;

use super::limits::{MESSAGE, NAME};
use crate::coverage::proposed_case;
use crate::event::{Level, PointRecord, PositionRecord};
use crate::report::coverage::SystemCoverage;
use crate::report::model::Report;
use crate::text::short;

/// The map of one system.
#[derive(Debug, Serialize)]
pub(super) struct CoverageView {
    system: String,
    levels: Vec<LevelView>,
    rows: Vec<CoverageRow>,
    more_rows: usize,
    missing: Vec<Missing>,
    more_missing: usize,
}

#[derive(Debug, Serialize)]
struct LevelView {
    name: &'static str,
    meaning: &'static str,
    covered: usize,
    total: usize,
    excluded: usize,
    percent: String,
    /// Width of the bar, of 100.
    width: f64,
}

/// An operation.
#[derive(Debug, Serialize)]
struct CoverageRow {
    operation: String,
    called: bool,
    /// Statuses, parameters, properties, keywords.
    cells: Vec<Cell>,
}

#[derive(Debug, Default, Serialize)]
struct Cell {
    level: &'static str,
    covered: usize,
    total: usize,
    points: Vec<PointView>,
    /// Points beyond those listed.
    more: usize,
    /// Whether the points are folded away.
    folded: bool,
}

#[derive(Debug, Serialize)]
struct PointView {
    what: String,
    /// `covered`, `missing` or `excluded`
    state: &'static str,
    why: Option<String>,
}

/// A point that counts and was not covered.
#[derive(Debug, Serialize)]
struct Missing {
    level: &'static str,
    operation: String,
    what: String,
    position: String,
    pointer: String,
    step: Option<String>,
}

const ROWS: usize = 2000;
/// Maximum number of points listed for an operation and level.
const POINTS: usize = 60;
/// Maximum number of uncovered points listed, and of their characters in total.
const MISSING: usize = 1500;
const MISSING_BUDGET: usize = 500_000;

const LEVELS: [(Level, &str, &str); 5] = [
    (Level::Operations, "operations", "called, with a response"),
    (
        Level::Statuses,
        "statuses",
        "each documented status was received",
    ),
    (
        Level::Parameters,
        "parameters",
        "each parameter was sent, each role was used",
    ),
    (
        Level::Properties,
        "properties",
        "each property was sent or received",
    ),
    (
        Level::Keywords,
        "keywords",
        "each limit was exercised from both sides",
    ),
];

/// A map for each system with recorded coverage.
pub(super) fn views(report: &Report) -> Vec<CoverageView> {
    report.coverage().into_iter().map(view).collect()
}

fn view(coverage: &SystemCoverage) -> CoverageView {
    let levels = LEVELS.map(|(level, name, meaning)| {
        let ratio = coverage.ratio(level);
        let points = coverage.points();
        let excluded =
            points.filter(|(point, _)| point.level() == level && point.excluded.is_some());
        LevelView {
            name,
            meaning,
            covered: ratio.covered,
            total: ratio.total,
            excluded: excluded.count(),
            percent: format!("{} %", ratio.percent()),
            width: ratio.percent().tenths() as f64 / 10.0,
        }
    });
    let mut rows: Vec<CoverageRow> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut missing = Vec::new();
    let (mut more_missing, mut spent) = (0, 0);
    for (point, covered) in coverage.points() {
        let operation = &point.operation.name;
        let index = *known.entry(operation).or_insert_with(|| {
            rows.push(CoverageRow::new(operation));
            rows.len() - 1
        });
        rows[index].take(point, covered);
        if !covered && point.excluded.is_none() {
            let view = Missing::of(point);
            let size =
                view.operation.len() + view.what.len() + view.step.as_deref().map_or(0, str::len);
            if missing.len() >= MISSING || spent + size > MISSING_BUDGET {
                more_missing += 1;
            } else {
                spent += size;
                missing.push(view);
            }
        }
    }
    for cell in rows.iter_mut().flat_map(|row| row.cells.first_mut()) {
        cell.points
            .sort_by(|left, right| left.what.cmp(&right.what));
    }
    let more_rows = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    CoverageView {
        system: short(coverage.system(), NAME),
        levels: levels.into(),
        rows,
        more_rows,
        missing,
        more_missing,
    }
}

impl CoverageRow {
    fn new(operation: &str) -> Self {
        let cells = LEVELS[1..].iter().map(|(level, name, _)| Cell {
            level: name,
            folded: matches!(level, Level::Properties | Level::Keywords),
            ..Cell::default()
        });
        CoverageRow {
            operation: short(operation, NAME),
            called: false,
            cells: cells.collect(),
        }
    }

    fn take(&mut self, point: &PointRecord, covered: bool) {
        let cell = match point.level() {
            Level::Operations => {
                self.called |= covered;
                return;
            }
            Level::Statuses => 0,
            Level::Parameters => 1,
            Level::Properties => 2,
            Level::Keywords => 3,
        };
        let cell = &mut self.cells[cell];
        let state = match (&point.excluded, covered) {
            (_, true) => "covered",
            (Some(_), false) => "excluded",
            (None, false) => "missing",
        };
        if point.excluded.is_none() {
            cell.total += 1;
            cell.covered += usize::from(covered);
        }
        // Of the many properties and limits only the missing ones are shown.
        if cell.folded && state == "covered" {
            return;
        }
        if cell.points.len() >= POINTS {
            cell.more += 1;
            return;
        }
        cell.points.push(PointView {
            what: short(&point.what(), NAME),
            state,
            why: point.excluded.as_ref().map(|why| short(why, MESSAGE)),
        });
    }
}

impl Missing {
    fn of(point: &PointRecord) -> Self {
        let PositionRecord { file, line, column } = &point.place;
        let level = LEVELS.iter().find(|(level, _, _)| *level == point.level());
        let step = proposed_case(point).map(|case| {
            let lines = case.lines().take(60).map(|line| short(line, NAME));
            lines.collect::<Vec<_>>().join("\n")
        });
        Missing {
            level: level.map_or("", |(_, name, _)| name),
            operation: short(&point.operation.name, NAME),
            what: short(&point.what(), NAME),
            position: format!("{}:{line}:{column}", short(file, NAME)),
            pointer: short(&point.pointer, NAME),
            step,
        }
    }
}
