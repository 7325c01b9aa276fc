//! Why a planned case is not run.

use std::collections::{BTreeMap, BTreeSet};

use super::{PlannedCase, Selection};
use crate::case::{Call, Case, Suite};
use crate::target::Target;
use crate::version::Versions;

/// What a case needs of the target and the selection; the same for all its rows.
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
    /// To obtain a token; not needed where the target gives a `bearer`.
    of_profile: BTreeSet<String>,
    /// Mentioned by the steps themselves.
    of_steps: BTreeSet<String>,
}

impl Requirements {
    pub(super) fn of(case: &Case, suite: &Suite) -> Self {
        let mut credentials: BTreeMap<String, CredentialKeys> = BTreeMap::new();
        let mut operations = BTreeMap::new();
        for step in case.all_steps() {
            if let Call::Operation { operation, .. } = &step.call
                && !operation.versions.is_all()
            {
                operations.insert(operation.name().to_string(), operation.versions.clone());
            }
            let caller = &step.caller.value;
            let of_profile = suite
                .profiles
                .get(caller)
                .map(|profile| profile.credentials.clone())
                .unwrap_or_default();
            let of_steps = step.credentials();
            if !(of_profile.is_empty() && of_steps.is_empty()) {
                let keys = credentials.entry(caller.clone()).or_default();
                keys.of_profile.extend(of_profile);
                keys.of_steps.extend(of_steps);
            }
        }
        Requirements {
            changes_something: !case.is_safe(),
            operations,
            credentials,
        }
    }
}

/// Why the case is not run against this target, in a fragment for people; `None`: it is run. The first that holds:
/// the case says `skip`; it holds, or an operation which it or a fixture of it calls is there, in some versions only, and the target
/// states another one or none; it is `disruptive`, and neither asked for (by tag, or by its whole id) nor is the target disposable;
/// only reading is allowed; the target lacks credentials.
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
        && !selection.asks_for_tag("disruptive")
        && !selection.names(&planned.subject)
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
    let held = |versions: &Versions| match &target.version {
        Some(version) => versions.contain(version),
        None => versions.is_all(),
    };
    let states = match &target.version {
        Some(version) => format!("and target \"{}\" is {version}", target.name),
        // Whichever it is, cases of other versions would be false alarms.
        None => format!(
            "and target \"{}\" does not say which it is (set its `version`, or --target-version)",
            target.name
        ),
    };
    let versions = &planned.case.versions;
    if !held(versions) {
        return Some(format!("holds for versions {versions}, {states}"));
    }
    let mut operations = planned.requirements.operations.iter();
    let (name, versions) = operations.find(|(_, versions)| !held(versions))?;
    Some(format!("{name} is there in versions {versions}, {states}"))
}

fn missing_credentials(profile: &str, keys: &CredentialKeys, target: &Target) -> Option<String> {
    let given = target
        .auth
        .get(profile)
        .map(|credentials| &credentials.values);
    let has = |key: &str| given.is_some_and(|values| values.contains_key(key));
    let mut missing: Vec<&str> = keys
        .of_steps
        .iter()
        .map(String::as_str)
        .filter(|key| !has(key))
        .collect();
    if !has("bearer") {
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
    // In the order people write them.
    missing.sort_by_key(|key| (*key != "username", *key != "password"));
    let mut wanted = missing.join(" and ");
    let bearer_would_do = !keys.of_profile.contains("bearer")
        && missing
            .iter()
            .all(|&key| keys.of_profile.contains(key) && !keys.of_steps.contains(key));
    if bearer_would_do {
        wanted.push_str(", or bearer");
    }
    let name = &target.name;
    let lacks = match given.is_some_and(|values| !values.is_empty()) {
        true => "not all credentials",
        false => "no credentials",
    };
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let advice = match bare {
        true => format!("set [targets.{name}.auth.{profile}] {wanted}"),
        false => format!("set {wanted} of `auth.{profile}` for a target in counterpart.toml"),
    };
    Some(format!(
        "needs auth profile \"{profile}\", for which target \"{name}\" gives {lacks} ({advice})"
    ))
}
