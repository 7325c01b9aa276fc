//! The seeds of a run's rounds. Main type: [`Seeds`].

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The first seed, then an endless sequence derived from it. Every round has its own seed, so that data left on the server by one round
/// does not conflict with the next.
pub(super) struct Seeds {
    first: Option<u64>,
    random: ChaCha8Rng,
}

impl Seeds {
    pub(super) fn from(first: u64) -> Seeds {
        Seeds {
            first: Some(first),
            random: ChaCha8Rng::seed_from_u64(first),
        }
    }

    pub(super) fn draw(&mut self) -> u64 {
        // Small enough to survive tools that read JSON numbers as floats.
        self.first
            .take()
            .unwrap_or_else(|| self.random.next_u64() >> 11)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn seeds_are_derived_from_the_first_and_do_not_collide() {
        let some = |first| {
            let mut seeds = Seeds::from(first);
            std::iter::repeat_with(move || seeds.draw())
                .take(1000)
                .collect::<Vec<u64>>()
        };
        assert_eq!(some(7)[0], 7);
        assert_eq!(some(7), some(7));
        let all: HashSet<u64> = some(7).into_iter().chain(some(8)).collect();
        assert_eq!(all.len(), 2000);
        assert!(all.iter().all(|seed| *seed < 1 << 53));
    }
}
