//! Follows the variables of cases and fixtures in the order of a run, so that a misspelt variable is found before anything is sent.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::context::Profiles;
use super::names::BUILTINS;
use crate::case::unique;
use crate::case::{
    Capture, Case, Fixture, Given, Step, StepEntry, Template, UNEXPECTED, requests_in,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;

/// Where a capture is written, which identifies it.
type CaptureKey = (String, usize);

/// The variable with the values of the file's setup.
const SETUP: &str = "setup";

/// What is known of a variable.
#[derive(Debug, Clone)]
enum Variable {
    Value,
    Captured(CaptureKey),
    /// An object whose members are all known.
    Members(BTreeMap<String, Variable>),
    /// An object with any members.
    Open,
}

/// The variables that are known at one moment of a run.
#[derive(Debug, Clone)]
struct Known {
    names: BTreeMap<String, Variable>,
    /// Those that have a value only where the `when` of a step held, with the place of the capture.
    unsure: BTreeMap<String, Option<Place>>,
}

/// What a fixture exports, by name.
type Exports = BTreeMap<String, Export>;

#[derive(Debug, Clone)]
struct Export {
    variable: Variable,
    /// The fixture that sets it: two paths to the same fixture are not ambiguous, because a case has it once.
    origin: FixtureKey,
}

/// Checks templates against the known variables; records which captures are used.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    exports: BTreeMap<FixtureKey, Exports>,
    used: HashSet<CaptureKey>,
    captures: Vec<(CaptureKey, String, Place)>,
}

/// The identity of a fixture: its address, which all its users share. Names may be repeated in different files.
type FixtureKey = usize;

impl Variables {
    /// Adds the uses that were found in one file.
    pub(super) fn add_uses(&mut self, of_file: Variables) {
        self.used.extend(of_file.used);
    }

    /// Follows a fixture; those it needs must have been followed before.
    pub(super) fn fixture(
        &mut self,
        fixture: &Arc<Fixture>,
        profiles: &Profiles,
        diagnostics: &mut Diagnostics,
    ) {
        let mut known = Known::builtin();
        let given = self.given(
            &fixture.given,
            fixture.place.as_ref(),
            &mut known,
            diagnostics,
        );
        for (name, value) in &fixture.vars {
            self.template(value, &known, diagnostics);
            known.names.insert(name.clone(), Variable::Value);
        }
        let mut own: Vec<String> = fixture.vars.iter().map(|(name, _)| name.clone()).collect();
        for entry in &fixture.steps {
            self.entry(entry, &mut known, profiles, diagnostics);
        }
        let captures = requests_in(&fixture.steps).flat_map(|step| &step.capture);
        own.extend(captures.map(|capture| capture.name.value.clone()));
        let mut exports = given;
        for name in own {
            if let Some(variable) = known.names.get(&name) {
                let (variable, origin) = (variable.clone(), fixture_key(fixture));
                exports.insert(name, Export { variable, origin });
            }
        }
        known.in_cleanup();
        for step in &fixture.cleanup {
            self.step(step, &mut known, profiles, diagnostics);
        }
        self.exports.insert(fixture_key(fixture), exports);
    }

    /// Follows a case of a file with this setup.
    pub(super) fn case(
        &mut self,
        case: &Case,
        setup: Option<&Arc<Fixture>>,
        profiles: &Profiles,
        diagnostics: &mut Diagnostics,
    ) {
        let columns: Vec<&String> = case
            .rows
            .first()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        let row = Known {
            names: columns
                .iter()
                .map(|&name| (name.clone(), Variable::Value))
                .collect(),
            unsure: BTreeMap::new(),
        };
        self.name(&case.name, &row, diagnostics);
        let mut known = Known::builtin();
        if let Some(setup) = setup {
            let exports = self.exports.get(&fixture_key(setup));
            let exports = exports.cloned().unwrap_or_default().into_iter();
            let members = exports.map(|(name, export)| (name, export.variable));
            known
                .names
                .insert(SETUP.to_owned(), Variable::Members(members.collect()));
        }
        self.given(&case.given, case.origin.place(), &mut known, diagnostics);
        for (name, variable) in row.names {
            let reserved = BUILTINS.contains(&name.as_str());
            if known.names.insert(name.clone(), variable).is_some() && !reserved {
                let message = format!("the column `{name}` is also exported by a fixture");
                let place = case.origin.place().cloned();
                diagnostics.push(
                    Diagnostic::error("ambiguous-variable", message, place)
                        .with_advice("rename the column, or give the fixture an alias"),
                );
            }
        }
        for (name, value) in &case.vars {
            self.template(value, &known, diagnostics);
            known.names.insert(name.clone(), Variable::Value);
        }
        for entry in &case.steps {
            self.entry(entry, &mut known, profiles, diagnostics);
        }
        known.in_cleanup();
        for step in &case.cleanup {
            self.step(step, &mut known, profiles, diagnostics);
        }
    }

