//! `run --failed`: only what did not pass when it was last run.

use counterpart::event::Event;

use crate::shop::{Manner, Shop, set};

fn shop() -> Shop {
    Shop::new(&[("first", &["a", "b"]), ("second", &["c", "d"])])
}

#[test]
fn only_what_did_not_pass_is_asked_again_until_it_passes() {
    let shop = shop();
    shop.answer(&["a", "c"], Manner::Badly);
    assert_eq!(shop.run(&[]).code, 1);
    assert_eq!(shop.asked(), set(&["a", "b", "c", "d"]));

    shop.answer(&["a"], Manner::Well);
    let again = shop.run(&["--failed"]);
    assert_eq!(again.code, 1);
    assert_eq!(shop.asked(), set(&["a", "c"]));
    assert!(
        again
            .said
            .contains("again 2 cases, open by reports/last.jsonl (run of 20"),
        "{}",
        again.said
    );
    assert!(
        again
            .said
            .contains("2 cases: 1 passed, 1 failed, 0 errors, 0 skipped"),
        "{}",
        again.said
    );

    shop.answer(&["c"], Manner::Well);
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.asked(), set(&["c"]));

    let nothing = shop.run(&["--failed", "--junit=out/junit.xml"]);
    assert_eq!((nothing.code, shop.asked()), (0, set(&[])));
    assert!(
        nothing
            .said
            .contains("nothing to run again: by reports/last.jsonl"),
        "{}",
        nothing.said
    );
    assert!(
        shop.read("out/junit.xml").contains("tests=\"0\""),
        "a report that was asked for is there"
    );
}

#[test]
fn what_a_part_did_not_ask_stays_open() {
    let shop = shop();
    shop.answer(&["a", "b", "c"], Manner::Badly);
    assert_eq!(shop.run(&[]).code, 1);
    shop.answer(&["a", "b", "c"], Manner::Well);
    shop.asked();

    let part = shop.run(&["--failed", "--filter=first::a"]);
    assert_eq!((part.code, shop.asked()), (0, set(&["a"])));
    assert!(
        part.said.contains("2 more that are open are not selected"),
        "{}",
        part.said
    );
    // A run of another part, without --failed, hides nothing either.
    assert_eq!(shop.run(&["--filter=second::d"]).code, 0);
    let none = shop.run(&["--failed", "--filter=second::d"]);
    assert_eq!(none.code, 4, "{}", none.said);
    shop.asked();
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.asked(), set(&["b", "c"]));
}

#[test]
fn cases_that_are_skipped_for_another_reason_than_their_own_stay_open() {
    let shop = shop();
    let text = shop.read("cases/shop/first.yaml");
    let disruptive = text.replace("name: a,", "name: a, tags: [disruptive],");
    shop.write("cases/shop/first.yaml", &disruptive);
    shop.answer(&["a"], Manner::Badly);
    assert_eq!(shop.run(&["--disposable"]).code, 1);
    shop.answer(&["a"], Manner::Well);
    assert_eq!(shop.run(&["--failed"]).code, 4, "it is skipped here");
    shop.asked();
    assert_eq!(shop.run(&["--failed", "--disposable"]).code, 0);
    assert_eq!(shop.asked(), set(&["a"]));

    shop.answer(&["a"], Manner::Badly);
    assert_eq!(shop.run(&["--disposable"]).code, 1);
    let skipped = disruptive.replace("name: a,", "name: a, skip: not built yet,");
    shop.write("cases/shop/first.yaml", &skipped);
    assert_eq!(shop.run(&["--failed"]).code, 4, "it says so itself");
    assert!(
        shop.run(&["--failed"])
            .said
            .contains("nothing to run again")
    );
}

#[test]
fn cases_that_are_there_no_more_are_told() {
    let shop = shop();
    shop.answer(&["a", "c"], Manner::Badly);
    assert_eq!(shop.run(&[]).code, 1);
    let text = shop.read("cases/shop/first.yaml");
    shop.write(
        "cases/shop/first.yaml",
        &text.replace("name: a,", "name: z,"),
    );
    shop.answer(&["c"], Manner::Well);
    shop.asked();
    let again = shop.run(&["--failed"]);
    assert_eq!((again.code, shop.asked()), (0, set(&["c"])));
    assert!(
        again
            .said
            .contains("1 case that did not pass is there no more: shop::first::a"),
        "{}",
        again.said
    );
    let after = shop.run(&["--failed"]);
    assert!(
        after.said.contains("nothing to run again"),
        "{}",
        after.said
    );
}

#[test]
fn a_lost_target_leaves_its_cases_open_and_another_target_is_told() {
    let shop = shop();
    // A port that was free a moment ago, and is again.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let nowhere = format!("--target=http://127.0.0.1:{port}");
    assert_eq!(shop.run(&[&nowhere, "--system=shop"]).code, 3);
    let again = shop.run(&["--failed"]);
    assert_eq!((again.code, shop.asked()), (0, set(&["a", "b", "c", "d"])));
    let told = format!(
        "shop: the record is of http://127.0.0.1:{port}, and now {} is asked",
        shop.url
    );
    assert!(again.said.contains(&told), "{}", again.said);
    assert!(!shop.run(&["--failed"]).said.contains("and now"));
}

