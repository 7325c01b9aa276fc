//! The summary of a run in Markdown (GitHub flavour), for the page of a CI job. Main function: [`render`].
//!
//! External text is written in code spans, so that nothing in it becomes a link, a mention, markup or a table's border.

use std::fmt::Write as _;

use crate::event::{Level, WaiverRecord};
use crate::report::cause::Cause;
use crate::report::coverage::SystemCoverage;
use crate::report::exit::ExitStatus;
use crate::report::model::Report;
use crate::report::summary::{ProblemKind, Summary};
use crate::text::{counted, short};

/// Maximum size of a summary in bytes: GitHub drops all summaries of a step if they exceed 1 MiB.
const LONGEST: usize = 1_000_000;
/// Maximum number of characters of a name, a message or a value.
const PART: usize = 300;

/// The summary: verdict, a table of the systems, causes with their subjects, warnings, waivers, coverage if recorded. At most
/// 1,000,000 bytes; entries that do not fit are replaced by a note.
pub fn render(report: &Report) -> String {
    let summary = report.summary();
    let noun = summary.kind.noun();
    let mut out = String::new();
    head(&mut out, &summary);
    systems(&mut out, report, &summary);
    coverage(&mut out, &report.coverage());
    let mut parts: Vec<String> = Vec::new();
    for lost in summary.problems_of(ProblemKind::LostTarget) {
        let code = code(&lost.code);
        let mut part = format!("- **{code}** {}\n", self::code(&lost.message));
        if let Some(advice) = &lost.advice {
            let _ = writeln!(part, "  - {}", self::code(advice));
        }
        if lost.is_explained {
            part.push_str(&explained(&lost.code));
        }
        parts.push(part);
    }
    parts.extend(report.causes().into_iter().map(|found| cause(found, noun)));
    if !parts.is_empty() {
        parts.insert(0, "\n### What is wrong\n\n".to_owned());
    }
    parts.extend(skipped(report));
    parts.extend(warnings(report));
    parts.extend(waivers(report, &summary));
    let all = parts.len();
    for (index, part) in parts.into_iter().enumerate() {
        if out.len() + part.len() > LONGEST - 200 {
            let _ = write!(
                out,
                "\n*Cut here: {} more entries; the reports list all of them.*\n",
                all - index
            );
            break;
        }
        out.push_str(&part);
    }
    out
}

fn head(out: &mut String, summary: &Summary) {
    let mark = match summary.status {
        ExitStatus::Passed => "✅",
        ExitStatus::Findings | ExitStatus::Coverage => "❌",
        ExitStatus::Unreachable
        | ExitStatus::NothingMatched
        | ExitStatus::Interrupted
        | ExitStatus::Input => "⚠️",
    };
    let _ = write!(
        out,
        "## {mark} counterpart: {}\n\n{}\n",
        summary.sentence,
        summary.last_line()
    );
    let cut_short = summary.cut_short.iter();
    for text in cut_short.filter(|text| **text != summary.sentence) {
        let _ = write!(out, "\n{}\n", code(text));
    }
    let shortfalls = summary.problems_of(ProblemKind::Coverage);
    let shortfalls = shortfalls.map(|problem| &problem.message);
    for text in summary.notes.iter().chain(shortfalls) {
        let _ = write!(out, "\n{}\n", code(text));
    }
}

fn systems(out: &mut String, report: &Report, summary: &Summary) {
    if report.systems().is_empty() {
        return;
    }
    out.push_str("\n| System | Target | Passed | Failed | Errors | Skipped |\n|---|---|---:|---:|---:|---:|\n");
    for system in report.systems() {
        let counts = system.counts;
        let target = match (&*system.system.target, &*system.system.url) {
            (name, url) if name == url || name.is_empty() => cell(url),
            (name, url) => format!("{} {}", cell(name), cell(url)),
        };
        let _ = writeln!(
            out,
            "| {} | {target} | {} | {} | {} | {} |",
            cell(&system.system.system),
            counts.passed,
            counts.failed,
            counts.errors,
            counts.skipped
        );
    }
    if let Some(run) = report.run() {
        let seed = match summary.seed {
            Some(seed) => format!("Seed {seed}, "),
            None => String::new(),
        };
        let _ = write!(out, "\n{seed}counterpart {}.\n", code(&run.version));
    }
}

