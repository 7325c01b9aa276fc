//! Reads `fixtures:` and links them by `given:`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::context::Context;
use super::entries;
use super::names;
use super::step;
use super::variables::Variables;
use crate::case::{Fixture, Given, Template};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::source::{Place, Source, Spanned};

/// How many fixtures may need each other in a row.
const LONGEST_CHAIN: usize = 32;

/// Fixtures by name; `None` where the fixture itself is faulty, which is reported at its place.
#[derive(Debug, Default, Clone)]
pub(super) struct Fixtures {
    by_name: BTreeMap<String, Option<Arc<Fixture>>>,
}

/// A `given:` entry as written.
#[derive(Debug)]
pub(super) struct FixtureRequest {
    alias: Option<String>,
    name: Spanned<String>,
}

impl Fixtures {
    pub(super) fn from_map(fixtures: &BTreeMap<String, Arc<Fixture>>) -> Self {
        let fixtures = fixtures.iter();
        Fixtures {
            by_name: fixtures
                .map(|(name, fixture)| (name.clone(), Some(Arc::clone(fixture))))
                .collect(),
        }
    }

    /// The fixtures without faults, by name.
    pub(super) fn into_map(self) -> BTreeMap<String, Arc<Fixture>> {
        let fixtures = self.by_name.into_iter();
        fixtures
            .filter_map(|(name, fixture)| Some((name, fixture?)))
            .collect()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Looks up the names of a `given:`, in these fixtures and then in those of the system; unknown names are diagnostics.
    pub(super) fn resolve(
        &self,
        requests: &[FixtureRequest],
        system: Option<&Fixtures>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Given> {
        let mut given = Vec::with_capacity(requests.len());
        for FixtureRequest { alias, name } in requests {
            let found = self
                .by_name
                .get(&name.value)
                .or_else(|| system.and_then(|system| system.by_name.get(&name.value)));
            match found {
                Some(Some(fixture)) => given.push(Given {
                    alias: alias.clone(),
                    fixture: fixture.clone(),
                }),
                Some(None) => {}
                None => {
                    let known = self
                        .by_name
                        .keys()
                        .chain(system.into_iter().flat_map(|system| system.by_name.keys()));
                    diagnostics.push(
                        Diagnostic::error(
                            "unknown-fixture",
                            format!("unknown fixture `{}`", name.value),
                            name.place.clone(),
                        )
                        .with_nearest(&name.value, known.map(String::as_str)),
                    );
                }
            }
        }
        given
    }
}

/// Reads the fixtures of a file. `system`: those shared by all files; a name must not be in both.
pub(super) fn read(
    node: &Node,
    system: Option<&Fixtures>,
    context: Context<'_>,
    variables: &mut Variables,
    diagnostics: &mut Diagnostics,
) -> Fixtures {
    let source = context.source;
    let Some(entries) = document::expect_mapping("fixtures", node, source, diagnostics) else {
        return Fixtures::default();
    };
    let mut drafts = BTreeMap::new();
    for (name, entry) in entries {
        let place = source.place(entry.key_span);
        if system.is_some_and(|system| system.contains(name)) {
            diagnostics.push(
                Diagnostic::error(
                    "shadowed-fixture",
                    format!("the system already has a fixture `{name}`"),
                    place.clone(),
                )
                .with_advice("choose another name: system.yaml provides this one to every file"),
            );
        }
        if name.is_empty() || name.contains(char::is_whitespace) {
            diagnostics.push(
                Diagnostic::error(
                    "bad-name",
                    format!("`{name}` cannot be the name of a fixture"),
                    place.clone(),
                )
                .with_advice("use a name without spaces"),
            );
        }
        drafts.insert(
            name.clone(),
            draft("a fixture", name, &entry.value, place, context, diagnostics),
        );
    }
    let mut linker = Linker {
        drafts,
        fixtures: Fixtures::default(),
        system,
        context,
        variables,
    };
    let names: Vec<String> = linker.drafts.keys().cloned().collect();
    for name in names {
        linker.link(&name, &mut Vec::new(), diagnostics);
    }
    linker.fixtures
}

/// The name of what all cases of a file share.
const SETUP: &str = "setup";

/// Reads the `setup:` of a file.
pub(super) fn read_setup(
    node: &Node,
    fixtures: &Fixtures,
    system: &Fixtures,
    context: Context<'_>,
    variables: &mut Variables,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Fixture>> {
    let place = context.source.place(node.span);
    let Draft {
        mut fixture,
        requests,
    } = draft("`setup`", SETUP, node, place, context, diagnostics)?;
    fixture.given = fixtures.resolve(&requests, Some(system), diagnostics);
    let is_complete = fixture.given.len() == requests.len();
    let setup = Arc::new(fixture);
    if is_complete {
        variables.fixture(&setup, context.profiles, diagnostics);
    }
    is_complete.then_some(setup)
}

/// A fixture as written: what it needs is known only by name.
struct Draft {
    fixture: Fixture,
    requests: Vec<FixtureRequest>,
}

fn draft(
    what: &'static str,
    name: &str,
    node: &Node,
    place: Place,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Draft> {
    let source = context.source;
    let mut fields = Fields::of(what, node, source, diagnostics)?;
    // For readers and editors only.
    let _ = fields.string("description", diagnostics);
    let requests = fields
        .get("given")
        .map(|node| requests(node, source, diagnostics))
        .unwrap_or_default();
    let vars = fields
        .get("vars")
        .map(|node| vars(node, source, diagnostics))
        .unwrap_or_default();
    let steps = fields
        .get("steps")
        .map(|node| entries::read_entries(node, context, diagnostics))
        .unwrap_or_default();
    let cleanup = fields
        .get("cleanup")
        .map(|node| step::read_cleanup(node, context, diagnostics))
        .unwrap_or_default();
    fields.finish(diagnostics);
    let name = name.to_owned();
    Some(Draft {
        fixture: Fixture {
            name,
            given: Vec::new(),
            vars,
            steps,
            cleanup,
            place: Some(place),
        },
        requests,
    })
}

/// Reads `given:`: names, or mappings of one alias to a name.
pub(super) fn requests(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<FixtureRequest> {
    let mut found: Vec<FixtureRequest> = Vec::new();
    let mut aliases = BTreeSet::new();
    for item in document::expect_sequence("given", node, source, diagnostics).unwrap_or_default() {
        let place = source.place(item.span);
        match &item.value {
            document::Value::String(name) => {
                if found
                    .iter()
                    .any(|other| other.alias.is_none() && other.name.value == *name)
                {
                    diagnostics.push(
                        Diagnostic::error("given-twice", format!("the fixture `{name}` is given twice"), place.clone())
                            .with_advice(format!("give the second one an alias: `{{ other: {name} }}`; its values are then `{{{{ other.… }}}}`")),
                    );
                    continue;
                }
                found.push(FixtureRequest {
                    alias: None,
                    name: Spanned::new(name.clone(), place),
                });
            }
            document::Value::Mapping(entries) => {
                for (alias, entry) in entries {
                    let alias_place = source.place(entry.key_span);
                    names::check("an alias", alias, alias_place.clone(), diagnostics);
                    if !aliases.insert(alias.clone()) {
                        diagnostics.push(
                            Diagnostic::error(
                                "given-twice",
                                format!("the alias `{alias}` is given twice"),
                                alias_place,
                            )
                            .with_advice("choose another alias for one of the two"),
                        );
                    }
                    if let Some(name) = document::expect_string(
                        "the name of a fixture",
                        &entry.value,
                        source,
                        diagnostics,
                    ) {
                        found.push(FixtureRequest {
                            alias: Some(alias.clone()),
                            name,
                        });
                    }
                }
            }
            _ => diagnostics.push(document::wrong_type(
                "a fixture",
                "a name, or `{ alias: name }`",
                item,
                source,
            )),
        }
    }
    found
}

/// Reads `vars:`.
pub(super) fn vars(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, Template)> {
    let Some(entries) = document::expect_mapping("vars", node, source, diagnostics) else {
        return Vec::new();
    };
    let mut found = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        names::check(
            "a variable",
            name,
            source.place(entry.key_span),
            diagnostics,
        );
        found.push((
            name.clone(),
            Template::parse(&entry.value, source, diagnostics),
        ));
    }
    found
}

struct Linker<'a> {
    drafts: BTreeMap<String, Option<Draft>>,
    fixtures: Fixtures,
    system: Option<&'a Fixtures>,
    context: Context<'a>,
    variables: &'a mut Variables,
}

impl Linker<'_> {
    /// Links a fixture after those it needs. `path`: the fixtures being linked, outermost first.
    fn link(&mut self, name: &str, path: &mut Vec<String>, diagnostics: &mut Diagnostics) {
        if self.fixtures.contains(name) {
            return;
        }
        let Some(draft) = self.drafts.remove(name) else {
            return;
        };
        let Some(Draft {
            mut fixture,
            requests,
        }) = draft
        else {
            self.fixtures.by_name.insert(name.to_owned(), None);
            return;
        };
        path.push(name.to_owned());
        let mut broken = false;
        for request in &requests {
            let needed = request.name.value.as_str();
            if let Some(from) = path.iter().position(|other| other == needed) {
                let mut circle: Vec<&str> = path[from..].iter().map(String::as_str).collect();
                circle.push(needed);
                diagnostics.push(
                    Diagnostic::error(
                        "fixture-cycle",
                        "fixtures need each other in a cycle",
                        request.name.place.clone(),
                    )
                    .with_label(circle.join(" -> "))
                    .with_advice("remove one `given` of the cycle"),
                );
                broken = true;
            } else if path.len() >= LONGEST_CHAIN {
                diagnostics.push(
                    Diagnostic::error(
                        "fixture-cycle",
                        format!("more than {LONGEST_CHAIN} fixtures need each other in a row"),
                        request.name.place.clone(),
                    )
                    .with_advice("make the chain shorter"),
                );
                broken = true;
            } else {
                self.link(needed, path, diagnostics);
            }
        }
        path.pop();
        let linked = if broken {
            None
        } else {
            fixture.given = self.fixtures.resolve(&requests, self.system, diagnostics);
            let complete = fixture.given.len() == requests.len();
            let fixture = Arc::new(fixture);
            if complete {
                self.variables
                    .fixture(&fixture, self.context.profiles, diagnostics);
            }
            complete.then_some(fixture)
        };
        self.fixtures.by_name.insert(name.to_owned(), linked);
    }
}
