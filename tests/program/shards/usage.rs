use super::project::Project;

#[test]
fn an_invalid_shard_is_wrong_usage() {
    let project = Project::new();
    for command in ["run", "list"] {
        for (shard, reason) in [
            ("0/5", "parts are counted from 1 to 5"),
            ("6/5", "there is no part 6 of 5"),
            ("x", "expected K/N, as in 2/5: the second of five parts"),
        ] {
            let expected = format!("error: invalid value '{shard}' for '--shard <K/N>': {reason}");
            project
                .ended(&format!("{command} --shard {shard}"))
                .with(2, &[&expected]);
        }
    }
}

#[test]
fn each_case_is_listed_in_one_shard_and_adding_one_moves_no_other() {
    let project = Project::new();
    let listed = |shard: &str| -> Vec<String> {
        let ended = project
            .ended(&format!("list --target staging {shard}"))
            .with(0, &[]);
        ended.stdout.lines().map(str::to_owned).collect()
    };
    let parts = || -> Vec<Vec<String>> {
        (1..=5)
            .map(|part| listed(&format!("--shard {part}/5")))
            .collect()
    };
    let (all, before) = (listed(""), parts());
    let mut together = before.concat();
    together.sort();
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(together, sorted);
    assert_eq!(all.len(), 86);
    let cases = project.read("cases/shop/all.yaml").replace(
        "      - { id: 7 }\n",
        "      - { id: 7 }\n      - { id: 777 }\n",
    );
    project.write("cases/shop/all.yaml", &cases);
    let new = "shop::all::the order 777 is there".to_owned();
    let mut count = 0;
    for (before, mut after) in before.into_iter().zip(parts()) {
        count += after.iter().filter(|name| **name == new).count();
        after.retain(|name| *name != new);
        assert_eq!(before, after);
    }
    assert_eq!(count, 1);
}

#[test]
fn an_empty_shard_is_not_an_error_but_an_empty_selection_is() {
    let project = Project::new();
    let shard = |index: usize, filter: &str| {
        format!(
            "run --target staging --seed 7 --shard {index}/2 --filter {filter} --report json={index}.jsonl"
        )
    };
    let filter = "=shop::all::the order 0 is there".replace(' ', "\u{1}");
    let mut codes = Vec::new();
    for index in [1, 2] {
        let arguments = shard(index, &filter);
        let arguments = arguments
            .split_whitespace()
            .map(|argument| argument.replace('\u{1}', " "));
        let mut command = project.command("");
        command.args(arguments);
        codes.push(crate::project_folder::Ended::of(&mut command));
    }
    let empty = codes
        .iter()
        .position(|ended| ended.stdout.contains("0 of 1 case\n"))
        .unwrap();
    let expected = format!(
        "shard {}/2 has none of the 1 selected cases; this is not an error",
        empty + 1
    );
    assert!(
        codes[empty].stderr.contains(&expected),
        "{}",
        codes[empty].stderr
    );
    for ended in codes {
        ended.with(0, &[]);
    }
    project
        .ended("report merge 1.jsonl 2.jsonl")
        .with(0, &["\n1 cases: 1 passed"]);
    project
        .ended(&shard(1, "nothing-like-it"))
        .with(4, &["no case matches the selection"]);
}

#[test]
fn recordings_that_are_not_of_one_run_are_refused_with_the_reason() {
    let project = Project::new();
    let run = |more: &str| {
        project.ended(&format!("run --target staging --seed 7 {more}"));
    };
    run("--shard 1/2 --report json=1.jsonl");
    run("--shard 2/2 --tag !slow --report json=tagged.jsonl");
    run("--shard 2/3 --report json=other.jsonl");
    run("--shard 2/2 --contract documented --report json=documented.jsonl");
    run("--report json=whole.jsonl");
    for (files, reason) in [
        (
            "1.jsonl 1.jsonl",
            "1.jsonl and 1.jsonl are recordings of the same shard 1/2",
        ),
        (
            "1.jsonl other.jsonl",
            "1.jsonl and other.jsonl are from different runs: the number of shards is 2, and 3",
        ),
        (
            "1.jsonl tagged.jsonl",
            "the waivers that were judged are body-schema GET /orders/{id} at body /total (line 2), ",
        ),
        (
            "1.jsonl whole.jsonl",
            "whole.jsonl is the recording of a whole run, not of a shard",
        ),
        (
            "1.jsonl documented.jsonl",
            "the contract of wiki is read as real, and documented",
        ),
        (
            "1.jsonl nothing.jsonl",
            "nothing.jsonl: cannot read the events: No such file",
        ),
        (
            "1.jsonl counterpart.toml",
            "counterpart.toml: line 1 is not an event",
        ),
    ] {
        project
            .ended(&format!("report merge {files}"))
            .with(2, &[reason]);
    }
    let ended = project
        .ended("report merge 1.jsonl")
        .with(130, &["shard 2/2 is missing"]);
    assert!(ended.stdout.contains("without verdict"), "{}", ended.stdout);
    let twice = project.read("1.jsonl") + &project.read("other.jsonl");
    project.write("twice.jsonl", &twice);
    project
        .ended("report twice.jsonl")
        .with(2, &["a second run starts here"]);
}

#[test]
fn no_report_overwrites_its_own_events() {
    let project = Project::new();
    project.ended("run --target staging --seed 7 --report json=run.jsonl");
    let before = project.read("run.jsonl");
    for arguments in [
        "report run.jsonl --report json=./run.jsonl",
        "report merge run.jsonl --junit run.jsonl",
    ] {
        project
            .ended(arguments)
            .with(2, &["would overwrite the events"]);
        assert_eq!(project.read("run.jsonl"), before);
    }
    project.write("old.xml", "old");
    project
        .ended("report counterpart.toml --junit old.xml")
        .with(2, &["line 1 is not an event"]);
    assert_eq!(project.read("old.xml"), "old");
}

#[test]
fn a_report_equals_the_output_of_the_run_and_proposes_waivers() {
    let project = Project::new();
    let run = project
        .ended("run --target staging --seed 7 --report json=run.jsonl --propose-waivers w.yaml")
        .with(1, &[]);
    let report = project
        .ended("report run.jsonl --propose-waivers again.yaml")
        .with(1, &[]);
    let (opening, closing) = report.stdout.split_once("\n\n").unwrap();
    assert!(run.stdout.starts_with(opening), "{}", run.stdout);
    assert!(run.stdout.ends_with(closing), "{}", run.stdout);
    assert_eq!(project.read("w.yaml"), project.read("again.yaml"));
    let quiet = project.ended("report run.jsonl -q").with(1, &[]);
    assert_eq!(quiet.stdout, closing);
    let verbose = project
        .ended("report run.jsonl -v")
        .with(1, &["PASS shop::all::the order 0 is there"]);
    assert!(verbose.stdout.ends_with(closing), "{}", verbose.stdout);
}