fn coverage(out: &mut String, systems: &[&SystemCoverage]) {
    if systems.is_empty() {
        return;
    }
    out.push_str("\n### Coverage of the contracts\n\n| System |");
    for level in Level::ALL {
        let _ = write!(out, " {} |", level.as_str());
    }
    out.push_str("\n|---|---:|---:|---:|---:|---:|\n");
    for system in systems {
        let _ = write!(out, "| {} |", cell(system.system()));
        for level in Level::ALL {
            let ratio = system.ratio(level);
            let _ = match ratio.total {
                0 => write!(out, " – |"),
                total => write!(out, " {}/{total} ({} %) |", ratio.covered, ratio.percent()),
            };
        }
        out.push('\n');
    }
}

fn cause(cause: &Cause, noun: &str) -> String {
    let mut out = format!("- **{}**", code(&cause.code.to_string()));
    out.push_str(&at(cause));
    let _ = writeln!(
        out,
        ", {} of {}: {} ({})",
        code(&cause.operation.to_string()),
        code(&cause.system),
        code(&cause.message.short(PART)),
        counted(cause.subjects, noun)
    );
    for (word, value) in [("expected", &cause.expected), ("actual", &cause.actual)] {
        if let Some(value) = value {
            let _ = writeln!(out, "  - {word} {}", code(&value.short(PART)));
        }
    }
    if let Some(contract) = &cause.contract {
        let _ = writeln!(
            out,
            "  - contract {} {}",
            code(&contract.place.to_string()),
            code(&contract.pointer)
        );
    }
    for first in &cause.first {
        let _ = write!(out, "  - {noun} {}", code(&first.subject.to_string()));
        if let Some(place) = &first.place {
            let _ = write!(
                out,
                " in {}",
                code(&format!("{}:{}", place.file, place.line))
            );
        }
        if let Some(origin) = &first.origin {
            let _ = write!(out, ", {}", code(&origin.short(PART)));
        }
        out.push('\n');
    }
    if cause.subjects > cause.first.len() {
        let more = counted(cause.subjects - cause.first.len(), &format!("more {noun}"));
        let _ = writeln!(out, "  - … and {more}");
    }
    if cause.code.is_explained() {
        out.push_str(&explained(&cause.code.to_string()));
    }
    out
}

/// ` at body /id`, if there is a place.
fn at(cause: &Cause) -> String {
    match &cause.at {
        Some(at) => format!(" at {}", code(&at.to_string())),
        None => String::new(),
    }
}

/// The command that explains a code, as a list item.
fn explained(name: &str) -> String {
    format!("  - `counterpart explain {name}`\n")
}

fn skipped(report: &Report) -> Vec<String> {
    let reasons = report.skip_reasons();
    let lines = reasons
        .iter()
        .map(|(reason, number)| format!("- {number}: {}\n", code(&reason.short(PART))));
    titled("Skipped", lines)
}

fn warnings(report: &Report) -> Vec<String> {
    let noun = report.subject_kind().noun();
    let warnings = report.warnings();
    let lines = warnings.iter().map(|cause| {
        format!(
            "- {}{}, {} of {}: {} ({})\n",
            code(&cause.code.to_string()),
            at(cause),
            code(&cause.operation.to_string()),
            code(&cause.system),
            code(&cause.message.short(PART)),
            counted(cause.subjects, noun)
        )
    });
    titled("Warnings", lines)
}

fn waivers(report: &Report, summary: &Summary) -> Vec<String> {
    let noun = summary.kind.noun();
    let waived = report.waived();
    let lines = waived.iter().filter_map(|cause| {
        let WaiverRecord { reason, until, .. } = cause.waiver.as_ref()?;
        Some(format!(
            "- {}{}, {} of {}: {}, until {} ({})\n",
            code(&cause.code.to_string()),
            at(cause),
            code(&cause.operation.to_string()),
            code(&cause.system),
            code(reason),
            code(until),
            counted(cause.subjects, noun)
        ))
    });
    let mut parts = titled("Waived findings", lines);
    for problem in summary.problems_of(ProblemKind::StaleWaivers) {
        let lines = problem.details.iter();
        parts.extend(titled(
            "Stale waivers",
            lines.map(|waiver| format!("- {}\n", code(waiver))),
        ));
        parts.push(format!("\n{}\n", code(&problem.with_advice())));
    }
    parts
}

