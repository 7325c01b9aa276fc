//! Limits of numbers and texts: whole numbers written as floats, formats of numbers, patterns in the words of ECMA-262.

use serde_json::json;

use super::{read, schema, sound, violations};

const DIALECTS: [&str; 3] = ["swagger: '2.0'", "openapi: 3.0.3", "openapi: 3.1.0"];

/// A contract with the schema `S`.
fn text(dialect: &str, schema: &str) -> String {
    let container = match dialect.starts_with("swagger") {
        true => "definitions:\n",
        false => "components:\n  schemas:\n  ",
    };
    format!(
        "{dialect}\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\n{container}  S: {schema}\n"
    )
}

#[test]
fn a_count_may_be_written_as_a_float() {
    for (keyword, right, wrong) in [
        ("maxLength: 2.0", json!("ab"), json!("abc")),
        ("minLength: 2.0", json!("ab"), json!("a")),
        ("maxItems: 1.0", json!([1]), json!([1, 2])),
        ("minItems: 1e0", json!([1]), json!([])),
        (
            "maxProperties: 1.0",
            json!({"a": 1}),
            json!({"a": 1, "b": 2}),
        ),
        ("minProperties: 1.0", json!({"a": 1}), json!({})),
    ] {
        for dialect in DIALECTS {
            let contract = sound(&text(dialect, &format!("{{ {keyword} }}")));
            let found = schema(&contract, "S");
            assert_eq!(violations(found, &right), [""; 0], "{dialect} {keyword}");
            assert_eq!(violations(found, &wrong).len(), 1, "{dialect} {keyword}");
        }
    }
    let contains = "{ contains: { type: integer }, minContains: 2.0, maxContains: 2.0 }";
    let contract = sound(&text("openapi: 3.1.0", contains));
    let found = schema(&contract, "S");
    assert_eq!(violations(found, &json!([1, 2, "a"])), [""; 0]);
    assert_eq!(violations(found, &json!([1])).len(), 1);
    for keyword in ["maxLength: 2.5", "minItems: -1.0"] {
        let (_, rendered) = read(&text("openapi: 3.1.0", &format!("{{ {keyword} }}")));
        assert!(
            rendered.contains("a whole number of at least 0"),
            "{rendered}"
        );
    }
}

#[test]
fn the_largest_float_is_a_float() {
    for dialect in DIALECTS {
        let contract = sound(&text(dialect, "{ type: number, format: float }"));
        let found = schema(&contract, "S");
        for right in [
            "3.4028235e38",
            "-3.4028235e38",
            "3.4028234663852886e38",
            "0.1",
        ] {
            let value = serde_json::from_str(right).unwrap();
            assert_eq!(violations(found, &value), [""; 0], "{right}");
        }
        for wrong in ["3.4028236e38", "-1e39"] {
            let value = serde_json::from_str(wrong).unwrap();
            assert_eq!(violations(found, &value).len(), 1, "{wrong}");
        }
    }
}

#[test]
fn patterns_of_ecma_262_are_checked() {
    for (pattern, right, wrong) in [
        ("^.{0,262144}$", "a".repeat(262_144), "a".repeat(262_145)),
        ("^[^]$", "\n".to_owned(), String::new()),
        (r"(?<y>\d)\k<y>", "11".to_owned(), "12".to_owned()),
        (r"^(?!0)\d+$", "10".to_owned(), "\u{661}".to_owned()),
        (r"^\cA$", "\u{1}".to_owned(), "A".to_owned()),
        (r"^\/a\/\p{Lu}$", "/a/É".to_owned(), "/a/é".to_owned()),
    ] {
        for dialect in DIALECTS {
            let contract = sound(&text(dialect, &format!("{{ pattern: '{pattern}' }}")));
            let found = schema(&contract, "S");
            assert_eq!(violations(found, &json!(right)), [""; 0], "{pattern}");
            let refused = found.violations(&json!(wrong));
            assert_eq!(refused.len(), 1, "{pattern}");
            assert_eq!(refused[0].keyword, "pattern");
            assert_eq!(refused[0].expected, pattern);
            assert!(
                refused[0]
                    .message
                    .ends_with(&format!("does not match the pattern {pattern}"))
            );
        }
        let names = format!(
            "{{ patternProperties: {{ '{pattern}': {{ type: integer }} }}, additionalProperties: false }}"
        );
        let contract = sound(&text("openapi: 3.1.0", &names));
        let found = schema(&contract, "S");
        assert_eq!(
            violations(found, &json!({ right.clone(): 1 })),
            [""; 0],
            "{pattern}"
        );
        assert_eq!(found.violations(&json!({ wrong: 1 })).len(), 1, "{pattern}");
        let typed = found.violations(&json!({ right: "x" }));
        let name = pattern.replace('~', "~0").replace('/', "~1");
        assert_eq!(
            typed[0].place.pointer,
            format!("/components/schemas/S/patternProperties/{name}/type")
        );
    }
}

#[test]
fn a_pattern_that_is_too_costly_is_said_to_be() {
    let contract = sound(&text("openapi: 3.1.0", r"{ pattern: '^(?=a)(a|aa)+\1$' }"));
    let found = schema(&contract, "S");
    let value = json!(format!("{}b", "a".repeat(60)));
    let violations = found.violations(&value);
    assert_eq!(violations.len(), 1);
    assert!(violations[0].message.ends_with("the pattern is too costly"));
}

#[test]
fn escapes_of_other_languages_are_no_patterns() {
    for pattern in [r"\A[a-z]+\Z", r"^\Q.\E$", "a++", "(?P<year>x)"] {
        let (contract, rendered) = read(&text(
            "openapi: 3.1.0",
            &format!("{{ pattern: '{pattern}' }}"),
        ));
        assert!(rendered.contains("warning[invalid-pattern]"), "{rendered}");
        let contract = contract.unwrap();
        assert_eq!(violations(schema(&contract, "S"), &json!("?")), [""; 0]);
    }
}
