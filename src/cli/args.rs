//! The command line as typed; `settings` resolves it. Main type: [`Args`].

mod coverage;
mod recorded;
mod rerun;

use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use http::{HeaderName, HeaderValue};

use super::environment::is_name;
use crate::contract::Reading;
use crate::duration::parse_duration;
use crate::plan::Shard;
use crate::report::{FORMATS, ReportFormat};
use crate::version::Version;

pub(super) use coverage::{CoverageArgs, Minimum};
pub(super) use recorded::{MergeCommand, RecordedArgs, RecordedOutputArgs};
pub(super) use rerun::RerunArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Check that an HTTP API keeps its contract: send test cases to any server and report every deviation.
#[derive(Debug, Parser)]
#[command(
    name = "counterpart",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 all passed; 1 findings; 2 wrong input or usage; 3 the result is unknown; \
                  4 no case matched; 5 coverage too low; 130 interrupted."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send the cases and check every response
    ///
    /// Without a target, the cases run against embedded reference servers on free loopback ports.
    Run(Box<RunArgs>),
    /// Send the requests of a recording (HAR) in order, and compare the responses with the recorded ones
    ///
    /// Recorded ids, tokens and dates are mapped to the live ones; everything else must be equal. Without a target, the requests go to the
    /// embedded reference server of the system. Entries are sent one after the other, because later ones depend on earlier ones; so there
    /// are no shards. The last line is `N entries: P passed, F failed, E errors, S skipped (T s)`.
    Replay(ReplayArgs),
    /// Write the reports of a recorded run again; with `merge`, of the shards of a run
    ///
    /// The exit code is that of the run; 130 if the run was killed.
    Report(RecordedArgs),
    /// List the cases that a run with the same selection would send
    List(ListArgs),
    /// Check contracts, cases and configuration; nothing is sent
    ///
    /// Without PATH: the configuration and all contracts and cases of the project.
    Lint(LintArgs),
    /// Explain a finding or error code; without CODE, list all codes
    Explain(ExplainArgs),
    /// Run an embedded reference server until Ctrl-C
    #[cfg(feature = "server")]
    Serve(ServeArgs),
    /// Write the shipped contracts and cases of a system, or an empty commented project, for editing
    ///
    /// Files are never overwritten: if one already exists with other content, nothing is written.
    Init(InitArgs),
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct GlobalArgs {
    /// Configuration file, instead of the `counterpart.toml` found upward from the working folder [env: COUNTERPART_CONFIG]
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// When to use colours [env: NO_COLOR, CLICOLOR_FORCE]
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        global = true
    )]
    pub(super) color: ColorArg,
    /// Print all cases, not only failures
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// Print only problems and the last line
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// Which cases, of which systems, against which target: shared by `run` and `list`.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct SelectionArgs {
    /// Case files or folders of them (Default: all cases of the systems)
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Base URL, a name of `[targets]` in the configuration, or `embedded` [env: COUNTERPART_TARGET]
    #[arg(long, value_name = "URL|NAME")]
    pub(super) target: Option<String>,
    /// Only this system: a folder of `cases/`, or a shipped one; may be repeated [env: COUNTERPART_SYSTEM]
    #[arg(long = "system", value_name = "NAME")]
    pub(super) systems: Vec<String>,
    /// Only cases whose `system::file::case` contains TEXT (`=TEXT`: equals TEXT); may be repeated, any must match
    #[arg(long = "filter", value_name = "TEXT")]
    pub(super) filters: Vec<String>,
    /// Only cases with the tag (`!slow`: without it; `a,b`: with one of them); may be repeated, all must match
    #[arg(long = "tag", value_name = "EXPR")]
    pub(super) tags: Vec<String>,
    /// Only part K of N of the selected cases, always the same part; `report merge` combines the parts
    ///
    /// A case's part depends only on its name: adding a case moves no other case. Give all parts the same --seed.
    #[arg(long, value_name = "K/N", value_parser = Shard::parse)]
    pub(super) shard: Option<Shard>,
    /// Only cases that change nothing: all steps are GET, HEAD or OPTIONS
    #[arg(long)]
    pub(super) read_only: bool,
    /// Allow destructive cases: those tagged `disruptive` run as well
    #[arg(long)]
    pub(super) disposable: bool,
    /// `real`: contracts with their overlays applied; `documented`: without [env: COUNTERPART_CONTRACT] (Default: real)
    #[arg(long, value_name = "real|documented", value_parser = Reading::parse)]
    pub(super) contract: Option<Reading>,
    /// Accept null only where OpenAPI gives `nullable` a meaning: not beside `$ref`, not by `x-nullable`
    #[arg(long)]
    pub(super) strict_nullable: bool,
    /// Send nothing if a contract has a fault, even if only some operations are touched
    #[arg(long)]
    pub(super) strict_contracts: bool,
    /// Seed of the generated values [env: COUNTERPART_SEED] (Default: random, and shown)
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Credential for an auth profile, taken from an environment variable: `admin.password=SHOP_PASSWORD`
    ///
    /// [env: COUNTERPART_AUTH_<PROFILE>_<KEY>] Secrets are not accepted on the command line, where other users can see them.
    #[arg(long = "auth", value_name = "PROFILE.KEY=VARIABLE", value_parser = AuthParser)]
    pub(super) auth: Vec<AuthArg>,
}

