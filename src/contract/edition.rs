//! The documents of a contract as one version of the API has them: without what that version does not have.
//!
//! Main function: [`at`]. Two extensions say since and until which version a part of the contract is there, both inclusive:
//! `x-counterpart-since: "2.4.8"` and `x-counterpart-until: "2.4.9"`. They may stand in operations and path items, in items of
//! `parameters`, `oneOf`, `anyOf` and `allOf`, in `requestBody`, and in entries of `responses`, `headers`, `content`, `properties` and
//! `patternProperties`; there also beside a `$ref`. Anywhere else they say nothing, which is a warning.

use std::fmt;

use super::documents::Documents;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{MappingEntry, Node, Value, escape_pointer};
use crate::source::Source;
use crate::version::{Version, Versions};

const SINCE: &str = "x-counterpart-since";
const UNTIL: &str = "x-counterpart-until";

/// Whether anything in the documents depends on a version.
pub(super) fn differ(documents: &Documents) -> bool {
    documents
        .all()
        .any(|document| states_versions(&document.source))
}

fn states_versions(source: &Source) -> bool {
    source.mentions(SINCE) || source.mentions(UNTIL)
}

/// The documents without what the version does not have.
pub(super) fn at(documents: &Documents, version: &Version) -> Documents {
    let mut documents = documents.clone();
    for root in documents.roots_mut() {
        prune(root, version);
    }
    documents
}

/// Tells what is wrong with the versions that the documents state.
pub(super) fn check(documents: &Documents, diagnostics: &mut Diagnostics) {
    for document in documents.all() {
        let source = &document.source;
        if states_versions(source) {
            walk(&document.root, &mut Vec::new(), &mut |way, node| {
                for key in [SINCE, UNTIL] {
                    if let Some(entry) = node.entry(key) {
                        check_statement(key, entry, standing(way), source, diagnostics);
                    }
                }
            });
        }
    }
}

/// The versions that have what stands in `node`; all of them where it says nothing that can be read.
pub(super) fn versions_of(node: &Node) -> Versions {
    let read = |key: &str| Version::parse(node.get(key)?.as_str()?).ok();
    let since = read(SINCE).map_or_else(Versions::all, Versions::since);
    let until = read(UNTIL).map_or_else(Versions::all, Versions::until);
    since.and(&until)
}

/// What a version says about the value at a path, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeRole {
    /// It can be left out.
    Part,
    /// Stays, and says itself in which versions it is.
    Operation,
    Other,
}

/// A step on the way to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PathStep<'n> {
    Key(&'n str),
    Item(usize),
}

/// As in a pointer, unescaped.
impl fmt::Display for PathStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathStep::Key(key) => f.write_str(key),
            PathStep::Item(i) => write!(f, "{i}"),
        }
    }
}

fn standing(way: &[PathStep<'_>]) -> NodeRole {
    use PathStep::{Item, Key};
    match way {
        [Key("paths"), Key(_)] | [Key("paths"), Key(_), Key(_)] => NodeRole::Operation,
        [Key("components"), _, _] | [Key("responses" | "definitions" | "parameters"), _] => {
            NodeRole::Other
        }
        [.., Key("parameters" | "oneOf" | "anyOf" | "allOf"), Item(_)]
        | [
            ..,
            Key("responses" | "headers" | "content" | "properties" | "patternProperties"),
            Key(_),
        ]
        | [.., Key("requestBody")] => NodeRole::Part,
        _ => NodeRole::Other,
    }
}

/// Keywords whose keys are names that the author chose: `default` among `responses` is no keyword.
const NAMES: [&str; 9] = [
    "properties",
    "patternProperties",
    "responses",
    "headers",
    "content",
    "schemas",
    "parameters",
    "definitions",
    "$defs",
];

/// Whether what is below is somebody's data, in which our words mean nothing.
fn is_data(way: &[PathStep<'_>]) -> bool {
    use PathStep::Key;
    match way {
        [
            ..,
            Key(before),
            Key("example" | "examples" | "default" | "enum" | "const"),
        ] => !NAMES.contains(before),
        _ => false,
    }
}

/// Shows every mapping that states a version, with the way to it. Recursion is bounded by the parser's depth limit.
fn walk<'n>(
    node: &'n Node,
    way: &mut Vec<PathStep<'n>>,
    visit: &mut dyn FnMut(&[PathStep<'n>], &'n Node),
) {
    if is_data(way) {
        return;
    }
    match &node.value {
        Value::Mapping(entries) => {
            if entries.contains_key(SINCE) || entries.contains_key(UNTIL) {
                visit(way, node);
            }
            for (key, entry) in entries {
                way.push(PathStep::Key(key));
                walk(&entry.value, way, visit);
                way.pop();
            }
        }
        Value::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                way.push(PathStep::Item(i));
                walk(item, way, visit);
                way.pop();
            }
        }
        _ => {}
    }
}

/// Leaves out what the version does not have; a property that is left out is not required either.
fn prune(root: &mut Node, version: &Version) {
    let mut absent: Vec<Vec<String>> = Vec::new();
    walk(root, &mut Vec::new(), &mut |way, node| {
        if standing(way) == NodeRole::Part && !versions_of(node).contain(version) {
            absent.push(way.iter().map(PathStep::to_string).collect());
        }
    });
    // The last one first: removing an item moves those behind it.
    for way in absent.iter().rev() {
        let [above @ .., token] = way.as_slice() else {
            continue;
        };
        match root.at_mut(&pointer(above)).map(|node| &mut node.value) {
            Some(Value::Mapping(entries)) => drop(entries.shift_remove(token)),
            Some(Value::Sequence(items)) => {
                if let Some(i) = token.parse().ok().filter(|i| *i < items.len()) {
                    items.remove(i);
                }
            }
            _ => {}
        }
        if let [owner @ .., keyword] = above
            && keyword == "properties"
            && let Some(required) = root.at_mut(&pointer(owner)).and_then(required_of)
        {
            required.retain(|name| name.as_str() != Some(token));
        }
    }
}

fn required_of(schema: &mut Node) -> Option<&mut Vec<Node>> {
    let required = schema.at_mut("/required")?;
    match &mut required.value {
        Value::Sequence(names) => Some(names),
        _ => None,
    }
}

fn pointer(way: &[String]) -> String {
    way.iter()
        .map(|token| format!("/{}", escape_pointer(token)))
        .collect()
}

fn check_statement(
    key: &str,
    entry: &MappingEntry,
    standing: NodeRole,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    let place = source.place(entry.value.span);
    match &entry.value.value {
        Value::String(text) => {
            if let Err(reason) = Version::parse(text) {
                diagnostics.push(
                    Diagnostic::error("bad-version", reason, place)
                        .with_advice("until it is corrected, this part counts for every version"),
                );
            }
        }
        _ => diagnostics.push(
            Diagnostic::error(
                "bad-version",
                format!("`{key}` must be a string, not {}", entry.value.kind()),
                place,
            )
            .with_advice("put the version into quotes: without them 2.10 is the number 2.1"),
        ),
    }
    if standing == NodeRole::Other {
        diagnostics.push(
            Diagnostic::warning(
                "misplaced-version",
                format!("`{key}` says nothing here"),
                source.place(entry.key_span),
            )
            .with_advice(
                "it may stand in operations, parameters, responses, headers, media types, properties and alternatives; \
                 of a component, write it where the component is used, beside `$ref`",
            ),
        );
    }
}
