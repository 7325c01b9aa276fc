//! `run --until-failure`: the same cases, round after round.

use std::collections::BTreeSet;

use super::shop::{Behaviour, Shop, set};

/// The seed in each line that contains `seed `.
fn seeds(output: &str) -> Vec<String> {
    let found = output.lines().filter_map(|line| line.split_once("seed "));
    found
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
        .collect()
}

#[test]
fn rounds_go_on_until_a_case_fails() {
    let shop = Shop::new(&[("first", &["a", "b"])]);
    shop.respond(&["b"], Behaviour::ValidFor(3));
    let ended = shop.run(&["--until-failure", "--seed=7", "--junit=junit.xml"]);
    assert_eq!(ended.code, 1, "{}", ended.output);
    assert_eq!(shop.requested_in_order().len(), 8);
    for text in [
        "round 1: 2 passed (",
        "round 2: 2 passed (",
        "round 3: 2 passed (",
        "round 4 did not pass; 3 rounds passed before it",
        "2 cases: 1 passed, 1 failed, 0 errors, 0 skipped",
    ] {
        assert_eq!(
            ended.output.matches(text).count(),
            1,
            "{text}:\n{}",
            ended.output
        );
    }
    assert_eq!(ended.output.matches("shop: 2 cases against").count(), 1);
    let seeds = seeds(&ended.output);
    assert_eq!(
        (seeds.len(), seeds[0].as_str()),
        (4, "7"),
        "{}",
        ended.output
    );
    assert_eq!(seeds.iter().collect::<BTreeSet<_>>().len(), 4);
    let junit = shop.read("junit.xml");
    assert!(junit.contains("failures=\"1\""), "{junit}");
    // The failing round can be repeated with its seed.
    let property = format!("name=\"seed\" value=\"{}\"", seeds[3]);
    assert!(junit.contains(&property), "{junit}");
    assert!(
        ended
            .output
            .contains(&format!("repeat with --seed {}", seeds[3]))
    );
}

#[test]
fn no_more_rounds_than_requested() {
    let shop = Shop::new(&[("first", &["a", "b"])]);
    let ended = shop.run(&["--until-failure=3"]);
    assert_eq!((ended.code, shop.requested_in_order().len()), (0, 6));
    assert!(
        ended.output.contains("3 rounds passed, as requested"),
        "{}",
        ended.output
    );
    let nothing = shop.run(&["--until-failure", "--filter=no such case"]);
    assert_eq!(
        (nothing.code, shop.requested()),
        (4, set(&[])),
        "{}",
        nothing.output
    );
}

#[test]
fn open_cases_are_repeated_too() {
    let shop = Shop::new(&[("first", &["a", "b"])]);
    shop.respond(&["b"], Behaviour::Invalid);
    assert_eq!(shop.run(&[]).code, 1);
    shop.respond(&["b"], Behaviour::ValidFor(1));
    shop.requested();
    assert_eq!(shop.run(&["--failed", "--until-failure=5"]).code, 1);
    assert_eq!(shop.requested_in_order(), ["b", "b"]);
    shop.respond(&["b"], Behaviour::Valid);
    assert_eq!(shop.run(&["--failed"]).code, 0);
    assert_eq!(shop.requested(), set(&["b"]));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_rounds_with_their_count() {
    let shop = Shop::new(&[("first", &["a"])]);
    let mut program = shop.start(&["--until-failure"]);
    program.wait_for("round 3: 1 passed");
    shop.respond(&["a"], Behaviour::Hang);
    program.signal("INT");
    assert_eq!(program.end(), 130, "{}", program.output);
    let count = program
        .output
        .lines()
        .filter(|line| line.starts_with("round "));
    let passed = count.count();
    // If interrupted between two rounds, the last passed round has no line.
    let expected =
        [passed, passed + 1].map(|rounds| format!("interrupted: {rounds} rounds passed"));
    assert!(
        expected.iter().any(|text| program.output.contains(text)),
        "{expected:?}:\n{}",
        program.output
    );
}
