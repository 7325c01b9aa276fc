//! The summary of a run in Markdown (GitHub flavour), for the page of a CI job. Main function: [`render`].
//!
//! Whatever comes from outside stands in code spans: nothing in them becomes a link, a mention, markup or a table's edge.

use std::fmt::Write as _;

use crate::event::Level;
use crate::finding::is_explained;

use super::cause::{Cause, Kind, NAMED, causes};
use super::untrusted::short;
use super::{CutShort, ExitStatus, Report, SystemCoverage};

/// Bytes of a summary at most: GitHub drops those of a step beyond 1 MiB, all of them.
const LONGEST: usize = 1_000_000;
/// Characters of a name, a message or a value at most.
const PART: usize = 300;

/// The levels in the order of the table.
const LEVELS: [(Level, &str); 5] = [
    (Level::Operations, "operations"),
    (Level::Statuses, "statuses"),
    (Level::Parameters, "parameters"),
    (Level::Properties, "properties"),
    (Level::Keywords, "keywords"),
];

/// The summary: verdict, a table of the systems, causes with their cases, warnings, waivers, coverage where it was recorded. At most
/// 1,000,000 bytes; what does not fit is left out with a note.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    systems(&mut out, report);
    coverage(&mut out, &report.coverage());
    let mut parts: Vec<String> = Vec::new();
    let causes = causes(report);
    if !causes.is_empty() || !report.lost().is_empty() {
        parts.push("\n### What is wrong\n\n".to_owned());
    }
    for lost in report.lost() {
        parts.push(format!(
            "- **{}** {} cannot be asked at {}: {} ({} cases were not run)\n{}",
            code(&lost.error.kind),
            code(&lost.system),
            code(&lost.url),
            code(&lost.error.message),
            lost.cases,
            explained(&lost.error.kind),
        ));
    }
    parts.extend(causes.iter().map(cause));
    parts.extend(skipped(report));
    parts.extend(warnings(report));
    parts.extend(waivers(report));
    let all = parts.len();
    for (index, part) in parts.into_iter().enumerate() {
        if out.len() + part.len() > LONGEST - 200 {
            let _ = write!(
                out,
                "\n*Cut here: {} entries more; the reports have all of them.*\n",
                all - index
            );
            break;
        }
        out.push_str(&part);
    }
    out
}

fn head(out: &mut String, report: &Report) {
    let verdict = match report.exit_status() {
        ExitStatus::Passed => "✅ counterpart: everything that ran passed",
        ExitStatus::Findings => "❌ counterpart: the API broke a promise",
        ExitStatus::Unreachable => "⚠️ counterpart: could not find out",
        ExitStatus::NothingMatched => "⚠️ counterpart: nothing was asked",
        ExitStatus::Interrupted => "⚠️ counterpart: the run was cut short",
        ExitStatus::Coverage => "❌ counterpart: coverage is lower than asked",
        ExitStatus::Input => "⚠️ counterpart: the input is wrong",
    };
    let _ = write!(out, "## {verdict}\n\n");
    let counts = report.counts();
    let _ = write!(
        out,
        "{} cases: {} passed, {} failed, {} errors, {} skipped",
        counts.total(),
        counts.passed,
        counts.failed,
        counts.errors,
        counts.skipped
    );
    if let Some(end) = report.end().filter(|end| end.milliseconds.is_finite()) {
        let _ = write!(out, " ({:.2} s)", end.milliseconds / 1000.0);
    }
    out.push('\n');
    if let Some(cut) = report.cut_short() {
        let why = match cut {
            CutShort::Stopped(why) => format!(" {}", code(why)),
            CutShort::Interrupted => " by the user".to_owned(),
            CutShort::Killed => String::new(),
        };
        let _ = write!(
            out,
            "\nThe run was cut short{why}: {} of the cases planned have no verdict.\n",
            report.without_verdict()
        );
    }
    for shortfall in report.shortfalls() {
        let _ = write!(
            out,
            "\nToo little covered: {}.\n",
            code(&shortfall.to_string())
        );
    }
    for note in report.run().iter().flat_map(|run| &run.notes) {
        let _ = write!(out, "\nNot the whole run: {}.\n", code(note));
    }
}

fn systems(out: &mut String, report: &Report) {
    if report.systems().is_empty() {
        return;
    }
    out.push_str("\n| System | Target | Passed | Failed | Errors | Skipped |\n|---|---|---:|---:|---:|---:|\n");
    for one in report.systems() {
        let counts = one.counts;
        let target = match (&*one.system.target, &*one.system.url) {
            (name, url) if name == url || name.is_empty() => cell(url),
            (name, url) => format!("{} {}", cell(name), cell(url)),
        };
        let _ = writeln!(
            out,
            "| {} | {target} | {} | {} | {} | {} |",
            cell(&one.system.system),
            counts.passed,
            counts.failed,
            counts.errors,
            counts.skipped
        );
    }
    if let Some(run) = report.run() {
        let _ = write!(
            out,
            "\nSeed {}, counterpart {}.\n",
            run.seed,
            code(&run.version)
        );
    }
}

