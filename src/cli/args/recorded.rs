//! Arguments of `report`: reports of finished runs. Main type: [`RecordedArgs`].

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{CoverageArgs, ReportArgs};

/// One recorded run, or several to be merged.
#[derive(Debug, Clone, ClapArgs)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct RecordedArgs {
    #[command(subcommand)]
    pub(in crate::cli) merge: Option<MergeCommand>,
    /// Events of a run, as `run --report json=FILE` writes them; also of a killed run
    #[arg(value_name = "FILE.jsonl", required = true)]
    pub(in crate::cli) file: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) outputs: RecordedOutputArgs,
}

#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum MergeCommand {
    /// Combine the events of all shards of a run and report them as one run
    ///
    /// The reports are those of the whole run, except for times. Missing and unfinished shards are reported, and the exit code is
    /// then 130. Recordings that are not shards of one run are rejected.
    Merge(MergeArgs),
}

#[derive(Debug, Clone, ClapArgs)]
pub(in crate::cli) struct MergeArgs {
    /// Events of the shards, in any order
    #[arg(value_name = "FILE.jsonl", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) outputs: RecordedOutputArgs,
}

/// The output for a recorded run.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(in crate::cli) struct RecordedOutputArgs {
    #[command(flatten)]
    pub(in crate::cli) reports: ReportArgs,
    #[command(flatten)]
    pub(in crate::cli) coverage: CoverageArgs,
    /// Write a waiver file to fill in, with an entry for each cause of failure; FILE must not exist
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) propose_waivers: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Args, Command};
    use super::*;

    fn read(arguments: &[&str]) -> Result<RecordedArgs, clap::Error> {
        let args = Args::try_parse_from([&["counterpart", "report"], arguments].concat())?;
        match args.command {
            Command::Report(args) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_file_or_several_to_be_merged() {
        let args = read(&["a.jsonl", "--junit=a.xml"]).unwrap();
        assert!(args.merge.is_none());
        assert_eq!(args.file, Some("a.jsonl".into()));
        assert_eq!(args.outputs.reports.list().len(), 1);
        let args = read(&["merge", "a.jsonl", "--report=json=c.jsonl", "b.jsonl"]).unwrap();
        let Some(MergeCommand::Merge(merge)) = args.merge else {
            panic!("{args:?}");
        };
        assert_eq!(merge.files, [PathBuf::from("a.jsonl"), "b.jsonl".into()]);
        assert_eq!(merge.outputs.reports.list().len(), 1);
    }

    #[test]
    fn no_file_is_wrong_usage() {
        for arguments in [&[][..], &["merge"], &["a.jsonl", "b.jsonl"]] {
            assert_eq!(read(arguments).unwrap_err().exit_code(), 2, "{arguments:?}");
        }
    }
}