    /// Checks a template that can read only builtin variables (a header of the system).
    pub(super) fn builtin_only(&mut self, template: &Template, diagnostics: &mut Diagnostics) {
        self.template(template, &Known::builtin(), diagnostics);
    }

    /// Warns of the captures that nothing uses, of one file or of all: the run is the same without them.
    pub(super) fn unused_captures(&self, file: &str, diagnostics: &mut Diagnostics) {
        for (key, name, place) in &self.captures {
            if key.0 == file && !self.used.contains(key) && !name.starts_with('_') {
                diagnostics.push(
                    Diagnostic::warning("unused-capture", format!("nothing uses the capture `{name}`"), place.clone())
                        .with_advice(format!(
                            "remove it, or rename it to `_{name}` if only its presence matters; misspelt uses are reported separately"
                        )),
                );
            }
        }
    }

    /// Adds what the given fixtures export to the known variables, and returns it: the values of a fixture without alias by name, those of
    /// a fixture with an alias as the members of one object.
    fn given(
        &mut self,
        given: &[Given],
        at: Option<&Place>,
        known: &mut Known,
        diagnostics: &mut Diagnostics,
    ) -> Exports {
        let mut all = Exports::new();
        let mut exporters: BTreeMap<String, &str> = BTreeMap::new();
        for fixture_use in given {
            let fixture = fixture_use.fixture.name.as_str();
            let origin = fixture_key(&fixture_use.fixture);
            let exports = self.exports.get(&origin).cloned().unwrap_or_default();
            if let Some(alias) = &fixture_use.alias {
                let members = exports
                    .into_iter()
                    .map(|(name, export)| (name, export.variable));
                let variable = Variable::Members(members.collect());
                known.names.insert(alias.clone(), variable.clone());
                all.insert(alias.clone(), Export { variable, origin });
                continue;
            }
            for (name, export) in exports {
                let other = exporters.insert(name.clone(), fixture);
                let clash = all
                    .get(&name)
                    .is_some_and(|known| known.origin != export.origin);
                if let (Some(other), true) = (other, clash) {
                    diagnostics.push(
                        Diagnostic::error(
                            "ambiguous-variable",
                            format!("both `{other}` and `{fixture}` export `{name}`"),
                            at.cloned(),
                        )
                        .with_advice(format!(
                            "use an alias for one of them: `given: [{other}, {{ other: {fixture} }}]`; its values are then `{{{{ other.{name} }}}}`"
                        )),
                    );
                    break;
                }
                known.names.insert(name.clone(), export.variable.clone());
                all.insert(name, export);
            }
        }
        all
    }

    fn entry(
        &mut self,
        entry: &StepEntry,
        known: &mut Known,
        profiles: &Profiles,
        diagnostics: &mut Diagnostics,
    ) {
        for template in entry.templates() {
            self.template(template, known, diagnostics);
        }
        let StepEntry::Parallel(parallel) = entry else {
            for step in entry.requests() {
                self.step(step, known, profiles, diagnostics);
            }
            return;
        };
        // Each is composed before the first response.
        let before = known.clone();
        for step in &parallel.steps {
            let mut of_step = before.clone();
            if parallel.times.is_some() {
                let round = Variable::members(&["count", "index", "number"]);
                of_step.names.insert("repeat".to_owned(), round);
            }
            self.step(step, &mut of_step, profiles, diagnostics);
            known.note_captures(&step.capture, parallel.when.is_some());
            for capture in &step.capture {
                let name = &capture.name.value;
                if let Some(variable) = of_step.names.remove(name) {
                    known.names.insert(name.clone(), variable);
                }
            }
        }
    }

