//! Annotations of GitHub Actions: workflow commands that show findings beside the lines of a pull request. Main function: [`render`].
//!
//! ```text
//! ::error file=cases/shop/me.yaml,line=15,col=15,endColumn=35,title=body-schema at body /id::"7" is not of type "integer"%0A…
//! ```
//!
//! GitHub shows ten errors and ten warnings of a step and silently drops the rest. So each cause is one annotation, causes of most
//! subjects first; if there are more than ten, the tenth counts the rest.
//!
//! The runner reads commands from every line of a step's output: `::name::` after blanks and `##[name]` anywhere. The text below a run
//! contains responses of servers, so it must be printed between [`stop_commands`] and [`resume_commands`].

use super::cause::{Cause, Weight};
use super::locate::Locate;
use super::model::Report;
use super::summary::{Problem, ProblemKind};
use crate::event::PlaceRecord;
use crate::text::{counted, short};

/// Number of annotations per level that GitHub shows.
const SHOWN: usize = 10;
/// Maximum number of characters for a part of a message.
const PART: usize = 400;

/// Makes the runner ignore commands until [`resume_commands`] with the same token. The author of the text in between must not know the
/// token: letters and digits, random for each use.
pub fn stop_commands(token: &str) -> String {
    format!("::stop-commands::{token}")
}

/// Makes the runner accept commands again after [`stop_commands`].
pub fn resume_commands(token: &str) -> String {
    format!("::{token}::")
}

/// The annotations, one line each with a line feed; empty if nothing is wrong. `locate` returns a file's path in the repository, or `None`
/// for a file that is not in it: such an annotation has no file.
pub fn render(report: &Report, locate: &Locate<'_>) -> String {
    let summary = report.summary();
    let noun = summary.kind.noun();
    let mut errors: Vec<Annotation> = Vec::new();
    let mut warnings: Vec<Annotation> = Vec::new();
    for problem in &summary.problems {
        let annotations = of_problem(problem, report, locate);
        match problem.fails() {
            true => errors.extend(annotations),
            false => warnings.extend(annotations),
        }
    }
    let causes = report.causes().into_iter();
    errors.extend(causes.map(|cause| of_cause(cause, noun, locate)));
    warnings.extend(summary.notes.iter().map(|note| Annotation {
        place: None,
        title: "note on the run".to_owned(),
        lines: vec![note.clone()],
        subjects: 0,
    }));
    let mut causes = report.warnings();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.subjects));
    let causes = causes.into_iter();
    warnings.extend(causes.map(|cause| of_cause(cause, noun, locate)));
    let mut out = String::new();
    level(&mut out, "error", errors, noun);
    level(&mut out, "warning", warnings, noun);
    out
}

struct Annotation {
    place: Option<LocatedAnnotation>,
    title: String,
    lines: Vec<String>,
    subjects: usize,
}

/// A place in a file of the repository.
struct LocatedAnnotation {
    file: String,
    line: usize,
    column: usize,
    end_column: usize,
}

fn located(place: &PlaceRecord, locate: &Locate<'_>) -> Option<LocatedAnnotation> {
    Some(LocatedAnnotation {
        file: locate(&place.file)?,
        line: place.line,
        column: place.column,
        end_column: place.column + place.width,
    })
}

/// The annotation of a problem; for stale waivers one annotation per waiver, at its line.
fn of_problem(problem: &Problem, report: &Report, locate: &Locate<'_>) -> Vec<Annotation> {
    let mut lines = vec![problem.message.clone()];
    lines.extend(problem.advice.clone());
    if problem.kind == ProblemKind::StaleWaivers {
        let waivers = report.stale_waivers().iter().zip(&problem.details);
        let annotations = waivers.map(|(waiver, detail)| Annotation {
            place: located(&waiver.place, locate),
            title: "stale waiver".to_owned(),
            lines: [std::slice::from_ref(detail), &lines[..]].concat(),
            subjects: 1,
        });
        return annotations.collect();
    }
    lines.extend(
        problem
            .details
            .iter()
            .map(|detail| detail.trim().to_owned()),
    );
    if problem.is_explained {
        lines.push(explained(&problem.code));
    }
    vec![Annotation {
        place: None,
        title: problem.code.clone(),
        lines,
        subjects: 0,
    }]
}

fn of_cause(cause: &Cause, noun: &str, locate: &Locate<'_>) -> Annotation {
    let mut lines = vec![cause.message.short(PART)];
    if cause.weight == Weight::Failure {
        for (word, value) in [("expected", &cause.expected), ("actual", &cause.actual)] {
            let value = value.iter();
            lines.extend(value.map(|value| format!("{word} {}", value.short(PART))));
        }
        let contract = cause.contract.iter();
        lines.extend(contract.map(|contract| format!("contract {}", contract.place)));
    }
    let first = cause.first.first().map(|first| first.subject.to_string());
    let first = short(&first.unwrap_or_default(), PART);
    let operation = cause.operation.short(PART);
    lines.push(match cause.subjects {
        1 => format!("{operation}, in the {noun} {first}"),
        subjects => format!("{operation}, in {}, first {first}", counted(subjects, noun)),
    });
    let code = cause.code.to_string();
    if cause.code.is_explained() {
        lines.push(explained(&code));
    }
    let title = match &cause.at {
        None => code,
        Some(at) => format!("{code} at {at}"),
    };
    Annotation {
        place: cause
            .place
            .as_ref()
            .and_then(|place| located(place, locate)),
        title: short(&title, PART),
        lines,
        subjects: cause.subjects,
    }
}

