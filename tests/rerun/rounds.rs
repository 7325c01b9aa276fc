//! `run --until-failure`: the same cases, round after round.

use std::collections::BTreeSet;

use crate::shop::{Manner, Shop, set};

/// What stands behind `seed ` in each line that has it.
fn seeds(said: &str) -> Vec<String> {
    let found = said.lines().filter_map(|line| line.split_once("seed "));
    found
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
        .collect()
}

#[test]
fn rounds_go_on_until_a_case_fails() {
    let shop = Shop::new(&[("first", &["a", "b"])]);
    shop.answer(&["b"], Manner::WellFor(3));
    let ended = shop.run(&["--until-failure", "--seed=7", "--junit=junit.xml"]);
    assert_eq!(ended.code, 1, "{}", ended.said);
    assert_eq!(shop.asked_in_order().len(), 8);
    for words in [
        "round 1: 2 passed (",
        "round 2: 2 passed (",
        "round 3: 2 passed (",
        "round 4 did not pass; 3 rounds passed before it",
        "2 cases: 1 passed, 1 failed, 0 errors, 0 skipped",
    ] {
        assert_eq!(
            ended.said.matches(words).count(),
            1,
            "{words}:\n{}",
            ended.said
        );
    }
    assert_eq!(ended.said.matches("shop: 2 cases against").count(), 1);
    let seeds = seeds(&ended.said);
    assert_eq!((seeds.len(), seeds[0].as_str()), (4, "7"), "{}", ended.said);
    assert_eq!(seeds.iter().collect::<BTreeSet<_>>().len(), 4);
    let junit = shop.read("junit.xml");
    assert!(junit.contains("failures=\"1\""), "{junit}");
    // The failing round is had again by its seed.
    let property = format!("name=\"seed\" value=\"{}\"", seeds[3]);
    assert!(junit.contains(&property), "{junit}");
    assert!(
        ended
            .said
            .contains(&format!("repeat with --seed {}", seeds[3]))
    );
}

#[test]
fn no_more_rounds_than_asked_for() {
    let shop = Shop::new(&[("first", &["a", "b"])]);
    let ended = shop.run(&["--until-failure=3"]);
    assert_eq!((ended.code, shop.asked_in_order().len()), (0, 6));
    assert!(
        ended
            .said
            .contains("3 rounds passed, as many as were asked for"),
        "{}",
        ended.said
    );
    let nothing = shop.run(&["--until-failure", "--filter=no such case"]);
    assert_eq!(
        (nothing.code, shop.asked()),
        (4, set(&[])),
        "{}",
        nothing.said
    );
}

#[test]
fn open_cases_are_repeated_too() {
    let shop = Shop::new(&[("first", &["a", "b"])]);
    shop.answer(&["b"], Manner::Badly);
    assert_eq!(shop.run(&[]).code, 1);
    shop.answer(&["b"], Manner::WellFor(1));
    shop.asked();
    assert_eq!(shop.run(&["--failed", "--until-failure=5"]).code, 1);
    assert_eq!(shop.asked_in_order(), ["b", "b"]);
    shop.answer(&["b"], Manner::Well);
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.asked(), set(&["b"]));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_rounds_with_their_count() {
    let shop = Shop::new(&[("first", &["a"])]);
    let mut going = shop.start(&["--until-failure"]);
    going.wait_for("round 3: 1 passed");
    shop.answer(&["a"], Manner::Never);
    going.signal("INT");
    assert_eq!(going.end(), 130, "{}", going.said);
    let count = going.said.lines().filter(|line| line.starts_with("round "));
    let passed = count.count();
    // Between two rounds the last one that passed has no line of its own.
    let told = [passed, passed + 1].map(|rounds| format!("interrupted: {rounds} rounds passed"));
    assert!(
        told.iter().any(|words| going.said.contains(words)),
        "{told:?}:\n{}",
        going.said
    );
}
