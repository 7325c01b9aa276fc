//! What only the whole project shows: names in the configuration that nothing has, and case files that no run reads.

use std::collections::BTreeSet;

use crate::case::Suite;
use crate::cli::config::Config;
use crate::cli::project::Project;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Document;

/// Each system of a target must exist, and each auth profile must be one that these systems have (of all systems, where the target names
/// none). Profiles are checked only where every suite could be read.
pub(super) fn check_names(
    config: &Config,
    project: &Project,
    suites: Option<&[Suite]>,
    diagnostics: &mut Diagnostics,
) {
    for target in &config.targets {
        let served = target.systems.as_deref();
        for name in served.into_iter().flatten() {
            let known = project.known_systems();
            if !known.contains(&name.value) {
                diagnostics.push(
                    Diagnostic::error(
                        "unknown-system",
                        format!("no system is named `{}`", name.value),
                        name.place.clone(),
                    )
                    .with_nearest(&name.value, known.iter().map(String::as_str)),
                );
            }
        }
        let Some(suites) = suites else {
            continue;
        };
        let serves = |suite: &&Suite| {
            served.is_none_or(|served| served.iter().any(|name| name.value == suite.system))
        };
        let profiles: BTreeSet<&str> = suites
            .iter()
            .filter(serves)
            .flat_map(|suite| suite.profiles.keys().map(String::as_str))
            .collect();
        for (profile, credentials) in &target.auth {
            let place = credentials.values().next().map(|text| text.place.clone());
            if let (false, Some(place)) = (profiles.contains(profile.as_str()), place) {
                diagnostics.push(
                    Diagnostic::warning(
                        "unknown-profile",
                        format!("no system of this target has an auth profile `{profile}`"),
                        place,
                    )
                    .with_nearest(profile, profiles.iter().copied()),
                );
            }
        }
    }
}

/// A case file must be in a system's folder: `cases/SYSTEM/…`.
pub(super) fn check_places(project: &Project, diagnostics: &mut Diagnostics) {
    for source in project.files_outside_systems() {
        let document = Document::parse(source.clone(), &mut Diagnostics::new());
        if document.is_some_and(|document| document.root.get("cases").is_some()) {
            diagnostics.push(
                Diagnostic::without_place(
                    "case-file-outside-system",
                    format!(
                        "no run reads {}: it is not in the folder of a system",
                        source.name()
                    ),
                )
                .with_advice("move it below `cases/SYSTEM/`"),
            );
        }
    }
}
