//! `run --watch`: runs the cases that a change affects.

use super::shop::{Behaviour, RunningProgram, Shop, cases, set};

const WAITS: &str = "waiting for changes";

/// A watched shop of two files, after the first round.
fn watched(arguments: &[&str]) -> (Shop, RunningProgram) {
    let shop = Shop::new(&[("first", &["a", "b"]), ("second", &["c"])]);
    let mut program = shop.start(&[&["--watch"], arguments].concat());
    program.wait_for(WAITS);
    assert_eq!(shop.requested(), set(&["a", "b", "c"]));
    (shop, program)
}

#[test]
fn a_change_runs_the_affected_cases() {
    let (shop, mut program) = watched(&[]);
    let table: [(&str, String, &[&str]); 7] = [
        ("cases/shop/first.yaml", cases("first", &["b", "x"]), &["b", "x"]),
        (
            "schemas/shop/second.yaml",
            shop.read("schemas/shop/second.yaml") + "# other words\n",
            &["c"],
        ),
        (
            "schemas/shop/parts/first.yaml",
            shop.read("schemas/shop/parts/first.yaml") + "# other words\n",
            &["b", "x"],
        ),
        (
            "schemas/shop/second.overlay.yaml",
            "overlay: 1.0.0\ninfo: { title: Corrections, version: \"1\" }\nactions:\n  - target: $.info\n    description: it has grown\n    update: { description: more }\n".to_owned(),
            &["c"],
        ),
        ("cases/shop/third.yaml", cases("second", &["n"]), &["n"]),
        (
            "cases/shop/system.yaml",
            "description: a shop\n".to_owned(),
            &["b", "c", "n", "x"],
        ),
        (
            "counterpart.toml",
            format!("# other words\n{}", shop.config()),
            &["b", "c", "n", "x"],
        ),
    ];
    for (path, text, requested) in table {
        shop.write(path, &text);
        let output = program.wait_for(WAITS);
        assert_eq!(shop.requested(), set(requested), "{path}:\n{output}");
        let expected = format!("---- {path} changed: {} case", requested.len());
        assert!(output.contains(&expected), "{path}:\n{output}");
    }
    shop.remove("schemas/shop/second.overlay.yaml");
    program.wait_for(WAITS);
    assert_eq!(
        shop.requested(),
        set(&["c", "n"]),
        "the deleted overlay was used"
    );
    shop.write("waivers.yaml", "waivers: []\n");
    program.wait_for(WAITS);
    assert_eq!(shop.requested(), set(&["b", "c", "n", "x"]));
    shop.write("schemas/shop/unused.yaml", "unused: true\n");
    let output = program.wait_for(WAITS);
    assert!(
        output.contains("schemas/shop/unused.yaml changed: 0 cases"),
        "{output}"
    );
    assert_eq!(shop.requested(), set(&[]));
    program.signal("INT");
    assert_eq!(program.end(), 0, "{}", program.output);
    assert!(
        !program.output.contains('\u{1b}'),
        "the screen is not cleared"
    );
}

#[test]
fn broken_files_are_reported_and_waited_for() {
    let (shop, mut program) = watched(&[]);
    let right = shop.read("cases/shop/second.yaml");
    shop.write(
        "cases/shop/second.yaml",
        &right.replace("expect:", "expct:"),
    );
    let output = program.wait_for(WAITS);
    assert!(
        output.contains("cases/shop/second.yaml changed: not run"),
        "{output}"
    );
    assert!(
        output.contains("`expct`") && output.contains("`expect`"),
        "{output}"
    );
    assert_eq!(shop.requested(), set(&[]));

    // Other changes in the meantime are not lost.
    shop.write("cases/shop/first.yaml", &cases("first", &["a"]));
    program.wait_for(WAITS);
    assert_eq!(shop.requested(), set(&[]));
    shop.write("cases/shop/second.yaml", &right);
    program.wait_for(WAITS);
    assert_eq!(shop.requested(), set(&["a", "c"]));

    shop.write("counterpart.toml", "default-target = \n");
    let output = program.wait_for(WAITS);
    assert!(output.contains("counterpart.toml:1"), "{output}");
    program.signal("INT");
    assert_eq!(
        program.end(),
        2,
        "the last round had broken input:\n{}",
        program.output
    );
}

