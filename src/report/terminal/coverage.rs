//! Coverage of the contracts: the share on each level, and the missing points. Main function: [`coverage`].

use crate::coverage::proposed_case;
use unicode_width::UnicodeWidthStr;

use super::Look;
use super::paint::Ink;
use super::wrapping::{ended, hanging};
use crate::event::{Level, PointRecord};
use crate::report::coverage::{Ratio, SystemCoverage};
use crate::report::model::Report;
use crate::text::{counted, line};

/// Maximum number of missing points shown for a system, unless all are requested.
const SHOWN: usize = 40;
/// Number of cells of a bar; half as many on a narrow terminal, none on a very narrow one.
const BAR: usize = 20;

/// For each system: its levels with the number of covered points, excluded points with the reason, and missing points with their place in
/// the contract. `whole`: all missing points, each with a proposed case. Empty if coverage was not recorded.
pub fn coverage(report: &Report, look: Look, whole: bool) -> String {
    let mut out = Vec::new();
    for system in report.coverage() {
        if !out.is_empty() {
            out.push(String::new());
        }
        let name = line(system.system());
        let title = format!("coverage of the contracts of {name}");
        out.push(look.paint().text(Ink::Strong, &title));
        out.extend(levels(system, look));
        out.extend(excluded(system, look));
        out.extend(missing(system, look, whole));
    }
    ended(out)
}

fn levels(system: &SystemCoverage, look: Look) -> Vec<String> {
    let row = |level: Level| {
        let ratio = system.ratio(level);
        let (ink, word) = match ratio.missing() {
            0 => (Ink::Passed, String::new()),
            missing => (Ink::Warning, format!("  {missing} missing")),
        };
        let count = format!("{}/{}", ratio.covered, ratio.total);
        let percent = format!("{:>6} %", ratio.percent());
        let bar = bar(
            ratio,
            match look.width {
                80.. => BAR,
                60..80 => BAR / 2,
                _ => 0,
            },
        );
        let text = format!("  {:<11}{count:>11} {percent}  {bar}", level.as_str());
        format!("{}{word}", look.paint().text(ink, text.trim_end()))
    };
    Level::ALL.into_iter().map(row).collect()
}

fn bar(ratio: Ratio, cells: usize) -> String {
    let full = match ratio.total {
        0 => cells,
        total => ratio.covered * cells / total,
    };
    format!("{}{}", "█".repeat(full), "░".repeat(cells - full))
}

/// Number of excluded points by reason.
fn excluded(system: &SystemCoverage, look: Look) -> Vec<String> {
    let mut reasons: Vec<(&str, Level, usize)> = Vec::new();
    for (point, _) in system.points() {
        let Some(reason) = &point.excluded else {
            continue;
        };
        match reasons
            .iter_mut()
            .find(|(known, level, _)| *known == &**reason && *level == point.level())
        {
            Some((_, _, count)) => *count += 1,
            None => reasons.push((reason, point.level(), 1)),
        }
    }
    let mut out = Vec::new();
    for (reason, level, count) in reasons {
        let what = format!("{} not counted: {count} ({})", level.as_str(), line(reason));
        out.extend(
            hanging("  ", &what, look)
                .into_iter()
                .map(|text| look.paint().text(Ink::Dim, &text)),
        );
    }
    out
}

fn missing(system: &SystemCoverage, look: Look, whole: bool) -> Vec<String> {
    let mut out = Vec::new();
    let missing: Vec<&PointRecord> = system.missing().collect();
    if missing.is_empty() {
        return out;
    }
    let paint = look.paint();
    out.push(paint.text(
        Ink::Strong,
        &format!("not covered: {}", counted(missing.len(), "point")),
    ));
    let shown = if whole {
        missing.len()
    } else {
        missing.len().min(SHOWN)
    };
    let mut operation = None;
    for point in &missing[..shown] {
        if operation != Some(&point.operation.name) {
            out.push(format!("  {}", line(&point.operation.name)));
            operation = Some(&point.operation.name);
        }
        out.extend(missing_point(point, look));
        if let Some(case) = proposed_case(point).filter(|_| whole) {
            out.extend(case.lines().map(|text| format!("        {}", line(text))));
        }
    }
    if missing.len() > shown {
        let more = format!(
            "… and {} more; --verbose or --report coverage=FILE shows all, each with a proposed case",
            missing.len() - shown
        );
        out.extend(hanging("  ", &more, look));
    }
    out
}

/// `statuses    404    schemas/magento/customers.yaml:22`; the place has a separate line if both do not fit on one line.
fn missing_point(point: &PointRecord, look: Look) -> Vec<String> {
    let paint = look.paint();
    let place = format!("{}:{}", line(&point.place.file), point.place.line);
    let what = point.what();
    let what = line(&what);
    let level = format!("    {:<11} ", point.level().as_str());
    let place_text = paint.text(Ink::Dim, &place);
    if level.width() + what.width() + 2 + place.width() <= look.width {
        return vec![format!(
            "{}{what}  {place_text}",
            paint.text(Ink::Dim, &level)
        )];
    }
    let mut lines = hanging(&level, &what, look);
    lines.push(format!("{}{place_text}", " ".repeat(level.width())));
    lines
}