fn coverage(out: &mut String, systems: &[&SystemCoverage]) {
    if systems.is_empty() {
        return;
    }
    out.push_str("\n### Coverage of the contracts\n\n| System |");
    for (_, name) in LEVELS {
        let _ = write!(out, " {name} |");
    }
    out.push_str("\n|---|---:|---:|---:|---:|---:|\n");
    for system in systems {
        let _ = write!(out, "| {} |", cell(system.system()));
        for (level, _) in LEVELS {
            let ratio = system.ratio(level);
            let _ = match ratio.total {
                0 => write!(out, " – |"),
                total => write!(out, " {}/{total} ({} %) |", ratio.covered, ratio.percent()),
            };
        }
        out.push('\n');
    }
}

fn cause(cause: &Cause<'_>) -> String {
    let mut out = format!("- **{}**", code(cause.code));
    if !cause.at.is_empty() {
        let _ = write!(out, " at {}", code(&cause.at));
    }
    let _ = writeln!(
        out,
        ", {} of {}: {} ({})",
        code(cause.operation),
        code(cause.system),
        code(cause.message),
        cause.counted()
    );
    if let Kind::Finding(finding) = cause.kind {
        if let Some(expected) = &finding.expected {
            let _ = writeln!(out, "  - expected {}", code(expected));
        }
        if let Some(actual) = &finding.actual {
            let _ = writeln!(out, "  - actual {}", code(actual));
        }
    }
    if let Some(contract) = cause.contract() {
        let place = &contract.place;
        let place = format!("{}:{}:{}", place.file, place.line, place.column);
        let _ = writeln!(
            out,
            "  - contract {} {}",
            code(&place),
            code(&contract.pointer)
        );
    }
    for (id, place) in &cause.first {
        let place = match place.is_written() {
            true => format!("{}:{}", place.file, place.line),
            false => place.file.clone(),
        };
        let _ = writeln!(
            out,
            "  - case {} in {}",
            code(&id.to_string()),
            code(&place)
        );
    }
    if cause.cases > NAMED {
        let _ = writeln!(out, "  - … and {} more cases", cause.cases - NAMED);
    }
    out.push_str(&explained(cause.code));
    out
}

/// The command that explains a code, as a line of a list.
fn explained(name: &str) -> String {
    match is_explained(name) {
        true => format!("  - `counterpart explain {name}`\n"),
        false => String::new(),
    }
}

fn skipped(report: &Report) -> Vec<String> {
    let reasons = report.skip_reasons();
    let lines = reasons
        .iter()
        .map(|(reason, cases)| format!("- {cases}: {}\n", code(reason)));
    titled("Skipped cases", lines)
}

fn warnings(report: &Report) -> Vec<String> {
    let warnings = report.warnings();
    let lines = warnings.iter().map(|one| {
        let at = match &*one.at {
            "" => String::new(),
            at => format!(" at {}", code(at)),
        };
        format!(
            "- {}{at}, {}: {} (cases: {})\n",
            code(&one.code),
            code(&one.operation),
            code(&one.message),
            one.cases
        )
    });
    titled("Warnings", lines)
}

fn waivers(report: &Report) -> Vec<String> {
    let waived = report.waived();
    let lines = waived.iter().map(|one| {
        format!(
            "- {} at {}, {}: {}, until {} (cases: {})\n",
            code(&one.code),
            code(&one.at),
            code(&one.operation),
            code(&one.waiver.reason),
            code(&one.waiver.until),
            one.cases
        )
    });
    let mut parts = titled("Waived findings", lines);
    let lines = report.stale_waivers().iter().map(|one| {
        let place = format!("{}:{}", one.place.file, one.place.line);
        format!(
            "- {}: {} at {} matched nothing\n",
            code(&place),
            code(&one.code),
            code(&one.at)
        )
    });
    parts.extend(titled("Stale waivers", lines));
    parts
}

/// A title and lines; nothing where there is no line.
fn titled(title: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut parts: Vec<String> = lines.collect();
    if !parts.is_empty() {
        parts.insert(0, format!("\n### {title}\n\n"));
    }
    parts
}

/// Outside text as a code span (CommonMark 6.1): between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = short(text, PART);
    let mut longest = 0;
    let mut row = 0;
    for c in text.chars() {
        row = if c == '`' { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    let fence = "`".repeat(longest + 1);
    // One blank is taken off at both ends, where both have one and there is more than blanks.
    let pad = match text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        true if !text.trim().is_empty() => " ",
        _ => "",
    };
    match text.is_empty() {
        true => "(nothing)".to_owned(),
        false => format!("{fence}{pad}{text}{pad}{fence}"),
    }
}

/// [`code()`] in a cell of a table. A `|` ends a cell even within a code span and readers do not agree how a backslash before it is
/// escaped, so both are shown as `\u{…}`.
fn cell(text: &str) -> String {
    code(&text.replace('\\', "\\u{5c}").replace('|', "\\u{7c}"))
}

#[cfg(test)]
mod tests {
    use comrak::nodes::{AstNode, NodeValue};
    use comrak::{Arena, Options, parse_document};

