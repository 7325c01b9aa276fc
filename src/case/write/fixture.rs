//! Fixtures: those that a file must define because its system does not provide them, and the fields they share with cases.

use std::sync::Arc;

use super::step;
use super::value::{Entries, Inexpressible, entry, names, one_line_mapping, template, text};
use crate::case::{Fixture, Given, Suite, Template};
use crate::document::{YamlLayout, YamlValue};

/// The fixtures of a file, those that others need first.
pub(super) struct Fixtures<'s> {
    suite: &'s Suite,
    own: Vec<Arc<Fixture>>,
}

impl<'s> Fixtures<'s> {
    pub(super) fn of(suite: &'s Suite) -> Self {
        Fixtures {
            suite,
            own: Vec::new(),
        }
    }

    /// Adds the given fixtures, and those that they need. Fails where two fixtures have one name.
    pub(super) fn collect(&mut self, given: &[Given]) -> Result<(), Inexpressible> {
        for Given { alias: _, fixture } in given {
            if let Some(shared) = self.suite.fixtures.get(&fixture.name) {
                same(shared, fixture)?;
            } else if let Some(known) = self.own.iter().find(|own| own.name == fixture.name) {
                same(known, fixture)?;
            } else {
                self.collect(&fixture.given)?;
                self.own.push(Arc::clone(fixture));
            }
        }
        Ok(())
    }

    /// The entries of `fixtures:`.
    pub(super) fn written(&self) -> Result<Entries, Inexpressible> {
        let fixtures = self.own.iter().map(|fixture| {
            let entries = YamlValue::Mapping(YamlLayout::Block, fields(fixture)?);
            Ok((fixture.name.clone(), entries))
        });
        fixtures.collect()
    }
}

fn same(known: &Arc<Fixture>, fixture: &Arc<Fixture>) -> Result<(), Inexpressible> {
    match Arc::ptr_eq(known, fixture) || known == fixture {
        true => Ok(()),
        false => Err(Inexpressible::new(format!(
            "two different fixtures are called `{}`",
            fixture.name
        ))),
    }
}

/// The fixture's entries, without its name.
pub(super) fn fields(fixture: &Fixture) -> Result<Entries, Inexpressible> {
    let Fixture {
        name: _,
        given,
        vars,
        steps,
        cleanup,
        place: _,
    } = fixture;
    let mut entries = Entries::new();
    if !given.is_empty() {
        entries.push(entry("given", given_list(given)));
    }
    if !vars.is_empty() {
        entries.push(entry("vars", variables(vars)?));
    }
    if !steps.is_empty() {
        entries.push(entry("steps", step::list(steps)?));
    }
    if !cleanup.is_empty() {
        entries.push(entry("cleanup", step::cleanup(cleanup)?));
    }
    Ok(entries)
}

pub(super) fn given_list(given: &[Given]) -> YamlValue {
    let items = given.iter().map(|Given { alias, fixture }| {
        let name = text(&fixture.name);
        match alias {
            None => name,
            Some(alias) => one_line_mapping(vec![(alias.clone(), name)]),
        }
    });
    YamlValue::Sequence(YamlLayout::OneLine, items.collect())
}

pub(super) fn variables(vars: &[(String, Template)]) -> Result<YamlValue, Inexpressible> {
    names(vars, template).map(|entries| YamlValue::Mapping(YamlLayout::Block, entries))
}
