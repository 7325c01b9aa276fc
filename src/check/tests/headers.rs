//! Headers as values of their schemas.

use super::*;

/// The findings for `lines` against a header `X-H` that is documented like this; `code: message` each.
#[track_caller]
fn header(dialect: &str, documented: &str, lines: &[&str]) -> Vec<String> {
    let headed: String = lines.iter().map(|line| format!("X-H: {line}\n")).collect();
    let contract = match dialect {
        "2.0" => format!(
            "swagger: '2.0'\ninfo: {{ title: T, version: '1' }}\npaths: {{ /h: {{ get: {{ responses: {{ '200': {{ description: d, headers: {{ X-H: {documented} }} }} }} }} }} }}"
        ),
        dialect => format!(
            "openapi: {dialect}\ninfo: {{ title: T, version: '1' }}\npaths: {{ /h: {{ get: {{ responses: {{ '200': {{ description: d, headers: {{ X-H: {documented} }} }} }} }} }} }}\ncomponents: {{ schemas: {{ Colour: {{ type: object, required: [R], properties: {{ R: {{ type: string }}, n: {{ type: integer }} }}, additionalProperties: {{ type: string, maxLength: 3 }} }}, Text: {{ type: string }} }} }}"
        ),
    };
    let contract = loaded(&contract);
    let operation = contract.operation(&Method::GET, "/h").unwrap();
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 20);
    let exchange = exchange(200, &headed, "");
    let checked = check(&exchange, &context, &Severities::default());
    checked.findings.iter().map(summary).collect()
}

#[track_caller]
fn accepts(dialect: &str, documented: &str, line: &str) {
    let found = header(dialect, documented, &[line]);
    assert_eq!(found, [""; 0], "{documented} refuses {line:?}");
}

#[track_caller]
fn refuses(dialect: &str, documented: &str, line: &str) {
    let found = header(dialect, documented, &[line]);
    assert!(
        found.len() == 1 && found[0].starts_with("header-invalid header x-h: "),
        "{documented} accepts {line:?}: {found:?}"
    );
}