#[cfg(unix)]
#[test]
fn a_run_that_was_killed_leaves_open_what_it_did_not_come_to() {
    let shop = shop();
    shop.answer(&["b"], Manner::Never);
    let mut killed = shop.start(&["--jobs=1"]);
    shop.wait_for_question("b");
    killed.signal("KILL");
    assert_eq!(killed.end(), -1);
    assert_eq!(shop.asked(), set(&["a", "b"]));
    shop.answer(&["b"], Manner::Well);
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.asked(), set(&["b", "c", "d"]));
}

#[test]
fn the_newest_events_count_and_named_ones_before_them() {
    let shop = shop();
    shop.answer(&["a"], Manner::Badly);
    assert_eq!(shop.run(&["--report=json=ci/run.jsonl"]).code, 1);
    shop.answer(&["a"], Manner::Well);
    assert_eq!(shop.run(&[]).code, 0);
    shop.asked();
    let named = shop.run(&["--failed=ci/run.jsonl"]);
    assert_eq!((named.code, shop.asked()), (0, set(&["a"])));
    let shown = named.said.contains("again 1 case, open by ci/run.jsonl");
    assert!(shown, "{}", named.said);

    // Events from elsewhere, newer than the record.
    shop.answer(&["d"], Manner::Badly);
    assert_eq!(shop.run(&["--report=json=ci/run.jsonl"]).code, 1);
    let events = shop.read("ci/run.jsonl");
    shop.remove("reports/last.jsonl");
    shop.write("reports/from-ci.jsonl", &events);
    shop.asked();
    assert_eq!(shop.run(&["--failed"]).code, 1);
    assert_eq!(shop.asked(), set(&["d"]));
}

#[test]
fn without_a_record_it_says_what_to_do() {
    let shop = shop();
    let none = shop.run(&["--failed"]);
    assert_eq!(none.code, 2);
    assert!(
        none.said
            .contains("no run before has left a record in reports")
            && none.said.contains("run once without --failed"),
        "{}",
        none.said
    );
    shop.remove("reports");
    assert_eq!(shop.run(&[]).code, 0);
    assert!(!shop.has("reports"), "no folder is made unasked");
    let none = shop.run(&["--failed"]);
    assert_eq!(none.code, 2);
    assert!(
        none.said.contains("make the folder `reports`"),
        "{}",
        none.said
    );
    shop.write("reports/bad.jsonl", "{}\n");
    let bad = shop.run(&["--failed=reports/bad.jsonl"]);
    assert_eq!(bad.code, 2);
    assert!(
        bad.said.contains("cannot read reports/bad.jsonl"),
        "{}",
        bad.said
    );
    let taken = shop.run(&["--report=json=reports/last.jsonl"]);
    assert_eq!(taken.code, 2);
    assert!(
        taken
            .said
            .contains("reports/last.jsonl is the record that every run leaves"),
        "{}",
        taken.said
    );
}

#[test]
fn failures_end_a_run_early_and_the_rest_stays_open() {
    let things: Vec<String> = (0..40).map(|number| format!("t{number}")).collect();
    let things: Vec<&str> = things.iter().map(String::as_str).collect();
    let shop = Shop::new(&[("many", &things)]);
    shop.answer(&things, Manner::Badly);
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
    assert_eq!(ended.code, 1, "{}", ended.said);
    let asked = shop.asked().len();
    // The third failure may come while three more are under way.
    assert!((3..=6).contains(&asked), "{asked}");
    let told = format!(
        "stopped after {asked} failures: {} cases not run",
        40 - asked
    );
    assert!(ended.said.contains(&told), "{}", ended.said);
    assert!(!ended.said.contains("stale"), "{}", ended.said);
    let last = format!("{asked} cases: 0 passed, {asked} failed, 0 errors, 0 skipped");
    assert!(ended.said.contains(&last), "{}", ended.said);
    let junit = shop.read("junit.xml");
    assert!(junit.contains("type=\"stopped\""), "{junit}");
    let events = shop.events("run.jsonl");
    let Some(Event::RunFinished(end)) = events.last() else {
        panic!("{events:?}");
    };
    assert!(!end.interrupted);
    assert_eq!(end.stopped_after, Some(asked));

    shop.answer(&things, Manner::Well);
    let rest = shop.run(&["--failed", "--max-failures=1"]);
    assert_eq!((rest.code, shop.asked().len()), (0, 40));
    assert!(!rest.said.contains("stopped"), "{}", rest.said);
}

#[test]
fn a_run_whose_last_case_is_the_failure_too_many_was_not_cut_short() {
    let shop = shop();
    shop.answer(&["d"], Manner::Badly);
    let ended = shop.run(&["--max-failures=1", "--jobs=1"]);
    assert_eq!((ended.code, shop.asked().len()), (1, 4));
    assert!(!ended.said.contains("stopped"), "{}", ended.said);
}
