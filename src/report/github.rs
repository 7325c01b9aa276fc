//! Annotations of GitHub Actions: workflow commands that put what is wrong beside the lines of a pull request. Main function:
//! [`render`].
//!
//! ```text
//! ::error file=cases/shop/me.yaml,line=15,col=15,endColumn=35,title=body-schema at body /id::"7" is not of type "integer"%0A…
//! ```
//!
//! GitHub shows ten errors and ten warnings of a step and drops the rest unsaid; so each cause is told once, those of most cases first,
//! and where there are more the tenth counts the others.
//!
//! The runner takes commands from every line of a step's output, `::name::` behind blanks and `##[name]` anywhere. What servers answer
//! stands in the text below a run, so that text must be printed between [`stop_commands`] and [`resume_commands`].

use crate::event::PlaceRecord;

use super::Report;
use super::cause::{Cause, Kind, causes};
use super::untrusted::short;

/// Annotations of a level that GitHub shows.
const SHOWN: usize = 10;
/// Characters of a part of a message at most.
const PART: usize = 400;

/// From here on the runner takes no command until [`resume_commands`] with the same token. The token must not be known to whoever writes
/// what is printed between: letters and digits, drawn anew.
pub fn stop_commands(token: &str) -> String {
    format!("::stop-commands::{token}")
}

/// Ends what [`stop_commands`] began.
pub fn resume_commands(token: &str) -> String {
    format!("::{token}::")
}

/// The annotations, a line each with a line feed; empty where nothing is wrong. `locate` gives a file's path in the repository, `None`
/// for a file that is not in it: such an annotation names no file.
pub fn render(report: &Report, locate: &dyn Fn(&str) -> Option<String>) -> String {
    let mut errors: Vec<Annotation> = report.lost().iter().map(lost).collect();
    errors.extend(causes(report).iter().map(|cause| of_cause(cause, locate)));
    let mut warnings: Vec<Annotation> = Vec::new();
    let stale = report.stale_waivers().iter().map(|waiver| Annotation {
        place: located(&waiver.place, locate),
        title: "stale waiver".to_owned(),
        lines: vec![
            format!(
                "the waiver of {} at {} matched nothing",
                short(&waiver.code, PART),
                short(&waiver.at, PART)
            ),
            "remove it: what it accepted no longer occurs".to_owned(),
        ],
        cases: 1,
    });
    match report.end().is_some_and(|end| end.strict_waivers) {
        true => errors.extend(stale),
        false => warnings.extend(stale),
    }
    let mut told = report.warnings();
    told.sort_by_key(|warning| std::cmp::Reverse(warning.cases));
    warnings.extend(told.into_iter().map(|warning| {
        let mut lines = vec![short(&warning.message, PART)];
        lines.push(seen(
            &warning.operation,
            warning.cases,
            warning.first.first().map(ToString::to_string),
        ));
        lines.push(explained(&warning.code));
        Annotation {
            place: warning
                .place
                .as_ref()
                .and_then(|place| located(place, locate)),
            title: title(&warning.code, &warning.at),
            lines,
            cases: warning.cases,
        }
    }));
    let mut out = String::new();
    level(&mut out, "error", errors);
    level(&mut out, "warning", warnings);
    out
}

struct Annotation {
    place: Option<Located>,
    title: String,
    lines: Vec<String>,
    cases: usize,
}

/// A place in a file of the repository.
struct Located {
    file: String,
    line: usize,
    column: usize,
    end_column: usize,
}

fn located(place: &PlaceRecord, locate: &dyn Fn(&str) -> Option<String>) -> Option<Located> {
    if !place.is_written() {
        return None;
    }
    Some(Located {
        file: locate(&place.file)?,
        line: place.line,
        column: place.column,
        end_column: place.column + place.width,
    })
}

fn lost(lost: &crate::event::TargetLost) -> Annotation {
    Annotation {
        place: None,
        title: title(&lost.error.kind, ""),
        lines: vec![
            format!(
                "{} cannot be asked at {}: {}",
                short(&lost.system, PART),
                short(&lost.url, PART),
                short(&lost.error.message, PART)
            ),
            format!("{} cases were not run", lost.cases),
            explained(&lost.error.kind),
        ],
        cases: lost.cases,
    }
}

fn of_cause(cause: &Cause<'_>, locate: &dyn Fn(&str) -> Option<String>) -> Annotation {
    let mut lines = vec![short(cause.message, PART)];
    if let Kind::Finding(finding) = cause.kind {
        if let Some(expected) = &finding.expected {
            lines.push(format!("expected {}", short(expected, PART)));
        }
        if let Some(actual) = &finding.actual {
            lines.push(format!("actual {}", short(actual, PART)));
        }
    }
    if let Some(contract) = cause.contract() {
        let PlaceRecord {
            file, line, column, ..
        } = &contract.place;
        lines.push(format!("contract {}:{line}:{column}", short(file, PART)));
    }
    let first = cause.first.first().map(|(id, _)| id.to_string());
    lines.push(seen(cause.operation, cause.cases, first));
    lines.push(explained(cause.code));
    Annotation {
        place: located(cause.place, locate),
        title: title(cause.code, &cause.at),
        lines,
        cases: cause.cases,
    }
}

fn title(code: &str, at: &str) -> String {
    match at {
        "" => short(code, PART),
        at => format!("{} at {}", short(code, PART), short(at, PART)),
    }
}