#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// The version of the API the target serves, such as `2.4.7` [env: COUNTERPART_TARGET_VERSION]
    ///
    /// Cases and parts of contracts for other versions are left out. (Default: unknown; cases for certain versions are skipped)
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub(super) target_version: Option<Version>,
    /// Number of cases that run at once [env: COUNTERPART_JOBS] (Default: 8)
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) rerun: RerunArgs,
    #[command(flatten)]
    pub(super) reports: ReportArgs,
    #[command(flatten)]
    pub(super) coverage: CoverageArgs,
    /// Follow at most N redirects on the same host (Default: 0, the 3xx response is checked)
    #[arg(long, value_name = "N")]
    pub(super) follow_redirects: Option<usize>,
    /// Time limit of a request, to the last byte of its response: `30s`, `500ms`, `2m` (Default: 30s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(super) timeout: Option<Duration>,
    /// File with certificates (PEM) of authorities that are trusted besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
    /// Accept any certificate of the target
    #[arg(long)]
    pub(super) insecure: bool,
    #[command(flatten)]
    pub(super) waivers: WaiverArgs,
    /// Write an OpenAPI Overlay to review, with actions that make the contract say what the server sent; FILE must not exist
    #[arg(long, value_name = "FILE")]
    pub(super) propose_overlay: Option<PathBuf>,
    /// Header for every request; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = parse_header)]
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Which findings are accepted.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct WaiverArgs {
    /// File of accepted findings (Default: waivers.yaml of the project, if it exists)
    #[arg(id = "waivers", long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Fail if a waiver matches nothing although its operation was called
    #[arg(long)]
    pub(super) strict_waivers: bool,
    /// Write a waiver file to fill in, with an entry for each cause of failure; FILE must not exist
    #[arg(long, value_name = "FILE")]
    pub(super) propose_waivers: Option<PathBuf>,
}

/// Which reports are written.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct ReportArgs {
    // The help text lists the available formats.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report, help = report_help())]
    reports: Vec<ReportArg>,
    /// Short for --report html=FILE: one page for a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Short for --report junit=FILE
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Annotate lines with findings on a CI server, and append a summary to the job's page
    #[arg(long, value_name = "WHERE", value_enum, default_value = "auto")]
    pub(super) annotations: AnnotationsArg,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum AnnotationsArg {
    /// `github` if GITHUB_ACTIONS is `true`, else `none`
    #[default]
    Auto,
    /// Workflow commands on standard output; the summary goes to the file GITHUB_STEP_SUMMARY names
    Github,
    None,
}

