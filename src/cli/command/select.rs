//! From settings to a plan, for `run` and `list`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Setting, load};
use crate::case::Suite;
use crate::cli::args::{RunArgs, SelectionArgs};
use crate::cli::settings::{self, Settings};
use crate::contract::Contract;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::plan::{Plan, PlannedCase, Selection, TagExpression, plan};
use crate::text::counted;
use crate::waiver::{OperationPattern, Stale, Waivers};

/// The selected cases. All files were read without errors.
#[derive(Clone)]
pub(super) struct Selected {
    pub(super) settings: Settings,
    pub(super) selection: Selection,
    /// Its systems are those of the settings, in the same order.
    pub(super) plan: Plan,
    /// Includes how stale waivers are treated.
    pub(super) waivers: Waivers,
    /// The folder of reports, if it exists.
    pub(super) reports: Option<PathBuf>,
    /// Whether every case of the systems is run.
    pub(super) whole: bool,
    /// Warnings only.
    pub(super) warnings: Diagnostics,
    /// Lines that count the faults and warnings of contracts.
    pub(super) contract_notes: Vec<String>,
}

impl Selected {
    /// Keeps only the cases for which `keep` is true. A partial run says nothing about the waivers for other cases.
    pub(super) fn narrow(&mut self, keep: impl Fn(&PlannedCase) -> bool) {
        for system in &mut self.plan.systems {
            system.cases.retain(&keep);
            // A shard of a narrowed plan stays a shard of that plan.
            system.is_selected &= self.plan.shard.is_some() || !system.cases.is_empty();
        }
        self.waivers = std::mem::take(&mut self.waivers).with_stale(Stale::Ignored);
    }

    /// The same cases with other generated values.
    pub(super) fn with_seed(mut self, seed: u64) -> Selected {
        self.settings.seed = seed;
        self.plan.seed = seed;
        self
    }
}

