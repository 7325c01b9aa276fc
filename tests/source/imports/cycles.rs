//! The graph of files, and the cycles in it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::uses::Use;

/// Two files: the first uses the second.
pub type Edge<'a> = (&'a str, &'a str);

/// Files, and what each uses from which other file, in the order of the code.
pub struct Graph<'a>(BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a Use>>>);

/// The files of a cycle: each uses the next, and the last uses the first.
pub type Cycle<'a> = Vec<&'a str>;

impl<'a> Graph<'a> {
    pub fn new(uses: &'a [Use]) -> Self {
        let mut graph = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
        for used in uses {
            let targets = graph.entry(used.from.as_str()).or_default();
            targets.entry(used.to.as_str()).or_default().push(used);
        }
        Self(graph)
    }

    /// For each edge on a cycle the shortest cycle through it; each cycle once, the shortest first.
    pub fn cycles(&self) -> Vec<Cycle<'a>> {
        let cycles: BTreeSet<_> = self
            .edges()
            .filter_map(|(from, to)| self.shortest_path(to, from))
            .map(|cycle| (cycle.len(), smallest_first(cycle)))
            .collect();
        cycles.into_iter().map(|(_, cycle)| cycle).collect()
    }

    /// The edges within strongly connected components: those whose used file leads back to the user.
    pub fn edges_on_cycles(&self) -> BTreeSet<Edge<'a>> {
        self.edges()
            .filter(|(from, to)| self.shortest_path(to, from).is_some())
            .collect()
    }

    fn edges(&self) -> impl Iterator<Item = Edge<'a>> {
        self.0
            .iter()
            .flat_map(|(from, targets)| targets.keys().map(|to| (*from, *to)))
    }

    /// The files on the shortest path, both ends included.
    fn shortest_path(&self, start: &'a str, end: &str) -> Option<Vec<&'a str>> {
        let mut seen = HashSet::from([start]);
        let mut came_from = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(file) = queue.pop_front() {
            if file == end {
                let mut path: Vec<_> =
                    std::iter::successors(Some(file), |file| came_from.get(file).copied())
                        .collect();
                path.reverse();
                return Some(path);
            }
            for target in self.0.get(file).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(target) {
                    came_from.insert(*target, file);
                    queue.push_back(target);
                }
            }
        }
        None
    }

    /// `a.rs -> b.rs (uses X, line 3) -> a.rs (uses Y, line 9)`, with the first use of each edge.
    pub fn describe(&self, cycle: &Cycle) -> String {
        let mut text = cycle[0].to_owned();
        for (from, to) in pairs(cycle) {
            let first = self.0[from][to][0];
            text += &format!(" -> {to} (uses {}, line {})", first.name, first.line);
        }
        text
    }

    /// `a.rs -> b.rs: X (line 3), Y (line 7)`, with everything that the first file uses from the second, each at its first use.
    pub fn describe_edge(&self, (from, to): Edge) -> String {
        let mut seen = HashSet::new();
        let uses = self.0[from][to].iter();
        let uses: Vec<_> = uses
            .filter(|used| seen.insert(&used.name))
            .map(|used| format!("{} (line {})", used.name, used.line))
            .collect();
        format!("{from} -> {to}: {}", uses.join(", "))
    }
}

/// The edges of a cycle, the one that closes it included.
fn pairs<'a>(cycle: &Cycle<'a>) -> Vec<Edge<'a>> {
    let next = cycle.iter().cycle().skip(1);
    cycle.iter().copied().zip(next.copied()).collect()
}

/// The same cycle from its alphabetically first file, so that equal ones are equal.
fn smallest_first(mut cycle: Cycle<'_>) -> Cycle<'_> {
    let smallest = cycle.iter().enumerate().min_by_key(|(_, file)| **file);
    let start = smallest.map_or(0, |(index, _)| index);
    cycle.rotate_left(start);
    cycle
}
