//! From settings to a plan: what `run` and `list` have in common.

use std::sync::Arc;

use super::{Setting, load};
use crate::case::Suite;
use crate::cli::args::{RunArgs, SelectionArgs};
use crate::cli::settings::{self, Settings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{Plan, Selection, TagExpression, plan};

/// What is to be run: everything is read, and free of errors.
pub(super) struct Selected {
    pub(super) settings: Settings,
    pub(super) selection: Selection,
    /// Its systems are those of the settings, in the same order.
    pub(super) plan: Plan,
    /// Warnings only.
    pub(super) warnings: Diagnostics,
}

/// Reads configuration, contracts and cases, and selects. Fails with all that is wrong in any of them.
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
        .filter_map(|system| load::suite(&system.files, settings.reading, &mut diagnostics))
        .map(Arc::new)
        .collect();
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let plan = plan(&suites, &selection, settings.seed);
    Ok(Selected {
        settings,
        selection,
        plan,
        warnings: diagnostics,
    })
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
        // Which files are read was decided when the systems were chosen.
        paths: Vec::new(),
    }
}
