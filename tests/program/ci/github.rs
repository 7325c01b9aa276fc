//! Annotations and the summary of a job on GitHub.

use super::project::Project;

/// Commands that a runner executes in a step's output, as its source reads them: `::name …::` after blanks, else `##[name …]` anywhere;
/// nothing between `::stop-commands::TOKEN` and `::TOKEN::`.
fn executed(output: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut stopped: Option<&str> = None;
    for line in output.lines() {
        let trimmed = line.trim_start();
        if let Some(token) = stopped {
            if trimmed
                .strip_prefix("::")
                .and_then(|rest| rest.strip_suffix("::"))
                == Some(token)
            {
                stopped = None;
            }
        } else if let Some(token) = trimmed.strip_prefix("::stop-commands::") {
            stopped = Some(token);
        } else if trimmed.starts_with("::") || line.contains("##[") {
            commands.push(line);
        }
    }
    assert_eq!(stopped, None, "commands are resumed at the end");
    commands
}

#[test]
fn only_our_own_commands_are_executed_and_they_name_the_line() {
    let project = Project::new();
    let root = project.root().display().to_string();
    let summary = project.path("summary.md").display().to_string();
    project.write("summary.md", "before\n");
    let environment = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_WORKSPACE", root.as_str()),
        ("GITHUB_STEP_SUMMARY", summary.as_str()),
    ];
    let ended = project.run(&[], &environment);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    // The response is shown, with all its lines.
    assert!(
        ended.stdout.contains("##[set-env name=PATH]evil"),
        "{}",
        ended.stdout
    );
    let commands = executed(&ended.stdout);
    let [error, warning @ ..] = commands.as_slice() else {
        panic!("{}", ended.stdout);
    };
    assert!(
        error.starts_with("::error file=cases/shop/a.yaml,line=4,col=11,endColumn=17,title=body-schema at body /name::"),
        "{error}"
    );
    assert!(
        error.contains("%0Acounterpart explain body-schema"),
        "{error}"
    );
    // The undocumented properties of the same response.
    assert!(
        warning
            .iter()
            .all(|line| line.starts_with("::warning file=cases/shop/a.yaml,line=4,")),
        "{warning:?}"
    );
    assert_eq!(executed(&ended.stderr), Vec::<&str>::new());
    let written = project.read("summary.md");
    assert!(
        written.starts_with("before\n## ❌ counterpart: the API deviates in 1 case\n"),
        "{written}"
    );
}

#[test]
fn paths_are_those_of_the_repository_not_of_the_working_folder() {
    let project = Project::new();
    let above = project.root().parent().unwrap().display().to_string();
    let ended = project.run(
        &[],
        &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_WORKSPACE", above.as_str()),
        ],
    );
    let folder = project.root().file_name().unwrap().to_str().unwrap();
    let expected = format!("::error file={folder}/cases/shop/a.yaml,line=4,");
    assert!(ended.stdout.contains(&expected), "{}", ended.stdout);
    // A repository elsewhere does not have the file.
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().display().to_string();
    let ended = project.run(
        &[],
        &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_WORKSPACE", elsewhere.as_str()),
        ],
    );
    assert!(
        ended
            .stdout
            .contains("\n::error title=body-schema at body /name::"),
        "{}",
        ended.stdout
    );
}

#[test]
fn annotations_are_automatic_on_github_only_or_as_the_flag_says() {
    let project = Project::new();
    let is_annotated = |arguments: &[&str], environment: &[(&str, &str)]| {
        let ended = project.run(arguments, environment);
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        ended.stdout.contains("::error ")
    };
    let actions = [("GITHUB_ACTIONS", "true")];
    assert!(is_annotated(&[], &actions));
    assert!(!is_annotated(&[], &[]));
    assert!(!is_annotated(&[], &[("GITHUB_ACTIONS", "false")]));
    assert!(!is_annotated(&["--annotations=none"], &actions));
    assert!(is_annotated(&["--annotations=github"], &[]));
    assert!(is_annotated(&["-q"], &actions));
}

#[test]
fn the_last_line_of_a_run_stays_the_last() {
    let project = Project::new();
    let ended = project.run(&[], &[("GITHUB_ACTIONS", "true")]);
    let last = ended.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("1 cases: 0 passed, 1 failed, "),
        "{}",
        ended.stdout
    );
}
