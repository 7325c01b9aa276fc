//! Which cases exist in the files that were read. Main type: [`Existing`].

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::select::Selected;
use crate::event::Subject;
use crate::plan::{Selection, plan};

/// The names of all cases in the files that were read, including those that are not selected.
pub(super) struct Existing {
    cases: HashSet<Subject>,
    /// System and file.
    files: HashSet<(Arc<str>, Arc<str>)>,
    /// Systems whose files were all read.
    whole: BTreeSet<String>,
}

impl Existing {
    pub(super) fn of(selected: &Selected) -> Existing {
        let systems = selected.plan.systems.iter();
        let suites: Vec<_> = systems.map(|system| system.suite.clone()).collect();
        let everything = plan(&suites, &Selection::default(), selected.plan.seed);
        let cases: HashSet<Subject> = everything
            .systems
            .into_iter()
            .flat_map(|system| system.cases)
            .map(|planned| planned.subject)
            .collect();
        let files = cases
            .iter()
            .map(|id| (Arc::clone(&id.system), Arc::clone(&id.file)));
        let systems = selected.settings.systems.iter();
        let whole = systems.filter(|system| system.files.paths.is_empty());
        Existing {
            files: files.collect(),
            whole: whole.map(|system| system.files.system.clone()).collect(),
            cases,
        }
    }

    /// Whether the case certainly does not exist (any more). `false` if its file was not read.
    pub(super) fn lacks(&self, case: &Subject) -> bool {
        let file = (Arc::clone(&case.system), Arc::clone(&case.file));
        let read = self.files.contains(&file) || self.whole.contains(&*case.system);
        read && !self.cases.contains(case)
    }
}
