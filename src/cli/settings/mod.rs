//! The settings of a run, from command line, environment and configuration. Main type: [`Settings`].
//!
//! For each setting the first source that sets it wins:
//!
//! | setting         | flag                    | environment                          | `counterpart.toml`                | default                  |
//! |-----------------|-------------------------|--------------------------------------|-----------------------------------|--------------------------|
//! | configuration   | `--config`              | `COUNTERPART_CONFIG`                 |                                   | found upward             |
//! | target          | `--target`              | `COUNTERPART_TARGET`                 | `default-target`                  | embedded servers         |
//! | systems         | `--system`, then PATHs  | `COUNTERPART_SYSTEM`                 | `targets.NAME.systems`            | all                      |
//! | jobs            | `--jobs`                | `COUNTERPART_JOBS`                   | `jobs`                            | [`DEFAULT_JOBS`]         |
//! | contract        | `--contract`            | `COUNTERPART_CONTRACT`               | `contract`                        | `real`                   |
//! | strict contracts | `--strict-contracts`   |                                      | `strict-contracts`                | no                       |
//! | strict `nullable` | `--strict-nullable`    |                                      | `strict-nullable`                 | no                       |
//! | target's version | `--target-version`     | `COUNTERPART_TARGET_VERSION`         | `targets.NAME.version`            | embedded: its own        |
//! | seed            | `--seed`                | `COUNTERPART_SEED`                   | `seed`                            | drawn                    |
//! | a credential    | `--auth`                | `COUNTERPART_AUTH_<PROFILE>_<KEY>`   | `targets.NAME.auth.PROFILE.KEY`   | none                     |
//! | authorities     | `--ca`                  |                                      | `targets.NAME.ca`                 | the system's             |
//! | any certificate | `--insecure`            |                                      | `targets.NAME.insecure`           | no                       |
//! | a header        | `--header`              |                                      | the target's, then `[headers]`    | none                     |
//! | total limit     | `--timeout`             |                                      | the target's, then `[limits]`     | [`Limits::default`]      |
//! | other limits    |                         |                                      | the target's, then `[limits]`     | [`Limits::default`]      |
//! | redirects       | `--follow-redirects`    |                                      | the target's, then `[redirects]`  | not followed             |
//! | severities      |                         |                                      | the target's, then `[severities]` | the code's own           |
//! | disposable      | `--disposable`          |                                      | `targets.NAME.disposable`         | not, but embedded: yes   |
//! | waivers         | `--waivers`             |                                      | `waivers`                         | `waivers.yaml`, if found |
//! | colours         | `--color`               | `NO_COLOR`, `CLICOLOR_FORCE`         |                                   | on a terminal            |
//!
//! [`Limits::default`]: crate::target::Limits

use std::hash::{BuildHasher, Hasher, RandomState};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use super::args::{ReportArg, RunArgs};
use super::config::Config;
use super::environment::Environment;
use super::precedence::{first, parsed};
use super::project::{Project, SystemFiles};
use super::targets::{self, RequestedTarget, ResolvedTarget};
use crate::contract::{Nullability, Reading};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How many cases run at once by default: enough to hide waiting times, few enough for a server on a small machine.
pub(super) const DEFAULT_JOBS: NonZeroUsize = match NonZeroUsize::new(8) {
    Some(jobs) => jobs,
    None => NonZeroUsize::MIN,
};

/// The settings of `run` and `list`.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) systems: Vec<SystemSettings>,
    pub(super) jobs: NonZeroUsize,
    pub(super) seed: u64,
    /// Whether overlays are applied to the contracts.
    pub(super) reading: Reading,
    pub(super) nullability: Nullability,
    /// Whether a fault in a contract prevents the whole run.
    pub(super) strict_contracts: bool,
    pub(super) reports: Vec<ReportArg>,
    /// Whether coverage of the contracts is recorded.
    pub(super) coverage: bool,
    /// The file of accepted findings.
    pub(super) waivers: Option<PathBuf>,
}

/// One system: its files, and its target.
#[derive(Debug, Clone)]
pub(super) struct SystemSettings {
    pub(super) files: SystemFiles,
    pub(super) target: ResolvedTarget,
}

/// Combines command line, environment and project. Every fault is reported in `diagnostics`; `None` if there is an error.
pub(super) fn resolve(
    args: &RunArgs,
    environment: &Environment,
    project: &Project,
    diagnostics: &mut Diagnostics,
) -> Option<Settings> {
    let RunArgs {
        selection,
        jobs,
        reports,
        coverage,
        target_version: _, // these six are settings of the target: see `targets`
        follow_redirects: _,
        timeout: _,
        headers: _,
        ca: _,
        insecure: _,
        waivers,
        propose_overlay: _, // an output: see the command
        rerun: _,           // which cases are run again, and when: see the command
    } = args;
    let config = project.config.as_ref();
    let jobs = first(
        *jobs,
        number("COUNTERPART_JOBS", environment.jobs(), diagnostics),
        config.and_then(|config| config.jobs),
    );
    let seed = first(
        selection.seed,
        number("COUNTERPART_SEED", environment.seed(), diagnostics),
        config.and_then(|config| config.seed),
    );
    let reading = first(
        selection.contract,
        parsed(
            "COUNTERPART_CONTRACT",
            environment.contract(),
            Reading::parse,
            diagnostics,
        ),
        config.and_then(|config| config.contract),
    );
    let strict_nullable = config.is_some_and(|config| config.strict_nullable);
    let nullability = match selection.strict_nullable || strict_nullable {
        true => Nullability::AsWritten,
        false => Nullability::AsMeant,
    };
    let requested = requested_target(args, environment, config);
    let target = requested
        .as_ref()
        .and_then(|requested| targets::find(requested, config, diagnostics));
    let systems = if requested.is_some() && target.is_none() {
        // The systems depend on the target, which was not found; a guess could report faults that do not exist.
        Vec::new()
    } else {
        let files = choose_systems(args, environment, project, target.as_ref(), diagnostics);
        let target = targets::resolve(target.as_ref(), args, environment, config, diagnostics);
        files
            .into_iter()
            .map(|files| SystemSettings {
                files,
                target: target.clone(),
            })
            .collect()
    };
    let settings = Settings {
        systems,
        jobs: jobs.unwrap_or(DEFAULT_JOBS),
        seed: seed.unwrap_or_else(draw_seed),
        reading: reading.unwrap_or_default(),
        nullability,
        strict_contracts: selection.strict_contracts
            || config.is_some_and(|config| config.strict_contracts),
        coverage: coverage.needs_recording()
            || reports
                .list()
                .iter()
                .any(|report| report.format.shows_coverage),
        reports: reports.list(),
        waivers: waivers.file.clone().or_else(|| project.waivers()),
    };
    (!diagnostics.has_errors()).then_some(settings)
}

