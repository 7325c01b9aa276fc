use std::collections::BTreeSet;
use std::path::Path;

use counterpart::server::{self, System};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::project::Project;
use crate::project_folder::{Ended, command};

const SHARDS: usize = 5;

/// The names of all formats that `--report` takes, as the program lists them.
fn formats(project: &Path) -> Vec<String> {
    let refused = Ended::of(&mut command(project, "report x.jsonl --report ?=x"));
    let list = refused.stderr.split("expected one of ").nth(1).unwrap();
    let list = list.lines().next().unwrap().split(", ");
    let formats: Vec<String> = list.map(|name| name.trim().to_owned()).collect();
    assert!(formats.len() >= 2, "{formats:?}");
    formats
}

/// Runs the whole and its shards with the same arguments; leaves `whole.jsonl` and `1.jsonl` to `5.jsonl`, in which all times are equal.
fn record(folder: &Path, arguments: &str) -> i32 {
    let run = |more: &str, file: &str| {
        let arguments = format!("run {arguments} --seed 7 {more} --report json={file}");
        let ended = Ended::of(&mut command(folder, &arguments));
        same_times(&folder.join(file));
        ended.code
    };
    for index in 1..=SHARDS {
        run(
            &format!("--shard {index}/{SHARDS}"),
            &format!("{index}.jsonl"),
        );
    }
    run("", "whole.jsonl")
}

/// Sets every time of a recording to the same constant, so that two runs have equal events.
fn same_times(file: &Path) {
    fn set(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    match key.as_str() {
                        "milliseconds" => *value = 1.5.into(),
                        "started" => *value = "2026-11-20T08:30:00Z".into(),
                        _ => set(value),
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(set),
            _ => {}
        }
    }
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        set(&mut event);
        event.to_string() + "\n"
    });
    std::fs::write(file, lines.collect::<String>()).unwrap();
}

/// All reports of a recording and the output of the program, by name.
fn reports(folder: &Path, arguments: &str, formats: &[String]) -> Vec<(String, String)> {
    let mut arguments = format!("{arguments} --coverage");
    for format in formats {
        arguments.push_str(&format!(" --report {format}=out.{format}"));
    }
    let Ended {
        code,
        stdout,
        stderr,
    } = Ended::of(&mut command(folder, &arguments));
    let mut all = vec![("exit code".to_owned(), code.to_string())];
    all.push(("standard output".to_owned(), stdout));
    all.push(("standard error".to_owned(), stderr));
    for format in formats {
        let file = folder.join(format!("out.{format}"));
        let mut text = std::fs::read_to_string(&file).unwrap();
        if format == "json" {
            let (without, covered) = without_covered(&text);
            text = without;
            all.push(("covered".to_owned(), covered));
        }
        all.push((format.clone(), text));
        std::fs::remove_file(file).unwrap();
    }
    all
}

/// Events without the points that each case covered, and all these points. Which of several cases covered a point first differs from
/// run to run; that it was covered does not.
fn without_covered(events: &str) -> (String, String) {
    let mut covered = BTreeSet::new();
    let lines = events.lines().map(|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        let event = event.as_object_mut().unwrap();
        if let Some(points) = event.shift_remove("covered") {
            let system = event["subject"]["system"].to_string();
            let points = points.as_array().unwrap().iter();
            covered.extend(points.map(|point| (system.clone(), point.as_u64().unwrap())));
        }
        serde_json::to_string(event).unwrap() + "\n"
    });
    let without = lines.collect();
    (without, format!("{covered:?}"))
}

/// The reports of the whole run and of its shards are the same, byte for byte, whatever the order of the files. Returns them.
#[track_caller]
fn assert_equal(folder: &Path) -> Vec<(String, String)> {
    let formats = formats(folder);
    let whole = reports(folder, "report merge whole.jsonl", &formats);
    let shards = [
        "1.jsonl 2.jsonl 3.jsonl 4.jsonl 5.jsonl",
        "4.jsonl 2.jsonl 5.jsonl 1.jsonl 3.jsonl",
    ];
    for files in shards {
        let merged = reports(folder, &format!("report merge {files}"), &formats);
        for ((name, whole), (_, merged)) in whole.iter().zip(&merged) {
            assert_same(name, whole, merged);
        }
    }
    // In the order of the run, not of the merge: only the order of the events differs.
    let in_run_order = reports(folder, "report whole.jsonl", &formats);
    for ((name, whole), (_, other)) in whole.iter().zip(&in_run_order) {
        if name != "json" {
            assert_same(name, whole, other);
        }
    }
    whole
}

#[track_caller]
fn assert_same(name: &str, whole: &str, merged: &str) {
    if whole != merged {
        let mut lines = whole.lines().zip(merged.lines());
        let first = lines.find(|(whole, merged)| whole != merged);
        let cut = |text: &str| text.chars().take(2000).collect::<String>();
        let first = first.map(|(whole, merged)| (cut(whole), cut(merged)));
        panic!("{name} differs, first in {first:#?}\n{}", cut(whole));
    }
}