impl ReportArgs {
    /// All requested reports, from all flags.
    pub(super) fn list(&self) -> Vec<ReportArg> {
        let short = [("html", &self.html), ("junit", &self.junit)];
        let short = short.into_iter().filter_map(|(format, file)| {
            Some(ReportArg {
                format: ReportFormat::named(format)?,
                file: file.clone()?,
            })
        });
        self.reports.iter().cloned().chain(short).collect()
    }
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct ReplayArgs {
    /// HAR 1.2 file
    #[arg(value_name = "FILE.har")]
    pub(super) file: PathBuf,
    /// Base URL, a name of `[targets]` in the configuration, or `embedded` [env: COUNTERPART_TARGET]
    #[arg(long, value_name = "URL|NAME")]
    pub(super) target: Option<String>,
    /// System whose contracts and auth profiles are used (Default: the one whose base path matches most entries)
    #[arg(long, value_name = "NAME")]
    pub(super) system: Option<String>,
    /// Judge and count only entries whose name contains TEXT; all are sent
    #[arg(long, value_name = "TEXT")]
    pub(super) only: Option<String>,
    /// Print only the events, as --report json=FILE writes them
    #[arg(long)]
    pub(super) json: bool,
    /// Stop after N entries failed or ended in error
    #[arg(long, value_name = "N")]
    pub(super) max_failures: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) reports: ReportArgs,
    #[command(flatten)]
    pub(super) waivers: WaiverArgs,
    /// Credential for an auth profile, taken from an environment variable: `admin.password=SHOP_PASSWORD`
    ///
    /// [env: COUNTERPART_AUTH_<PROFILE>_<KEY>] It replaces the recorded credential in requests that sign in as this profile.
    #[arg(long = "auth", value_name = "PROFILE.KEY=VARIABLE", value_parser = AuthParser)]
    pub(super) auth: Vec<AuthArg>,
    /// Time limit of a request, to the last byte of its response: `30s`, `500ms`, `2m` (Default: 30s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(super) timeout: Option<Duration>,
    /// Header for every request; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = parse_header)]
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: ListFormat,
    /// Print a Markdown table for each system instead: how many cases call each operation, by expected status and auth profile
    ///
    /// Each TAG gets a column as well.
    #[arg(
        long,
        value_name = "TAG",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        conflicts_with = "format"
    )]
    pub(super) table: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// One name per line, `system::file::case`
    Text,
    /// An array of objects: id, system, file, name, tags, operations, place
    Json,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct LintArgs {
    /// Contracts (OpenAPI 3.x, Swagger 2.0), case files, folders, a counterpart.toml, or http(s) URLs of contracts
    #[arg(value_name = "PATH|URL")]
    pub(super) paths: Vec<String>,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct ExplainArgs {
    /// A code as reports show it, such as `body-schema` or `timeout`
    pub(super) code: Option<String>,
}

#[cfg(feature = "server")]
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct ServeArgs {
    /// magento, magento-admin-save or nuweb
    #[arg(required_unless_present_any = ["list_faults", "contract"])]
    pub(super) system: Option<String>,
    /// Instead of SYSTEM: respond as this contract documents (a file or a URL)
    ///
    /// Without a state: each response is an example of the contract, else the smallest valid value. Requests that the contract does not
    /// allow are refused with the reasons. `Prefer: code=404` and `Prefer: example=NAME` choose another response.
    #[arg(long, value_name = "CONTRACT", conflicts_with_all = ["system", "faults", "api_version", "real_hashing", "list_faults"])]
    pub(super) contract: Option<String>,
    /// Port on 127.0.0.1 (0: a free one)
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) port: u16,
    /// Deviate from the contract on purpose; may be repeated
    #[arg(long = "fault", value_name = "NAME")]
    pub(super) faults: Vec<String>,
    /// Version of the server: 2.4.7, 2.4.8 or 2.4.9 of Magento (Default: 2.4.7)
    #[arg(long, value_name = "VERSION")]
    pub(super) api_version: Option<String>,
    /// Hash passwords at the cost of a real server (Default: as cheaply as possible)
    #[arg(long)]
    pub(super) real_hashing: bool,
    /// List the faults of SYSTEM, or of all systems, and exit
    #[arg(long)]
    pub(super) list_faults: bool,
}

#[derive(Debug, Clone, ClapArgs)]
pub(super) struct InitArgs {
    /// A shipped system (Default: an empty project with a small example)
    pub(super) system: Option<String>,
    /// Make a project from a contract (a file or a URL): profiles, a smoke case for each safe operation, its examples as cases
    #[arg(long, value_name = "CONTRACT", conflicts_with = "system")]
    pub(super) from: Option<String>,
    /// With --from, the name of the system (Default: that of the file)
    #[arg(long, value_name = "NAME", requires = "from")]
    pub(super) name: Option<String>,
    /// Folder to write into; created if missing
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) into: PathBuf,
}

/// `PROFILE.KEY=VARIABLE`: the environment variable that holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuthArg {
    pub(super) profile: String,
    pub(super) key: String,
    pub(super) variable: String,
}

/// `FORMAT=FILE`: a report to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportArg {
    pub(super) format: &'static ReportFormat,
    pub(super) file: PathBuf,
}

/// Reads an [`AuthArg`]. Clap would print a rejected value, which may be the secret itself; this parser does not.
#[derive(Clone)]
struct AuthParser;

impl TypedValueParser for AuthParser {
    type Value = AuthArg;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<AuthArg, clap::Error> {
        value.to_str().and_then(parse_auth).ok_or_else(|| {
            clap::Error::raw(
                ErrorKind::ValueValidation,
                "--auth takes PROFILE.KEY=VARIABLE, as in admin.password=SHOP_PASSWORD; \
                 VARIABLE is the name of an environment variable, never the secret itself\n",
            )
            .with_cmd(command)
        })
    }
}

fn parse_auth(text: &str) -> Option<AuthArg> {
    let (credential, variable) = text.split_once('=')?;
    let (profile, key) = credential.rsplit_once('.')?;
    let is_whole = !profile.is_empty() && !key.is_empty() && is_name(variable);
    is_whole.then(|| AuthArg {
        profile: profile.to_owned(),
        key: key.to_owned(),
        variable: variable.to_owned(),
    })
}

