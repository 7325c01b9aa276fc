//! What each kind of action does to a document, and which places the result has.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::diagnostic::Style;
use crate::source::FileError;

/// Files in memory.
#[derive(Debug)]
struct Texts(BTreeMap<&'static str, String>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        let text = self.0.get(path);
        let text = text.ok_or_else(|| FileError::new("no such file"))?;
        Ok(Source::new(path, text.as_str()))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = |path: &&&str| folder.is_empty() || path.starts_with(&format!("{folder}/"));
        self.0
            .keys()
            .filter(below)
            .map(|path| (*path).to_owned())
            .collect()
    }
}

const HEAD: &str = "overlay: 1.0.0\ninfo: { title: t, version: 1.0.0 }\nactions:\n";

/// The document with actions applied, and the rendered diagnostics.
fn corrected(document: &str, actions: &str) -> (Document, String) {
    let mut diagnostics = Diagnostics::new();
    let files = Texts(BTreeMap::from([(
        "api.overlay.yaml",
        format!("{HEAD}{actions}"),
    )]));
    let source = Source::new("api.yaml", document);
    let document = Document::parse(source, &mut diagnostics).unwrap();
    let (document, applied) = correct(document, &files, "api.yaml", &mut diagnostics);
    assert_eq!(
        applied.map(|overlay| overlay.name).as_deref(),
        Some("api.overlay.yaml")
    );
    (document, diagnostics.render(Style::Plain))
}

/// The tree after actions that produce no diagnostic.
fn after(document: &str, actions: &str) -> Json {
    let (document, rendered) = corrected(document, actions);
    assert_eq!(rendered, "");
    document.root.to_json()
}

fn diagnostics_of(document: &str, actions: &str) -> String {
    corrected(document, actions).1
}

#[test]
fn mappings_are_merged_at_every_depth() {
    let tree = after(
        "a: { b: { c: 1, d: 2 }, e: 3 }",
        "- { target: $.a, description: why, update: { b: { c: 9, x: 8 }, y: 7 } }",
    );
    assert_eq!(
        tree,
        json!({"a": {"b": {"c": 9, "d": 2, "x": 8}, "e": 3, "y": 7}})
    );
}

#[test]
fn a_list_gets_the_update_as_its_last_entry() {
    let tree = after(
        "p: [{ name: a }]",
        "- { target: $.p, description: why, update: { name: b } }\n\
         - { target: $.p, description: why, update: c }",
    );
    assert_eq!(tree, json!({"p": [{"name": "a"}, {"name": "b"}, "c"]}));
}

#[test]
fn lists_under_one_name_are_joined() {
    let tree = after(
        "s: { required: [a] }",
        "- { target: $.s, description: why, update: { required: [b] } }",
    );
    assert_eq!(tree, json!({"s": {"required": ["a", "b"]}}));
}

#[test]
fn a_single_value_is_replaced_by_another_or_by_a_list() {
    let tree = after(
        "s: { type: string, n: null, m: 1 }",
        "- { target: $.s, description: why, update: { type: [string, 'null'], n: { x: 1 }, m: null } }",
    );
    assert_eq!(
        tree,
        json!({"s": {"type": ["string", "null"], "n": {"x": 1}, "m": null}})
    );
}

#[test]
fn entries_items_and_single_values_are_removed() {
    let tree = after(
        "a: { b: 1, c: 2 }\nl: [{ n: x }, { n: y }, { n: x }]",
        "- { target: $.a.b, description: why, remove: true }\n\
         - { target: \"$.l[?@.n == 'x']\", description: why, remove: true }",
    );
    assert_eq!(tree, json!({"a": {"c": 2}, "l": [{"n": "y"}]}));
}

#[test]
fn a_removal_may_match_a_value_and_its_children() {
    let tree = after(
        "a: { l: [1, 2, [3, 4]] }\nb: 1",
        "- { target: $.a..*, description: why, remove: true }",
    );
    assert_eq!(tree, json!({"a": {}, "b": 1}));
}

#[test]
fn an_action_sees_the_result_of_the_previous_one() {
    let tree = after(
        "s: { type: { odd: 1 } }",
        "- { target: $.s.type, description: why, remove: true }\n\
         - { target: $.s, description: why, update: { type: object } }\n\
         - { target: '$.s[?@ == \"object\"]', description: why, remove: true }",
    );
    assert_eq!(tree, json!({"s": {}}));
}

#[test]
fn a_target_may_match_many_values() {
    let tree = after(
        "paths: { /a: { get: {}, post: {} }, /b: { get: { x: 1 } } }",
        "- { target: $.paths.*.get, description: why, update: { x-safe: true } }",
    );
    assert_eq!(
        tree,
        json!({"paths": {"/a": {"get": {"x-safe": true}, "post": {}}, "/b": {"get": {"x": 1, "x-safe": true}}}})
    );
}

