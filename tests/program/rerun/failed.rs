//! `run --failed`: only cases that did not pass in their last run.

use counterpart::event::Event;

use super::shop::{Behaviour, Shop, set};

fn shop() -> Shop {
    Shop::new(&[("first", &["a", "b"]), ("second", &["c", "d"])])
}

#[test]
fn only_open_cases_run_again_until_they_pass() {
    let shop = shop();
    shop.respond(&["a", "c"], Behaviour::Invalid);
    assert_eq!(shop.run(&[]).code, 1);
    assert_eq!(shop.requested(), set(&["a", "b", "c", "d"]));

    shop.respond(&["a"], Behaviour::Valid);
    let again = shop.run(&["--failed"]);
    assert_eq!(again.code, 1);
    assert_eq!(shop.requested(), set(&["a", "c"]));
    assert!(
        again
            .output
            .contains("running 2 cases again, open in reports/last.jsonl (run of 20"),
        "{}",
        again.output
    );
    assert!(
        again
            .output
            .contains("2 cases: 1 passed, 1 failed, 0 errors, 0 skipped"),
        "{}",
        again.output
    );

    shop.respond(&["c"], Behaviour::Valid);
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.requested(), set(&["c"]));

    let nothing = shop.run(&["--failed", "--junit=out/junit.xml"]);
    assert_eq!((nothing.code, shop.requested()), (0, set(&[])));
    assert!(
        nothing
            .output
            .contains("nothing to run again: no case is open in reports/last.jsonl"),
        "{}",
        nothing.output
    );
    assert!(
        shop.read("out/junit.xml").contains("tests=\"0\""),
        "the requested report is written"
    );
}

#[test]
fn cases_outside_a_partial_run_stay_open() {
    let shop = shop();
    shop.respond(&["a", "b", "c"], Behaviour::Invalid);
    assert_eq!(shop.run(&[]).code, 1);
    shop.respond(&["a", "b", "c"], Behaviour::Valid);
    shop.requested();

    let part = shop.run(&["--failed", "--filter=first::a"]);
    assert_eq!((part.code, shop.requested()), (0, set(&["a"])));
    assert!(
        part.output.contains("; not selected: 2 open cases"),
        "{}",
        part.output
    );
    // Another partial run, without --failed, keeps them open, too.
    assert_eq!(shop.run(&["--filter=second::d"]).code, 0);
    let none = shop.run(&["--failed", "--filter=second::d"]);
    assert_eq!(none.code, 4, "{}", none.output);
    shop.requested();
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.requested(), set(&["b", "c"]));
}

#[test]
fn cases_that_are_not_skipped_by_their_own_file_stay_open() {
    let shop = shop();
    let text = shop.read("cases/shop/first.yaml");
    let disruptive = text.replace("name: a,", "name: a, tags: [disruptive],");
    shop.write("cases/shop/first.yaml", &disruptive);
    shop.respond(&["a"], Behaviour::Invalid);
    assert_eq!(shop.run(&["--disposable"]).code, 1);
    shop.respond(&["a"], Behaviour::Valid);
    assert_eq!(shop.run(&["--failed"]).code, 4, "the case is skipped");
    shop.requested();
    assert_eq!(shop.run(&["--failed", "--disposable"]).code, 0);
    assert_eq!(shop.requested(), set(&["a"]));

    shop.respond(&["a"], Behaviour::Invalid);
    assert_eq!(shop.run(&["--disposable"]).code, 1);
    let skipped = disruptive.replace("name: a,", "name: a, skip: not built yet,");
    shop.write("cases/shop/first.yaml", &skipped);
    assert_eq!(shop.run(&["--failed"]).code, 4, "the case skips itself");
    assert!(
        shop.run(&["--failed"])
            .output
            .contains("nothing to run again")
    );
}

#[test]
fn cases_that_no_longer_exist_are_reported() {
    let shop = shop();
    shop.respond(&["a", "c"], Behaviour::Invalid);
    assert_eq!(shop.run(&[]).code, 1);
    let text = shop.read("cases/shop/first.yaml");
    shop.write(
        "cases/shop/first.yaml",
        &text.replace("name: a,", "name: z,"),
    );
    shop.respond(&["c"], Behaviour::Valid);
    shop.requested();
    let again = shop.run(&["--failed"]);
    assert_eq!((again.code, shop.requested()), (0, set(&["c"])));
    assert!(
        again
            .output
            .contains("1 case that did not pass no longer exists: shop::first::a"),
        "{}",
        again.output
    );
    let after = shop.run(&["--failed"]);
    assert!(
        after.output.contains("nothing to run again"),
        "{}",
        after.output
    );
}

#[test]
fn a_lost_target_leaves_its_cases_open_and_another_target_is_reported() {
    let shop = shop();
    // A port that is free again.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let nowhere = format!("--target=http://127.0.0.1:{port}");
    assert_eq!(shop.run(&[&nowhere, "--system=shop"]).code, 3);
    let again = shop.run(&["--failed"]);
    assert_eq!(
        (again.code, shop.requested()),
        (0, set(&["a", "b", "c", "d"]))
    );
    let expected = format!(
        "shop: the record is of http://127.0.0.1:{port}, but this run uses {}",
        shop.url
    );
    assert!(again.output.contains(&expected), "{}", again.output);
    assert!(!shop.run(&["--failed"]).output.contains("but this run uses"));
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_its_unfinished_cases_open() {
    let shop = shop();
    shop.respond(&["b"], Behaviour::Hang);
    let mut killed = shop.start(&["--jobs=1"]);
    shop.wait_for_request("b");
    killed.signal("KILL");
    assert_eq!(killed.end(), -1);
    assert_eq!(shop.requested(), set(&["a", "b"]));
    shop.respond(&["b"], Behaviour::Valid);
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.requested(), set(&["b", "c", "d"]));
}

