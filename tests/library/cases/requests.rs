//! `lint` of requests: what their contract does not allow is a warning, unless the case expects to be refused.

use std::path::Path;

use counterpart::case::{self, check_requests};
use counterpart::contract::{self, Loader, Reading};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::source::Folder;

use super::Texts;

const CONTRACT: &str = r##"openapi: 3.1.1
info: { title: T, version: '1' }
security: [ { key: [] }, {} ]
components:
  securitySchemes: { key: { type: apiKey, in: query, name: api_key } }
  schemas:
    Thing:
      type: object
      required: [id, name, size]
      additionalProperties: false
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, minLength: 2 }
        size: { type: integer }
        parts: { type: array, items: { $ref: "#/components/schemas/Thing" } }
        kind: { oneOf: [ { const: a }, { const: b } ] }
        link: { type: object, required: [id], properties: { id: { type: integer } } }
        any: { oneOf: [ { $ref: "#/components/schemas/Thing" }, { type: string } ] }
    Upload:
      type: object
      required: [title]
      additionalProperties: false
      properties:
        title: { type: string, minLength: 2 }
        size: { type: integer }
        sizes: { type: array, items: { type: integer } }
        address: { type: object, required: [city], properties: { city: { type: string } } }
        image: { type: string, format: binary, maxLength: 3 }
paths:
  /things/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer, minimum: 1 } }
        - { name: page, in: query, required: true, schema: { type: integer } }
        - { name: tags, in: query, explode: false, schema: { type: array, maxItems: 2, items: { enum: [a, b] } } }
        - { name: open, in: query, allowEmptyValue: true, schema: { type: boolean } }
        - { name: filter, in: query, style: deepObject, explode: true, schema: { type: object, properties: { size: { type: integer } } } }
        - { name: "flat[0][x]", in: query, schema: { type: string } }
        - { name: json, in: query, content: { application/json: { schema: { type: integer } } } }
        - { name: X-Kind, in: header, required: true, schema: { enum: [a] } }
      responses: { '200': { description: done }, '400': { description: refused } }
    put:
      parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
      responses: { '200': { description: done }, '400': { description: refused } }
  /upload:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: { $ref: "#/components/schemas/Upload" }
            encoding: { image: { headers: { X-Sum: { required: true }, X-Note: {} } } }
          application/x-www-form-urlencoded: { schema: { $ref: "#/components/schemas/Upload" } }
      responses: { '200': { description: done } }
  /spread:
    get:
      parameters: [ { name: color, in: query, required: true, schema: { type: object, properties: { R: { type: integer } } } } ]
      responses: { '200': { description: done } }
"##;

/// The warnings about one step, as `code: message`.
#[track_caller]
fn warnings(step: &str) -> Vec<String> {
    let files = Texts::default().with(
        "shop/a.yaml",
        &format!("contract: api.yaml\ncases:\n  - {{ name: a, {step} }}\n"),
    );
    let contracts = Texts::default().with("api.yaml", CONTRACT);
    let mut diagnostics = Diagnostics::new();
    let suite = case::load(
        &files,
        "shop",
        &|path, diagnostics| contract::load(&contracts, path, diagnostics),
        &mut diagnostics,
    );
    assert!(
        diagnostics.is_empty(),
        "{}",
        diagnostics.render(Style::Plain)
    );
    let mut found = Diagnostics::new();
    check_requests(&suite.unwrap(), &mut found);
    assert!(!found.has_errors());
    found
        .iter()
        .map(|diagnostic| format!("{}: {}", diagnostic.code, diagnostic.message))
        .collect()
}

fn get(values: &str) -> String {
    format!("call: \"GET /things/{{id}}\", path: {{ id: 7 }}, query: {{ page: 1, {values} }}")
}

fn put(body: &str) -> String {
    format!("call: \"PUT /things/{{id}}\", path: {{ id: 7 }}, body: {body}")
}

