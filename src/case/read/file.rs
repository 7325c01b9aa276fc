//! Reads a case file into a [`CaseFile`](crate::case::CaseFile).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::context::Context;
use super::entries;
use super::fixture::{self, Fixtures};
use super::rows;
use super::step::{self, Role};
use super::variables::Variables;
use crate::case::{Case, Fixture, Given, Origin, StepEntry, Template};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::{self, Document, Fields, Node};
use crate::source::{Place, Source, Spanned};
use crate::version::Versions;

/// Reads the setup and the cases of a file.
pub(super) fn read(
    document: &Document,
    system: &Fixtures,
    context: Context<'_>,
    variables: &mut Variables,
    diagnostics: &mut Diagnostics,
) -> (Option<Arc<Fixture>>, Vec<Arc<Case>>) {
    let source = context.source;
    let before = diagnostics.count(DiagnosticSeverity::Error);
    let Some(mut fields) = Fields::of("a case file", &document.root, source, diagnostics) else {
        return (None, Vec::new());
    };
    // Already read, with the contracts of all files.
    fields.get("contract");
    // For readers and editors only.
    let _ = fields.string("description", diagnostics);
    let tags = fields
        .get("tags")
        .map(|node| read_tags(node, source, diagnostics))
        .unwrap_or_default();
    let versions = read_versions(&mut fields, diagnostics);
    let fixtures_node = fields.get("fixtures");
    let fixtures = match fixtures_node {
        Some(node) => fixture::read(node, Some(system), context, variables, diagnostics),
        None => Fixtures::default(),
    };
    let setup_node = fields.get("setup");
    let setup = setup_node.and_then(|node| {
        fixture::read_setup(node, &fixtures, system, context, variables, diagnostics)
    });
    let mut cases = Vec::new();
    if let Some(node) = fields.required("cases", diagnostics)
        && let Some(items) = document::expect_sequence("cases", node, source, diagnostics)
    {
        if items.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    "no-cases",
                    "a case file without cases",
                    source.place(node.span),
                )
                .with_advice("add a case, or remove the file"),
            );
        }
        for item in items {
            let reader = CaseFileReader {
                tags: &tags,
                versions: &versions,
                fixtures: &fixtures,
                system,
                context,
            };
            if let Some(case) = reader.case(item, diagnostics) {
                // A faulty setup is reported already; its values are not known then.
                if setup_node.is_none() || setup.is_some() {
                    variables.case(&case, setup.as_ref(), context.profiles, diagnostics);
                }
                cases.push(Arc::new(case));
            }
        }
    }
    fields.finish(diagnostics);
    check_names(&cases, diagnostics);
    // A case that could not be read may use what would be reported here as unused.
    if diagnostics.count(DiagnosticSeverity::Error) == before {
        if let Some(node) = fixtures_node {
            unused_fixtures(node, &cases, setup.as_deref(), source, diagnostics);
        }
        variables.unused_captures(source.name(), diagnostics);
    }
    (setup, cases)
}

struct CaseFileReader<'a> {
    tags: &'a [String],
    versions: &'a Versions,
    fixtures: &'a Fixtures,
    system: &'a Fixtures,
    context: Context<'a>,
}

