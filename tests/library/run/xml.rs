//! XML responses: what XPaths find, and what is captured by them.

use counterpart::event::{SubjectFinished, Verdict};

use super::server::{Reply, Server, with_headers};
use super::{reported_codes, run_case};

const ORDERS: &str = "<?xml version='1.0'?>
<o:orders xmlns:o='urn:orders' total='2'>
  <o:order id='7'><price>9.50</price><paid>true</paid><note><![CDATA[a < b]]></note></o:order>
  <o:order id='8'><price>12</price><paid>false</paid></o:order>
</o:orders>";

fn serving(media_type: &'static str, body: &'static str) -> Server {
    let header = format!("Content-Type: {media_type}\r\n");
    Server::start(move |_, _| Reply::Keep(with_headers("200 OK", &header, body.as_bytes())))
}

async fn run(server: &Server, steps: &str) -> SubjectFinished {
    let cases = format!("cases: [ {{ name: a, steps: [ {steps} ] }} ]");
    run_case(server.target(), "", &cases).await
}

fn messages(case: &SubjectFinished) -> Vec<String> {
    let findings = case.steps.iter().flat_map(|step| &step.findings);
    findings
        .map(|finding| format!("{}: {}", finding.code, finding.message.unescaped()))
        .collect()
}

/// The findings of an expectation of an XML body.
async fn found(expected: &str) -> Vec<String> {
    let server = serving("application/xml", ORDERS);
    let step = format!(
        "{{ send: GET /orders, expect: {{ status: 200, namespaces: {{ o: urn:orders }}, xml: {{ {expected} }} }} }}"
    );
    messages(&run(&server, &step).await)
}

#[tokio::test]
async fn xpaths_find_what_is_expected() {
    for expected in [
        "'//o:order[1]/@id': '7'",
        "'//o:order[1]/@id': 7",
        "'/o:orders/@total': { $gte: 2 }",
        "'count(//o:order)': 2, 'count(//o:order/note) > 0': true",
        "'//price': ['9.50', '12'], '//paid': [true, false]",
        "'//price': { $each: { $lt: 13 } }",
        "'//note': { $contains: '<' }, '//o:order[2]/note': { $absent: true }",
        "'//price': { $contains: 12 }, '//@id': { $unordered: ['8', '7'] }",
        "'//o:order[@id=8]/price': { $one_of: [1, 12] }, '//nothing': []",
        "'string(//price)': { $matches: '^9[.]' }, '//note': [{ $any: true }]",
    ] {
        assert_eq!(found(expected).await, [""; 0], "{expected}");
    }
}

#[tokio::test]
async fn what_xpaths_find_otherwise_is_reported() {
    for (expected, message) in [
        (
            "'//o:order[1]/@id': '8'",
            "expect-body: `//o:order[1]/@id` is \"7\", expected \"8\"",
        ),
        (
            "'count(//o:order)': 3",
            "expect-body: `count(//o:order)` is 2, expected 3",
        ),
        (
            "'//o:order[1]/price': { $lt: 9 }",
            "expect-body: `//o:order[1]/price` is 9.5, expected < 9",
        ),
        (
            "'//nothing': a",
            "expect-body: `//nothing` finds nothing, expected \"a\"",
        ),
        (
            "'//note': { $absent: true }",
            "expect-body: `//note` is \"a < b\", expected it to be absent",
        ),
        (
            "'//paid': [true, true]",
            "expect-body: `//paid` at `/1` is false, expected true",
        ),
        (
            "'//order': { $any: true }",
            "expect-body: `//order` finds nothing, expected any value",
        ),
    ] {
        assert_eq!(found(expected).await, [message], "{expected}");
    }
}

#[tokio::test]
async fn bodies_of_other_types_are_named() {
    let step = "{ send: GET /orders, expect: { status: 200, xml: { //a: '1' } } }";
    for (media_type, body, message) in [
        (
            "application/json",
            r#"{"a":1}"#,
            "expect-body: the body is JSON, which `expect.body` compares, expected \"1\" at `//a`",
        ),
        (
            "text/plain",
            "a",
            "expect-body: the body is not XML, expected \"1\" at `//a`",
        ),
        (
            "application/xml",
            "<a>1</b>",
            "body-unparsable: the body is not well-formed XML: expected 'a' tag, not 'b' (line 1, column 5)",
        ),
    ] {
        let case = run(&serving(media_type, body), step).await;
        assert_eq!(messages(&case), [message]);
    }
    // XML is XML, whatever its Content-Type says.
    let case = run(&serving("text/plain", "<a>1</a>"), step).await;
    assert_eq!(messages(&case), [""; 0]);
    let step = "{ send: GET /orders, expect: { status: 200, body: { a: 1 } } }";
    let case = run(&serving("application/xml", "<a>1</a>"), step).await;
    assert_eq!(
        messages(&case),
        ["expect-body: the body is XML, which `expect.xml` compares, expected {\"a\": 1}"]
    );
}

#[tokio::test]
async fn values_are_captured_by_xpath() {
    let server = serving("application/xml", ORDERS);
    let steps = r#"
      { send: GET /orders, expect: { status: 200 }, capture: {
          id: { xpath: "//o:order[2]/@id", namespaces: { o: urn:orders } },
          count: { xpath: "count(//*[local-name()='order'])" },
          cents: { xpath: "//price[. < 10]", matches: '[.](\d+)' } } },
      { send: "GET /orders?q={{ id }}-{{ count }}-{{ cents }}", expect: { status: 200 } }"#;
    let case = run(&server, steps).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Passed, vec![])
    );
    assert_eq!(server.lines()[1], "GET /orders?q=8-2-50");
    for (path, message) in [
        (
            "//nothing",
            "`x` cannot be captured: `//nothing` finds nothing in the response",
        ),
        (
            "//price",
            "`x` cannot be captured: `//price` finds 2 nodes in the response; begin with `string(…)` for the first, or name one",
        ),
    ] {
        let steps = format!(
            "{{ send: GET /orders, expect: {{ status: 200 }}, capture: {{ x: {{ xpath: '{path}' }} }} }}, {{ send: 'GET /{{{{ x }}}}', expect: {{ status: 200 }} }}"
        );
        let case = run(&server, &steps).await;
        let error = case.steps[0].error.as_ref().unwrap();
        assert_eq!(error.message.unescaped(), message);
    }
    let json = serving("application/json", "{}");
    let steps = "{ send: GET /o, expect: { status: 200 }, capture: { _x: { xpath: //a } } }";
    let case = run(&json, steps).await;
    let error = case.steps[0].error.as_ref().unwrap();
    assert_eq!(
        error.message.unescaped(),
        "`_x` cannot be captured: the response has no XML body"
    );
}
