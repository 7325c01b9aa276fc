//! Where a case stands among those of its system. Main type: [`Order`].

use std::sync::Arc;

use crate::event::{CaseFinished, CaseId};

/// Case file, line, column, name: the order of all lists of cases. Workers finish in another one each time, and nothing in a report may
/// depend on that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    file: Arc<str>,
    at: (usize, usize),
    name: Arc<str>,
}

impl Order {
    pub(super) fn of(case: &CaseFinished) -> Self {
        let CaseId {
            system: _,
            file,
            name,
        } = &case.case;
        Order {
            file: Arc::clone(file),
            at: (case.place.line, case.place.column),
            name: Arc::clone(name),
        }
    }
}