fn explained(code: &str) -> String {
    format!("counterpart explain {code}")
}

fn level(out: &mut String, name: &str, mut annotations: Vec<Annotation>, noun: &str) {
    if annotations.len() > SHOWN {
        let rest = annotations.split_off(SHOWN - 1);
        let most = rest.iter().map(|cause| cause.subjects).max();
        let most = counted(most.unwrap_or_default(), noun);
        let more = counted(rest.len(), "more cause");
        annotations.push(Annotation {
            place: None,
            title: more.clone(),
            lines: vec![
                format!("{more}, each in {most} or fewer"),
                "the job summary and the reports list all of them".to_owned(),
            ],
            subjects: 0,
        });
    }
    for Annotation {
        place,
        title,
        lines,
        subjects: _,
    } in annotations
    {
        let mut properties: Vec<String> = Vec::new();
        if let Some(LocatedAnnotation {
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
    fn the_cause_of_most_cases_is_annotated_at_its_line() {
        let mut events = fixture::run();
        events.retain(|event| !matches!(event, Event::TargetLost(_)));
        let lines = annotations(&events);
        assert_eq!(
            lines[0],
            "::error file=cases/magento/customers/me.yaml,line=31,col=19,endColumn=22,title=status-unexpected at status\
             ::expected status 401, got 200%0Aexpected 401%0Aactual 200 OK\
             %0AGET /V1/customers/me, in 3 cases, first magento::customers/me::only the customer may read her own data [a token of another customer]\
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
                Event::SubjectFinished(fixture::passed_with_warnings()),
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
    fn an_entry_is_named_and_has_no_line() {
        assert_eq!(
            annotations(&fixture::replay()),
            [
                "::error title=difference-value at body /firstname::the value differs from the recorded value%0Aexpected \"Ada\"%0Aactual \"Eve\"\
                 %0AGET /V1/customers/{customerId}, in the entry magento::recorded.har::5 the admin reads her\
                 %0Acounterpart explain difference-value"
            ]
        );
    }

    #[test]
    fn problems_without_a_subject_are_annotated() {
        let [mut start, _] = fixture::start_and_end_of_a_shard();
        if let Event::RunStarted(start) = &mut start {
            start.planned = 3;
        }
        let passed = Event::SubjectFinished(fixture::passed());
        let report = Report::from_events(&[start.clone(), passed.clone()]);
        assert_eq!(
            render(&report, &everywhere),
            "::error title=interrupted::the run is incomplete: 2 cases without verdict%0Ashard 3/5 is missing\n\
             ::warning title=note on the run::shard 3/5 is missing\n"
        );
        let events = [
            start,
            passed,
            fixture::finished(),
            Event::TargetLost(fixture::lost()),
        ];
        let mut report = Report::from_events(&events);
        report.require_coverage(vec![fixture::shortfall()]);
        let text = render(&report, &everywhere);
        for annotation in [
            "::error title=connect-failed::nuweb: cannot reach http://127.0.0.1:9: connection refused (41 cases not run)\
             %0Ais the server up, and is this its address?%0Acounterpart explain connect-failed\n",
            "::error title=coverage-too-low::magento covers 1/2 operations (50 %25), but 100 %25 is required\n",
        ] {
            assert!(text.contains(annotation), "{annotation}\n{text}");
        }
    }

    #[test]
    fn hostile_text_stays_within_its_command() {
        let mut case = fixture::hostile();
        case.steps[0].findings[0].message = "x\n::set-output name=a::b\r##[error]%0A".into();
        case.steps[0].findings[0].at = fixture::at("header a:b,c\n::warning::");
        let lines = annotations(&[
            fixture::started(),
            Event::SubjectFinished(case),
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
            .expect("is reported");
        assert!(first.contains("title=content-type-undocumented at header a%3Ab%2Cc\\n%3A%3Awarning%3A%3A::x\\n::set-output"), "{first}");
        // A percent sign sent by the server is escaped.
        assert!(first.contains("\\r##[error]%250A%0A"), "{first}");
    }

    #[test]
    fn beyond_ten_the_last_counts_the_rest() {
        let cases = (0..15).map(|number| {
            let mut case = fixture::failed_by_status();
            case.steps[0].findings[0].at = fixture::at(&format!("header x-{number}"));
            Event::SubjectFinished(case)
        });
        let events: Vec<Event> = std::iter::once(fixture::finished()).chain(cases).collect();
        let lines = annotations(&events);
        assert_eq!(lines.len(), 10);
        assert!(
            lines[9].starts_with("::error title=6 more causes::6 more causes, "),
            "{}",
            lines[9]
        );
        assert_eq!(annotations(&events[..11]).len(), 10);
        assert!(!annotations(&events[..11])[9].contains("more causes"));
    }

    #[test]
    fn commands_are_stopped_and_resumed_with_the_same_token() {
        assert_eq!(stop_commands("a1"), "::stop-commands::a1");
        assert_eq!(resume_commands("a1"), "::a1::");
    }
}