/// A title and lines; nothing if there are no lines.
fn titled(title: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut parts: Vec<String> = lines.collect();
    if !parts.is_empty() {
        parts.insert(0, format!("\n### {title}\n\n"));
    }
    parts
}

/// External text as a code span (CommonMark 6.1), delimited by more backticks than it contains in a row.
fn code(text: &str) -> String {
    let text = short(text, PART);
    let mut longest = 0;
    let mut row = 0;
    for c in text.chars() {
        row = if c == '`' { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    let fence = "`".repeat(longest + 1);
    // A reader strips one blank at both ends if both have one and the text is not all blanks.
    let pad = match text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        true if !text.trim().is_empty() => " ",
        _ => "",
    };
    match text.is_empty() {
        true => "(nothing)".to_owned(),
        false => format!("{fence}{pad}{text}{pad}{fence}"),
    }
}

/// [`code()`] in a table cell. A `|` ends a cell even in a code span, and readers treat a backslash before it differently, so both are
/// shown as `\u{…}`.
fn cell(text: &str) -> String {
    code(&text.replace('\\', "\\u{5c}").replace('|', "\\u{7c}"))
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event as Markdown, Options, Parser, Tag};

    use super::*;
    use crate::event::{Coverable, Event, PointKind};
    use crate::report::fixture;

    /// What a GitHub reader sees: the number of tables, the number of cells in each row, the code spans, the text outside of them, and
    /// anything that must not occur.
    #[derive(Default)]
    struct Seen {
        tables: usize,
        rows: Vec<usize>,
        codes: Vec<String>,
        text: String,
        harm: Vec<String>,
    }

    fn read(markdown: &str) -> Seen {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_GFM;
        let mut seen = Seen::default();
        for event in Parser::new_ext(markdown, options) {
            match event {
                Markdown::Start(Tag::Table(_)) => seen.tables += 1,
                Markdown::Start(Tag::TableHead | Tag::TableRow) => seen.rows.push(0),
                Markdown::Start(Tag::TableCell) => *seen.rows.last_mut().unwrap() += 1,
                Markdown::Code(span) => seen.codes.push(span.into_string()),
                Markdown::Text(text) => seen.text += &text,
                Markdown::Start(
                    Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::HtmlBlock
                    | Tag::CodeBlock(_)
                    | Tag::FootnoteDefinition(_)
                    | Tag::BlockQuote(_)
                    | Tag::Strikethrough,
                )
                | Markdown::Html(_)
                | Markdown::InlineHtml(_)
                | Markdown::FootnoteReference(_) => seen.harm.push(format!("{event:?}")),
                _ => {}
            }
        }
        seen
    }

    #[test]
    fn a_whole_run_is_reported() {
        let text = render(&Report::from_events(&fixture::run()));
        assert!(text.starts_with("## ❌ counterpart: the API deviates in 5 cases\n\n52 cases: 2 passed, 5 failed, 42 errors, 3 skipped (1.84 s)\n"), "{text}");
        let seen = read(&text);
        assert_eq!((seen.tables, seen.rows), (1, vec![6, 6, 6]));
        assert_eq!(seen.harm, Vec::<String>::new());
        for part in [
            "| `magento` | `staging` `https://shop.example/rest/default` | 2 | 5 | 1 | 3 |",
            "- **`status-unexpected`** at `status`, `GET /V1/customers/me` of `magento`: `expected status 401, got 200` (3 cases)\n",
            "  - contract `schemas/magento/customers.yaml:210:17` `/components/schemas/Customer/properties/id/type`\n",
            "  - `counterpart explain status-unexpected`\n",
            "- 2: `` the target has no auth profile `admin` ``\n",
            "### Warnings",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn hostile_text_becomes_neither_link_nor_markup_nor_a_tables_edge() {
        let hostile = "x | y \\| z\n\n# h\n<script>alert(1)</script> [a](http://evil.example) ![i](x) www.evil.example \
                       a@evil.example @team #1 `` ` ``` ~~s~~ [^1] \\`";
        let mut started = fixture::started();
        if let Event::RunStarted(run) = &mut started {
            run.systems[0].target = hostile.to_owned();
            run.systems[0].url = format!("{hostile}\\");
            run.notes = vec![hostile.to_owned()];
        }
        let mut case = fixture::hostile();
        for finding in &mut case.steps[0].findings {
            finding.message = fixture::masked(hostile);
            finding.at = fixture::at(&format!("header {hostile}"));
            finding.expected = Some(fixture::masked(&format!("`{hostile}")));
        }
        case.subject.name = hostile.into();
        let mut skipped = fixture::skipped();
        skipped.reason = Some(fixture::masked(hostile));
        let mut warning = fixture::passed_with_warnings();
        warning.steps[0].findings[0].message = fixture::masked(hostile);
        let events = [
            started,
            Event::SubjectFinished(case),
            Event::SubjectFinished(skipped),
            Event::SubjectFinished(warning),
            fixture::finished_with_stale_waiver(false),
        ];
        let text = render(&Report::from_events(&events));
        let seen = read(&text);
        assert_eq!(seen.harm, Vec::<String>::new(), "{text}");
        // A reader makes links and mentions of plain text, not of code spans.
        for linked in ["evil.example", "@team", "#1"] {
            assert!(!seen.text.contains(linked), "{linked}\n{}", seen.text);
        }
        assert_eq!((seen.tables, seen.rows), (1, vec![6, 6, 6]), "{text}");
        let shown = hostile.replace('\n', "\\n");
        // Complete, unchanged, and only in a code span.
        assert!(seen.codes.contains(&shown), "{:#?}", seen.codes);
        assert!(seen.codes.contains(&format!("`{shown}")));
    }

    #[test]
    fn coverage_is_reported_if_it_was_recorded() {
        let mut case = fixture::passed();
        case.covered = vec![1];
        let events = [
            fixture::started(),
            Event::Coverable(Coverable {
                system: "magento".to_owned(),
                points: vec![
                    fixture::point(PointKind::Operation),
                    fixture::point(PointKind::Status("200".into())),
                    fixture::point(PointKind::Status("401".into())),
                ],
            }),
            Event::SubjectFinished(case),
            fixture::finished(),
        ];
        let text = render(&Report::from_events(&events));
        assert!(
            text.contains("| `magento` | 0/1 (0 %) | 1/2 (50 %) | – | – | – |\n"),
            "{text}"
        );
        assert_eq!(read(&text).rows, [6, 6, 6, 6, 6]);
        assert!(!render(&Report::from_events(&fixture::run())).contains("Coverage"));
    }

    #[test]
    fn a_very_long_run_is_cut_with_a_note() {
        let cases = (0..4_000).map(|number| {
            let mut case = fixture::failed_by_status();
            case.steps[0].findings[0].at = fixture::at(&format!("header x-{number}"));
            case.steps[0].findings[0].message = fixture::masked(&"m".repeat(400));
            Event::SubjectFinished(case)
        });
        let text = render(&Report::from_events(&cases.collect::<Vec<_>>()));
        assert!(
            text.len() <= LONGEST && text.len() > LONGEST / 2,
            "{}",
            text.len()
        );
        assert!(
            text.contains("*Cut here: "),
            "{}",
            &text[text.len() - 300..]
        );
    }

    #[test]
    fn a_replay_reports_entries() {
        let text = render(&Report::from_events(&fixture::replay()));
        assert!(text.starts_with("## ❌ counterpart: the API deviates in 1 entry\n\n2 entries: 1 passed, 1 failed, 0 errors, 0 skipped (1.84 s)\n"), "{text}");
        for part in [
            "- **`difference-value`** at `body /firstname`, `GET /V1/customers/{customerId}` of `magento`: `the value differs from the recorded value` (1 entry)\n  - expected `\"Ada\"`\n  - actual `\"Eve\"`\n  - entry `magento::recorded.har::5 the admin reads her`\n",
            "\ncounterpart `0.1.0`.\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("case") && !text.contains("Seed"), "{text}");
    }

    #[test]
    fn a_passed_run_is_reported() {
        let events = [
            fixture::started(),
            Event::SubjectFinished(fixture::passed()),
            fixture::finished(),
        ];
        let text = render(&Report::from_events(&events));
        assert!(
            text.starts_with("## ✅ counterpart: the only case passed\n"),
            "{text}"
        );
        assert!(!text.contains("What is wrong"));
    }
}
