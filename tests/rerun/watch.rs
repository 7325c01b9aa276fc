//! `run --watch`: again what a change touches.

use crate::shop::{Going, Manner, Shop, cases, set};

const WAITS: &str = "waiting for changes";

/// A shop of two files, watched, its first round over.
fn watched(arguments: &[&str]) -> (Shop, Going) {
    let shop = Shop::new(&[("first", &["a", "b"]), ("second", &["c"])]);
    let mut going = shop.start(&[&["--watch"], arguments].concat());
    going.wait_for(WAITS);
    assert_eq!(shop.asked(), set(&["a", "b", "c"]));
    (shop, going)
}

#[test]
fn a_change_runs_what_it_touches() {
    let (shop, mut going) = watched(&[]);
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
    for (path, text, asked) in table {
        shop.write(path, &text);
        let said = going.wait_for(WAITS);
        assert_eq!(shop.asked(), set(asked), "{path}:\n{said}");
        let told = format!("---- {path} changed: {} case", asked.len());
        assert!(said.contains(&told), "{path}:\n{said}");
    }
    shop.remove("schemas/shop/second.overlay.yaml");
    going.wait_for(WAITS);
    assert_eq!(shop.asked(), set(&["c", "n"]), "what is gone was used");
    shop.write("waivers.yaml", "waivers: []\n");
    going.wait_for(WAITS);
    assert_eq!(shop.asked(), set(&["b", "c", "n", "x"]));
    shop.write("schemas/shop/nobody.yaml", "unused: true\n");
    let said = going.wait_for(WAITS);
    assert!(
        said.contains("schemas/shop/nobody.yaml changed: 0 cases"),
        "{said}"
    );
    assert_eq!(shop.asked(), set(&[]));
    going.signal("INT");
    assert_eq!(going.end(), 0, "{}", going.said);
    assert!(!going.said.contains('\u{1b}'), "no screen is cleared here");
}

#[test]
fn broken_files_are_told_and_waited_for() {
    let (shop, mut going) = watched(&[]);
    let right = shop.read("cases/shop/second.yaml");
    shop.write(
        "cases/shop/second.yaml",
        &right.replace("expect:", "expct:"),
    );
    let said = going.wait_for(WAITS);
    assert!(
        said.contains("cases/shop/second.yaml changed: not run"),
        "{said}"
    );
    assert!(
        said.contains("`expct`") && said.contains("`expect`"),
        "{said}"
    );
    assert_eq!(shop.asked(), set(&[]));

    // What else changes meanwhile is not forgotten.
    shop.write("cases/shop/first.yaml", &cases("first", &["a"]));
    going.wait_for(WAITS);
    assert_eq!(shop.asked(), set(&[]));
    shop.write("cases/shop/second.yaml", &right);
    going.wait_for(WAITS);
    assert_eq!(shop.asked(), set(&["a", "c"]));

    shop.write("counterpart.toml", "default-target = \n");
    let said = going.wait_for(WAITS);
    assert!(said.contains("counterpart.toml:1"), "{said}");
    going.signal("INT");
    assert_eq!(
        going.end(),
        2,
        "the last round had broken input:\n{}",
        going.said
    );
}

#[test]
fn a_project_that_is_broken_at_first_is_waited_for_too() {
    let shop = Shop::new(&[("first", &["a"])]);
    let right = shop.config();
    shop.write("counterpart.toml", "oops\n");
    let mut going = shop.start(&["--watch"]);
    going.wait_for(WAITS);
    shop.write("counterpart.toml", &right);
    going.wait_for("1 cases: 1 passed");
    going.wait_for(WAITS);
    going.signal("INT");
    assert_eq!(going.end(), 0, "{}", going.said);
}

#[test]
fn ctrl_c_ends_with_the_status_of_the_last_round() {
    let (shop, mut going) = watched(&[]);
    shop.answer(&["c"], Manner::Badly);
    shop.write(
        "cases/shop/second.yaml",
        &(cases("second", &["c"]) + "# again\n"),
    );
    going.wait_for("1 cases: 0 passed, 1 failed");
    going.wait_for(WAITS);
    going.signal("INT");
    assert_eq!(going.end(), 1, "{}", going.said);
    // Rounds are runs: what they found is on the record.
    shop.answer(&["c"], Manner::Well);
    shop.asked();
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.asked(), set(&["c"]));
}

#[test]
fn what_changes_during_a_round_is_run_after_it_and_ctrl_c_ends_a_round() {
    let (shop, mut going) = watched(&[]);
    shop.answer(&["c"], Manner::Never);
    shop.write(
        "cases/shop/second.yaml",
        &(cases("second", &["c"]) + "# again\n"),
    );
    shop.wait_for_question("c");
    shop.write("cases/shop/second.yaml", &cases("second", &["d"]));
    going.signal("INT");
    assert_eq!(going.end(), 130, "{}", going.said);

    let mut going = shop.start(&["--watch", "--timeout=1s", "--filter=second"]);
    shop.answer(&["d"], Manner::Never);
    shop.wait_for_question("d");
    shop.write("cases/shop/second.yaml", &cases("second", &["e"]));
    going.wait_for("1 cases: 0 passed, 0 failed, 1 errors");
    going.wait_for("cases/shop/second.yaml changed: 1 case ----");
    going.wait_for("1 cases: 1 passed");
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
            .said
            .contains("the cases of `nuweb` are inside the program")
            && ended.said.contains("counterpart init nuweb"),
        "{}",
        ended.said
    );
}

#[cfg(feature = "server")]
#[test]
fn embedded_servers_stay_up_and_no_round_is_in_the_way_of_the_next() {
    use counterpart::event::Event;

    let shop = Shop::new(&[]);
    shop.remove("counterpart.toml");
    let init = std::process::Command::new(snapbox::cmd::cargo_bin("counterpart"))
        .args(["init", "magento"])
        .current_dir(shop.folder())
        .output()
        .unwrap();
    assert!(init.status.success(), "{init:?}");
    // The last round was of this seed, and asked this URL.
    let round = || match shop.events("reports/last.jsonl").remove(0) {
        Event::RunStarted(run) => (run.seed, run.systems[0].url.clone()),
        other => panic!("{other:?}"),
    };
    // With a seed that is given values would be the same again, and customers of the round before in the way.
    let mut going = shop.start(&["--watch", "--seed=7", "--filter=customers/create"]);
    going.wait_for(WAITS);
    let (seed, url) = round();
    assert_eq!(seed, 7);
    let contract = shop.read("schemas/magento/components.yaml") + "# other words\n";
    shop.write("schemas/magento/components.yaml", &contract);
    going.wait_for(WAITS);
    let (other_seed, same_url) = round();
    assert_ne!(seed, other_seed);
    assert_eq!(url, same_url);
    going.signal("INT");
    assert_eq!(going.end(), 0, "{}", going.said);
}