/// Reads configuration, contracts and cases, and selects. Fails with all errors in any of them.
pub(super) fn select(args: &RunArgs, setting: &Setting<'_>) -> Result<Selected, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let project = setting.project(&mut diagnostics);
    let settings = settings::resolve(args, setting.environment, &project, &mut diagnostics);
    let selection = selection(&args.selection, &mut diagnostics);
    let Some(settings) = settings else {
        return Err(diagnostics);
    };
    let suites: Vec<Arc<Suite>> = settings
        .systems
        .iter()
        .filter_map(|system| {
            let reading = settings.reading;
            load::suite(
                &system.files,
                reading,
                settings.nullability,
                &mut diagnostics,
            )
        })
        .map(Arc::new)
        .collect();
    let path = settings.waivers.as_deref();
    let waivers = path.and_then(|path| load::waivers(path, &mut diagnostics));
    let waivers = waivers.unwrap_or_default();
    let whole = is_whole(args);
    let mut contract_notes = warnings_of_contracts(&suites, &mut diagnostics);
    if !settings.strict_contracts {
        diagnostics.take(|diagnostic| diagnostic.confined);
        contract_notes.extend(contract_faults(&suites));
    }
    if whole && !diagnostics.has_errors() {
        warn_about_unknown_operations(&waivers, &suites, &mut diagnostics);
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let plan = plan(&suites, &selection, settings.seed);
    Ok(Selected {
        settings,
        selection,
        plan,
        waivers: waivers
            .with_stale(match (whole, args.waivers.strict_waivers) {
                (false, _) => Stale::Ignored,
                (true, false) => Stale::Warns,
                (true, true) => Stale::Fails,
            })
            .with_systems_left_out(suites.len() < project.systems().len()),
        reports: project.reports(),
        whole: whole && args.rerun.failed.is_none(),
        contract_notes,
        warnings: diagnostics,
    })
}

/// How many warnings about contracts a run shows; more are only counted.
const SHOWN_WARNINGS: usize = 5;

fn contracts(suites: &[Arc<Suite>]) -> impl Iterator<Item = &Arc<Contract>> {
    let files = suites.iter().flat_map(|suite| &suite.files);
    files.flat_map(|file| &file.contracts)
}

/// The line that counts the warnings about contracts, which are removed from `diagnostics`, where they are many.
fn warnings_of_contracts(suites: &[Arc<Suite>], diagnostics: &mut Diagnostics) -> Vec<String> {
    let files: BTreeSet<&str> = contracts(suites)
        .flat_map(|contract| contract.files())
        .collect();
    let concerns = |diagnostic: &Diagnostic| {
        let place = diagnostic.place.as_ref();
        diagnostic.severity == DiagnosticSeverity::Warning
            && place.is_some_and(|place| files.contains(place.source.name()))
    };
    let number = diagnostics
        .iter()
        .filter(|diagnostic| concerns(diagnostic))
        .count();
    if number <= SHOWN_WARNINGS {
        return Vec::new();
    }
    diagnostics.take(concerns);
    vec![format!(
        "{number} warnings about contracts; `counterpart lint` lists them"
    )]
}

/// A line for each contract of the suites that has faults.
fn contract_faults(suites: &[Arc<Suite>]) -> Vec<String> {
    let mut lines: BTreeMap<&str, String> = BTreeMap::new();
    for contract in contracts(suites) {
        let blocked = contract.blocked().count();
        if blocked > 0 {
            lines.entry(&contract.name).or_insert_with(|| {
                format!(
                    "warning: faults in {} block {} of {}: their cases end in errors; `counterpart lint` lists the faults",
                    contract.name,
                    blocked,
                    counted(contract.operations.len(), "operation"),
                )
            });
        }
    }
    lines.into_values().collect()
}

/// The message for a plan without cases.
pub(super) fn nothing_to_run(plan: &Plan) -> Option<String> {
    if plan.has_no_match() {
        let text = "no case matches the selection; `counterpart list` lists all cases";
        return Some(text.to_owned());
    }
    let shard = plan.shard.filter(|_| plan.is_empty())?;
    Some(format!(
        "shard {shard} has none of the {} selected cases; this is not an error",
        shard.planned
    ))
}

/// Whether every case of the systems is run. A partial run says nothing about the waivers for other cases.
fn is_whole(args: &RunArgs) -> bool {
    let SelectionArgs {
        paths,
        target: _,
        systems: _,
        filters,
        tags,
        // All shards together are the whole run; the merge decides which waivers are stale.
        shard: _,
        read_only,
        disposable: _,
        seed: _,
        auth: _,
        contract: _,
        strict_contracts: _,
        strict_nullable: _,
    } = &args.selection;
    paths.is_empty() && filters.is_empty() && tags.is_empty() && !read_only
}

/// A waiver for an unknown operation can never match, and is never reported as stale.
fn warn_about_unknown_operations(
    waivers: &Waivers,
    suites: &[Arc<Suite>],
    diagnostics: &mut Diagnostics,
) {
    let operations: BTreeSet<String> = suites
        .iter()
        .flat_map(|suite| &suite.files)
        .flat_map(|file| &file.contracts)
        .flat_map(|contract| &contract.operations)
        .map(|operation| operation.name().to_string())
        .collect();
    let is_selected = |system: &str| suites.iter().any(|suite| suite.system == system);
    for waiver in waivers.list() {
        let OperationPattern::Named(name) = &waiver.operation else {
            continue;
        };
        let other_system = waiver
            .system
            .as_deref()
            .is_none_or(|system| !is_selected(system));
        if operations.contains(name) || other_system {
            continue;
        }
        diagnostics.push(
            Diagnostic::warning(
                "unknown-operation",
                format!("no contract of the cases documents `{name}`: this waiver covers nothing"),
                waiver.place.clone(),
            )
            .with_nearest(name, operations.iter().map(String::as_str)),
        );
    }
}

fn selection(args: &SelectionArgs, diagnostics: &mut Diagnostics) -> Selection {
    let mut tags = Vec::new();
    for expression in &args.tags {
        match TagExpression::parse(expression) {
            Ok(expression) => tags.push(expression),
            Err(reason) => diagnostics.push(Diagnostic::without_place(
                "bad-tag",
                format!("--tag: {reason}"),
            )),
        }
    }
    Selection {
        filters: args.filters.clone(),
        tags,
        read_only: args.read_only,
        // The files were chosen with the systems.
        paths: Vec::new(),
        shard: args.shard,
    }
}
