//! Coverage that was required and not reached. Main type: [`Shortfall`].

use std::fmt;

use super::coverage::Ratio;
use crate::event::Level;

/// A level of a system of which less is covered than required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    pub system: String,
    pub level: Level,
    pub now: Ratio,
    pub required: Required,
}

/// A level of which less is covered than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallen {
    pub system: String,
    pub level: Level,
    pub before: Ratio,
    pub now: Ratio,
}

/// What must be covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// A part of all, in hundredths of a percent.
    Part { hundredths: u64 },
    /// As much as a ratchet's file says.
    Before { ratio: Ratio, file: String },
}

impl Shortfall {
    /// Where less than such a part is covered; in hundredths of a percent.
    pub fn below(system: &str, level: Level, now: Ratio, hundredths: u64) -> Option<Shortfall> {
        // In whole numbers: no rounding lets 99.6 % pass for 100 %.
        let is_below = (now.covered as u64) * 10_000 < hundredths * now.total as u64;
        is_below.then(|| Shortfall {
            system: system.to_owned(),
            level,
            now,
            required: Required::Part { hundredths },
        })
    }

    /// A level that is lower than a ratchet's file says.
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

/// `shop covers 1/2 operations (50 %), and 100 % is required`
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
                " ({} %), and {} % is required",
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
    fn a_part_is_reached_in_whole_numbers() {
        let below = |now, hundredths| {
            Shortfall::below("shop", Level::Operations, now, hundredths).map(|it| it.to_string())
        };
        assert_eq!(below(ratio(2, 2), 10_000), None);
        assert_eq!(below(ratio(0, 0), 10_000), None);
        assert_eq!(below(ratio(5, 8), 6250), None);
        assert_eq!(
            below(ratio(1999, 2000), 10_000).unwrap(),
            "shop covers 1999/2000 operations (99.9 %), and 100 % is required"
        );
        assert_eq!(
            below(ratio(5, 8), 6251).unwrap(),
            "shop covers 5/8 operations (62.5 %), and 62.51 % is required"
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
