//! Why a planned case is skipped.

use std::collections::{BTreeMap, BTreeSet};

use super::{PlannedCase, Selection};
use crate::case::{Call, Case, Fixture, Suite};
use crate::target::Target;
use crate::version::Versions;

/// What a case requires from the target and the selection; the same for all its rows.
#[derive(Debug)]
pub(super) struct Requirements {
    changes_something: bool,
    /// Operations that only some versions of the API have, by name.
    operations: BTreeMap<String, Versions>,
    /// Keys of credentials by auth profile.
    credentials: BTreeMap<String, CredentialKeys>,
}

#[derive(Debug, Default)]
struct CredentialKeys {
    /// Keys of the profile's method.
    of_profile: BTreeSet<String>,
    /// Whether a `bearer` of the target replaces them.
    takes_bearer: bool,
    /// Keys that the steps themselves use.
    of_steps: BTreeSet<String>,
}

impl Requirements {
    pub(super) fn of(case: &Case, setup: Option<&Fixture>, suite: &Suite) -> Self {
        let mut credentials: BTreeMap<String, CredentialKeys> = BTreeMap::new();
        let mut operations = BTreeMap::new();
        let of_setup = setup.into_iter().flat_map(Fixture::all_steps);
        for step in case.all_steps().into_iter().chain(of_setup) {
            if let Call::Operation { operation, .. } = &step.call
                && !operation.versions.is_all()
            {
                operations.insert(operation.name().to_string(), operation.versions.clone());
            }
            // Usually not sent, so a target without its credentials can still be tested.
            if step.is_for_unexpected() {
                continue;
            }
            let caller = &step.caller.value;
            let profile = suite.profiles.get(caller);
            let of_profile = profile.map(|profile| profile.credentials.clone());
            let of_profile = of_profile.unwrap_or_default();
            let takes_bearer =
                profile.is_some_and(|profile| profile.method.token_carrier().is_some());
            let of_steps = step.credentials();
            if !(of_profile.is_empty() && of_steps.is_empty()) {
                let keys = credentials.entry(caller.clone()).or_default();
                keys.takes_bearer = takes_bearer;
                keys.of_profile.extend(of_profile);
                keys.of_steps.extend(of_steps);
            }
        }
        Requirements {
            changes_something: !case.is_safe() || !setup.is_none_or(Fixture::is_safe),
            operations,
            credentials,
        }
    }
}

/// Why the case is not run against this target, as a sentence fragment; `None`: it is run. The first of these reasons: the case
/// has `skip`; the case, or an operation that it or its fixtures call, applies only to some versions, and the target states
/// another version or none; the case is `disruptive`, is not selected by tag or whole id, and the target is not disposable; only
/// reading is allowed; the target lacks credentials.
pub fn skip_reason(
    planned: &PlannedCase,
    target: &Target,
    selection: &Selection,
) -> Option<String> {
    if let Some(reason) = &planned.case.skip {
        return Some(reason.clone());
    }
    if let Some(reason) = other_version(planned, target) {
        return Some(reason);
    }
    let disruptive = planned.case.tags.iter().any(|tag| tag == "disruptive");
    if disruptive
        && !target.disposable
        && !selection.selects_tag("disruptive")
        && !selection.names_case(&planned.subject)
    {
        return Some(
            "disruptive: runs only with `--tag disruptive`, or on a disposable target".to_owned(),
        );
    }
    if selection.read_only && planned.requirements.changes_something {
        return Some("changes data, and only reading is allowed".to_owned());
    }
    planned
        .requirements
        .credentials
        .iter()
        .find_map(|(profile, keys)| missing_credentials(profile, keys, target))
}

fn other_version(planned: &PlannedCase, target: &Target) -> Option<String> {
    let contains = |versions: &Versions| match &target.version {
        Some(version) => versions.contain(version),
        None => versions.is_all(),
    };
    let target_version = match &target.version {
        Some(version) => format!("but target \"{}\" is {version}", target.name),
        // Without a version, cases of other versions would be false alarms.
        None => format!(
            "but target \"{}\" does not state its version (set `version`, or --target-version)",
            target.name
        ),
    };
    let versions = &planned.case.versions;
    if !contains(versions) {
        return Some(format!("applies to versions {versions}, {target_version}"));
    }
    let mut operations = planned.requirements.operations.iter();
    let (name, versions) = operations.find(|(_, versions)| !contains(versions))?;
    Some(format!(
        "{name} exists in versions {versions}, {target_version}"
    ))
}

fn missing_credentials(profile: &str, keys: &CredentialKeys, target: &Target) -> Option<String> {
    let given = target.auth.get(profile);
    let has = |key: &str| given.is_some_and(|credentials| credentials.has(key));
    let mut missing: Vec<&str> = keys
        .of_steps
        .iter()
        .map(String::as_str)
        .filter(|key| !has(key))
        .collect();
    if !(keys.takes_bearer && has("bearer")) {
        missing.extend(
            keys.of_profile
                .iter()
                .map(String::as_str)
                .filter(|key| !has(key)),
        );
    }
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return None;
    }
    // User name and password first.
    missing.sort_by_key(|key| (*key != "username", *key != "password"));
    let mut needed = missing.join(" and ");
    let bearer_would_do = keys.takes_bearer
        && !keys.of_profile.contains("bearer")
        && missing
            .iter()
            .all(|&key| keys.of_profile.contains(key) && !keys.of_steps.contains(key));
    if bearer_would_do {
        needed.push_str(", or bearer");
    }
    let name = &target.name;
    let lacking = match given.is_some_and(|credentials| !credentials.values.is_empty()) {
        true => "does not have all credentials",
        false => "has no credentials",
    };
    let is_bare_key = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let advice = match is_bare_key {
        true => format!("set [targets.{name}.auth.{profile}] {needed}"),
        false => format!("set {needed} of `auth.{profile}` for a target in counterpart.toml"),
    };
    Some(format!(
        "needs auth profile \"{profile}\", but target \"{name}\" {lacking} for it ({advice})"
    ))
}
