//! What contracts may contain and no case can test, or every case would cover: there must be no point for it.

use std::collections::BTreeSet;

use http::{HeaderValue, header};

use super::tests::{TestRecorder, exchange, set, suite};
use crate::event::Level;
use crate::exchange::Exchange;

/// A recorder for `POST /things` with this request schema, in OpenAPI 3.1.
fn sent(schema: &str) -> TestRecorder {
    coverage(&format!(
        r##"openapi: 3.1.0
info: {{ title: Things, version: "1" }}
paths:
  /things:
    post:
      requestBody: {{ content: {{ application/json: {{ schema: {schema} }} }} }}
      responses: {{ "201": {{ description: made }}, "400": {{ description: refused }} }}
components:
  schemas:
    Id: {{ type: integer, readOnly: true }}
    Pet: {{ oneOf: [{{ $ref: "#/components/schemas/Cat" }}, {{ $ref: "#/components/schemas/Dog" }}], discriminator: {{ propertyName: kind }} }}
    Cat: {{ type: object, required: [kind], properties: {{ kind: {{}}, lives: {{}} }} }}
    Dog: {{ type: object, required: [kind], properties: {{ kind: {{}}, tricks: {{}} }} }}
    Tree: {{ properties: {{ left: {{ $ref: "#/components/schemas/Tree" }}, right: {{ $ref: "#/components/schemas/Tree" }} }} }}
"##
    ))
}

fn coverage(contract: &str) -> TestRecorder {
    let cases = "contract: shop/things.yaml\ncases:\n  - { name: one, call: POST /things }\n";
    TestRecorder::of(suite(contract, cases), "1.0")
}

/// The points of a level that count, without the word `request`.
fn points(coverage: &TestRecorder, level: Level) -> BTreeSet<String> {
    let points = coverage.recorder.coverable().points.into_iter();
    let counted = points.filter(|point| point.level() == level && point.excluded.is_none());
    counted
        .map(|point| point.what().trim_start_matches("request ").to_owned())
        .collect()
}

fn keywords(schema: &str) -> BTreeSet<String> {
    points(&sent(schema), Level::Keywords)
}

fn properties(schema: &str) -> BTreeSet<String> {
    points(&sent(schema), Level::Properties)
}

/// What a body covers on the level keywords.
fn limits(schema: &str, body: &str) -> BTreeSet<String> {
    let observed = exchange("POST", "/things", body, 400, "");
    let covered = sent(schema)
        .covers(&observed, "/things", "guest")
        .into_iter();
    covered
        .filter_map(|point| Some(point.strip_prefix("keywords request ")?.to_owned()))
        .collect()
}

#[test]
fn a_keyword_that_no_value_can_violate_is_not_a_limit() {
    for never in [
        "{ format: unheard-of }",
        "{ pattern: '.*' }",
        "{ pattern: '' }",
        "{ minLength: 0, minItems: 0, minProperties: 0 }",
        "{ maxLength: 2147483647, maxItems: 9007199254740991 }",
        "{ type: [string, number, boolean, object, array, 'null'] }",
    ] {
        let found: Vec<_> = keywords(never)
            .into_iter()
            .filter(|point| !is_of_types(point))
            .collect();
        assert!(found.is_empty(), "{never}: {found:?}");
    }
    assert!(
        !keywords("{ type: [string, number, boolean, object, array, 'null'] }")
            .iter()
            .any(|point| point.ends_with(": another"))
    );
    // A keyword that can be violated is a limit.
    assert_eq!(
        keywords("{ format: date }"),
        set(["body format date", "body format date: broken"])
    );
    assert_eq!(
        keywords("{ pattern: '^.+$' }"),
        set(["body pattern ^.+$", "body pattern ^.+$: broken"])
    );
    assert_eq!(
        keywords("{ maxLength: 0 }"),
        set(["body maxLength 0", "body maxLength 0: longer"])
    );
}

/// `body type string`
fn is_of_types(point: &str) -> bool {
    point.starts_with("body type ") && !point.ends_with(": another")
}

#[test]
fn a_limit_of_another_type_is_not_a_limit() {
    assert_eq!(
        keywords("{ type: integer, minLength: 3, maxItems: 2, format: date, pattern: '^a$' }"),
        set(["body type integer: another"])
    );
    assert_eq!(
        keywords("{ type: string, minimum: 3, multipleOf: 2, minProperties: 1 }"),
        set(["body type string: another"])
    );
    assert_eq!(
        keywords("{ type: [integer, 'null'], maximum: 3 }"),
        set([
            "body type integer",
            "body type null",
            "body type integer or null: another",
            "body maximum 3",
            "body maximum 3: more",
        ])
    );
}

