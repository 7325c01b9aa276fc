//! Which cases are run, in which order, with which values: [`plan`] creates a [`Plan`] from suites and a [`Selection`];
//! [`skip_reason`] decides which of them are skipped for a target.

mod selection;
mod shard;
mod skip;

use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::Value;

use self::skip::Requirements;
use crate::case::{Case, CaseFile, Given, Suite};
use crate::event::{PlaceRecord, ShardRecord, Subject};
use crate::text::{MaskedText, Redactor};

pub use selection::{Selection, TagExpression};
pub use shard::Shard;
pub use skip::skip_reason;

/// The cases of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed of all generated data.
    pub seed: u64,
    /// In the order of the suites, including those without selected cases.
    pub systems: Vec<PlannedSystem>,
    /// The part of the selected cases in this plan; `None`: all.
    pub shard: Option<ShardRecord>,
}

/// The cases of one system.
#[derive(Debug, Clone)]
pub struct PlannedSystem {
    pub suite: Arc<Suite>,
    /// By file, then as written, then by row.
    pub cases: Vec<PlannedCase>,
    /// Whether any case of the system was selected, even if it belongs to another shard.
    pub is_selected: bool,
}

/// One case with the values of its row.
#[derive(Debug, Clone)]
pub struct PlannedCase {
    pub subject: Subject,
    pub case: Arc<Case>,
    /// What the cases of its file share.
    pub setup: Option<Given>,
    /// The columns of `each`; empty if there are none.
    pub row: Vec<(String, Value)>,
    /// The path of the case file, as displayed.
    pub path: Arc<str>,
    /// Where the case is written; `None` if it is not from a file.
    pub place: Option<Arc<PlaceRecord>>,
    /// The origin of a case that is not from a file.
    pub origin: Option<MaskedText>,
    /// The file's tags and the case's own.
    pub tags: Arc<[String]>,
    requirements: Arc<Requirements>,
}

impl Plan {
    /// Number of cases, of all systems.
    pub fn len(&self) -> usize {
        self.systems.iter().map(|system| system.cases.len()).sum()
    }

    /// Whether the plan has no cases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the selection matches no case. If it matches some, a shard may still be empty.
    pub fn has_no_match(&self) -> bool {
        self.systems.iter().all(|system| !system.is_selected)
    }
}

impl Plan {
    /// Keeps only the cases of a shard.
    fn keep(&mut self, shard: Shard) {
        let all = self.systems.iter().flat_map(|system| &system.cases);
        self.shard = Some(ShardRecord {
            index: shard.index(),
            of: shard.of(),
            planned: self.len(),
            plan: shard::fingerprint(all.map(|planned| &planned.subject)),
        });
        for system in &mut self.systems {
            system.cases.retain(|planned| shard.has(&planned.subject));
        }
    }
}

/// The selected cases of the suites. The order never depends on the selection or the seed: by suite, file, place in the file,
/// row. Neither do names: a case has the same name in every run.
pub fn plan(suites: &[Arc<Suite>], selection: &Selection, seed: u64) -> Plan {
    let systems = suites.iter().map(|suite| {
        let cases = select(suite, selection);
        PlannedSystem {
            suite: suite.clone(),
            is_selected: !cases.is_empty(),
            cases,
        }
    });
    let mut plan = Plan {
        seed,
        systems: systems.collect(),
        shard: None,
    };
    if let Some(shard) = selection.shard {
        plan.keep(shard);
    }
    plan
}

fn select(suite: &Suite, selection: &Selection) -> Vec<PlannedCase> {
    let system: Arc<str> = suite.system.as_str().into();
    let of_files: Vec<Vec<PlannedCase>> = suite
        .files
        .par_iter()
        .filter(|file| selection.has_path(&file.path, &suite.system, &file.name))
        .map(|file| select_of_file(file, suite, &system, selection))
        .collect();
    of_files.into_iter().flatten().collect()
}

fn select_of_file(
    file: &CaseFile,
    suite: &Suite,
    system: &Arc<str>,
    selection: &Selection,
) -> Vec<PlannedCase> {
    let mut cases = Vec::new();
    let path: Arc<str> = file.path.as_str().into();
    let name_of_file: Arc<str> = file.name.as_str().into();
    for case in &file.cases {
        if !selection.has_tags(&case.tags) {
            continue;
        }
        let mut rows = (0..case.rows.len())
            .map(|row| {
                // The loader reports names that cannot be rendered, but a suite built by code may contain one.
                let name = case
                    .row_name(row)
                    .unwrap_or_else(|error| format!("[{}] {error}", row + 1));
                let subject = Subject::case(Arc::clone(system), Arc::clone(&name_of_file), name);
                (row, subject)
            })
            .filter(|(_, subject)| selection.has_id(subject))
            .peekable();
        if rows.peek().is_none() {
            continue;
        }
        let requirements = Arc::new(Requirements::of(case, file.setup.as_deref(), suite));
        let redactor = Redactor::standard();
        let place = case.origin.place();
        let place = place.map(|place| Arc::new(PlaceRecord::of(place, redactor)));
        let origin = match &place {
            Some(_) => None,
            None => Some(redactor.text(&case.origin.to_string())),
        };
        let tags: Arc<[String]> = case.tags.as_slice().into();
        cases.extend(rows.map(|(row, subject)| PlannedCase {
            subject,
            case: Arc::clone(case),
            setup: file.setup.as_ref().map(|setup| Given {
                alias: Some(setup.name.clone()),
                fixture: Arc::clone(setup),
            }),
            row: case.rows[row].clone(),
            path: Arc::clone(&path),
            place: place.clone(),
            origin: origin.clone(),
            tags: Arc::clone(&tags),
            requirements: Arc::clone(&requirements),
        }));
    }
    cases
}