#[test]
fn requests_that_the_contract_allows_have_no_warning() {
    for values in [
        "",
        "page: '2'",
        "page: 1e3",
        "page: '{{ seed }}'",
        "tags: [a, b]",
        "tags: a",
        "tags: 'a,b'",
        "open: true",
        "open: 'false'",
        "open: null",
        "open: ''",
        "filter: { size: '7' }",
        "'filter[size]': 7",
        "'flat[0][x]': y",
        "'flat[12][x]': y",
        "flat: [{ x: y }]",
        "json: 7",
        "api_key: secret",
    ] {
        let values = values.trim_start_matches("page: 1, ");
        let step = match values.starts_with("page") {
            true => get("").replace("page: 1, ", values),
            false => get(values),
        };
        assert_eq!(warnings(&step), Vec::<String>::new(), "{values}");
    }
    for body in [
        "{ name: ab, size: 1 }",
        "{ name: ab, size: 1, parts: [{ name: cd, size: 2, kind: a }] }",
        "{ name: '{{ unique.word }}', size: 1 }",
        "{ name: ab, size: '{{ seed }}', kind: '{{ unique.word }}' }",
        "{ name: ab, size: 1, link: { id: 1 }, any: { name: ab, size: 1 } }",
        "'{{ seed }}'",
    ] {
        assert_eq!(warnings(&put(body)), Vec::<String>::new(), "{body}");
    }
    assert!(warnings("call: GET /spread, query: { R: 1, anything: 2 }").is_empty());
}

#[test]
fn names_values_and_gaps_are_reported() {
    for (values, expected) in [
        (
            "pag: 1",
            "undeclared-parameter: GET /things/{id} declares no query parameter `pag`",
        ),
        (
            "tags: c",
            "invalid-value: the query parameter `tags` has a value that the contract does not allow: ",
        ),
        (
            "tags: [a, b, a]",
            "invalid-value: the query parameter `tags`",
        ),
        ("open: maybe", "invalid-value: the query parameter `open`"),
        (
            "filter: { size: big }",
            "invalid-value: the query parameter `filter`",
        ),
        ("json: '7'", "invalid-value: the query parameter `json`"),
        (
            "'flat[0][y]': 1",
            "undeclared-parameter: GET /things/{id} declares no query parameter `flat[0][y]`",
        ),
    ] {
        let found = warnings(&get(values));
        assert_eq!(found.len(), 1, "{values}: {found:?}");
        assert!(found[0].starts_with(expected), "{values}: {found:?}");
    }
    let step = "call: \"GET /things/{id}\", path: { id: 0 }, headers: { x-kind: b }";
    let found = warnings(step);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("invalid-value: the path parameter `id`"));
    assert!(found[1].starts_with("invalid-value: the header parameter `x-kind`"));
    assert_eq!(
        found[2],
        "missing-parameter: the required query parameter `page` is left out"
    );
}

#[test]
fn bodies_are_reported_where_it_does_not_depend_on_a_template() {
    for (body, expected) in [
        ("{ name: a, size: 1 }", "at /name: "),
        ("{ name: ab }", "allows: "),
        ("{ name: '{{ unique.word }}' }", "allows: "),
        ("{ name: '{{ unique.word }}', size: big }", "at /size: "),
        ("{ name: '{{ unique.word }}', size: 1, x: 1 }", "at /x: "),
        // `id` is read-only in another object.
        ("{ name: ab, size: 1, link: {} }", "at /link: "),
        ("{ name: ab, size: 1, any: 7 }", "at /any: "),
        ("[1]", "allows: "),
    ] {
        let found = warnings(&put(body));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        let begin = "invalid-body: the body is not what the contract allows";
        assert!(found[0].starts_with(begin), "{body}: {found:?}");
        assert!(found[0].contains(expected), "{body}: {found:?}");
    }
    assert_eq!(
        warnings("call: \"PUT /things/{id}\", path: { id: 7 }"),
        ["missing-body: the required body is left out"]
    );
}

fn upload(body: &str) -> String {
    format!("call: POST /upload, {body}")
}