#[test]
fn numbers_are_equal_as_in_json_schema() {
    let equal = "{ enum: [1, [2]] }";
    assert_eq!(limits(equal, "1.0"), set(["body enum 1"]));
    assert_eq!(limits(equal, "[2.0]"), set(["body enum [2]"]));
    assert_eq!(limits(equal, "1.5"), set(["body enum: another value"]));
    let unique = "{ uniqueItems: true }";
    assert_eq!(
        limits(unique, "[1, 1.0]"),
        set(["body uniqueItems: an item twice"])
    );
    assert_eq!(limits(unique, "[1, 1.5]"), set(["body uniqueItems"]));
}

#[test]
fn read_only_properties_have_no_request_points_however_they_are_declared() {
    for id in [
        "{ readOnly: true }",
        "{ $ref: '#/components/schemas/Id' }",
        "{ allOf: [{ $ref: '#/components/schemas/Id' }] }",
    ] {
        let schema = format!("{{ required: [id, name], properties: {{ id: {id}, name: {{}} }} }}");
        assert_eq!(properties(&schema), set(["/name"]), "{id}");
        assert_eq!(
            keywords(&schema),
            set(["body required name: absent"]),
            "{id}"
        );
    }
}

#[test]
fn a_condition_sets_no_limit_and_its_branches_do() {
    let schema = "{ if: { required: [kind], properties: { kind: { const: a } } }, \
                  then: { required: [size] }, else: { properties: { weight: { minimum: 1 } } } }";
    assert_eq!(properties(schema), set(["/weight"]));
    assert_eq!(
        keywords(schema),
        set([
            "body required size: absent",
            "/weight minimum 1",
            "/weight minimum 1: less",
        ])
    );
    assert_eq!(
        limits(schema, r#"{"kind":"a"}"#),
        set(["body required size: absent"])
    );
    assert_eq!(
        limits(schema, r#"{"weight":1}"#),
        set(["/weight minimum 1"])
    );
    assert_eq!(
        limits(schema, r#"{"kind":"a","size":1,"weight":1}"#),
        set([])
    );
}

#[test]
fn not_documents_no_parts() {
    let schema = "{ not: { required: [bad], properties: { bad: { minLength: 3 } } } }";
    assert_eq!(properties(schema), set([]));
    assert_eq!(keywords(schema), set([]));
}

#[test]
fn a_discriminator_has_a_point_for_each_name_and_for_its_schema() {
    let schema = "{ $ref: '#/components/schemas/Pet' }";
    assert_eq!(properties(schema), set(["/kind", "/lives", "/tricks"]));
    let coverage = sent(schema);
    let cat = exchange("POST", "/things", r#"{"kind":"Cat","lives":9}"#, 201, "");
    let covered = coverage.covers(&cat, "/things", "guest");
    let named = |what: &str| covered.contains(what);
    assert!(
        named("properties request /lives") && named("keywords request /kind discriminator Cat")
    );
    assert!(
        !covered
            .iter()
            .any(|point| point.contains("tricks") || point.contains("Dog")),
        "{covered:?}"
    );
    let points = coverage.recorder.coverable().points;
    assert_eq!(
        points
            .iter()
            .filter(|point| point.what() == "request /kind")
            .count(),
        2,
        "of Cat, and of Dog"
    );
}

#[test]
fn schemas_wrapped_by_nullable_or_a_discriminator_keep_their_points() {
    let coverage = coverage(
        r##"openapi: 3.0.3
info: { title: Things, version: "1" }
paths:
  /things:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
      responses: { "200": { description: made } }
components:
  schemas:
    Thing:
      properties:
        # Without a type `nullable` becomes a condition around the schema.
        maybe: { nullable: true, minLength: 3, properties: { deep: {} } }
        pet: { $ref: "#/components/schemas/Pet" }
    Pet:
      required: [kind]
      discriminator: { propertyName: kind }
      properties: { kind: {}, name: { minLength: 2 } }
    Cat: { allOf: [{ $ref: "#/components/schemas/Pet" }, { properties: { lives: {} } }] }
"##,
    );
    assert_eq!(
        points(&coverage, Level::Properties),
        set([
            "/maybe",
            "/maybe/deep",
            "/pet",
            "/pet/kind",
            "/pet/name",
            "/pet/lives"
        ])
    );
    assert_eq!(
        points(&coverage, Level::Keywords),
        set([
            "/maybe minLength 3",
            "/maybe minLength 3: shorter",
            "/pet required kind: absent",
            "/pet/kind discriminator Cat",
            "/pet/kind discriminator Pet",
            "/pet/name minLength 2",
            "/pet/name minLength 2: shorter",
        ])
    );
    let body = r#"{"maybe":"abc","pet":{"kind":"Cat","name":"ab","lives":9}}"#;
    let covered = coverage.covers(
        &exchange("POST", "/things", body, 200, ""),
        "/things",
        "guest",
    );
    for what in [
        "properties request /pet/name",
        "properties request /pet/lives",
        "keywords request /maybe minLength 3",
        "keywords request /pet/kind discriminator Cat",
        "keywords request /pet/name minLength 2",
    ] {
        assert!(covered.contains(what), "{what}: {covered:?}");
    }
    let body = r#"{"maybe":{"deep":1}}"#;
    let covered = coverage.covers(
        &exchange("POST", "/things", body, 200, ""),
        "/things",
        "guest",
    );
    assert_eq!(covered, set(["properties request /maybe/deep"]));
}

#[test]
fn items_patterns_and_maps_are_visited() {
    let schema = "{ prefixItems: [{ properties: { first: {} } }], items: { properties: { rest: {} } }, \
                  patternProperties: { '^x-': { properties: { deep: {} } } }, dependentSchemas: { a: { properties: { b: {} } } } }";
    assert_eq!(
        properties(schema),
        set(["/*/first", "/*/rest", "/*/deep", "/b"])
    );
    let coverage = sent(schema);
    let observed = exchange("POST", "/things", r#"[{"rest":1},{"first":1}]"#, 201, "");
    assert!(
        !coverage
            .covers(&observed, "/things", "guest")
            .iter()
            .any(|point| point.starts_with("properties"))
    );
    let observed = exchange("POST", "/things", r#"[{"first":1}]"#, 201, "");
    assert_eq!(
        coverage.covers(&observed, "/things", "guest"),
        set(["properties request /*/first"])
    );
    let observed = exchange(
        "POST",
        "/things",
        r#"{"x-1":{"deep":1},"y":{"deep":1},"b":1}"#,
        201,
        "",
    );
    assert_eq!(
        coverage.covers(&observed, "/things", "guest"),
        set(["properties request /*/deep"]),
        "without `a`, `b` is not described"
    );
}

#[test]
fn a_schema_of_itself_is_counted_once() {
    assert_eq!(
        properties("{ $ref: '#/components/schemas/Tree' }"),
        set(["/left", "/right"])
    );
    let deep = r#"{"left":"#.repeat(150) + r#"{"right":{}}"# + &"}".repeat(150);
    let observed = exchange("POST", "/things", &deep, 201, "");
    let covered =
        sent("{ $ref: '#/components/schemas/Tree' }").covers(&observed, "/things", "guest");
    assert!(covered.contains("properties request /right"), "{covered:?}");
}

#[test]
fn responses_without_a_body_have_no_points_within() {
    let response = |name: &str| {
        format!(
            "{{ description: d, content: {{ application/json: {{ schema: {{ properties: {{ {name}: {{}} }} }} }} }} }}"
        )
    };
    let contract = format!(
        r##"openapi: 3.1.0
info: {{ title: Things, version: "1" }}
paths:
  /things:
    head: {{ responses: {{ "200": {} }} }}
    post:
      responses:
        "103": {}
        "200": {}
        "204": {}
        "4XX": {}
        "500": {}
        "5XX": {}
        "409": {{ description: never, x-counterpart-unreachable: not to be had, content: {{ application/json: {{ schema: {{ properties: {{ unreachable: {{}} }} }} }} }} }}
        default: {}
"##,
        response("head"),
        response("hints"),
        response("well"),
        response("none"),
        response("wrong"),
        response("broken"),
        response("failed"),
        response("other"),
    );
    let coverage = coverage(&contract);
    assert_eq!(
        points(&coverage, Level::Properties),
        set(["response /well", "response /wrong", "response /other"])
    );
    assert_eq!(
        points(&coverage, Level::Statuses),
        set(["200", "204", "4XX"])
    );
    let observed = exchange("POST", "/things", "", 404, r#"{"wrong":1,"well":1}"#);
    let covered = coverage.covers(&observed, "/things", "guest");
    assert!(covered.contains("statuses 4XX") && covered.contains("properties response /wrong"));
    assert!(
        !covered.contains("properties response /well"),
        "{covered:?}"
    );
    let observed = exchange("POST", "/things", "", 302, r#"{"other":1}"#);
    assert_eq!(
        coverage.covers(&observed, "/things", "guest"),
        set(["statuses default", "properties response /other"])
    );
}

#[test]
fn only_json_bodies_have_points() {
    let media = |name: &str, property: &str| {
        format!("{name}: {{ schema: {{ properties: {{ {property}: {{}} }} }} }}")
    };
    let contract = format!(
        r##"openapi: 3.1.0
info: {{ title: Things, version: "1" }}
paths:
  /things:
    post:
      requestBody:
        content:
          {}
          {}
          {}
      responses: {{ "200": {{ description: d, content: {{ {} }} }} }}
"##,
        media("application/xml", "x"),
        media("multipart/form-data", "m"),
        media("application/merge-patch+json", "patched"),
        media("'*/*'", "any"),
    );
    assert_eq!(
        points(&coverage(&contract), Level::Properties),
        set(["/patched", "response /any"])
    );
}

#[test]
fn parameters_of_swagger_2_in_every_location() {
    let contract = r##"swagger: "2.0"
info: { title: Things, version: "1" }
consumes: [multipart/form-data]
parameters:
  page: { name: page, in: query, type: integer }
paths:
  /things:
    parameters:
      - { $ref: "#/parameters/page" }
      - { name: trace, in: header, type: string }
      - { name: Accept, in: header, type: string }
    post:
      parameters:
        - { name: title, in: formData, type: string }
        - { name: picture, in: formData, type: file }
      responses: { 200: { description: made } }
"##;
    let coverage = coverage(contract);
    assert_eq!(
        points(&coverage, Level::Parameters),
        set([
            "query page",
            "header trace",
            "form title",
            "form picture",
            "called as guest"
        ])
    );
    let body = "--b\r\nContent-Disposition: form-data; filename=\"title\"; name=\"picture\"\r\n\r\ntitle=1\r\n--b--\r\n";
    let observed = of_type(
        exchange("POST", "/things?page=2", body, 200, ""),
        "multipart/form-data; boundary=b",
    );
    assert_eq!(
        parameters(&coverage, &observed),
        set([
            "parameters called as guest",
            "parameters form picture",
            "parameters query page"
        ])
    );
    let observed = of_type(
        exchange("POST", "/things", "title=a", 200, ""),
        "application/x-www-form-urlencoded",
    );
    assert_eq!(
        parameters(&coverage, &observed),
        set(["parameters form title"])
    );
}

#[test]
fn cookies_are_found_among_others() {
    let coverage = coverage(
        r##"openapi: 3.0.3
info: { title: Things, version: "1" }
components: { parameters: { session: { name: session, in: cookie, schema: { type: string } } } }
paths:
  /things:
    post:
      parameters: [{ $ref: "#/components/parameters/session" }, { name: ses, in: cookie, schema: { type: string } }]
      responses: { "200": { description: made } }
"##,
    );
    let mut observed = exchange("POST", "/things", "", 200, "");
    let cookies = HeaderValue::from_static("a=ses; session=1");
    observed.request.headers.insert(header::COOKIE, cookies);
    assert_eq!(
        parameters(&coverage, &observed),
        set(["parameters called as guest", "parameters cookie session"])
    );
}

#[test]
fn a_mapping_is_sent_as_its_properties_where_the_contract_spreads_it() {
    let coverage = coverage(
        r##"openapi: 3.0.4
info: { title: Things, version: "1" }
components: { schemas: { Color: { type: object, properties: { R: { type: integer } } } } }
paths:
  /things:
    post:
      parameters:
        - { name: spread, in: query, schema: { allOf: [ { $ref: "#/components/schemas/Color" } ] } }
        - { name: whole, in: query, explode: false, schema: { $ref: "#/components/schemas/Color" } }
        - { name: deep, in: query, style: deepObject, explode: true, schema: { $ref: "#/components/schemas/Color" } }
      responses: { "200": { description: made } }
"##,
    );
    for (query, expected) in [
        ("R=1", "query spread"),
        ("whole=R,1", "query whole"),
        ("deep%5BR%5D=1", "query deep"),
    ] {
        let observed = exchange("POST", &format!("/things?{query}"), "", 200, "");
        let mut covered = parameters(&coverage, &observed);
        covered.remove("parameters called as guest");
        assert_eq!(covered, set([format!("parameters {expected}").as_str()]));
    }
}

fn of_type(mut exchange: Exchange, media: &'static str) -> Exchange {
    let headers = &mut exchange.request.headers;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    exchange
}

fn parameters(coverage: &TestRecorder, exchange: &Exchange) -> BTreeSet<String> {
    let mut covered = coverage.covers(exchange, "/things", "guest");
    covered.retain(|point| point.starts_with("parameters"));
    covered
}