    fn step(
        &mut self,
        step: &Step,
        known: &mut Known,
        profiles: &Profiles,
        diagnostics: &mut Diagnostics,
    ) {
        let caller = step.caller.value.as_str();
        let with_credentials = caller != "guest";
        if with_credentials {
            known.names.insert("credentials".to_owned(), Variable::Open);
        }
        let outside = known.names.clone();
        if let Some(repeat) = &step.sending.repeat {
            self.template(&repeat.over, known, diagnostics);
            let item = repeat.item.iter().cloned();
            known.names.extend(item.map(|item| (item, Variable::Value)));
            let round = Variable::members(&["count", "index", "number"]);
            known.names.insert("repeat".to_owned(), round);
        }
        for template in step.sending.when.iter().chain(step.request_templates()) {
            self.template(template, known, diagnostics);
        }
        if step.sending.when.is_none() {
            unset(step, known, diagnostics);
        }
        if step.sending.repeat.is_some() {
            known.names = outside;
        }
        if let Some(Some(profile)) = profiles.get(caller) {
            let mut missing: Vec<&str> = Vec::new();
            let templates = profile.method.templates();
            for reference in templates.into_iter().flat_map(Template::references) {
                match self.find(reference.path, known) {
                    Ok(()) => {}
                    Err(_) if missing.contains(&reference.path) => {}
                    Err(_) => missing.push(reference.path),
                }
            }
            if !missing.is_empty() {
                let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
                let list = names.join(" and ");
                diagnostics.push(
                    Diagnostic::error(
                        "unknown-variable",
                        format!("the auth profile `{caller}` needs {list}, which is not set here"),
                        step.caller.place.clone(),
                    )
                    .with_advice(format!(
                        "add the fixture that exports {list} to `given`, or set {} in `vars`",
                        if missing.len() == 1 { "it" } else { "them" }
                    )),
                );
            }
        }
        known.names.remove("credentials");
        known.note_captures(&step.capture, step.sending.when.is_some());
        for capture in &step.capture {
            let name = &capture.name.value;
            let variable = match &capture.name.place {
                Some(place) => {
                    let key = key(place);
                    self.captures
                        .push((key.clone(), name.clone(), place.clone()));
                    Variable::Captured(key)
                }
                None => Variable::Value,
            };
            known.names.insert(name.clone(), variable);
        }
    }

    /// The name of a case can read only the columns of its row.
    fn name(&mut self, template: &Template, row: &Known, diagnostics: &mut Diagnostics) {
        for reference in template.references() {
            if self.find(reference.path, row).is_err() {
                let mut diagnostic = Diagnostic::error(
                    "unknown-variable",
                    format!(
                        "a name cannot read `{}`: it is fixed before the run",
                        reference.path
                    ),
                    reference.place(),
                );
                diagnostic = match row.names.is_empty() {
                    true => diagnostic.with_advice(
                        "a name can read only columns of `each`, and this case has none",
                    ),
                    false => diagnostic
                        .with_nearest(reference.path, row.names.keys().map(String::as_str)),
                };
                diagnostics.push(diagnostic);
            }
        }
    }

    fn template(&mut self, template: &Template, known: &Known, diagnostics: &mut Diagnostics) {
        for reference in template.references() {
            let path = reference.path;
            let Err(unknown) = self.find(path, known) else {
                continue;
            };
            let place = reference.place();
            let diagnostic = match unknown {
                Unknown::Root("credentials") => Diagnostic::error(
                    "unknown-variable",
                    "`credentials` are not available here",
                    place,
                )
                .with_advice(
                    "credentials belong to the auth profile of a step: select it with `as:`",
                ),
                Unknown::Root(UNEXPECTED) => Diagnostic::error(
                    "unknown-variable",
                    "`unexpected` is available only in a cleanup",
                    place,
                )
                .with_advice("capture the values that a later step needs"),
                Unknown::Root(SETUP) => Diagnostic::error(
                    "unknown-variable",
                    "`setup` has no value here",
                    place,
                )
                .with_advice(
                    "only cases of a file with `setup:` can read it; a fixture gets its values by its own `given` and `vars`",
                ),
                Unknown::Root(name) => {
                    let mut names: Vec<&str> = known.names.keys().map(String::as_str).collect();
                    // What the case itself sets comes first, because the list of known names may be cut.
                    names.sort_by_key(|name| BUILTINS.contains(name));
                    Diagnostic::error(
                        "unknown-variable",
                        format!("unknown variable `{name}`"),
                        place,
                    )
                    .with_nearest(name, names)
                }
                Unknown::Member(object, name, members) => Diagnostic::error(
                    "unknown-variable",
                    format!("`{object}` has no `{name}`"),
                    place,
                )
                .with_nearest(name, members.iter().map(String::as_str)),
            };
            diagnostics.push(diagnostic);
        }
    }

