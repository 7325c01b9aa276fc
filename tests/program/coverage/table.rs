use counterpart::diagnostic::Style;
use counterpart::report::Report;
use counterpart::report::json_lines;
use counterpart::report::terminal::{self, Look};
use unicode_width::UnicodeWidthStr;

use super::project::{CASES, Project};

#[test]
fn no_line_is_wider_than_the_terminal() {
    let project = Project::with(CASES);
    project
        .run("--coverage --report json=run.jsonl")
        .with(0, &[]);
    let text = project.read("run.jsonl");
    let mut report = Report::new();
    for (number, line) in text.lines().enumerate() {
        report.fold(&json_lines::read(number + 1, line).unwrap());
    }
    for width in [60, 100] {
        let look = Look {
            style: Style::Plain,
            width,
        };
        let text = terminal::coverage(&report, look, false);
        assert!(text.contains("not covered: 23 points"), "{text}");
        assert!(text.contains("request /tags/*/label type string: another"));
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn a_pipe_gets_a_table_without_colour() {
    let run = Project::with(CASES).run("--coverage").with(
        0,
        &[
            "coverage of the contracts of shop",
            "  operations         2/3   66.6 %  █████████████░░░░░░░  1 missing",
            "statuses not counted: 1 (a correct server has no reason to respond so)",
            // 1 operation, 3 statuses, 6 parameters, 3 properties and 10 keywords.
            "not covered: 23 points",
        ],
    );
    assert!(!run.stdout.contains('\u{1b}'));
    // A pipe has no width: 100 is used.
    assert!(run.stdout.lines().all(|line| line.width() <= 100));
}
