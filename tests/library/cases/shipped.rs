//! Rules that all shipped cases keep.

use std::path::Path;

use counterpart::case::{self, Call, Case, StatusPattern, Step, Suite};
use counterpart::contract;
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;

/// The suite of a system as it is shipped.
pub fn shipped(system: &str) -> Suite {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas = Folder::new(project.join("schemas"));
    let cases = Folder::new(project.join("cases"));
    let mut diagnostics = Diagnostics::new();
    let suite = case::load(
        &cases,
        system,
        &|path, diagnostics| contract::load(&schemas, path, diagnostics),
        &mut diagnostics,
    );
    let shown = diagnostics.render(Style::Plain);
    assert!(!diagnostics.has_errors(), "{shown}");
    suite.unwrap()
}

/// What `check` finds wrong with the cases of all systems, as file and name of each case.
fn offenders(check: impl Fn(&Case) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for system in ["magento", "magento-admin-save", "nuweb"] {
        for file in &shipped(system).files {
            let wrong = file.cases.iter().filter(|case| check(case));
            found.extend(wrong.map(|case| format!("{}: {:?}", file.path, case.name)));
        }
    }
    found
}

/// Whether the step creates a customer or a group, if the server does not refuse it.
fn creates(step: &Step) -> bool {
    let Call::Operation { operation, .. } = &step.call else {
        return false;
    };
    let path = operation.path.as_str();
    operation.method == "POST"
        && (path.ends_with("/V1/customers") || path.ends_with("/customerGroups"))
}

fn expects_refusal(step: &Step) -> bool {
    let mut statuses = step.expect.status.iter();
    statuses.any(|status| matches!(status.value, StatusPattern::Exact(code) if code >= 400))
}

#[test]
fn what_should_not_have_been_created_is_cleaned_up() {
    let offenders = offenders(|case| {
        let may_create = case
            .requests()
            .any(|step| creates(step) && expects_refusal(step));
        may_create && !case.cleanup.iter().any(Step::is_for_unexpected)
    });
    assert!(offenders.is_empty(), "{offenders:#?}");
}

#[test]
fn what_was_created_is_cleaned_up() {
    let offenders = offenders(|case| {
        let creates = case
            .requests()
            .any(|step| creates(step) && !expects_refusal(step));
        creates && case.cleanup.is_empty()
    });
    assert!(offenders.is_empty(), "{offenders:#?}");
}

/// A limit fails on a loaded machine, although the server is right.
#[test]
fn no_case_limits_the_time_of_a_response() {
    let offenders = offenders(|case| {
        let steps = case.all_steps();
        steps.iter().any(|step| step.expect.within.is_some())
    });
    assert!(offenders.is_empty(), "{offenders:#?}");
}