fn seen(operation: &str, cases: usize, first: Option<String>) -> String {
    let operation = short(operation, PART);
    let first = short(&first.unwrap_or_default(), PART);
    match cases {
        1 => format!("{operation}, in the case {first}"),
        cases => format!("{operation}, in {cases} cases, first {first}"),
    }
}

fn explained(code: &str) -> String {
    format!("counterpart explain {}", short(code, PART))
}

fn level(out: &mut String, name: &str, mut annotations: Vec<Annotation>) {
    if annotations.len() > SHOWN {
        let rest = annotations.split_off(SHOWN - 1);
        let most = rest.iter().map(|one| one.cases).max().unwrap_or_default();
        annotations.push(Annotation {
            place: None,
            title: format!("{} more causes", rest.len()),
            lines: vec![
                format!("{} more causes, each in {most} cases or fewer", rest.len()),
                "the job summary and the reports have all of them".to_owned(),
            ],
            cases: 0,
        });
    }
    for Annotation {
        place,
        title,
        lines,
        cases: _,
    } in annotations
    {
        let mut properties: Vec<String> = Vec::new();
        if let Some(Located {
            file,
            line,
            column,
            end_column,
        }) = place
        {
            properties.push(format!("file={}", property(&file)));
            properties.push(format!("line={line},col={column},endColumn={end_column}"));
        }
        properties.push(format!("title={}", property(&title)));
        let line = format!(
            "::{name} {}::{}\n",
            properties.join(","),
            data(&lines.join("\n"))
        );
        out.push_str(&line);
    }
}

/// The text of a command, escaped as the toolkit's `escapeData` does.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, escaped as the toolkit's `escapeProperty` does.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::fixture;

    fn everywhere(file: &str) -> Option<String> {
        Some(file.to_owned())
    }

    fn annotations(events: &[Event]) -> Vec<String> {
        let text = render(&Report::from_events(events), &everywhere);
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_cause_of_most_cases_stands_at_its_line() {
        let mut events = fixture::run();
        events.retain(|event| !matches!(event, Event::TargetLost(_)));
        let lines = annotations(&events);
        assert_eq!(
            lines[0],
            "::error file=cases/magento/customers/me.yaml,line=31,col=19,endColumn=22,title=status-unexpected at status\
             ::expected status 401, got 200%0Aexpected 401%0Aactual 200 OK\
             %0AGET /V1/customers/me, in 3 cases, first magento::customers/me::only the customer herself may read [a token of somebody else]\
             %0Acounterpart explain status-unexpected"
        );
        assert!(
            lines[1].contains("%0Acontract schemas/magento/customers.yaml:210:17%0A"),
            "{}",
            lines[1]
        );
    }

    #[test]
    fn warnings_and_stale_waivers_are_warnings_until_the_run_fails_for_them() {
        let events = |strict| {
            [
                fixture::started(),
                Event::CaseFinished(fixture::passed_with_warnings()),
                fixture::finished_with_stale_waiver(strict),
            ]
        };
        let lines = annotations(&events(false));
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(lines.iter().all(|line| line.starts_with("::warning ")));
        assert!(lines[0].starts_with("::warning file=waivers.yaml,line=3,col=5,"));
        let strict = annotations(&events(true));
        assert!(strict[0].starts_with("::error file=waivers.yaml,line=3,"));
    }

    #[test]
    fn a_file_that_is_not_in_the_repository_is_not_named() {
        let report = Report::from_events(&fixture::run());
        let text = render(&report, &|_| None);
        assert!(text.contains("::error title=status-unexpected at status::"));
        assert!(!text.contains("file="));
    }

    #[test]
    fn hostile_text_stays_within_its_command() {
        let mut case = fixture::hostile();
        case.steps[0].findings[0].message = "x\n::set-output name=a::b\r##[error]%0A".to_owned();
        case.steps[0].findings[0].at = "header a:b,c\n::warning::".to_owned();
        let lines = annotations(&[
            fixture::started(),
            Event::CaseFinished(case),
            fixture::finished(),
        ]);
        assert_eq!(lines.len(), 3, "one line for each of three findings");
        for line in &lines {
            assert!(line.starts_with("::error file="), "{line}");
            assert!(!line.contains('\r') && line.len() < 4_000);
        }
        let first = lines
            .iter()
            .find(|line| line.contains("set-output"))
            .expect("is told");
        assert!(first.contains("title=content-type-undocumented at header a%3Ab%2Cc\\n%3A%3Awarning%3A%3A::x\\n::set-output"), "{first}");
        // A percent sign of the server's is none of ours.
        assert!(first.contains("\\r##[error]%250A%0A"), "{first}");
    }

    #[test]
    fn beyond_ten_the_last_counts_the_rest() {
        let cases = (0..15).map(|number| {
            let mut case = fixture::failed_by_status();
            case.steps[0].findings[0].at = format!("header x-{number}");
            Event::CaseFinished(case)
        });
        let events: Vec<Event> = cases.collect();
        let lines = annotations(&events);
        assert_eq!(lines.len(), 10);
        assert!(
            lines[9].starts_with("::error title=6 more causes::6 more causes, "),
            "{}",
            lines[9]
        );
        assert_eq!(annotations(&events[..10]).len(), 10);
        assert!(!annotations(&events[..10])[9].contains("more causes"));
    }

    #[test]
    fn commands_are_stopped_and_resumed_by_one_token() {
        assert_eq!(stop_commands("a1"), "::stop-commands::a1");
        assert_eq!(resume_commands("a1"), "::a1::");
    }
}