#[test]
fn content_is_read_in_its_media_type() {
    let content = "{ content: { application/json: { schema: { type: object, required: [a], properties: { a: { type: integer } } } } } }";
    for dialect in ["3.0.4", "3.1.1"] {
        accepts(dialect, content, r#"{"a":1}"#);
        refuses(dialect, content, r#"{"a":"1"}"#);
        refuses(dialect, content, r#"{}"#);
        refuses(dialect, content, "a,1");
    }
    assert_eq!(
        header("3.1.1", content, &["{\"a\":"]),
        ["header-invalid header x-h: the header X-H is not JSON: EOF while parsing a value"]
    );
    let number = "{ content: { application/vnd.x+json: { schema: { type: integer } } } }";
    accepts("3.1.1", number, "5");
    refuses("3.1.1", number, "\"5\"");
    let text = "{ content: { text/plain: { schema: { type: integer, maximum: 5 } } } }";
    accepts("3.1.1", text, "5");
    refuses("3.1.1", text, "6");
    // No notation that a schema could speak of.
    let other = "{ content: { application/xml: { schema: { type: object } } } }";
    accepts("3.1.1", other, "<a/>");
}

/// The rows of "Style Examples" for `simple` (OpenAPI 3.1.1).
#[test]
fn explode_decides_how_objects_are_written() {
    let colour =
        |explode: &str| format!("{{ {explode}schema: {{ $ref: '#/components/schemas/Colour' }} }}");
    for default in ["", "explode: false, "] {
        accepts("3.1.1", &colour(default), "R,100,G,200,B,150");
        refuses("3.1.1", &colour(default), "R=100,G=200,B=150");
    }
    accepts("3.1.1", &colour("explode: true, "), "R=100,G=200,B=150");
    accepts("3.1.1", &colour("explode: true, "), "R=100, G=200");
    refuses("3.1.1", &colour("explode: true, "), "R,100,G,200,B,150");
    for explode in ["", "explode: true, "] {
        let list = format!(
            "{{ {explode}schema: {{ type: array, maxItems: 3, items: {{ type: string, pattern: '^[a-z]+$' }} }} }}"
        );
        accepts("3.1.1", &list, "blue,black,brown");
        accepts("3.1.1", &list, "");
        refuses("3.1.1", &list, "blue,black,brown,red");
        refuses("3.1.1", &list, "blue,7");
    }
}

#[test]
fn digits_are_strings_where_the_schema_describes_strings() {
    let colour = "{ explode: true, schema: { $ref: '#/components/schemas/Colour' } }";
    accepts("3.1.1", colour, "R=100");
    accepts("3.1.1", colour, "R=100,n=7,more=12");
    accepts("3.1.1", colour, "R=true");
    refuses("3.1.1", colour, "R=100,n=x");
    refuses("3.1.1", colour, "R=100,more=1234");
    for item in [
        "$ref: '#/components/schemas/Text'",
        "allOf: [ { $ref: '#/components/schemas/Text' } ]",
        "anyOf: [ { type: string }, { type: boolean } ]",
        "oneOf: [ { type: string, pattern: '^[0-9]+$' }, { type: integer, minimum: 1000 } ]",
        "type: [string, 'null']",
        "enum: ['100', '7']",
        "pattern: '^[0-9]+$'",
    ] {
        let object = format!(
            "{{ explode: true, schema: {{ type: object, properties: {{ R: {{ {item} }} }} }} }}"
        );
        accepts("3.1.1", &object, "R=100");
        let list = format!("{{ schema: {{ type: array, items: {{ {item} }} }} }}");
        accepts("3.1.1", &list, "100, 7");
    }
    let patterned = "{ explode: true, schema: { type: object, patternProperties: { '^s': { type: string }, '^n': { type: number } }, additionalProperties: false } }";
    accepts("3.1.1", patterned, "s1=5,n1=5.5");
    refuses("3.1.1", patterned, "s1=5,n1=x");
    let tuple = "{ schema: { type: array, prefixItems: [ { type: string }, { type: integer } ], items: false } }";
    accepts("3.1.1", tuple, "1,2");
    refuses("3.1.1", tuple, "1,x");
    refuses("3.1.1", tuple, "1,2,3");
}

/// Each item is read for itself, however many there are.
#[test]
fn items_of_several_types_are_read_one_by_one() {
    let items = "{ schema: { type: array, items: { oneOf: [ { type: integer, minimum: 10 }, { type: string, pattern: '^(a|5)' } ] } } }";
    accepts(
        "3.1.1",
        items,
        "12, ab, 5, 10, ".repeat(2000).trim_end_matches(", "),
    );
    refuses("3.1.1", items, "12, ab, 7");
    let free = "{ schema: { type: array, uniqueItems: true } }";
    refuses("3.1.1", free, "1, 2, 1");
    accepts("3.1.1", free, "1, 2, 3");
}

#[test]
fn a_schema_without_type_can_refuse() {
    for (schema, right, wrong) in [
        ("{ minimum: 5 }", "5", "3"),
        ("{ minimum: 5 }", "text", "-1.5"),
        ("{ multipleOf: 2 }", "4", "5"),
        ("{ exclusiveMaximum: 5 }", "4.9", "5"),
        ("{ format: int32 }", "7", "3000000000"),
        ("{ maxLength: 2 }", "12", "123"),
        ("{ pattern: '^[0-9]$' }", "1", "12"),
        ("{ enum: [1, a, true] }", "1", "2"),
        ("{ enum: ['1'] }", "1", "2"),
        ("{ const: false }", "false", "true"),
        ("{ not: { const: 5 } }", "6", "5"),
        ("{ maxItems: 2 }", "1,2", "1,2,3"),
        ("{ items: { maximum: 5 } }", "1,5", "1,6"),
        ("{ required: [a] }", "a,1", "b,1"),
        ("{ allOf: [ { minimum: 5 } ] }", "5", "3"),
        ("{ anyOf: [ { maximum: 1 }, { minimum: 5 } ] }", "5", "3"),
        // A number or a text: one plausible reading is enough.
        (
            "{ minimum: 5, maxLength: 1 }",
            "3",
            "12345678901234567890.5e400",
        ),
    ] {
        let documented = format!("{{ schema: {schema} }}");
        accepts("3.1.1", &documented, right);
        refuses("3.1.1", &documented, wrong);
    }
    for anything in ["5", "text", "", "a,b", "{}"] {
        accepts("3.1.1", "{ schema: {} }", anything);
        accepts("3.1.1", "{ schema: true }", anything);
    }
}

#[test]
fn scalars_keep_their_type() {
    for (schema, right, wrong) in [
        ("{ type: integer }", "007", "7.5"),
        ("{ type: integer }", "123456789012345678901234567890", "x"),
        ("{ type: number }", "1e3", "1,5"),
        ("{ type: boolean }", "true", "1"),
        ("{ type: string, minLength: 2 }", "12", "1"),
        ("{ type: [integer, 'null'] }", "null", "nil"),
        ("{ type: string, format: date }", "2024-02-29", "2023-02-29"),
    ] {
        let documented = format!("{{ schema: {schema} }}");
        accepts("3.1.1", &documented, right);
        refuses("3.1.1", &documented, wrong);
    }
}

#[test]
fn collection_formats_of_swagger_separate_lists() {
    let list = |format: &str| {
        format!("{{ type: array, {format}maxItems: 3, items: {{ type: integer }} }}")
    };
    for (format, right) in [
        ("", "1,2, 3"),
        ("collectionFormat: csv, ", "1,2,3"),
        ("collectionFormat: ssv, ", "1 2 3"),
        ("collectionFormat: tsv, ", "1\t2\t3"),
        ("collectionFormat: pipes, ", "1|2|3"),
    ] {
        accepts("2.0", &list(format), right);
        refuses("2.0", &list(format), &format!("{right}x"));
        for other in ["1,2,3", "1 2 3", "1\t2\t3", "1|2|3"] {
            if !right.starts_with(&other[..2]) {
                refuses("2.0", &list(format), other);
            }
        }
    }
    let pipes = list("collectionFormat: pipes, ");
    assert_eq!(header("2.0", &pipes, &["1|2", "3"]), [""; 0]);
    assert_eq!(header("2.0", &pipes, &["1|2", "3|4"]).len(), 1);
    let nested = "{ type: array, collectionFormat: pipes, items: { type: array, maxItems: 2, items: { type: integer } } }";
    accepts("2.0", nested, "1,2|3|4,5");
    refuses("2.0", nested, "1,2|3,4,5");
}

#[test]
fn cookies_are_one_list_only_where_the_schema_describes_lists() {
    let cookies = |schema: &str| {
        let contract = loaded(&format!(
            "openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\npaths: {{ /h: {{ get: {{ responses: {{ '200': {{ description: d, headers: {{ Set-Cookie: {{ schema: {schema} }} }} }} }} }} }} }}"
        ));
        let operation = contract.operation(&Method::GET, "/h").unwrap();
        let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 20);
        let exchange = exchange(200, "Set-Cookie: theme=dark\nSet-Cookie: sid=1", "");
        let checked = check(&exchange, &context, &Severities::default());
        checked.findings.len()
    };
    assert_eq!(cookies("{ type: string, pattern: '^sid=' }"), 0);
    assert_eq!(cookies("{ pattern: '^sid=' }"), 0);
    assert_eq!(cookies("{ pattern: '^id=' }"), 1);
    assert_eq!(
        cookies("{ type: array, minItems: 2, items: { pattern: '=' } }"),
        0
    );
    assert_eq!(
        cookies("{ type: array, contains: { pattern: '^sid=' } }"),
        0
    );
    assert_eq!(cookies("{ type: array, minItems: 3 }"), 1);
}