    use super::*;
    use crate::event::{Coverable, Event, PointRecord};
    use crate::report::fixture;

    fn options() -> Options<'static> {
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.autolink = true;
        options.extension.strikethrough = true;
        options.extension.footnotes = true;
        options
    }

    /// What a GitHub reader sees: number of tables, of rows with each's number of cells, the code spans, and whatever must not be there.
    #[derive(Default)]
    struct Seen {
        tables: usize,
        rows: Vec<usize>,
        codes: Vec<String>,
        harm: Vec<String>,
    }

    fn read(markdown: &str) -> Seen {
        let arena = Arena::new();
        let root = parse_document(&arena, markdown, &options());
        let mut seen = Seen::default();
        for node in root.descendants() {
            look(node, &mut seen);
        }
        seen
    }

    fn look<'a>(node: &'a AstNode<'a>, seen: &mut Seen) {
        match &node.data.borrow().value {
            NodeValue::Table(_) => seen.tables += 1,
            NodeValue::TableRow(_) => seen.rows.push(node.children().count()),
            NodeValue::Code(span) => seen.codes.push(span.literal.clone()),
            value @ (NodeValue::Link(_)
            | NodeValue::Image(_)
            | NodeValue::HtmlInline(_)
            | NodeValue::HtmlBlock(_)
            | NodeValue::CodeBlock(_)
            | NodeValue::FootnoteReference(_)
            | NodeValue::BlockQuote
            | NodeValue::Strikethrough) => seen.harm.push(format!("{value:?}")),
            _ => {}
        }
    }

    #[test]
    fn a_whole_run_is_told() {
        let text = render(&Report::from_events(&fixture::run()));
        assert!(text.starts_with("## ❌ counterpart: the API broke a promise\n\n52 cases: 2 passed, 5 failed, 42 errors, 3 skipped (1.84 s)\n"), "{text}");
        let seen = read(&text);
        assert_eq!((seen.tables, seen.rows), (1, vec![6, 6, 6]));
        assert_eq!(seen.harm, Vec::<String>::new());
        for words in [
            "| `magento` | `staging` `https://shop.example/rest/default` | 2 | 5 | 1 | 3 |",
            "- **`status-unexpected`** at `status`, `GET /V1/customers/me` of `magento`: `expected status 401, got 200` (3 cases)\n",
            "  - contract `schemas/magento/customers.yaml:210:17` `/components/schemas/Customer/properties/id/type`\n",
            "  - `counterpart explain status-unexpected`\n",
            "- 2: `` the target has no auth profile `admin` ``\n",
            "### Warnings",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
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
            finding.message = hostile.to_owned();
            finding.at = format!("header {hostile}");
            finding.expected = Some(format!("`{hostile}"));
        }
        case.case.name = hostile.into();
        let mut skipped = fixture::skipped();
        skipped.reason = Some(hostile.to_owned());
        let mut warning = fixture::passed_with_warnings();
        warning.steps[0].findings[0].message = hostile.to_owned();
        let events = [
            started,
            Event::CaseFinished(case),
            Event::CaseFinished(skipped),
            Event::CaseFinished(warning),
            fixture::finished_with_stale_waiver(false),
        ];
        let text = render(&Report::from_events(&events));
        let seen = read(&text);
        assert_eq!(seen.harm, Vec::<String>::new(), "{text}");
        assert_eq!((seen.tables, seen.rows), (1, vec![6, 6, 6]), "{text}");
        let shown = hostile.replace('\n', "\\n");
        // Whole, as it is, and nowhere outside a code span.
        assert!(seen.codes.contains(&shown), "{:#?}", seen.codes);
        assert!(seen.codes.contains(&format!("`{shown}")));
    }

    #[test]
    fn coverage_is_told_where_it_was_recorded() {
        let point = |level| PointRecord {
            level,
            operation: "GET /V1/customers/me".into(),
            what: "200".to_owned(),
            contract: crate::event::ContractRecord {
                pointer: String::new(),
                place: fixture::place("schemas/a.yaml", 1, "a: b", "b"),
                correction: None,
            },
            step: None,
            excluded: None,
        };
        let mut case = fixture::passed();
        case.covered = vec![1];
        let events = [
            fixture::started(),
            Event::Coverable(Coverable {
                system: "magento".to_owned(),
                points: vec![
                    point(Level::Operations),
                    point(Level::Statuses),
                    point(Level::Statuses),
                ],
            }),
            Event::CaseFinished(case),
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
    fn an_endless_run_is_cut_with_a_note() {
        let cases = (0..4_000).map(|number| {
            let mut case = fixture::failed_by_status();
            case.steps[0].findings[0].at = format!("header x-{number}");
            case.steps[0].findings[0].message = "m".repeat(400);
            Event::CaseFinished(case)
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
    fn a_run_that_passed_says_so() {
        let events = [
            fixture::started(),
            Event::CaseFinished(fixture::passed()),
            fixture::finished(),
        ];
        let text = render(&Report::from_events(&events));
        assert!(
            text.starts_with("## ✅ counterpart: everything that ran passed\n"),
            "{text}"
        );
        assert!(!text.contains("What is wrong"));
    }
}
