//! JUnit XML for CI servers. Main function: [`render`].
//!
//! ```text
//! <testsuites name="counterpart" tests failures errors time>
//!   <testsuite name="magento::customers/me" tests failures errors skipped time timestamp file>   one per file; `file` for cases only
//!     <properties> target, url, seed, counterpart              what was tested, and how to repeat it; seed for cases only
//!                  target-version, contract, overlay (each)    if known; if not the real contract; the corrections
//!                  note (each)                                 for a report merged from shards
//!     <testcase name="…" classname="magento.customers.me" time>
//!       <failure type="body-schema" message="…">               the API deviates; type is the code of the first finding that fails it
//!       <error type="timeout" message="…">                     we could not find out; type is the kind of error
//!       <skipped message="…">                                  not run, and why
//!   <testsuite name="nuweb">    one error                      the target could not be reached; its cases have no entries
//!   <testsuite name="waivers">  one failure                    stale waivers, in a run that fails for them
//!   <testsuite name="coverage"> one failure per level          coverage is lower than required
//!   <testsuite name="run">      one error                      the run was cut short
//! ```
//!
//! The text of `failure` and `error` is the terminal's text without colours, and ends with the command that explains the code. A
//! subject that passed with waived findings, or with steps that were not sent or sent again, lists them in its `system-out`. Warnings are left out, because the format has no place for
//! them. Suites and test cases are in the report's order, so two runs with the same result differ only in times.
//!
//! Every document is valid under Jenkins' schema (junit-10.xsd). Therefore a `testcase` has neither `properties` nor `file`, although
//! readers accept them: the suite has the file, and the text of a failure names file and line. GitLab reads `classname`, `name`, `time`
//! and the text of `failure`, `error`, `skipped` and `system-out`.

use std::fmt;

use super::xml::Xml;
use crate::contract::Reading;
use crate::event::{Subject, SubjectFinished, Verdict};
use crate::report::cause::{Weight, decisive};
use crate::report::model::{Counts, Finished, Report, SubjectSummary};
use crate::report::summary::{Problem, Summary};
use crate::report::terminal;
use crate::text::{line, short};

/// Maximum size of the text of a failure or error in bytes: CI servers reject or drop longer texts.
const LONGEST: usize = 1_000_000;
/// Maximum number of characters of a `message` attribute, which serves as a headline.
const MESSAGE: usize = 500;

