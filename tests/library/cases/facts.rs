//! The numbered facts of `cases/magento/FACTS.md`: each has a case, and each tag `fact-N` of a case is a fact.

use std::collections::BTreeSet;
use std::path::Path;

use super::shipped::shipped;

#[test]
fn each_fact_has_a_case_and_each_tag_a_fact() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/magento/FACTS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let facts: Vec<u32> = text.lines().filter_map(number).collect();
    let expected: Vec<u32> = (1..).take(facts.len()).collect();
    assert_eq!(facts, expected, "numbered without a gap");
    assert!(facts.len() > 30, "{}", facts.len());
    let tagged: BTreeSet<u32> = shipped("magento")
        .files
        .iter()
        .flat_map(|file| &file.cases)
        .flat_map(|case| &case.tags)
        .filter_map(|tag| tag.strip_prefix("fact-").map(|fact| fact.parse().unwrap()))
        .collect();
    assert_eq!(tagged, facts.into_iter().collect());
}

/// The number of a fact's row: `| 7 | … |`.
fn number(line: &str) -> Option<u32> {
    let (number, _) = line.strip_prefix("| ")?.split_once(" | ")?;
    number.parse().ok()
}