#[test]
fn the_newest_events_are_used_unless_a_file_is_named() {
    let shop = shop();
    shop.respond(&["a"], Behaviour::Invalid);
    assert_eq!(shop.run(&["--report=json=ci/run.jsonl"]).code, 1);
    shop.respond(&["a"], Behaviour::Valid);
    assert_eq!(shop.run(&[]).code, 0);
    shop.requested();
    let named = shop.run(&["--failed=ci/run.jsonl"]);
    assert_eq!((named.code, shop.requested()), (0, set(&["a"])));
    let shown = named
        .output
        .contains("running 1 case again, open in ci/run.jsonl");
    assert!(shown, "{}", named.output);

    // Events from elsewhere, newer than the record.
    shop.respond(&["d"], Behaviour::Invalid);
    assert_eq!(shop.run(&["--report=json=ci/run.jsonl"]).code, 1);
    let events = shop.read("ci/run.jsonl");
    shop.remove("reports/last.jsonl");
    shop.write("reports/from-ci.jsonl", &events);
    shop.requested();
    assert_eq!(shop.run(&["--failed"]).code, 1);
    assert_eq!(shop.requested(), set(&["d"]));
}

#[test]
fn without_a_record_it_prints_what_to_do() {
    let shop = shop();
    let none = shop.run(&["--failed"]);
    assert_eq!(none.code, 2);
    assert!(
        none.output
            .contains("no earlier run has left a record in reports")
            && none.output.contains("run once without --failed"),
        "{}",
        none.output
    );
    shop.remove("reports");
    assert_eq!(shop.run(&[]).code, 0);
    assert!(!shop.has("reports"), "the folder is not created");
    let none = shop.run(&["--failed"]);
    assert_eq!(none.code, 2);
    assert!(
        none.output.contains("create the folder `reports`"),
        "{}",
        none.output
    );
    shop.write("reports/bad.jsonl", "{}\n");
    let bad = shop.run(&["--failed=reports/bad.jsonl"]);
    assert_eq!(bad.code, 2);
    assert!(
        bad.output.contains("cannot read reports/bad.jsonl"),
        "{}",
        bad.output
    );
    let taken = shop.run(&["--report=json=reports/last.jsonl"]);
    assert_eq!(taken.code, 2);
    assert!(
        taken
            .output
            .contains("reports/last.jsonl is the record that every run writes"),
        "{}",
        taken.output
    );
}

#[test]
fn failures_end_a_run_early_and_the_other_cases_stay_open() {
    let things: Vec<String> = (0..40).map(|number| format!("t{number}")).collect();
    let things: Vec<&str> = things.iter().map(String::as_str).collect();
    let shop = Shop::new(&[("many", &things)]);
    shop.respond(&things, Behaviour::Invalid);
    shop.write(
        "waivers.yaml",
        "waivers: [{ code: body-schema, operation: \"GET /things/{name}\", at: body /x, reason: known, owner: ada, until: 9999-12-31 }]\n",
    );
    let ended = shop.run(&[
        "--max-failures=3",
        "--jobs=4",
        "--junit=junit.xml",
        "--report=json=run.jsonl",
    ]);
    assert_eq!(ended.code, 1, "{}", ended.output);
    let requested = shop.requested().len();
    // Up to three more cases may be running when the third fails.
    assert!((3..=6).contains(&requested), "{requested}");
    let expected = format!(
        "stopped after {requested} failures: {} cases not run",
        40 - requested
    );
    assert!(ended.output.contains(&expected), "{}", ended.output);
    assert!(!ended.output.contains("stale"), "{}", ended.output);
    let last = format!("{requested} cases: 0 passed, {requested} failed, 0 errors, 0 skipped");
    assert!(ended.output.contains(&last), "{}", ended.output);
    let junit = shop.read("junit.xml");
    assert!(junit.contains("type=\"stopped\""), "{junit}");
    let events = shop.events("run.jsonl");
    let Some(Event::RunFinished(end)) = events.last() else {
        panic!("{events:?}");
    };
    assert!(!end.interrupted);
    assert_eq!(end.stopped_after, Some(requested));

    shop.respond(&things, Behaviour::Valid);
    let rest = shop.run(&["--failed", "--max-failures=1"]);
    assert_eq!((rest.code, shop.requested().len()), (0, 40));
    assert!(!rest.output.contains("stopped"), "{}", rest.output);
}

#[test]
fn a_run_whose_last_case_reaches_the_limit_was_not_cut_short() {
    let shop = shop();
    shop.respond(&["d"], Behaviour::Invalid);
    let ended = shop.run(&["--max-failures=1", "--jobs=1"]);
    assert_eq!((ended.code, shop.requested().len()), (1, 4));
    assert!(!ended.output.contains("stopped"), "{}", ended.output);
}