fn report_help() -> String {
    let formats: Vec<String> = FORMATS
        .iter()
        .map(|format| format!("`{}=FILE` ({})", format.name, format.description))
        .collect();
    format!("Write a report: {}; may be repeated", formats.join(", "))
}

fn parse_report(text: &str) -> Result<ReportArg, String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("expected FORMAT=FILE, as in junit=reports/junit.xml")?;
    let format = ReportFormat::named(format).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        format!(
            "unknown report format `{format}`; expected one of {}",
            names.join(", ")
        )
    })?;
    if file.is_empty() {
        return Err("the file's name is missing after `=`".to_owned());
    }
    Ok(ReportArg {
        format,
        file: file.into(),
    })
}

fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("expected `Name: value`, as in `X-Trace: 1`")?;
    let name: HeaderName = name
        .trim()
        .parse()
        .map_err(|_| format!("`{}` is not a header name", name.trim()))?;
    let value = HeaderValue::from_str(value.trim()).map_err(|_| {
        format!("the value of `{name}` has characters that are not allowed in a header")
    })?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn run_reads_every_flag() {
        let args = Args::try_parse_from([
            "counterpart",
            "run",
            "cases/magento",
            "--target=https://shop.example",
            "--system=magento",
            "--filter=create",
            "--tag=!slow",
            "--shard=2/5",
            "--contract=documented",
            "--target-version=2.4.7-p3",
            "--jobs=3",
            "--seed=7",
            "--report=junit=a.xml",
            "--report=json=b.jsonl",
            "--read-only",
            "--disposable",
            "--follow-redirects=2",
            "--timeout=1500ms",
            "--auth=admin.password=PW",
            "--header=X-Trace: a: b",
            "--waivers=w.yaml",
            "--strict-waivers",
            "--propose-waivers=p.yaml",
            "--config=c.toml",
            "--color=never",
            "-q",
        ])
        .unwrap();
        assert_eq!(args.global.config, Some("c.toml".into()));
        assert_eq!(args.global.color, ColorArg::Never);
        assert!(args.global.quiet && !args.global.verbose);
        let Command::Run(run) = args.command else {
            panic!("not run")
        };
        assert_eq!(run.timeout, Some(Duration::from_millis(1500)));
        assert_eq!(run.jobs, NonZeroUsize::new(3));
        assert_eq!(run.target_version, Version::parse("2.4.7").ok());
        assert_eq!(run.follow_redirects, Some(2));
        assert_eq!(run.waivers.file, Some("w.yaml".into()));
        assert!(run.waivers.strict_waivers);
        assert_eq!(run.waivers.propose_waivers, Some("p.yaml".into()));
        assert_eq!(
            run.headers,
            [(
                HeaderName::from_static("x-trace"),
                HeaderValue::from_static("a: b")
            )]
        );
        assert_eq!(run.reports.list()[0].format.name, "junit");
        assert_eq!(run.reports.list()[1].file, PathBuf::from("b.jsonl"));
        let selection = run.selection;
        assert_eq!(selection.paths, [PathBuf::from("cases/magento")]);
        assert_eq!(selection.target.as_deref(), Some("https://shop.example"));
        assert_eq!(selection.systems, ["magento"]);
        assert_eq!(selection.filters, ["create"]);
        assert_eq!(selection.tags, ["!slow"]);
        assert_eq!(selection.shard, Shard::new(2, 5));
        assert_eq!(selection.contract, Some(Reading::Documented));
        assert_eq!(selection.seed, Some(7));
        assert!(selection.read_only && selection.disposable);
        assert_eq!(
            selection.auth,
            [AuthArg {
                profile: "admin".into(),
                key: "password".into(),
                variable: "PW".into()
            }]
        );
    }

    #[test]
    fn wrong_values_are_rejected_with_the_expected_format() {
        for (flag, expected) in [
            ("--auth=admin=PW", "PROFILE.KEY=VARIABLE"),
            ("--auth=admin.password=s3cret!", "never the secret itself"),
            ("--report=pdf=x", "unknown report format `pdf`"),
            ("--report=junit=", "name is missing"),
            ("--header=nothing", "expected `Name: value`"),
            ("--header=a b: c", "`a b` is not a header name"),
            ("--timeout=soon", "`soon`"),
            ("--jobs=0", "--jobs"),
            ("--shard=0/5", "counted from 1 to 5"),
            ("--shard=6/5", "there is no part 6 of 5"),
            ("--shard=x", "expected K/N, as in 2/5"),
            ("--contract=true", "use `documented` or `real`"),
            ("--target-version=new", "`new` is not a version"),
        ] {
            let error = Args::try_parse_from(["counterpart", "run", flag]).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{flag}");
            assert!(error.to_string().contains(expected), "{flag}: {error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
