//! JUnit XML for CI servers. Main function: [`render`].
//!
//! ```text
//! <testsuites name="counterpart" tests failures errors time>
//!   <testsuite name="magento::customers/me" tests failures errors skipped time timestamp file>   one for each case file
//!     <properties> target, url, seed, counterpart              what was asked, and how to ask again
//!                  target-version, contract, overlay (each)    where stated; not the real contract; what corrects it
//!     <testcase name="…" classname="magento.customers.me" time>
//!       <failure type="body-schema" message="…">               the API broke a promise; type is the first finding's code
//!       <error type="timeout" message="…">                     we could not find out; type is the kind of error
//!       <skipped message="…">                                  not run, and why
//!   <testsuite name="nuweb">  one error                        the target could not be asked; its cases have no entries
//!   <testsuite name="waivers"> one failure                     stale waivers, in a run that fails for them
//!   <testsuite name="run">    one error                        the run was cut short
//! ```
//!
//! The text of `failure` and `error` is what the terminal shows, without colours, and ends with the command that explains the code. A
//! case that passed with waived findings has them in its `system-out`; warnings leave no sign here: the format has no place for one.
//! Suites and cases come in the report's order, so two runs with the same outcome differ only in times.
//!
//! Every document keeps Jenkins' schema (junit-10.xsd). That is why a `testcase` has neither `properties` nor `file`, though readers
//! take them: the file stands at the suite, and the text of a failure names file and line. GitLab reads `classname`, `name`, `time`
//! and the text of `failure`, `error`, `skipped` and `system-out`.

use std::cmp::Ordering;

use crate::event::{CaseFinished, CaseId, TargetLost};
use crate::finding::is_explained;

use super::untrusted::{line, short};
use super::xml::Xml;
use super::{CaseSummary, Counts, CutShort, Report, terminal};

/// Text of one failure or error at most, in bytes: servers refuse or drop longer ones.
const LONGEST: usize = 1_000_000;
/// Characters of a `message` attribute at most: it is a headline there.
const MESSAGE: usize = 500;

/// The report as one XML document.
pub fn render(report: &Report) -> String {
    let rows = rows(report);
    let suites: Vec<&[Row<'_>]> = rows
        .chunk_by(|a, b| (a.system, &a.id.file) == (b.system, &b.id.file))
        .collect();
    let extra = extra(report);
    let mut sum = Counts::default();
    for counts in suites.iter().map(|suite| counts(suite)) {
        sum.passed += counts.passed;
        sum.failed += counts.failed;
        sum.errors += counts.errors;
        sum.skipped += counts.skipped;
    }
    for one in &extra {
        match one.element {
            Element::Failure => sum.failed += 1,
            Element::Error => sum.errors += 1,
        }
    }
    let mut xml = Xml::new();
    xml.raw("<testsuites name=\"counterpart\"");
    numbers(&mut xml, sum);
    if let Some(end) = report.end() {
        xml.plain("time", Seconds(end.milliseconds));
    }
    xml.raw(">\n");
    for suite in suites {
        case_file(&mut xml, report, suite);
    }
    for one in &extra {
        one.write(&mut xml, report);
    }
    xml.raw("</testsuites>\n");
    xml.finish()
}

/// A case with its verdict.
struct Row<'a> {
    /// Position of the system in the report.
    system: usize,
    id: &'a CaseId,
    file: &'a str,
    at: (usize, usize),
    told: Told<'a>,
}

enum Told<'a> {
    Passed(&'a CaseSummary),
    Skipped(&'a CaseSummary),
    Failed(&'a CaseFinished),
    Error(&'a CaseFinished),
}

/// All cases in the report's order.
fn rows(report: &Report) -> Vec<Row<'_>> {
    let systems: Vec<&str> = report
        .systems()
        .iter()
        .map(|one| &*one.system.system)
        .collect();
    let position = |id: &CaseId| {
        let found = systems.iter().position(|system| *system == &*id.system);
        found.unwrap_or(systems.len())
    };
    let row = |id, file, at, told| Row {
        system: position(id),
        id,
        file,
        at,
        told,
    };
    let mut rows: Vec<Row<'_>> = Vec::with_capacity(report.counts().total());
    for case in report.passed() {
        let at = (case.line, case.column);
        rows.push(row(&case.case, &case.file, at, Told::Passed(case)));
    }
    for case in report.skipped() {
        let at = (case.line, case.column);
        rows.push(row(&case.case, &case.file, at, Told::Skipped(case)));
    }
    for case in report.failed() {
        let at = (case.place.line, case.place.column);
        rows.push(row(&case.case, &case.place.file, at, Told::Failed(case)));
    }
    for case in report.errors() {
        let at = (case.place.line, case.place.column);
        rows.push(row(&case.case, &case.place.file, at, Told::Error(case)));
    }
    rows.sort_by(Row::order);
    rows
}

impl Row<'_> {
    fn order(&self, other: &Self) -> Ordering {
        let (one, two) = (self.id, other.id);
        self.system
            .cmp(&other.system)
            .then_with(|| one.file.cmp(&two.file))
            .then_with(|| (self.at, &one.name).cmp(&(other.at, &two.name)))
    }

    fn milliseconds(&self) -> f64 {
        match self.told {
            Told::Passed(case) | Told::Skipped(case) => case.milliseconds,
            Told::Failed(case) | Told::Error(case) => case.milliseconds,
        }
    }
}

fn counts(rows: &[Row<'_>]) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        match row.told {
            Told::Passed(_) => counts.passed += 1,
            Told::Skipped(_) => counts.skipped += 1,
            Told::Failed(_) => counts.failed += 1,
            Told::Error(_) => counts.errors += 1,
        }
    }
    counts
}