/// The report as an XML document.
pub fn render(report: &Report) -> String {
    let summary = report.summary();
    let subjects = report.finished();
    let suites: Vec<&[Finished<'_>]> = subjects
        .chunk_by(|a, b| suite_of(a.subject()) == suite_of(b.subject()))
        .collect();
    let problems: Vec<&Problem> = summary
        .problems
        .iter()
        .filter(|problem| problem.fails())
        .collect();
    let of_problems = problems.iter().map(|problem| counts_of(problem));
    let all = suites.iter().map(|suite| counts(suite)).chain(of_problems);
    let mut xml = Xml::new();
    xml.raw("<testsuites name=\"counterpart\"");
    numbers(&mut xml, all.sum());
    if let Some(end) = report.end() {
        xml.plain("time", Seconds(end.milliseconds));
    }
    xml.raw(">\n");
    for suite in suites {
        file(&mut xml, report, &summary, suite);
    }
    for problem in problems {
        self::problem(&mut xml, report, &summary, problem);
    }
    xml.raw("</testsuites>\n");
    xml.finish()
}

/// The suites: one for the subjects of each file.
fn suite_of(subject: &Subject) -> (&str, &str) {
    (&subject.system, &subject.file)
}

fn counts(suite: &[Finished<'_>]) -> Counts {
    let mut counts = Counts::default();
    for subject in suite {
        counts.add(subject.verdict());
    }
    counts
}

fn counts_of(problem: &Problem) -> Counts {
    let mut counts = Counts::default();
    counts.add(match problem.weight {
        Weight::Failure => Verdict::Failed,
        _ => Verdict::Error,
    });
    counts
}

fn numbers(xml: &mut Xml, counts: Counts) {
    xml.plain("tests", counts.total());
    xml.plain("failures", counts.failed);
    xml.plain("errors", counts.errors);
}

/// The suite of a file, which is never empty.
fn file(xml: &mut Xml, report: &Report, summary: &Summary, suite: &[Finished<'_>]) {
    let Some(first) = suite.first() else { return };
    let (system, file) = suite_of(first.subject());
    let milliseconds = suite
        .iter()
        .map(|subject| Seconds(subject.milliseconds()).checked())
        .sum();
    open_suite(
        xml,
        report,
        &format!("{system}::{file}"),
        counts(suite),
        milliseconds,
        first.file(),
    );
    properties(xml, report, summary, system);
    let class = format!("{system}.{}", file.replace('/', "."));
    let class = line(&class);
    for subject in suite {
        test_case(xml, *subject, &class);
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
fn properties(xml: &mut Xml, report: &Report, summary: &Summary, system: &str) {
    let mut list: Vec<(&str, String)> = Vec::new();
    if let Some(run) = report.run() {
        list.push(("counterpart", run.version.clone()));
    }
    list.extend(summary.seed.map(|seed| ("seed", seed.to_string())));
    if let Some(system) = report.system(system) {
        let system = &system.system;
        list.push(("target", system.target.clone()));
        list.push(("url", system.url.clone()));
        if let Some(version) = &system.target_version {
            list.push(("target-version", version.clone()));
        }
        if system.contract != Reading::Corrected {
            list.push(("contract", system.contract.to_string()));
        }
        let mut overlays: Vec<&String> = system
            .contracts
            .iter()
            .flat_map(|contract| &contract.overlays)
            .collect();
        overlays.sort_unstable();
        overlays.dedup();
        list.extend(
            overlays
                .into_iter()
                .map(|overlay| ("overlay", overlay.clone())),
        );
    }
    list.extend(summary.notes.iter().map(|note| ("note", note.clone())));
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

fn test_case(xml: &mut Xml, subject: Finished<'_>, class: &str) {
    open_case(xml, &subject.subject().name, class, subject.milliseconds());
    match subject {
        Finished::Summary(summary) => {
            let has_output = !summary.waived.is_empty() || !summary.notes.is_empty();
            match summary.verdict {
                Verdict::Skipped => {
                    xml.raw(">\n");
                    skipped(xml, summary);
                    output(xml, summary);
                }
                _ if !has_output => return xml.raw("/>\n"),
                _ => {
                    xml.raw(">\n");
                    output(xml, summary);
                }
            }
        }
        Finished::Whole(finished) => {
            xml.raw(">\n");
            story(xml, finished);
        }
    }
    xml.raw("        </testcase>\n");
}

fn skipped(xml: &mut Xml, summary: &SubjectSummary) {
    xml.raw("            <skipped");
    match &summary.reason {
        Some(reason) => {
            let reason = reason.short(MESSAGE);
            xml.attribute("message", &reason);
            // Some readers use the attribute, GitLab uses the text.
            xml.raw(">");
            xml.content(&reason);
            xml.raw("</skipped>\n");
        }
        None => xml.raw("/>\n"),
    }
}

/// The waived findings of a subject, and the notes of its steps.
fn output(xml: &mut Xml, summary: &SubjectSummary) {
    let lines = summary.waived.iter().chain(&summary.notes);
    let mut lines: Vec<String> = lines.map(|line| short(line, MESSAGE)).collect();
    if lines.is_empty() {
        return;
    }
    lines.extend(summary.reason.as_ref().map(|reason| reason.short(MESSAGE)));
    xml.raw("            <system-out>");
    xml.content(&shortened(lines.join("\n")));
    xml.raw("</system-out>\n");
}

/// Why a test case did not pass.
#[derive(Debug, Clone, Copy)]
enum ProblemElement {
    /// The API deviates.
    Failure,
    /// We could not find out.
    Error,
}

impl ProblemElement {
    /// `explained`: the code, if `counterpart explain` has a page on it.
    fn write(self, xml: &mut Xml, (code, explained): (&str, bool), message: &str, text: &str) {
        let name = match self {
            ProblemElement::Failure => "failure",
            ProblemElement::Error => "error",
        };
        xml.raw("            <");
        xml.raw(name);
        xml.attribute("type", &line(code));
        xml.attribute("message", &short(message, MESSAGE));
        xml.raw(">");
        xml.content(text);
        if explained {
            xml.raw("\n\ncounterpart explain ");
            xml.content(code);
        }
        xml.raw("</");
        xml.raw(name);
        xml.raw(">\n");
    }
}

/// A subject that failed or ended in error, with all details.
fn story(xml: &mut Xml, finished: &SubjectFinished) {
    let element = match finished.verdict {
        Verdict::Failed => ProblemElement::Failure,
        _ => ProblemElement::Error,
    };
    let text = shortened(terminal::case(finished, terminal::Look::default()));
    match decisive(finished) {
        Some(cause) => {
            let code = cause.code();
            let type_ = (&*code.to_string(), code.is_explained());
            element.write(xml, type_, &cause.message().short(MESSAGE), &text);
        }
        None => {
            let reason = finished.reason.clone();
            let reason = reason.unwrap_or_else(|| "no reason was recorded".into());
            element.write(xml, ("unknown", false), &reason.short(MESSAGE), &text);
        }
    }
}

/// A problem that does not belong to a subject but fails the run: a suite with one test.
fn problem(xml: &mut Xml, report: &Report, summary: &Summary, problem: &Problem) {
    let element = match problem.weight {
        Weight::Failure => ProblemElement::Failure,
        _ => ProblemElement::Error,
    };
    open_suite(xml, report, &problem.scope, counts_of(problem), 0.0, None);
    properties(xml, report, summary, &problem.scope);
    open_case(xml, problem.expectation(), &problem.scope, 0.0);
    xml.raw(">\n");
    let mut lines = vec![problem.with_advice()];
    lines.extend(problem.details.iter().cloned());
    let code = (&*problem.code, problem.is_explained);
    element.write(xml, code, &problem.message, &shortened(lines.join("\n")));
    xml.raw("        </testcase>\n    </testsuite>\n");
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str("\n… cut here (see the JSON report for the full text)");
    }
    text
}

/// Milliseconds, written as seconds with three decimals.
struct Seconds(f64);

impl Seconds {
    /// A negative or infinite number from a damaged recording becomes 0.
    fn checked(&self) -> f64 {
        match self.0.is_finite() && self.0 > 0.0 {
            true => self.0,
            false => 0.0,
        }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.checked() / 1000.0)
    }
}

#[cfg(test)]
mod tests;
