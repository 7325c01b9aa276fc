//! The documents of a contract for one version of the API: without the parts that this version does not have.
//!
//! Main function: [`at`]. Two extensions state the first and the last version (both inclusive) that has a part of the contract:
//! `x-counterpart-since: "2.4.8"` and `x-counterpart-until: "2.4.9"`. They are allowed in operations and path items, in items of
//! `parameters`, `oneOf`, `anyOf` and `allOf`, in `requestBody`, and in entries of `responses`, `headers`, `content`, `properties` and
//! `patternProperties`; in all of these also beside a `$ref`. Anywhere else they have no effect, which is a warning.

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

/// The documents without the parts that the version does not have.
pub(super) fn at(documents: &Documents, version: &Version) -> Documents {
    let mut documents = documents.clone();
    for root in documents.roots_mut() {
        prune(root, version);
    }
    documents.identify();
    documents
}

/// Reports faults in the versions that the documents state.
pub(super) fn check(documents: &Documents, diagnostics: &mut Diagnostics) {
    for document in documents.all() {
        let source = &document.source;
        if states_versions(source) {
            walk(&document.root, &mut Vec::new(), &mut |path, node| {
                for key in [SINCE, UNTIL] {
                    if let Some(entry) = node.entry(key) {
                        check_statement(key, entry, role_of(path), source, diagnostics);
                    }
                }
            });
        }
    }
}

/// The versions that have the part at `node`; all of them where it states none that can be read.
pub(super) fn versions_of(node: &Node) -> Versions {
    let read = |key: &str| Version::parse(node.get(key)?.as_str()?).ok();
    let since = read(SINCE).map_or_else(Versions::all, Versions::since);
    let until = read(UNTIL).map_or_else(Versions::all, Versions::until);
    since.and(&until)
}

/// What a version does to the value at a path, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeRole {
    /// It can be left out.
    Part,
    /// It stays, and states its own versions.
    Operation,
    Other,
}

/// A step on the path to a value.
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

fn role_of(path: &[PathStep<'_>]) -> NodeRole {
    use PathStep::{Item, Key};
    match path {
        [Key("paths"), Key(_)]
        | [Key("paths"), Key(_), Key(_)]
        | [Key("paths"), Key(_), Key("additionalOperations"), Key(_)] => NodeRole::Operation,
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

/// Keywords whose keys are names that the author chose: `default` among `responses` is not a keyword.
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

/// Whether the values below are example data, in which our keywords mean nothing.
fn is_data(path: &[PathStep<'_>]) -> bool {
    use PathStep::Key;
    match path {
        [
            ..,
            Key(before),
            Key("example" | "examples" | "default" | "enum" | "const"),
        ] => !NAMES.contains(before),
        _ => false,
    }
}

/// Visits every mapping that states a version, with the path to it. Recursion is bounded by the parser's depth limit.
fn walk<'n>(
    node: &'n Node,
    path: &mut Vec<PathStep<'n>>,
    visit: &mut dyn FnMut(&[PathStep<'n>], &'n Node),
) {
    if is_data(path) {
        return;
    }
    match &node.value {
        Value::Mapping(entries) => {
            if entries.contains_key(SINCE) || entries.contains_key(UNTIL) {
                visit(path, node);
            }
            for (key, entry) in entries {
                path.push(PathStep::Key(key));
                walk(&entry.value, path, visit);
                path.pop();
            }
        }
        Value::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                path.push(PathStep::Item(i));
                walk(item, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Removes what the version does not have; a property that is removed is not required either.
fn prune(root: &mut Node, version: &Version) {
    let mut absent: Vec<Vec<String>> = Vec::new();
    walk(root, &mut Vec::new(), &mut |path, node| {
        if role_of(path) == NodeRole::Part && !versions_of(node).contain(version) {
            absent.push(path.iter().map(PathStep::to_string).collect());
        }
    });
    // From the last to the first: removing an item moves those behind it.
    for path in absent.iter().rev() {
        let [above @ .., token] = path.as_slice() else {
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

fn pointer(path: &[String]) -> String {
    path.iter()
        .map(|token| format!("/{}", escape_pointer(token)))
        .collect()
}

fn check_statement(
    key: &str,
    entry: &MappingEntry,
    role: NodeRole,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    let place = source.place(entry.value.span);
    match &entry.value.value {
        Value::String(text) => {
            if let Err(reason) = Version::parse(text) {
                diagnostics.push(
                    Diagnostic::error("bad-version", reason, place)
                        .with_advice("until it is corrected, this part applies to every version"),
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
    if role == NodeRole::Other {
        diagnostics.push(
            Diagnostic::warning(
                "misplaced-version",
                format!("`{key}` has no effect here"),
                source.place(entry.key_span),
            )
            .with_advice(
                "it is allowed in operations, parameters, responses, headers, media types, properties and alternatives; \
                 for a component, write it where the component is used, beside `$ref`",
            ),
        );
    }
}
