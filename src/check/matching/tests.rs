use serde_json::{Value, json};

use super::{corrected, describe, matches, mismatches};
use crate::check::sample::matcher;

/// `pointer message` for each mismatch.
fn wrong(written: &Value, actual: &Value) -> Vec<String> {
    mismatches(&matcher(written), actual)
        .into_iter()
        .map(|found| format!("{} {}", found.pointer, found.message))
        .collect()
}

/// Each rule with values that match it and values that do not.
#[test]
fn every_rule_both_ways() {
    let table: &[(Value, &[Value], &[Value])] = &[
        (
            json!(1),
            &[json!(1), json!(1.0)],
            &[json!("1"), json!(2), json!(true), json!(null)],
        ),
        (
            json!("a"),
            &[json!("a")],
            &[json!("A"), json!(["a"]), json!(null)],
        ),
        (
            json!(null),
            &[json!(null)],
            &[json!(0), json!(""), json!({})],
        ),
        (
            json!(true),
            &[json!(true)],
            &[json!(1), json!("true"), json!(false)],
        ),
        (
            json!({}),
            &[json!({}), json!({"a": 1})],
            &[json!([]), json!(null)],
        ),
        (
            json!({"a": 1}),
            &[json!({"a": 1, "b": 2})],
            &[json!({"b": 1}), json!({"a": null}), json!([1])],
        ),
        (
            json!({"a": null}),
            &[json!({"a": null})],
            &[json!({}), json!({"a": 0})],
        ),
        (
            json!([1, {"a": 1}]),
            &[json!([1, {"a": 1, "b": 2}])],
            &[json!([1]), json!([{"a": 1}, 1]), json!({"0": 1})],
        ),
        (json!([]), &[json!([])], &[json!([1]), json!({})]),
        (
            json!({"$value": {"a": [1]}}),
            &[json!({"a": [1.0], "b": 2})],
            &[json!({"a": [1, 2]}), json!({})],
        ),
        (
            json!({"$matches": "^a+$"}),
            &[json!("aa")],
            &[json!("ab"), json!(1), json!(null)],
        ),
        (
            json!({"$type": "integer"}),
            &[json!(1), json!(-1.0), json!(u64::MAX)],
            &[json!(1.5), json!("1"), json!(null)],
        ),
        (
            json!({"$type": "number|null"}),
            &[json!(1.5), json!(1), json!(null)],
            &[json!("1"), json!(false)],
        ),
        (json!({"$type": "string"}), &[json!("")], &[json!(1)]),
        (json!({"$type": "boolean"}), &[json!(false)], &[json!(0)]),
        (json!({"$type": "array"}), &[json!([])], &[json!({})]),
        (json!({"$type": "object"}), &[json!({})], &[json!([])]),
        (
            json!({"a": {"$any": true}}),
            &[json!({"a": null}), json!({"a": [1]})],
            &[json!({}), json!({"b": 1})],
        ),
        (
            json!({"a": {"$absent": true}}),
            &[json!({}), json!({"b": 1})],
            &[json!({"a": null}), json!({"a": 1})],
        ),
        (
            json!({"$equals": {"a": [1, {"b": 2}]}}),
            &[json!({"a": [1.0, {"b": 2}]})],
            &[
                json!({"a": [1, {"b": 2, "c": 3}]}),
                json!({"a": [1]}),
                json!({}),
            ],
        ),
        (
            json!({"$equals": []}),
            &[json!([])],
            &[json!({}), json!([1])],
        ),
        (
            json!({"$contains": "ell"}),
            &[json!("hello"), json!(["x", "ell"])],
            &[json!("help"), json!(["hello"]), json!(5), json!([])],
        ),
        (
            json!({"$contains": {"id": 2}}),
            &[json!([{"id": 1}, {"id": 2, "x": 0}])],
            &[json!([{"id": 1}]), json!({"id": 2})],
        ),
        (
            json!({"$contains": 12}),
            &[json!("a 123"), json!([12.0])],
            &[json!("a 1"), json!(["12"])],
        ),
        (
            json!({"$length": 2}),
            &[json!("éé"), json!([1, 2]), json!({"a": 1, "b": 2})],
            &[json!("é"), json!([]), json!(2), json!(null)],
        ),
        (json!({"$length": "2"}), &[json!("ab")], &[json!("abc")]),
        (
            json!({"$not": {"a": 1}}),
            &[json!({"a": 2}), json!([])],
            &[json!({"a": 1, "b": 2})],
        ),
        (
            json!({"a": {"$not": 1}}),
            &[json!({"a": 2})],
            &[json!({"a": 1}), json!({})],
        ),
        (
            json!({"a": {"$not": {"$absent": true}}}),
            &[json!({"a": 1})],
            &[json!({})],
        ),
        (
            json!({"a": {"$not": {"$any": true}}}),
            &[json!({})],
            &[json!({"a": 1})],
        ),
        (
            json!({"$one_of": [1, {"$matches": "^x"}]}),
            &[json!(1), json!("xy")],
            &[json!(2), json!("yx")],
        ),
        (
            json!({"a": {"$one_of": [1, {"$absent": true}]}}),
            &[json!({}), json!({"a": 1})],
            &[json!({"a": 2})],
        ),
        (
            json!({"$gt": 5}),
            &[json!(6), json!(5.5)],
            &[json!(5), json!(4), json!("6"), json!(null)],
        ),
        (json!({"$gte": 5}), &[json!(5), json!(5.0)], &[json!(4.9)]),
        (
            json!({"$lt": "2024-02"}),
            &[json!("2024-01-31")],
            &[json!("2024-02"), json!("2024-02-01"), json!(1)],
        ),
        (json!({"$lte": 5}), &[json!(5), json!(-1)], &[json!(5.1)]),
        (
            json!({"$each": {"id": {"$type": "integer"}}}),
            &[json!([]), json!([{"id": 1}])],
            &[json!([{"id": 1}, {"id": "2"}]), json!({"id": 1})],
        ),
        (
            json!({"$unordered": [{"$any": true}, 1]}),
            &[json!([1, 2]), json!([2, 1])],
            &[json!([2, 2]), json!([1]), json!([1, 2, 3]), json!("12")],
        ),
        (json!({"$unordered": []}), &[json!([])], &[json!([1])]),
    ];
    for (rule, good, bad) in table {
        for value in *good {
            assert_eq!(wrong(rule, value), [""; 0], "{rule} and {value}");
            assert!(matches(&matcher(rule), value));
        }
        for value in *bad {
            assert!(!wrong(rule, value).is_empty(), "{rule} and {value}");
            assert!(!matches(&matcher(rule), value), "{rule} and {value}");
        }
    }
}

