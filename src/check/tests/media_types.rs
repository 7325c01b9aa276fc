//! Swagger 2.0 without `produces`: no media type is promised.

use super::*;

/// The codes for a response; `produces` are lines of the document and of the operation.
fn codes(produces: [&str; 2], headers: &str, body: &str) -> Vec<&'static str> {
    let [document, operation] = produces;
    let contract = loaded(&format!(
        "swagger: '2.0'\ninfo: {{ title: T, version: '1' }}\n{document}\npaths: {{ /t: {{ get: {{ {operation} responses: {{ '200': {{ description: d, schema: {{ type: object, required: [id], properties: {{ id: {{ type: integer }} }} }} }} }} }} }} }}"
    ));
    let operation = contract.operation(&Method::GET, "/t").unwrap();
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 20);
    let exchange = exchange(200, headers, body.to_owned());
    let checked = check(&exchange, &context, &Severities::default());
    let findings = checked.findings.iter();
    findings.map(|finding| finding.code.as_str()).collect()
}

#[test]
fn without_produces_any_media_type_is_allowed_and_json_is_validated() {
    let none = ["", ""];
    for json in [
        "Content-Type: application/json",
        "Content-Type: application/hal+json; charset=utf-8",
        "Content-Type: text/json",
        "",
    ] {
        assert_eq!(codes(none, json, r#"{"id":1}"#), [""; 0], "{json}");
        assert_eq!(
            codes(none, json, r#"{"id":"1"}"#),
            ["body-schema"],
            "{json}"
        );
        assert_eq!(codes(none, json, ""), ["body-missing"], "{json}");
    }
    for other in [
        "Content-Type: application/xml",
        "Content-Type: text/plain",
        "Content-Type: application/octet-stream",
        "Content-Type: image/png",
    ] {
        assert_eq!(codes(none, other, "<id>1</id>"), [""; 0], "{other}");
        let json = codes(none, other, r#"{"id":"1"}"#);
        match other.ends_with("xml") {
            true => assert_eq!(json, ["body-unparsable"], "{other}"),
            false => assert_eq!(json, [""; 0], "{other}"),
        }
    }
    assert_eq!(
        codes(none, "Content-Type: json", "{}"),
        ["content-type-undocumented"]
    );
}

#[test]
fn an_empty_list_of_an_operation_removes_that_of_the_document() {
    let xml = "Content-Type: application/xml";
    let document = "produces: [application/json]";
    assert_eq!(
        codes([document, ""], xml, "<a/>"),
        ["content-type-undocumented"]
    );
    assert_eq!(codes([document, "produces: [],"], xml, "<a/>"), [""; 0]);
    assert_eq!(
        codes(["", "produces: [application/xml],"], xml, "<a/>"),
        ["body-schema"]
    );
    assert_eq!(
        codes(
            ["", "produces: [application/xml],"],
            xml,
            "<a><id>1</id></a>"
        ),
        [""; 0]
    );
    assert_eq!(
        codes(["", "produces: [application/json],"], "", r#"{"id":1}"#),
        ["content-type-missing"]
    );
}