/// `None` for the embedded servers, which are also named by `embedded`.
fn requested_target(
    args: &RunArgs,
    environment: &Environment,
    config: Option<&Config>,
) -> Option<RequestedTarget> {
    first(
        args.selection.target.clone().map(RequestedTarget::Flag),
        environment
            .target()
            .map(|word| RequestedTarget::Environment(word.to_owned())),
        config
            .and_then(|config| config.default_target.clone())
            .map(RequestedTarget::File),
    )
    .filter(|requested| requested.word() != targets::EMBEDDED)
}

/// The systems by `--system`, else by PATHs, else by `COUNTERPART_SYSTEM`, else by the target's `systems`, else all.
/// Several systems that were not named are an error with a named target, which probably does not serve all of them.
fn choose_systems(
    args: &RunArgs,
    environment: &Environment,
    project: &Project,
    target: Option<&targets::NamedTarget<'_>>,
    diagnostics: &mut Diagnostics,
) -> Vec<SystemFiles> {
    let selection = &args.selection;
    let served = target.and_then(targets::NamedTarget::systems);
    let mut by_path = project.select(&selection.paths, diagnostics);
    let named = match (selection.systems.as_slice(), selection.paths.as_slice()) {
        ([], []) => environment.systems(),
        (systems, _) => systems.to_vec(),
    };
    let chosen = if !selection.paths.is_empty() {
        by_path.retain(|files| named.is_empty() || named.contains(&files.system));
        by_path.iter().enumerate().for_each(|(index, files)| {
            if by_path[..index]
                .iter()
                .any(|other| other.system == files.system)
            {
                diagnostics.push(given_twice(&files.system));
            }
        });
        by_path
    } else if !named.is_empty() {
        by_names(&named, project, diagnostics)
    } else if let Some(served) = served {
        let names: Vec<String> = served.iter().map(|name| name.value.clone()).collect();
        by_names(&names, project, diagnostics)
    } else {
        let all = project.systems();
        if target.is_some() && all.len() > 1 {
            diagnostics.push(which_system(target, &all));
        }
        all
    };
    if let (Some(served), Some(target)) = (served, target) {
        for files in &chosen {
            if !served.iter().any(|name| name.value == files.system) {
                diagnostics.push(
                    Diagnostic::error(
                        "system-not-served",
                        format!(
                            "the target `{}` does not serve the system `{}`",
                            target.name(),
                            files.system
                        ),
                        served[0].place.clone(),
                    )
                    .with_advice("add it to `systems`, or use another target"),
                );
            }
        }
    }
    chosen
}

fn by_names(
    names: &[String],
    project: &Project,
    diagnostics: &mut Diagnostics,
) -> Vec<SystemFiles> {
    let mut chosen: Vec<SystemFiles> = Vec::new();
    for name in names {
        if chosen.iter().all(|files| files.system != *name) {
            chosen.extend(project.system(name, diagnostics));
        }
    }
    chosen
}

fn given_twice(system: &str) -> Diagnostic {
    Diagnostic::without_place(
        "system-given-twice",
        format!("the paths name two different folders of the system `{system}`"),
    )
    .with_advice("run them one after the other: case names would not be unique")
}

fn which_system(target: Option<&targets::NamedTarget<'_>>, all: &[SystemFiles]) -> Diagnostic {
    let names: Vec<String> = all
        .iter()
        .map(|files| format!("`{}`", files.system))
        .collect();
    let advice = match target.and_then(targets::NamedTarget::config) {
        Some(config) => format!(
            "add --system NAME, or `systems = [\"NAME\"]` to [targets.{}]",
            config.name.value
        ),
        None => "add --system NAME (it may be repeated)".to_owned(),
    };
    Diagnostic::without_place(
        "which-system",
        format!(
            "which system does {} serve? there are cases for {}",
            target.map_or_else(String::new, targets::NamedTarget::name),
            names.join(", ")
        ),
    )
    .with_advice(advice)
}

fn number<T: FromStr>(name: &str, value: Option<&str>, diagnostics: &mut Diagnostics) -> Option<T> {
    let value = value?;
    let number = value.trim().parse().ok();
    if number.is_none() {
        diagnostics.push(
            Diagnostic::without_place(
                "bad-variable-value",
                format!("the environment variable {name} must be a whole number, not `{value}`"),
            )
            .with_advice(format!("correct it, or remove it with `unset {name}`")),
        );
    }
    number
}

/// A random seed, small enough to survive tools that read JSON numbers as floats.
fn draw_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 11
}

#[cfg(test)]
mod tests;
