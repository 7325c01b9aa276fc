//! Required coverage that was not reached. Main type: [`Shortfall`].

use std::fmt;

use super::coverage::Ratio;
use crate::event::Level;

/// A level of a system with less coverage than required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    pub system: String,
    pub level: Level,
    pub now: Ratio,
    pub required: Required,
}

/// A level with less coverage than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallen {
    pub system: String,
    pub level: Level,
    pub before: Ratio,
    pub now: Ratio,
}

/// The required coverage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// A share of all points, in hundredths of a percent.
    Part { hundredths: u64 },
    /// The coverage recorded in a ratchet file.
    Before { ratio: Ratio, file: String },
}

impl Shortfall {
    /// The levels with less coverage than the given share, in hundredths of a percent.
    pub fn below(system: &str, level: Level, now: Ratio, hundredths: u64) -> Option<Shortfall> {
        // Integer arithmetic: 99.6 % is never rounded to 100 %.
        let is_below = (now.covered as u64) * 10_000 < hundredths * now.total as u64;
        is_below.then(|| Shortfall {
            system: system.to_owned(),
            level,
            now,
            required: Required::Part { hundredths },
        })
    }

    /// A level that is lower than in a ratchet file.
    pub fn of_ratchet(fallen: Fallen, file: String) -> Shortfall {
        let Fallen {
            system,
            level,
            before,
            now,
        } = fallen;
        Shortfall {
            system,
            level,
            now,
            required: Required::Before {
                ratio: before,
                file,
            },
        }
    }
}

/// `shop covers 1/2 operations (50 %), but 100 % is required`
impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shortfall {
            system, level, now, ..
        } = self;
        let level = level.as_str();
        write!(f, "{system} covers {}/{} {level}", now.covered, now.total)?;
        match &self.required {
            Required::Part { hundredths } => write!(
                f,
                " ({} %), but {} % is required",
                now.percent(),
                *hundredths as f64 / 100.0
            ),
            Required::Before { ratio, file } => write!(
                f,
                ", less than the {}/{} of {file}",
                ratio.covered, ratio.total
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(covered: usize, total: usize) -> Ratio {
        Ratio { covered, total }
    }

    #[test]
    fn a_share_is_compared_in_integers() {
        let below = |now, hundredths| {
            Shortfall::below("shop", Level::Operations, now, hundredths).map(|it| it.to_string())
        };
        assert_eq!(below(ratio(2, 2), 10_000), None);
        assert_eq!(below(ratio(0, 0), 10_000), None);
        assert_eq!(below(ratio(5, 8), 6250), None);
        assert_eq!(
            below(ratio(1999, 2000), 10_000).unwrap(),
            "shop covers 1999/2000 operations (99.9 %), but 100 % is required"
        );
        assert_eq!(
            below(ratio(5, 8), 6251).unwrap(),
            "shop covers 5/8 operations (62.5 %), but 62.51 % is required"
        );
    }

    #[test]
    fn a_level_that_fell_names_its_file() {
        let fallen = Fallen {
            system: "shop".to_owned(),
            level: Level::Statuses,
            before: ratio(5, 6),
            now: ratio(4, 6),
        };
        assert_eq!(
            Shortfall::of_ratchet(fallen, "coverage.toml".to_owned()).to_string(),
            "shop covers 4/6 statuses, less than the 5/6 of coverage.toml"
        );
    }
}
