//! What is read, what it means, and what is refused.

use super::*;
use serde_json::json;

fn read(text: &str) -> (Node, Vec<Duplicate>) {
    let mut diagnostics = Diagnostics::new();
    let parsed = parse(&Source::new("t.yaml", text), &mut diagnostics);
    assert!(
        diagnostics.is_empty(),
        "{:?}",
        diagnostics.iter().collect::<Vec<_>>()
    );
    parsed.unwrap()
}

fn refused(text: &str) -> String {
    let mut diagnostics = Diagnostics::new();
    let parsed = parse(&Source::new("t.yaml", text), &mut diagnostics);
    assert!(parsed.is_none(), "accepted");
    let diagnostic = diagnostics.iter().next().unwrap();
    format!(
        "{} {}",
        diagnostic.place.as_ref().unwrap(),
        diagnostic.message
    )
}

#[test]
fn scalars_follow_the_core_schema() {
    let (root, _) = read(
        "a: no\nb: 1990-01-01\nc: 0x1F\nd: ~\ne: 1e3\nf: '1'\ng: TRUE\nh: +12\ni: -0.5\nj: 1.2.3\nk: .\nl: 0o17\nm: !!str 5\n200: x\n",
    );
    assert_eq!(
        root.to_json(),
        json!({"a": "no", "b": "1990-01-01", "c": 31, "d": null, "e": 1000.0, "f": "1", "g": true, "h": 12, "i": -0.5,
               "j": "1.2.3", "k": ".", "l": 15, "m": "5", "200": "x"})
    );
}

#[test]
fn spans_are_bytes_even_after_wide_characters() {
    let text = "é: [ü, {k: v}]\nnext:\n  - one\n\n\nlast: 1\n";
    let (root, _) = read(text);
    assert_eq!(&text[root.at("/é/1/k").unwrap().span.range()], "v");
    assert_eq!(&text[root.at("/é").unwrap().span.range()], "[ü, {k: v}]");
    assert_eq!(&text[root.entry("next").unwrap().key_span.range()], "next");
    assert_eq!(
        text[root.at("/next").unwrap().span.range()].trim_end(),
        "- one"
    );
}

#[test]
fn duplicates_are_returned_with_their_mapping() {
    let (root, duplicates) = read("a:\n  - k: 1\n    k: 2\n");
    assert_eq!(root.to_json(), json!({"a": [{"k": 2}]}));
    assert_eq!(duplicates.len(), 1);
    assert_eq!(
        (duplicates[0].mapping.as_str(), duplicates[0].key.as_str()),
        ("/a/0", "k")
    );
}

