//! Which cases are run again, and when a run ends early. Main type: [`RerunArgs`].

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Flags to run only failed cases, repeat until failure, or run while editing.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(in crate::cli) struct RerunArgs {
    /// Only cases that did not pass in their last run, by the newest events in `reports/` or by FILE
    ///
    /// They failed, ended in error, or were not reached because the run was cut short or lost its target. The events of a shard contain
    /// only its own cases: --failed=FILE needs no --shard.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with_all = ["watch", "shard"]
    )]
    pub(in crate::cli) failed: Option<Option<PathBuf>>,
    /// Stop after N cases failed or ended in error; running cases finish
    #[arg(long, value_name = "N")]
    pub(in crate::cli) max_failures: Option<NonZeroUsize>,
    /// Repeat the cases, each round with another seed, until one fails or ends in error (`=N`: at most N rounds)
    ///
    /// Embedded servers stay up. Reports are of the last round.
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with = "watch"
    )]
    pub(in crate::cli) until_failure: Option<Option<NonZeroU64>>,
    /// Run, then wait for changed case files, contracts, configuration or waivers, and run the affected cases again
    ///
    /// Embedded servers stay up. Ctrl-C ends it, with the status of the last round.
    #[arg(long, conflicts_with_all = ["propose_waivers", "propose_overlay", "shard"])]
    pub(in crate::cli) watch: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Args, Command};
    use super::*;

    fn read(flags: &[&str]) -> Result<RerunArgs, clap::Error> {
        let args = Args::try_parse_from([&["counterpart", "run"], flags].concat())?;
        match args.command {
            Command::Run(run) => Ok(run.rerun),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_given_with_an_equals_sign_so_that_paths_stay_paths() {
        let args = read(&["--failed", "cases/shop", "--until-failure"]).unwrap();
        assert_eq!(args.failed, Some(None));
        assert_eq!(args.until_failure, Some(None));
        let args = read(&["--failed=a.jsonl", "--until-failure=3", "--max-failures=2"]).unwrap();
        assert_eq!(args.failed, Some(Some("a.jsonl".into())));
        assert_eq!(args.until_failure, Some(NonZeroU64::new(3)));
        assert_eq!(args.max_failures, NonZeroUsize::new(2));
        assert!(!args.watch && read(&["--watch"]).unwrap().watch);
    }

    #[test]
    fn conflicting_flags_are_rejected() {
        for flags in [
            ["--watch", "--until-failure"],
            ["--watch", "--failed"],
            ["--watch", "--propose-waivers=w.yaml"],
            ["--watch", "--shard=1/2"],
            ["--failed", "--shard=1/2"],
        ] {
            let error = read(&flags).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("cannot be used with"), "{error}");
        }
        for flag in ["--max-failures=0", "--until-failure=0"] {
            assert_eq!(read(&[flag]).unwrap_err().exit_code(), 2, "{flag}");
        }
    }
}