#[test]
fn every_wrong_path_is_listed_with_its_message() {
    let written = json!({
        "lastname": "Hopper",
        "id": {"$type": "integer"},
        "email": {"$matches": "@example\\.com$"},
        "addresses": [{"city": "Rome"}, {"city": "Oslo"}],
        "a/b": {"~": 1},
        "gone": {"$absent": true},
        "tags": {"$each": {"$gt": 0}},
        "count": {"$length": 3},
        "set": {"$unordered": [1, 2]},
        "exact": {"$equals": {"x": 1}},
        "list": [1, 2],
        "has": {"$contains": 9}
    });
    let actual = json!({
        "lastname": "Lovelace",
        "id": "7",
        "addresses": [{"city": "Rome"}, {"city": "Bern"}],
        "a/b": {"~": 2},
        "gone": null,
        "tags": [1, -1, 0],
        "count": [1],
        "set": [2, 3],
        "exact": {"x": 1, "y": 2},
        "list": [1],
        "has": [1, 2]
    });
    assert_eq!(
        wrong(&written, &actual),
        [
            r#"/lastname is "Lovelace", expected "Hopper""#,
            r#"/id is "7", expected an integer"#,
            r"/email is missing, expected text matching /@example\.com$/",
            r#"/addresses/1/city is "Bern", expected "Oslo""#,
            "/a~1b/~0 is 2, expected 1",
            "/gone is null, expected it to be absent",
            "/tags/1 is -1, expected > 0",
            "/tags/2 is 0, expected > 0",
            "/count has length 1, expected 3",
            "/set has no separate item that matches 1",
            "/exact/y is 2, expected no other members",
            "/list has 1 item, expected 2",
            "/has has no item that matches 9 among its 2",
        ]
    );
}

