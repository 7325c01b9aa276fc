//! Coverage of the contracts: whether it is shown, and what is required. Main type: [`CoverageArgs`].

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::diagnostic::nearest;
use crate::event::Level;

/// Flags about coverage.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(in crate::cli) struct CoverageArgs {
    /// Show which parts of the contracts the cases covered, and which not
    #[arg(long)]
    pub(in crate::cli) coverage: bool,
    /// Fail (exit code 5) if a system covers less: `operations=100,statuses=80`; may be repeated
    ///
    /// Levels: operations, statuses, parameters, properties, keywords.
    #[arg(long, value_name = "LEVEL=PERCENT", value_delimiter = ',', value_parser = parse_minimum)]
    pub(in crate::cli) min_coverage: Vec<Minimum>,
    /// Fail (exit code 5) if a system covers less than recorded in FILE: fewer points, and a smaller share of them
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ratchet: Option<PathBuf>,
    /// Write the current coverage to the file of --ratchet
    #[arg(long, requires = "ratchet")]
    pub(in crate::cli) update_ratchet: bool,
}

impl CoverageArgs {
    /// Whether these flags need coverage to be recorded.
    pub(in crate::cli) fn needs_recording(&self) -> bool {
        self.coverage || self.gates()
    }

    /// Whether coverage can fail a run, or change what the next run must reach.
    pub(in crate::cli) fn gates(&self) -> bool {
        !self.min_coverage.is_empty() || self.ratchet.is_some()
    }
}

/// The share of a level that must be covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Minimum {
    pub(in crate::cli) level: Level,
    /// In hundredths of a percent, at most 10,000.
    pub(in crate::cli) hundredths: u64,
}

fn parse_minimum(text: &str) -> Result<Minimum, String> {
    let (level, percent) = text
        .split_once('=')
        .ok_or("expected LEVEL=PERCENT, as in operations=100")?;
    let names = Level::ALL.map(Level::as_str);
    let known = Level::ALL.into_iter().find(|known| known.as_str() == level);
    let level = known.ok_or_else(|| match nearest(level, names) {
        Some(near) => format!("unknown level `{level}`; did you mean `{near}`?"),
        None => format!(
            "unknown level `{level}`; expected one of {}",
            names.join(", ")
        ),
    })?;
    let number: f64 = percent
        .trim_end_matches('%')
        .parse()
        .map_err(|_| format!("`{percent}` is not a percentage"))?;
    if !(0.0..=100.0).contains(&number) {
        return Err(format!("`{percent}` is not between 0 and 100"));
    }
    Ok(Minimum {
        level,
        hundredths: (number * 100.0).round() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimums_are_levels_with_percentages() {
        let read = |text| parse_minimum(text).map(|minimum| (minimum.level, minimum.hundredths));
        assert_eq!(read("operations=100"), Ok((Level::Operations, 10_000)));
        assert_eq!(read("keywords=62.5%"), Ok((Level::Keywords, 6250)));
        let wrong = |text| read(text).unwrap_err();
        assert_eq!(
            wrong("status=1"),
            "unknown level `status`; did you mean `statuses`?"
        );
        assert_eq!(wrong("operations=101"), "`101` is not between 0 and 100");
        assert_eq!(wrong("operations=NaN"), "`NaN` is not between 0 and 100");
        assert_eq!(wrong("operations=all"), "`all` is not a percentage");
        assert!(wrong("operations").starts_with("expected LEVEL=PERCENT"));
    }
}
