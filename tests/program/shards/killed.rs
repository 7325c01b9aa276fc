use std::process::Stdio;
use std::time::{Duration, Instant};

use super::project::Project;

/// Waits until a file has a number of finished cases, at most a minute.
fn wait_for_cases(project: &Project, file: &str, cases: usize) {
    let began = Instant::now();
    while std::fs::read_to_string(project.path(file))
        .unwrap_or_default()
        .matches("\"event\":\"subject_finished\"")
        .count()
        < cases
    {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "no {cases} cases in {file}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Starts a run with one job, whose server hangs after ten responses, and kills it after `finished` cases.
fn killed(more: &str, finished: usize) -> Project {
    let project = Project::with_server_that_hangs_after(10);
    let arguments =
        format!("run --target staging --system shop -j 1 --seed 7 --report json=run.jsonl {more}");
    let mut child = project
        .command(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_cases(&project, "run.jsonl", finished);
    // SIGKILL: the program cannot clean up.
    child.kill().unwrap();
    child.wait().unwrap();
    project
}

#[test]
fn everything_that_finished_is_reported_of_a_killed_run() {
    // The two skipped cases are reported before the first request.
    let project = killed("", 12);
    let arguments = "report run.jsonl --report junit=run.xml --report json=copy.jsonl";
    let expected = [
        "12 cases: 9 passed, 1 failed, 0 errors, 2 skipped (? s)",
        "the recording ends before the run did: 62 cases without verdict",
        "running at that time: 1 case\n  shop::all::the order 10 is there\n",
        "FAIL shop::all::the order 3 is there",
    ];
    project.ended(arguments).with(130, &expected);
    let xml = project.read("run.xml");
    assert!(
        xml.contains("the recording ends before the run did: 62 cases without verdict"),
        "{xml}"
    );
    for id in 0..10 {
        let name = format!("<testcase name=\"the order {id} is there\"");
        assert!(xml.contains(&name), "{name}\nis missing in\n{xml}");
    }
    // The copy gives the same report.
    project.ended("report copy.jsonl").with(130, &expected);
    project.ended("report merge run.jsonl").with(130, &expected);
}

#[test]
fn a_truncated_last_line_is_reported_and_all_lines_before_it_count() {
    let project = killed("", 12);
    let mut text = project.read("run.jsonl");
    text.push_str("{\"event\":\"subject_finished\",\"subject\":{\"sys");
    project.write("run.jsonl", &text);
    let expected = [
        "12 cases: 9 passed, 1 failed, 0 errors, 2 skipped (? s)",
        "is cut off in line",
    ];
    project.ended("report run.jsonl").with(130, &expected);
    project.ended("report merge run.jsonl").with(130, &expected);
}

#[test]
fn a_shard_that_was_killed_is_named() {
    let project = killed("--shard 1/2", 10);
    // The server hangs, so only cases of the other shard that send nothing can finish.
    project.ended(
        "run --target staging --system shop --shard 2/2 --seed 7 --filter x --report json=2.jsonl",
    );
    project.ended("report merge run.jsonl 2.jsonl").with(
        2,
        &["the number of cases selected, over all shards, is 74 (plan "],
    );
    project.ended("report merge run.jsonl").with(
        130,
        &[
            "shard 2/2 is missing",
            "shard 1/2 was killed before the end of its run",
            "without verdict",
        ],
    );
}