impl CaseFileReader<'_> {
    fn case(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Case> {
        let source = self.context.source;
        let mut fields = Fields::of("a case", node, source, diagnostics)?;
        let name = match fields.required("name", diagnostics) {
            Some(node) => document::expect_string("name", node, source, diagnostics),
            None => None,
        };
        let name = name.map(|name| read_name(name, diagnostics));
        let mut tags = self.tags.to_vec();
        if let Some(node) = fields.get("tags") {
            tags.extend(read_tags(node, source, diagnostics));
        }
        let mut seen = BTreeSet::new();
        tags.retain(|tag| seen.insert(tag.clone()));
        let given = match fields.get("given") {
            Some(node) => {
                let requests = fixture::requests(node, source, diagnostics);
                self.fixtures
                    .resolve(&requests, Some(self.system), diagnostics)
            }
            None => Vec::new(),
        };
        let each = fields.get("each");
        let rows = match each {
            Some(node) => rows::read(node, source, diagnostics),
            None => vec![Vec::new()],
        };
        let vars = fields
            .get("vars")
            .map(|node| fixture::vars(node, source, diagnostics))
            .unwrap_or_default();
        let versions = read_versions(&mut fields, diagnostics).and(self.versions);
        let skip = fields.string("skip", diagnostics);
        if let Some(skip) = &skip
            && skip.value.trim().is_empty()
        {
            diagnostics.push(
                Diagnostic::error(
                    "missing-reason",
                    "`skip` without a reason",
                    skip.place.clone(),
                )
                .with_advice("say why the case is not run: `skip: waits for …`"),
            );
        }
        let steps = self.steps(&mut fields, skip.is_some(), diagnostics);
        let cleanup = fields
            .get("cleanup")
            .map(|node| step::read_cleanup(node, self.context, diagnostics))
            .unwrap_or_default();
        fields.finish(diagnostics);
        let Spanned { value: name, place } = name?;
        Some(Case {
            origin: Origin::Written(place),
            name,
            tags,
            given,
            rows,
            has_each: each.is_some(),
            vars,
            steps: steps?,
            cleanup,
            skip: skip.map(|skip| skip.value),
            versions,
        })
    }

    /// The steps in either form; `None` where one of them could not be read.
    fn steps(
        &self,
        fields: &mut Fields<'_>,
        skipped: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<StepEntry>> {
        let source = self.context.source;
        let given: Vec<&str> = step::FIELDS
            .into_iter()
            .filter(|&field| fields.get(field).is_some())
            .collect();
        let Some(list) = fields.entry("steps") else {
            if given.is_empty() {
                if !skipped {
                    diagnostics.push(
                        Diagnostic::error("missing-field", "a case without steps", source.place(fields.span()))
                            .with_advice("say which request to send: `call: GET /V1/customers/me`, or several under `steps`"),
                    );
                    return None;
                }
                return Some(Vec::new());
            }
            return step::read_fields(fields, None, Role::Checked, self.context, diagnostics)
                .map(|step| vec![step.into()]);
        };
        if let Some(&first) = given.first()
            && let Some(entry) = fields.entry(first)
        {
            diagnostics.push(
                Diagnostic::error("steps-and-step", format!("`{first}` beside `steps`"), source.place(entry.key_span))
                    .with_related(source.place(list.key_span), "the steps of this case")
                    .with_advice(format!("move `{first}` into a step, or remove `steps`: a case has either one step's fields or a list")),
            );
        }
        let steps = entries::read_entries(&list.value, self.context, diagnostics);
        if let Some([]) = list.value.as_sequence() {
            diagnostics.push(
                Diagnostic::error(
                    "missing-field",
                    "a case without steps",
                    source.place(list.value.span),
                )
                .with_advice("add a step, or a reason under `skip`"),
            );
        }
        let complete = list
            .value
            .as_sequence()
            .is_some_and(|items| items.len() == steps.len());
        complete.then_some(steps)
    }
}

fn read_name(name: Spanned<String>, diagnostics: &mut Diagnostics) -> Spanned<Template> {
    if name.value.trim().is_empty()
        || name.value.contains(char::is_control)
        || name.value.contains("::")
    {
        diagnostics.push(
            Diagnostic::error("bad-name", "not a name for a case", name.place.clone()).with_advice(
                "describe in one line what must hold, without `::`: reports and filters show this name",
            ),
        );
    }
    Spanned::new(
        Template::parse_text(&name.value, &name.place, diagnostics),
        name.place,
    )
}

/// `versions: ">=2.4.8"`; all versions where the field is absent or invalid.
fn read_versions(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Versions {
    let Some(text) = fields.string("versions", diagnostics) else {
        return Versions::all();
    };
    match Versions::parse(&text.value) {
        Ok(versions) => versions,
        Err(reason) => {
            diagnostics.push(
                Diagnostic::error("bad-versions", reason, text.place).with_advice(
                    "say which versions of the API this applies to, with a space between conditions: `\">=2.4.6 <2.4.9\"`",
                ),
            );
            Versions::all()
        }
    }
}

fn read_tags(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Vec<String> {
    let mut tags = Vec::new();
    for item in document::expect_sequence("tags", node, source, diagnostics).unwrap_or_default() {
        let Some(tag) = document::expect_string("a tag", item, source, diagnostics) else {
            continue;
        };
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if tag.value.is_empty() || !tag.value.chars().all(plain) {
            diagnostics.push(
                Diagnostic::error(
                    "bad-name",
                    format!("`{}` cannot be a tag", tag.value),
                    tag.place,
                )
                .with_advice("use letters, digits, `-`, `_` and `.`: `--tag` reads `,` and `!`"),
            );
            continue;
        }
        tags.push(tag.value);
    }
    tags
}

/// Reports cases of one file that have the same final name.
fn check_names(cases: &[Arc<Case>], diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<String, (&Place, usize)> = BTreeMap::new();
    for case in cases {
        let Some(place) = case.origin.place() else {
            continue;
        };
        for row in 0..case.rows.len() {
            // A template that cannot be rendered is reported by the check of its variables.
            let name = match case.row_name(row) {
                Ok(name) => name,
                Err(error) => {
                    if case.name.references().iter().all(|reference| {
                        case.rows[row]
                            .iter()
                            .any(|(column, _)| column == reference.path)
                    }) {
                        diagnostics.push(Diagnostic::error("bad-name", error.message, error.place));
                    }
                    break;
                }
            };
            if let Some((first, first_row)) = seen.get(&name) {
                let same = first.span == place.span;
                let mut diagnostic = Diagnostic::error(
                    "duplicate-case",
                    format!("two cases are called `{name}`"),
                    place.clone(),
                );
                diagnostic = match same {
                    true => diagnostic
                        .with_label(format!("rows {} and {} of `each`", first_row + 1, row + 1))
                        .with_advice("put the columns that differ into the name, or leave templates out: then rows are numbered"),
                    false => diagnostic
                        .with_related((*first).clone(), "the first of them")
                        .with_advice("case names must be unique: say what is special about this case"),
                };
                diagnostics.push(diagnostic);
                break;
            }
            seen.insert(name, (place, row));
        }
    }
}

/// Reports fixtures of the file that no case needs, directly or through another fixture.
fn unused_fixtures(
    node: &Node,
    cases: &[Arc<Case>],
    setup: Option<&Fixture>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    let mut used = BTreeSet::new();
    let mut open: Vec<&Given> = cases.iter().flat_map(|case| &case.given).collect();
    open.extend(setup.into_iter().flat_map(|setup| &setup.given));
    while let Some(given) = open.pop() {
        if used.insert(given.fixture.name.as_str()) {
            open.extend(&given.fixture.given);
        }
    }
    for (name, entry) in node.as_mapping().into_iter().flatten() {
        if !used.contains(name.as_str()) {
            diagnostics.push(
                Diagnostic::error(
                    "unused-fixture",
                    format!("no case needs the fixture `{name}`"),
                    source.place(entry.key_span),
                )
                .with_advice("remove it, or list it under a case's `given`"),
            );
        }
    }
}
