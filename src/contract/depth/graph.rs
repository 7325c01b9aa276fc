//! Which schemas lead to which, and how long the paths are. Main type: [`Graph`].

use super::Depth;

/// Schemas by number, and where they lead.
#[derive(Debug, Default)]
pub(super) struct Graph {
    weights: Vec<usize>,
    links: Vec<Vec<Link>>,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    to: usize,
    /// For the same value; else for a part of it.
    same: bool,
}

impl Graph {
    /// Adds a schema that takes this many steps, and returns its number.
    pub(super) fn add(&mut self, weight: usize) -> usize {
        self.weights.push(weight);
        self.links.push(Vec::new());
        self.links.len() - 1
    }

    pub(super) fn link(&mut self, from: usize, to: usize, same: bool) {
        self.links[from].push(Link { to, same });
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// The depth of each schema. Never too small; too large where a cycle has several paths.
    ///
    /// A path goes through each cycle of schemas for some levels of the value and never returns to it. In one level of the value it takes
    /// at most the longest chain in the cycle.
    pub(super) fn depths(&self) -> Vec<Depth> {
        let circles = self.circles(&|_, _| true);
        let chains = self.chains(&circles);
        let mut depths = vec![Depth::default(); circles.members.len()];
        // The cycles that a cycle leads to come before it.
        for (circle, members) in circles.members.iter().enumerate() {
            let mut depth = Depth::default();
            let mut returns = members.len() > 1;
            for link in members.iter().flat_map(|&member| &self.links[member]) {
                let to = circles.of[link.to];
                if to == circle {
                    returns = true;
                } else {
                    depth.once = depth.once.max(depths[to].once);
                    depth.per_level = depth.per_level.max(depths[to].per_level);
                }
            }
            let longest = members.iter().map(|&member| chains[member]).max();
            // Entering a child value takes two steps: the object or list, and the keyword.
            let longest = longest.unwrap_or_default() + 2;
            if returns {
                depth.once += longest;
                depth.per_level = depth.per_level.max(longest);
            } else {
                depth.once += members
                    .iter()
                    .map(|&member| self.weights[member])
                    .sum::<usize>();
            }
            depths[circle] = depth;
        }
        circles.of.iter().map(|&circle| depths[circle]).collect()
    }

    /// The longest chain from each schema that applies to one value, within its cycle.
    fn chains(&self, circles: &Circles) -> Vec<usize> {
        let follow =
            |from: usize, link: &Link| link.same && circles.of[from] == circles.of[link.to];
        let inner = self.circles(&follow);
        let mut longest = vec![0; inner.members.len()];
        for (circle, members) in inner.members.iter().enumerate() {
            let mut next = 0;
            for &member in members {
                for link in self.links[member]
                    .iter()
                    .filter(|link| follow(member, link))
                {
                    // The length of the cycle itself is not known yet.
                    next = next.max(longest[inner.of[link.to]]);
                }
            }
            let own: usize = members.iter().map(|&member| self.weights[member]).sum();
            longest[circle] = own + next;
        }
        inner.of.iter().map(|&circle| longest[circle]).collect()
    }

    /// The schemas in groups whose members all lead to each other over links that `follow` accepts (R. Tarjan, "Depth-First Search and
    /// Linear Graph Algorithms", 1972), without recursion.
    fn circles(&self, follow: &dyn Fn(usize, &Link) -> bool) -> Circles {
        const UNSEEN: usize = usize::MAX;
        let count = self.len();
        let mut circles = Circles {
            of: vec![UNSEEN; count],
            members: Vec::new(),
        };
        let mut order = vec![UNSEEN; count];
        let mut lowest = vec![UNSEEN; count];
        let mut open: Vec<usize> = Vec::new();
        let mut next = 0;
        for start in 0..count {
            if order[start] != UNSEEN {
                continue;
            }
            // Each with the number of its links that are done.
            let mut path = vec![(start, 0)];
            while let Some((current, done)) = path.last_mut() {
                let current = *current;
                if *done == 0 {
                    order[current] = next;
                    lowest[current] = next;
                    next += 1;
                    open.push(current);
                }
                let link = self.links[current].get(*done);
                *done += 1;
                match link {
                    Some(link) if !follow(current, link) => {}
                    Some(link) if order[link.to] == UNSEEN => path.push((link.to, 0)),
                    // A schema that has its cycle already does not lead back to the current one.
                    Some(link) if circles.of[link.to] == UNSEEN => {
                        lowest[current] = lowest[current].min(order[link.to]);
                    }
                    Some(_) => {}
                    None => {
                        path.pop();
                        if let Some((before, _)) = path.last() {
                            lowest[*before] = lowest[*before].min(lowest[current]);
                        }
                        if lowest[current] == order[current] {
                            let first = open.iter().rposition(|&schema| schema == current);
                            let members = open.split_off(first.unwrap_or_default());
                            for &member in &members {
                                circles.of[member] = circles.members.len();
                            }
                            circles.members.push(members);
                        }
                    }
                }
            }
        }
        circles
    }
}

/// Groups of schemas.
struct Circles {
    /// By schema.
    of: Vec<usize>,
    /// By group; the groups that a group leads to come before it.
    members: Vec<Vec<usize>>,
}