#[test]
fn a_project_that_is_broken_at_first_is_waited_for_too() {
    let shop = Shop::new(&[("first", &["a"])]);
    let right = shop.config();
    shop.write("counterpart.toml", "oops\n");
    let mut program = shop.start(&["--watch"]);
    program.wait_for(WAITS);
    shop.write("counterpart.toml", &right);
    program.wait_for("1 cases: 1 passed");
    program.wait_for(WAITS);
    program.signal("INT");
    assert_eq!(program.end(), 0, "{}", program.output);
}

#[test]
fn ctrl_c_ends_with_the_status_of_the_last_round() {
    let (shop, mut program) = watched(&[]);
    shop.respond(&["c"], Behaviour::Invalid);
    shop.write(
        "cases/shop/second.yaml",
        &(cases("second", &["c"]) + "# again\n"),
    );
    program.wait_for("1 cases: 0 passed, 1 failed");
    program.wait_for(WAITS);
    program.signal("INT");
    assert_eq!(program.end(), 1, "{}", program.output);
    // Rounds are runs: their results are in the record.
    shop.respond(&["c"], Behaviour::Valid);
    shop.requested();
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.requested(), set(&["c"]));
}

#[test]
fn changes_during_a_round_run_after_it_and_ctrl_c_ends_a_round() {
    let (shop, mut program) = watched(&[]);
    shop.respond(&["c"], Behaviour::Hang);
    shop.write(
        "cases/shop/second.yaml",
        &(cases("second", &["c"]) + "# again\n"),
    );
    shop.wait_for_request("c");
    shop.write("cases/shop/second.yaml", &cases("second", &["d"]));
    program.signal("INT");
    assert_eq!(program.end(), 130, "{}", program.output);

    let mut program = shop.start(&["--watch", "--timeout=1s", "--filter=second"]);
    shop.respond(&["d"], Behaviour::Hang);
    shop.wait_for_request("d");
    shop.write("cases/shop/second.yaml", &cases("second", &["e"]));
    program.wait_for("1 cases: 0 passed, 0 failed, 1 errors");
    program.wait_for("cases/shop/second.yaml changed: 1 case ----");
    program.wait_for("1 cases: 1 passed");
}

#[test]
fn shipped_cases_cannot_be_watched() {
    let shop = Shop::new(&[]);
    for file in ["counterpart.toml", "reports"] {
        shop.remove(file);
    }
    let ended = shop.run(&["--watch", "--system=nuweb"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .output
            .contains("the cases of `nuweb` are embedded in the program")
            && ended.output.contains("counterpart init nuweb"),
        "{}",
        ended.output
    );
}

#[cfg(feature = "server")]
#[test]
fn embedded_servers_stay_up_and_rounds_do_not_conflict() {
    use counterpart::event::Event;

    let shop = Shop::new(&[]);
    shop.remove("counterpart.toml");
    let init = std::process::Command::new(snapbox::cmd::cargo_bin("counterpart"))
        .args(["init", "magento"])
        .current_dir(shop.root())
        .output()
        .unwrap();
    assert!(init.status.success(), "{init:?}");
    // Seed and URL of the last round.
    let round = || match shop.events("reports/last.jsonl").remove(0) {
        Event::RunStarted(run) => (run.seed, run.systems[0].url.clone()),
        other => panic!("{other:?}"),
    };
    // With the same seed again, values would be equal and conflict with customers of the previous round.
    let mut program = shop.start(&["--watch", "--seed=7", "--filter=customers/create"]);
    program.wait_for(WAITS);
    let (seed, url) = round();
    assert_eq!(seed, 7);
    let contract = shop.read("schemas/magento/components.yaml") + "# other words\n";
    shop.write("schemas/magento/components.yaml", &contract);
    program.wait_for(WAITS);
    let (other_seed, same_url) = round();
    assert_ne!(seed, other_seed);
    assert_eq!(url, same_url);
    program.signal("INT");
    assert_eq!(program.end(), 0, "{}", program.output);
}