#[test]
fn the_root_can_be_updated_and_not_removed() {
    let tree = after(
        "a: 1",
        "- { target: $, description: why, update: { b: 2 } }",
    );
    assert_eq!(tree, json!({"a": 1, "b": 2}));
    let rendered = diagnostics_of("a: 1", "- { target: $, description: why, remove: true }");
    assert!(rendered.starts_with("error[cannot-remove]"), "{rendered}");
}

#[test]
fn every_value_has_the_place_where_it_is_written() {
    let (document, rendered) = corrected(
        "s: { type: string, min: 1 }\nl: [a]",
        "- target: $.s\n  description: |\n    really\n    a number\n  update: { type: integer }\n\
         - { target: $.l, description: one more, update: b }",
    );
    assert_eq!(rendered, "");
    let place = |pointer: &str| document.source.place(document.at(pointer).unwrap().span);
    assert_eq!(place("/s/type").to_string(), "api.overlay.yaml:8:19");
    assert_eq!(place("/s/type").text(), "integer");
    assert_eq!(place("/s/type").note(), Some("really a number"));
    assert_eq!(place("/s/min").to_string(), "api.yaml:1:25");
    assert_eq!(place("/s/min").note(), None);
    assert_eq!(place("/l/0").to_string(), "api.yaml:2:5");
    assert_eq!(place("/l/1").to_string(), "api.overlay.yaml:9:49");
    assert_eq!(place("/l/1").note(), Some("one more"));
    let key = document
        .root
        .get("s")
        .and_then(|s| s.entry("type"))
        .unwrap()
        .key_span;
    assert_eq!(
        document.source.place(key).to_string(),
        "api.overlay.yaml:8:13"
    );
}

#[test]
fn a_faulty_action_does_not_prevent_the_others() {
    let (document, rendered) = corrected(
        "a: {}",
        "- { target: $.x, description: why, update: {} }\n\
         - { target: $.a, description: why, update: { b: 1 } }",
    );
    assert!(
        rendered.starts_with("error[stale-correction]"),
        "{rendered}"
    );
    assert_eq!(document.root.to_json(), json!({"a": {"b": 1}}));
}

#[test]
fn a_correction_without_effect_is_reported() {
    let rendered = diagnostics_of(
        "a: { b: 1 }",
        "- { target: $.a, description: why, update: { b: 1 } }",
    );
    assert!(
        rendered.starts_with("warning[idle-correction]"),
        "{rendered}"
    );
}

#[test]
fn a_target_that_matches_nothing_shows_how_far_it_leads() {
    let document =
        "paths: { '/V1/customers/{id}': { get: { responses: {} } } }\nl: [{ in: query }]";
    for (target, advice) in [
        (
            "$.paths['/V1/custmers/{id}'].get",
            "`$.paths` has no `/V1/custmers/{id}`: did you mean `/V1/customers/{id}`?",
        ),
        (
            "$.paths['/V1/customers/{id}'].gett",
            "`$.paths['/V1/customers/{id}']` has no `gett`: did you mean `get`?",
        ),
        (
            "$.components.schemas",
            "`$` has no `components`: correct the target",
        ),
        (
            "$.l[?@.in == 'header'].x",
            "`$.l` exists, but `$.l[?@.in == 'header']` matches nothing",
        ),
        ("$.l[7]", "`$.l` exists, but `$.l[7]` matches nothing"),
        ("$..respnses", "`$` has no `respnses`"),
    ] {
        let rendered = diagnostics_of(
            document,
            &format!("- {{ target: \"{target}\", description: why, remove: true }}"),
        );
        assert!(rendered.contains(advice), "{rendered}");
    }
}

#[test]
fn an_overlay_is_beside_its_document() {
    let names: Vec<String> = beside("shop/api.yaml").collect();
    assert_eq!(
        names,
        [
            "shop/api.overlay.yaml",
            "shop/api.overlay.yml",
            "shop/api.overlay.json"
        ]
    );
    assert_eq!(
        beside("api.json").next().as_deref(),
        Some("api.overlay.yaml")
    );
    assert_eq!(
        beside("api.overlay.yaml").next(),
        None,
        "an overlay has no overlay"
    );
    assert_eq!(beside("notes.txt").next(), None);
}

#[test]
fn without_an_overlay_nothing_changes() {
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Source::new("api.yaml", "a: 1"), &mut diagnostics).unwrap();
    let (document, applied) = correct(
        document,
        &Texts(BTreeMap::new()),
        "api.yaml",
        &mut diagnostics,
    );
    assert!(applied.is_none() && diagnostics.is_empty());
    assert_eq!(document.root.to_json(), json!({"a": 1}));
}
