//! The built-in variables of every scope: `unique`, `env`, `target`, `seed`, `now`, `today`.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::address;
use crate::case::{Fixture, Scope, Step, StepEntry, Suite, Template, Unique};
use crate::plan::PlannedCase;
use crate::target::{Target, without_credentials};

/// Values that are the same for all cases of a session.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// The variables that the suite's templates mention. Others are not created for each case.
    mentioned: BTreeSet<String>,
    seed: u64,
    target: Value,
    env: Value,
}

impl BuiltIn {
    /// `target` as `{url, base_path}`; `env` with the environment variables that the suite mentions; no other can be used in a
    /// request.
    pub(super) fn of(suite: &Suite, target: &Target, seed: u64) -> Self {
        let contract = suite.files.iter().flat_map(|file| &file.contracts).next();
        let base = address::base_url(target, contract.map(AsRef::as_ref));
        // A variable that the contract does not allow is an error of each case.
        let base_path = base.map_or_else(|_| String::new(), |base| base.path().to_owned());
        let base_path = base_path.trim_end_matches('/');
        let origin = without_credentials(&target.url);
        let url = origin
            .strip_suffix(target.url.path().trim_end_matches('/'))
            .unwrap_or(&origin);
        let paths = mentioned(suite);
        let env = paths.iter().filter_map(|path| {
            let name = path.strip_prefix("env.")?.split('.').next()?;
            Some((name.to_owned(), Value::from(std::env::var(name).ok()?)))
        });
        let mentioned = paths
            .iter()
            .filter_map(|path| path.split('.').next())
            .map(str::to_owned);
        BuiltIn {
            seed,
            target: json!({ "url": url, "base_path": base_path }),
            env: env.collect(),
            mentioned: mentioned.collect(),
        }
    }

    /// The variables of a case before its fixtures: the built-in variables and the columns of its row.
    pub(super) fn of_case(&self, planned: &PlannedCase, now: OffsetDateTime) -> Scope {
        let mut scope = self.scope(&planned.subject.to_string(), now);
        for (name, value) in &planned.row {
            scope.set(name, value.clone());
        }
        scope
    }

    /// The built-in variables of a case's fixture; `instance` distinguishes two instances of the same fixture.
    pub(super) fn of_fixture(
        &self,
        planned: &PlannedCase,
        instance: &str,
        now: OffsetDateTime,
    ) -> Scope {
        self.scope(&format!("{}::{instance}", planned.subject), now)
    }

    /// `now` is the start of the case, so that its requests and expectations have the same time.
    fn scope(&self, key: &str, now: OffsetDateTime) -> Scope {
        let mut scope = Scope::default();
        if self.mentioned.contains("unique") {
            scope.set("unique", Unique::new(self.seed, key).to_value());
        }
        let now = now.replace_nanosecond(0).unwrap_or(now);
        if self.mentioned.contains("now")
            && let Ok(text) = now.format(&Rfc3339)
        {
            scope.set("now", text);
        }
        if self.mentioned.contains("today") {
            scope.set("today", now.date().to_string());
        }
        if self.mentioned.contains("seed") {
            scope.set("seed", self.seed);
        }
        if self.mentioned.contains("target") {
            scope.set("target", self.target.clone());
        }
        if self.mentioned.contains("env") {
            scope.set("env", self.env.clone());
        }
        scope
    }
}

/// All variables that templates of the suite mention, as dotted paths: `unique.email`, `env.NAME`.
fn mentioned(suite: &Suite) -> BTreeSet<String> {
    let cases = suite.files.iter().flat_map(|file| &file.cases);
    let mut templates: Vec<&Template> = cases
        .clone()
        .flat_map(|case| case.vars.iter().map(|(_, template)| template))
        .collect();
    let setups = suite.files.iter().filter_map(|file| file.setup.as_ref());
    let given = cases.clone().flat_map(|case| &case.given);
    let given = given.map(|given| &given.fixture);
    let mut fixtures: Vec<&Arc<Fixture>> = given.chain(setups.clone()).collect();
    templates.extend(
        setups
            .flat_map(|setup| setup.all_steps())
            .flat_map(Step::templates),
    );
    while let Some(fixture) = fixtures.pop() {
        templates.extend(fixture.vars.iter().map(|(_, template)| template));
        templates.extend(fixture.steps.iter().flat_map(StepEntry::templates));
        fixtures.extend(fixture.given.iter().map(|given| &given.fixture));
    }
    templates.extend(
        suite
            .headers
            .iter()
            .filter_map(|(_, template)| template.as_ref()),
    );
    let entries = cases.clone().flat_map(|case| &case.steps);
    templates.extend(entries.flat_map(StepEntry::templates));
    templates.extend(
        cases
            .flat_map(|case| case.all_steps())
            .flat_map(|step| step.templates()),
    );
    for profile in suite.profiles.values() {
        templates.extend(profile.method.templates());
    }
    let references = templates.into_iter().flat_map(Template::references);
    let paths: HashSet<&str> = references.map(|reference| reference.path).collect();
    paths.into_iter().map(str::to_owned).collect()
}