fn numbers(xml: &mut Xml, counts: Counts) {
    xml.plain("tests", counts.total());
    xml.plain("failures", counts.failed);
    xml.plain("errors", counts.errors);
}

/// The suite of one case file, which is never empty.
fn case_file(xml: &mut Xml, report: &Report, rows: &[Row<'_>]) {
    let Some(first) = rows.first() else { return };
    let CaseId {
        system,
        file,
        name: _,
    } = first.id;
    let milliseconds = rows
        .iter()
        .map(|row| Seconds(row.milliseconds()).checked())
        .sum();
    open_suite(
        xml,
        report,
        &format!("{system}::{file}"),
        counts(rows),
        milliseconds,
        Some(first.file),
    );
    properties(xml, report, system);
    let class = format!("{system}.{}", file.replace('/', "."));
    let class = line(&class);
    for row in rows {
        test_case(xml, row, &class);
    }
    xml.raw("    </testsuite>\n");
}

fn open_suite(
    xml: &mut Xml,
    report: &Report,
    name: &str,
    counts: Counts,
    milliseconds: f64,
    file: Option<&str>,
) {
    xml.raw("    <testsuite");
    xml.attribute("name", &line(name));
    numbers(xml, counts);
    xml.plain("skipped", counts.skipped);
    xml.plain("time", Seconds(milliseconds));
    if let Some(run) = report.run() {
        xml.attribute("timestamp", &line(&run.started));
    }
    if let Some(file) = file {
        xml.attribute("file", &line(file));
    }
    xml.raw(">\n");
}

/// What is known of the run and the system.
fn properties(xml: &mut Xml, report: &Report, system: &str) {
    let mut list: Vec<(&str, String)> = Vec::new();
    if let Some(run) = report.run() {
        list.push(("counterpart", run.version.clone()));
        list.push(("seed", run.seed.to_string()));
    }
    let mut systems = report.systems().iter();
    if let Some(one) = systems.find(|one| one.system.system == system) {
        let one = &one.system;
        list.push(("target", one.target.clone()));
        list.push(("url", one.url.clone()));
        if let Some(version) = &one.target_version {
            list.push(("target-version", version.clone()));
        }
        if one.contract != "real" {
            list.push(("contract", one.contract.clone()));
        }
        let mut overlays: Vec<&String> =
            one.contracts.iter().flat_map(|one| &one.overlays).collect();
        overlays.sort_unstable();
        overlays.dedup();
        list.extend(
            overlays
                .into_iter()
                .map(|overlay| ("overlay", overlay.clone())),
        );
    }
    if list.is_empty() {
        return;
    }
    xml.raw("        <properties>\n");
    for (name, value) in list {
        xml.raw("            <property");
        xml.attribute("name", name);
        xml.attribute("value", &line(&value));
        xml.raw("/>\n");
    }
    xml.raw("        </properties>\n");
}

fn open_case(xml: &mut Xml, name: &str, class: &str, milliseconds: f64) {
    xml.raw("        <testcase");
    xml.attribute("name", &line(name));
    xml.attribute("classname", class);
    xml.plain("time", Seconds(milliseconds));
}

fn test_case(xml: &mut Xml, row: &Row<'_>, class: &str) {
    open_case(xml, &row.id.name, class, row.milliseconds());
    match row.told {
        Told::Passed(case) if case.waived.is_empty() => return xml.raw("/>\n"),
        Told::Passed(case) => {
            xml.raw(">\n");
            waived(xml, case);
        }
        Told::Skipped(case) => {
            xml.raw(">\n            <skipped");
            match &case.reason {
                Some(reason) => {
                    let reason = short(reason, MESSAGE);
                    xml.attribute("message", &reason);
                    // Some readers take the attribute, GitLab takes the text.
                    xml.raw(">");
                    xml.content(&reason);
                    xml.raw("</skipped>\n");
                }
                None => xml.raw("/>\n"),
            }
            waived(xml, case);
        }
        Told::Failed(case) => {
            xml.raw(">\n");
            story(xml, case, Element::Failure);
        }
        Told::Error(case) => {
            xml.raw(">\n");
            story(xml, case, Element::Error);
        }
    }
    xml.raw("        </testcase>\n");
}

fn waived(xml: &mut Xml, case: &CaseSummary) {
    if case.waived.is_empty() {
        return;
    }
    let mut lines: Vec<String> = case.waived.iter().map(|one| short(one, MESSAGE)).collect();
    lines.extend(case.reason.as_deref().map(|reason| short(reason, MESSAGE)));
    xml.raw("            <system-out>");
    xml.content(&shortened(lines.join("\n")));
    xml.raw("</system-out>\n");
}

/// Why a case did not pass.
#[derive(Debug, Clone, Copy)]
enum Element {
    /// The API broke a promise.
    Failure,
    /// We could not find out.
    Error,
}

impl Element {
    fn write(self, xml: &mut Xml, kind: &str, message: &str, text: &str) {
        let name = match self {
            Element::Failure => "failure",
            Element::Error => "error",
        };
        xml.raw("            <");
        xml.raw(name);
        xml.attribute("type", &line(kind));
        xml.attribute("message", &short(message, MESSAGE));
        xml.raw(">");
        xml.content(text);
        if is_explained(kind) {
            xml.raw("\n\ncounterpart explain ");
            xml.content(kind);
        }
        xml.raw("</");
        xml.raw(name);
        xml.raw(">\n");
    }
}

/// A case that failed or ended in error, with the whole story.
fn story(xml: &mut Xml, case: &CaseFinished, element: Element) {
    let steps = case.steps.iter();
    let (kind, message) = match element {
        Element::Failure => steps
            .flat_map(|step| &step.findings)
            .find(|finding| super::warning::fails(finding))
            .map(|finding| (finding.code.as_str(), finding.message.as_str())),
        Element::Error => steps
            .filter_map(|step| step.error.as_ref())
            .find(|error| error.kind != "cleanup-failed")
            .map(|error| (error.kind.as_str(), error.message.as_str())),
    }
    .unwrap_or((
        "unknown",
        case.reason.as_deref().unwrap_or("no reason was recorded"),
    ));
    let text = shortened(terminal::case(case, terminal::Look::default()));
    element.write(xml, kind, message, &text);
}

/// What is no case and must be red all the same: a suite with one test.
struct Extra {
    suite: String,
    test: &'static str,
    element: Element,
    kind: String,
    message: String,
    text: String,
}

impl Extra {
    fn write(&self, xml: &mut Xml, report: &Report) {
        let mut counts = Counts::default();
        match self.element {
            Element::Failure => counts.failed = 1,
            Element::Error => counts.errors = 1,
        }
        open_suite(xml, report, &self.suite, counts, 0.0, None);
        properties(xml, report, &self.suite);
        open_case(xml, self.test, &line(&self.suite), 0.0);
        xml.raw(">\n");
        self.element.write(
            xml,
            &self.kind,
            &self.message,
            &shortened(self.text.clone()),
        );
        xml.raw("        </testcase>\n    </testsuite>\n");
    }
}

fn extra(report: &Report) -> Vec<Extra> {
    let lost = report.lost().iter().map(lost_target);
    lost.chain(stale_waivers(report))
        .chain(cut_short(report))
        .collect()
}

fn lost_target(lost: &TargetLost) -> Extra {
    let text = terminal::lost(lost, crate::diagnostic::Style::Plain);
    Extra {
        suite: lost.system.clone(),
        test: "the target can be asked",
        element: Element::Error,
        kind: lost.error.kind.clone(),
        message: text.clone(),
        text,
    }
}

/// Stale waivers where the run fails for them: a gate that reads this file must see why it is red.
fn stale_waivers(report: &Report) -> Option<Extra> {
    let stale = report.stale_waivers();
    let strict = report.end().is_some_and(|end| end.strict_waivers);
    (strict && !stale.is_empty()).then(|| Extra {
        suite: "waivers".to_owned(),
        test: "every waiver matches something",
        element: Element::Failure,
        kind: "stale-waiver".to_owned(),
        message: format!("waivers that matched nothing: {}", stale.len()),
        text: terminal::stale_waivers(report),
    })
}

fn cut_short(report: &Report) -> Option<Extra> {
    let (kind, why) = match report.cut_short()? {
        CutShort::Stopped(why) => ("stopped", format!(" {why}")),
        CutShort::Interrupted | CutShort::Killed => ("interrupted", String::new()),
    };
    let mut text = format!(
        "the run was cut short{why}: {} of the cases planned have no verdict",
        report.without_verdict()
    );
    for note in report.run().iter().flat_map(|run| &run.notes) {
        text.push_str(&format!("; {note}"));
    }
    Some(Extra {
        suite: "run".to_owned(),
        test: "the run came to its end",
        element: Element::Error,
        kind: kind.to_owned(),
        message: text.clone(),
        text: line(&text).into_owned(),
    })
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str("\n… cut here (whole in the JSON report)");
    }
    text
}

/// Milliseconds, written as seconds with three decimals.
struct Seconds(f64);

impl Seconds {
    /// A negative or endless number from a damaged recording is no time at all.
    fn checked(&self) -> f64 {
        match self.0.is_finite() && self.0 > 0.0 {
            true => self.0,
            false => 0.0,
        }
    }
}

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.checked() / 1000.0)
    }
}

#[cfg(test)]
mod tests;