    /// Finds a path among the known variables and marks captures as used: the captured variable itself, or all below an object.
    fn find<'p>(&mut self, path: &'p str, known: &Known) -> Result<(), Unknown<'p>> {
        let mut parts = path.split('.');
        let mut object = parts.next().unwrap_or(path);
        let mut variable = known.names.get(object).ok_or(Unknown::Root(object))?;
        while let Variable::Members(members) = variable {
            let Some(name) = parts.next() else {
                break;
            };
            variable = members
                .get(name)
                .ok_or_else(|| Unknown::Member(object, name, members.keys().cloned().collect()))?;
            object = name;
        }
        self.mark(variable);
        Ok(())
    }

    fn mark(&mut self, variable: &Variable) {
        match variable {
            Variable::Value | Variable::Open => {}
            Variable::Captured(key) => {
                self.used.insert(key.clone());
            }
            Variable::Members(members) => members.values().for_each(|member| self.mark(member)),
        }
    }
}

enum Unknown<'p> {
    Root(&'p str),
    Member(&'p str, &'p str, Vec<String>),
}

impl Variable {
    fn members(names: &[&str]) -> Variable {
        Variable::Members(
            names
                .iter()
                .map(|&name| (name.to_owned(), Variable::Value))
                .collect(),
        )
    }
}

impl Known {
    /// The variables that every template may read.
    fn builtin() -> Known {
        let names = [
            ("env", Variable::Open),
            ("now", Variable::Value),
            ("seed", Variable::Value),
            ("today", Variable::Value),
            ("target", Variable::members(&["base_path", "url"])),
            ("unique", Variable::members(&unique::MEMBERS)),
        ];
        Known {
            names: names
                .into_iter()
                .map(|(name, variable)| (name.to_owned(), variable))
                .collect(),
            unsure: BTreeMap::new(),
        }
    }

    /// Adds what only a cleanup can read: the body of a success that the case does not expect. A cleanup whose variables have no value is
    /// not sent.
    fn in_cleanup(&mut self) {
        self.names.insert(UNEXPECTED.to_owned(), Variable::Open);
        self.unsure.clear();
    }

    /// Notes which captures have a value only sometimes. `is_conditional`: they belong to a step with `when`.
    fn note_captures(&mut self, captures: &[Capture], is_conditional: bool) {
        for Capture { name, .. } in captures {
            if !is_conditional {
                self.unsure.remove(&name.value);
            } else if !self.names.contains_key(&name.value) {
                self.unsure.insert(name.value.clone(), name.place.clone());
            }
        }
    }
}

/// Reports what a step without `when` reads although it may have no value.
fn unset(step: &Step, known: &Known, diagnostics: &mut Diagnostics) {
    for reference in step.templates().into_iter().flat_map(Template::references) {
        let name = reference.path.split('.').next().unwrap_or_default();
        let Some(place) = known.unsure.get(name) else {
            continue;
        };
        let mut diagnostic = Diagnostic::error(
            "maybe-unset",
            format!("`{name}` has a value only if the `when` of an earlier step held"),
            reference.place(),
        );
        if let Some(place) = place {
            diagnostic = diagnostic.with_related(place.clone(), "captured here");
        }
        diagnostics.push(diagnostic.with_advice(format!(
            "give this step the same `when`, or `when: \"{{{{ {name} is defined }}}}\"`"
        )));
    }
}

fn key(place: &Place) -> CaptureKey {
    (place.source.name().to_owned(), place.span.start)
}

fn fixture_key(fixture: &Arc<Fixture>) -> FixtureKey {
    Arc::as_ptr(fixture).addr()
}