#[test]
fn aliases_are_expanded_up_to_a_limit() {
    let (root, _) = read("a: &x {k: [1, 2]}\nb: *x\n");
    assert_eq!(
        root.to_json(),
        json!({"a": {"k": [1, 2]}, "b": {"k": [1, 2]}})
    );
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let previous = level - 1;
        let items = vec![format!("*a{previous}"); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(refused(&bomb).contains("too large"));
}

#[test]
fn what_is_not_supported_is_reported_with_its_place() {
    assert!(refused("a: [1\nb: 2").starts_with("t.yaml:"));
    assert!(refused("a: 1\n---\nb: 2\n").contains("second YAML document"));
    assert!(refused("a: !custom x\n").contains("`!custom`"));
    assert!(refused("b:\n  <<: x\n").starts_with("t.yaml:2:3 the value of a merge key"));
    assert!(refused("a: &a 1\nb:\n  <<: [*a]\n").contains("merge key"));
    assert!(refused(&format!("{}1{}", "[".repeat(220), "]".repeat(220))).contains("nested deeper"));
}

/// Both before and after a scalar of each style: whether a continuation is accepted must not depend on what precedes it.
#[test]
fn flow_collections_may_continue_at_the_indentation_of_their_parent() {
    for (text, expected) in [
        (
            "a: {\n  \"k\": \"s\",\n  \"n\": 1\n}\nb: 2\n",
            json!({"a": {"k": "s", "n": 1}, "b": 2}),
        ),
        (
            "a: {\n  \"n\": 1,\n  \"k\": \"s\"\n}\nb: 2\n",
            json!({"a": {"n": 1, "k": "s"}, "b": 2}),
        ),
        ("a: [\n\"x\",\n1,\n'y'\n]\n", json!({"a": ["x", 1, "y"]})),
        (
            "p:\n  a: [\n  {\"k\": []},\n  {}\n  ]\n  b: 1\n",
            json!({"p": {"a": [{"k": []}, {}], "b": 1}}),
        ),
        (
            "p:\n    a: {\n  k: v,\n l: w }\n",
            json!({"p": {"a": {"k": "v", "l": "w"}}}),
        ),
        ("- - [\n1,\n2]\n  - x\n", json!([[[1, 2], "x"]])),
        (
            "a: { # why\n# more\n  k: v, # end\n}\n",
            json!({"a": {"k": "v"}}),
        ),
        (
            "a:\n- {\n  k: \"v\"\n}\n- 2\n",
            json!({"a": [{"k": "v"}, 2]}),
        ),
    ] {
        assert_eq!(read(text).0.to_json(), expected, "{text}");
    }
}

#[test]
fn scalars_continue_on_further_lines() {
    for (text, expected) in [
        ("a: \"one\ntwo\"\nb: 1\n", json!({"a": "one two", "b": 1})),
        (
            "p:\n  a: 'one\n\n  two'\n  b: 1\n",
            json!({"p": {"a": "one\ntwo", "b": 1}}),
        ),
        (
            "p:\n    a: \"one\\\n two\"\n",
            json!({"p": {"a": "onetwo"}}),
        ),
        (
            "a: one\n  two\n\n  three\nb: 1\n",
            json!({"a": "one two\nthree", "b": 1}),
        ),
        (
            "a: [one\n  two, \"x\ny\"]\n",
            json!({"a": ["one two", "x y"]}),
        ),
        ("a: {k: one\ntwo\n}\n", json!({"a": {"k": "one two"}})),
        ("- one\n two\n- 'x\n  y'\n", json!(["one two", "x y"])),
        (
            "a: |\n  one\n   two\nb: >-\n  x\n  y\n",
            json!({"a": "one\n two\n", "b": "x y"}),
        ),
    ] {
        assert_eq!(read(text).0.to_json(), expected, "{text}");
    }
}

#[test]
fn places_after_continued_lines_are_exact() {
    let text = "é: {\n  \"k\": \"ü\"\n}\nb: \"x\ny\"\nlast: 1\n";
    let (root, _) = read(text);
    let at = |pointer: &str| &text[root.at(pointer).unwrap().span.range()];
    assert_eq!(at("/é"), "{\n  \"k\": \"ü\"\n}");
    assert_eq!(at("/é/k"), "\"ü\"");
    assert_eq!(at("/b"), "\"x\ny\"");
    assert_eq!(at("/last"), "1");
}

/// As <https://yaml.org/type/merge.html> says: the mapping's own entries count, then the earlier of several mappings.
#[test]
fn merge_keys_add_the_entries_of_other_mappings() {
    let text = "base: &base {a: 1, b: 1}\nmore: &more\n  b: 2\n  c: 2\n\
                one:\n  <<: *base\n  b: 3\n\
                before: {b: 3, <<: *base}\n\
                list: {<<: [*more, *base], c: 3}\n\
                twice:\n  <<: *base\n  <<: *more\n\
                chain: &chain\n  <<: *base\n  z: 1\n\
                end: {<<: *chain}\n\
                inline:\n  <<: {a: 7}\n\
                only:\n  <<: *more\n\n\
                quoted: {\"<<\": 1}\n";
    let (root, duplicates) = read(text);
    assert!(duplicates.is_empty(), "{duplicates:?}");
    for (name, expected) in [
        ("one", json!({"a": 1, "b": 3})),
        ("before", json!({"a": 1, "b": 3})),
        ("list", json!({"a": 1, "b": 2, "c": 3})),
        ("twice", json!({"a": 1, "b": 1, "c": 2})),
        ("chain", json!({"a": 1, "b": 1, "z": 1})),
        ("end", json!({"a": 1, "b": 1, "z": 1})),
        ("inline", json!({"a": 7})),
        ("only", json!({"b": 2, "c": 2})),
        ("quoted", json!({"<<": 1})),
    ] {
        assert_eq!(root.get(name).unwrap().to_json(), expected, "{name}");
    }
    let merged = root.get("end").unwrap().entry("z").unwrap();
    assert_eq!(
        &text[merged.key_span.start - 2..merged.value.span.end],
        "  z: 1"
    );
    assert_eq!(&text[root.get("only").unwrap().span.range()], "<<");
}

#[test]
fn a_key_given_twice_is_found_beside_and_below_merge_keys() {
    let (_, duplicates) = read("b: &b {a: 1}\nc: {<<: *b, k: 1, k: 2}\nd: {<<: {k: 1, k: 2}}\n");
    let found: Vec<_> = duplicates
        .iter()
        .map(|duplicate| (duplicate.mapping.as_str(), duplicate.key.as_str()))
        .collect();
    assert_eq!(found, [("/c", "k"), ("/d/<<", "k")]);
}

#[test]
fn merge_keys_do_not_multiply_without_end() {
    let mut bomb = String::from("a0: &a0 {x: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n");
    for level in 1..9 {
        let previous = level - 1;
        let items: Vec<_> = (0..10).map(|i| format!("k{i}: *a{previous}")).collect();
        let items = items.join(", ");
        bomb.push_str(&format!(
            "a{level}: &a{level} {{<<: *a{previous}, {items}}}\n"
        ));
    }
    assert!(refused(&bomb).contains("too large"));
}