#[test]
fn forms_and_parts_that_the_contract_allows_have_no_warning() {
    let sum = "headers: { X-Sum: a }";
    for fields in [
        "{ title: ab }",
        "{ title: '12', size: '7', sizes: 3 }",
        "{ title: 12, size: 7, sizes: [1, '2'] }",
        "{ title: '{{ unique.word }}', size: '{{ seed }}', sizes: ['{{ seed }}'] }",
        "{ title: ab, address: { city: x } }",
        "{ title: ab, 'address[city]': x, 'sizes[]': 1 }",
    ] {
        for kind in ["form", "multipart"] {
            let found = warnings(&upload(&format!("{kind}: {fields}")));
            assert_eq!(found, Vec::<String>::new(), "{kind} {fields}");
        }
    }
    for parts in [
        format!("{{ title: ab, image: {{ $text: 'a long file', {sum} }} }}"),
        format!(
            "{{ title: {{ $text: a }}, sizes: [{{ $text: a }}, 2], image: {{ $base64: aGk=, {sum} }} }}"
        ),
    ] {
        let found = warnings(&upload(&format!("multipart: {parts}")));
        assert_eq!(found, Vec::<String>::new(), "{parts}");
    }
}

#[test]
fn forms_and_parts_are_reported_like_json() {
    for (fields, expected) in [
        ("{}", "allows: "),
        ("{ title: a }", "at /title: "),
        ("{ title: ab, size: big }", "at /size: "),
        ("{ title: ab, sizes: [1, big] }", "at /sizes/1: "),
        ("{ title: ab, titel: x }", "at /titel: "),
        ("{ title: ab, address: {} }", "at /address: "),
        ("{ 'title[0]': ab, sise: 1 }", "at /sise: "),
    ] {
        for (kind, called) in [("form", "form"), ("multipart", "multipart body")] {
            let found = warnings(&upload(&format!("{kind}: {fields}")));
            assert_eq!(found.len(), 1, "{kind} {fields}: {found:?}");
            let begin = format!("invalid-body: the {called} is not what the contract allows");
            assert!(found[0].starts_with(&begin), "{found:?}");
            assert!(found[0].contains(expected), "{fields}: {found:?}");
        }
    }
    let expected =
        "missing-parameter: the part `image` is sent without its required header `X-Sum`";
    for image in [
        "x",
        "{ $text: x }",
        "[{ $text: x, headers: { x-sum: a } }, { $text: y }]",
    ] {
        let found = warnings(&upload(&format!(
            "multipart: {{ title: ab, image: {image} }}"
        )));
        assert_eq!(found, [expected], "{image}");
    }
}

#[test]
fn a_case_that_expects_to_be_refused_sends_what_it_likes() {
    for expect in [
        "{ status: 400 }",
        "{ status: 4XX }",
        "{ status: [200, 400] }",
        "{ status: 200, undocumented: true }",
        "{ status: 500, undocumented: true }",
    ] {
        let step = format!(
            "call: \"GET /things/{{id}}\", path: {{ id: x }}, query: {{ pag: 1, tags: c }}, expect: {expect}"
        );
        assert_eq!(warnings(&step), Vec::<String>::new(), "{expect}");
    }
    let step =
        "call: \"GET /things/{id}\", path: { id: x }, query: { pag: 1 }, expect: { status: 200 }";
    assert_eq!(warnings(step).len(), 3);
    let tagged = format!("tags: [undocumented-request], {step}");
    assert_eq!(warnings(&tagged), Vec::<String>::new());
}

#[test]
fn shipped_cases_have_no_warning() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (schemas, cases) = (
        Folder::new(project.join("schemas")),
        Folder::new(project.join("cases")),
    );
    for system in ["magento", "magento-admin-save", "nuweb"] {
        let loader = Loader::new(&schemas, Reading::default());
        let suite = case::load(
            &cases,
            system,
            &|name, diagnostics| loader.load(name, diagnostics),
            &mut Diagnostics::new(),
        );
        let mut found = Diagnostics::new();
        check_requests(&suite.unwrap(), &mut found);
        let shown = found.render(Style::Plain);
        assert!(found.is_empty(), "{shown}");
    }
}