#[test]
fn long_texts_are_kept_for_a_diff_and_short_ones_not() {
    let long = "line one\nline two";
    let found = mismatches(&matcher(&json!(long)), &json!("line one\nline 2"));
    assert_eq!(
        found[0].texts,
        Some((long.to_owned(), "line one\nline 2".to_owned()))
    );
    assert_eq!(
        mismatches(&matcher(&json!("a")), &json!("b"))[0].texts,
        None
    );
}

#[test]
fn the_corrected_body_differs_only_where_the_actual_one_is_wrong() {
    let put = |written: Value, actual: Value| corrected(&matcher(&written), Some(&actual));
    let actual =
        json!({"id": 7.0, "lastname": "Lovelace", "extra": [1], "gone": 1, "list": [1, 2, 3]});
    assert_eq!(
        put(
            json!({"id": 7, "lastname": "Hopper", "gone": {"$absent": true}, "list": [1, 5], "new": {"$type": "string"}}),
            actual.clone()
        ),
        Some(
            json!({"id": 7.0, "lastname": "Hopper", "extra": [1], "list": [1, 5], "new": "<a string>"})
        )
    );
    assert_eq!(put(json!({"id": {"$gt": 1}}), actual.clone()), Some(actual));
    assert_eq!(
        put(json!({"$unordered": [1, 2, 3]}), json!([3, 9, 1])),
        Some(json!([3, 2, 1]))
    );
    assert_eq!(put(json!({"$absent": true}), json!(1)), None);
    assert_eq!(
        put(json!({"$each": {"a": 1}}), json!([{"a": 2, "b": 3}])),
        Some(json!([{"a": 1, "b": 3}]))
    );
    assert_eq!(
        put(json!({"$equals": {"a": 1}}), json!({"a": 1, "b": 2})),
        Some(json!({"a": 1}))
    );
    // A corrected value matches wherever the expectation is a literal.
    let literal = json!({"a": [1, {"b": "x"}], "c": {"d": null}});
    let rule = matcher(&literal);
    for actual in [
        json!(1),
        json!({"a": 5}),
        json!({"a": [2, {"z": 1}], "c": []}),
    ] {
        let fixed = corrected(&rule, Some(&actual)).unwrap();
        assert!(matches(&rule, &fixed), "{actual} became {fixed}");
    }
}

#[test]
fn rules_have_a_description() {
    for (written, description) in [
        (
            json!({"a": {"$type": "integer|null"}}),
            r#"{"a": an integer or null}"#,
        ),
        (json!([1, {"$any": true}]), "[1, any value]"),
        (
            json!({"$not": {"$contains": "x"}}),
            r#"not something that contains "x""#,
        ),
        (json!({"$one_of": [1, {"$lte": 5}]}), "1 or <= 5"),
        (json!({"$unordered": ["a"]}), r#"in any order ["a"]"#),
        (json!({"$equals": {"a": 1}}), r#"exactly {"a":1}"#),
    ] {
        assert_eq!(describe(&matcher(&written)), description);
    }
}

#[test]
fn pairing_moves_earlier_choices_when_a_later_rule_needs_their_item() {
    // Each rule fits a smaller set of items; only one assignment covers all rules.
    let rules = json!({"$unordered": [
        {"$one_of": [1, 2, 3, 4]}, {"$one_of": [1, 2, 3]}, {"$one_of": [1, 2]}, 1
    ]});
    assert!(matches(&matcher(&rules), &json!([1, 2, 3, 4])));
    assert!(matches(&matcher(&rules), &json!([4, 3, 2, 1])));
    assert_eq!(
        wrong(&rules, &json!([4, 4, 1, 2])).len(),
        1,
        "one rule is left over"
    );
}

#[test]
fn mismatches_of_huge_lists_are_limited() {
    let found = mismatches(
        &matcher(&json!({"$each": 1})),
        &Value::Array(vec![json!(0); 50_000]),
    );
    assert_eq!(found.len(), super::MAX_MISMATCHES);
}