fn text_of<'r>(reports: &'r [(String, String)], name: &str) -> &'r str {
    &reports.iter().find(|(known, _)| known == name).unwrap().1
}

#[test]
fn five_shards_of_a_run_with_all_kinds_of_verdicts() {
    let project = Project::new();
    let folder = project.root();
    assert_eq!(record(folder, "--target staging"), 1);
    let reports = assert_equal(folder);
    let text = text_of(&reports, "standard output");
    // 80 rows; and in each of three files a skipped case, and a case without a value to capture.
    assert!(text.contains("\n86 cases: "), "{text}");
    for expected in [
        "3 errors, 3 skipped",
        "shop: body-undocumented-property at ",
        "waived: 1 kind",
        "stale: 2 waivers matched nothing",
        // The generated values of a case are the same in every shard.
        "?by=c-",
        "wiki: 12 cases against",
        "shop: 74 cases against",
    ] {
        assert!(text.contains(expected), "{expected}\nis missing in\n{text}");
    }
    // The systems are in the order of the target's configuration, as in the run.
    assert!(
        text.find("wiki: 12 cases") < text.find("shop: 74 cases"),
        "{text}"
    );
    assert_eq!(text_of(&reports, "exit code"), "1");
    // Each case is in exactly one shard.
    let finished = |file: &str| {
        project
            .read(file)
            .matches("\"event\":\"subject_finished\"")
            .count()
    };
    let sizes: Vec<usize> = (1..=SHARDS)
        .map(|index| finished(&format!("{index}.jsonl")))
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), 86);
    assert!(sizes.iter().all(|size| *size > 0), "{sizes:?}");
}

#[test]
fn coverage_is_gated_by_the_merge_and_not_by_a_shard() {
    let project = Project::new();
    project.write("waivers.yaml", "waivers: []\n");
    let gate = "--min-coverage operations=100";
    // Only one of two operations is called, in a case that passes.
    let run = |index: usize, more: &str| {
        let arguments = format!(
            "run --target staging --system wiki --seed 7 --filter order --shard {index}/2 {more}"
        );
        project.ended(&arguments)
    };
    run(1, gate).with(2, &["a shard covers only its part"]);
    for index in [1, 2] {
        run(index, &format!("--report json={index}.jsonl"));
    }
    project
        .ended(&format!("report 1.jsonl {gate}"))
        .with(2, &["a shard covers only its part"]);
    let merged = "report merge 1.jsonl 2.jsonl";
    for file in ["1.jsonl", "2.jsonl"] {
        let events = project.read(file);
        let lines = events
            .lines()
            .filter(|line| !line.contains("\"event\":\"coverable\""));
        let without: String = lines.map(|line| format!("{line}\n")).collect();
        project.write(&format!("without-{file}"), &without);
    }
    let without = "report merge without-1.jsonl without-2.jsonl";
    project
        .ended(&format!("{without} {gate}"))
        .with(2, &["the events contain no coverage"]);
    project.ended(without).with(1, &["\n10 cases: "]);
    // Findings have precedence, but both are reported.
    project
        .ended(&format!("{merged} {gate}"))
        .with(1, &["operations", "50"]);
    project
        .ended(&format!("{merged} --min-coverage operations=50"))
        .with(1, &["\n10 cases: "]);
}

#[test]
fn waivers_are_judged_over_all_shards() {
    let project = Project::new();
    let folder = project.root();
    assert_eq!(record(folder, "--target staging --strict-waivers"), 1);
    let reports = assert_equal(folder);
    let text = text_of(&reports, "standard output");
    assert!(
        text.contains("matched nothing, which fails the run (--strict-waivers)"),
        "{text}"
    );
    for index in 1..=SHARDS {
        let ended = project.ended(&format!("report {index}.jsonl"));
        assert!(!ended.stdout.contains("stale"), "{}", ended.stdout);
    }
}

#[test]
fn an_unreachable_target_is_reported_once() {
    let project = Project::without_server();
    let folder = project.root();
    assert_eq!(record(folder, "--target staging"), 3);
    let reports = assert_equal(folder);
    let text = text_of(&reports, "standard output");
    assert!(text.contains("(72 cases not run)"), "{text}");
    assert!(text.contains("(11 cases not run)"), "{text}");
}

#[test]
fn five_shards_against_one_reference_server() {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let server = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = server::InstanceOptions::default();
        server::start(System::Nuweb, listener, options)
            .await
            .unwrap()
    });
    let arguments = format!("--system nuweb --target {}", server.url());
    record(folder.path(), &arguments);
    let reports = assert_equal(folder.path());
    let text = text_of(&reports, "standard output");
    assert!(text.contains(" cases against http:"), "{text}");
    runtime.block_on(server.stop());
}
