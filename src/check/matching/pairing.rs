//! `$unordered`: assigns a separate item to each rule.

/// The rule assigned to each item, such that as many rules as possible have an item (a maximum matching by augmenting paths,
/// searched breadth first). Taking the first free item for each rule would fail for `[{any}, 1]` and `[1, 2]`. `fits`: whether an
/// item matches a rule, both by index.
pub(super) fn pair_unordered(
    rules: usize,
    items: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    let fits: Vec<Vec<usize>> = (0..rules)
        .map(|rule| (0..items).filter(|&item| fits(rule, item)).collect())
        .collect();
    let mut rule_of: Vec<Option<usize>> = vec![None; items];
    for start in 0..rules {
        augment(start, &fits, &mut rule_of);
    }
    rule_of
}

/// Finds an item for rule `start`. Other rules are moved to other items if that frees one.
fn augment(start: usize, fits: &[Vec<usize>], rule_of: &mut [Option<usize>]) {
    // The rule from which each item was reached.
    let mut reached_by: Vec<Option<usize>> = vec![None; rule_of.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(rule) = queue.pop_front() {
        for &item in &fits[rule] {
            if reached_by[item].is_some() {
                continue;
            }
            reached_by[item] = Some(rule);
            match rule_of[item] {
                Some(holder) => queue.push_back(holder),
                None => return shift(start, item, &reached_by, rule_of),
            }
        }
    }
}

/// Assigns the free item to the rule that reached it, that rule's former item to the rule that reached it, and so on back to
/// `start`.
fn shift(start: usize, free: usize, reached_by: &[Option<usize>], rule_of: &mut [Option<usize>]) {
    let mut item = free;
    while let Some(rule) = reached_by[item] {
        let former = rule_of.iter().position(|&assigned| assigned == Some(rule));
        rule_of[item] = Some(rule);
        match former {
            Some(former) if rule != start => item = former,
            _ => return,
        }
    }
}
