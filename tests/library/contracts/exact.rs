//! Numbers that 64 bits do not hold.

use serde_json::Value;

use super::{schema, sound};

/// What is wrong with a JSON text, as `instance keyword: message`.
fn wrong(dialect: &str, written: &str, text: &str) -> Vec<String> {
    let contract = sound(&format!(
        "openapi: {dialect}\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n    S: {written}\n"
    ));
    let value: Value = serde_json::from_str(text).unwrap();
    let violations = schema(&contract, "S").violations_of_text(&value, text.as_bytes());
    let line = |violation: &counterpart::contract::Violation| {
        let pointer = &violation.place.pointer;
        assert!(pointer.ends_with(&violation.keyword), "{pointer}");
        format!(
            "{} {}: {}",
            violation.instance, violation.keyword, violation.message
        )
    };
    violations.iter().map(line).collect()
}

#[test]
fn numbers_of_thirty_digits_are_compared_exactly() {
    let big = "123456789012345678901234567890";
    let next = "123456789012345678901234567891";
    for (written, right, bad, message) in [
        (
            format!("{{ const: {big} }}"),
            big,
            next,
            format!(" const: {next} is not {big}"),
        ),
        (
            format!("{{ enum: [1, {big}] }}"),
            big,
            next,
            format!(" enum: {next} is not one of [1,{big}]"),
        ),
        (
            format!("{{ minimum: {next} }}"),
            next,
            big,
            format!(" minimum: {big} is less than {next}"),
        ),
        (
            format!("{{ maximum: {big} }}"),
            big,
            next,
            format!(" maximum: {next} is greater than {big}"),
        ),
        (
            format!("{{ exclusiveMaximum: {next} }}"),
            big,
            next,
            format!(" exclusiveMaximum: {next} is not less than {next}"),
        ),
        (
            "{ multipleOf: 10 }".to_owned(),
            big,
            next,
            format!(" multipleOf: {next} is not a multiple of 10"),
        ),
        (
            "{ const: 18446744073709551616 }".to_owned(),
            "18446744073709551616",
            "18446744073709551617",
            " const: 18446744073709551617 is not 18446744073709551616".to_owned(),
        ),
        (
            "{ const: 0.12345678901234567891 }".to_owned(),
            "0.123456789012345678910",
            "0.12345678901234567892",
            " const: 0.12345678901234567892 is not 0.12345678901234567891".to_owned(),
        ),
    ] {
        assert_eq!(wrong("3.1.0", &written, right), [""; 0], "{written}");
        assert_eq!(wrong("3.1.0", &written, bad), [message], "{written}");
    }
}

#[test]
fn exact_numbers_are_found_inside_a_body() {
    let written = "{ type: object, properties: { list: { type: array, items: { type: integer, maximum: 100000000000000000000 } } } }";
    let right = r#"{"list":[100000000000000000000,1,2.0]}"#;
    assert_eq!(wrong("3.0.3", written, right), [""; 0]);
    assert_eq!(
        wrong("3.0.3", written, r#"{"list":[1,100000000000000000001]}"#),
        ["/list/1 maximum: 100000000000000000001 is greater than 100000000000000000000"]
    );
    // Numbers that are read exactly stay the engine's.
    assert_eq!(
        wrong("3.0.3", "{ type: number, multipleOf: 0.01 }", "[19.995]"),
        [" type: [19.995] is not of type number"]
    );
    assert_eq!(
        wrong("3.0.3", "{ type: number, multipleOf: 0.01 }", "19.99"),
        [""; 0]
    );
    assert_eq!(
        wrong("3.0.3", "{ type: number, maximum: 1e300 }", "1e299"),
        [""; 0]
    );
}
