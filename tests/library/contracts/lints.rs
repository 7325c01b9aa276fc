//! Warnings about what a document says that is understood, but is not allowed or not what was meant.

use counterpart::contract::load_source;
use counterpart::diagnostic::Diagnostics;
use counterpart::source::Source;

/// `severity[code] line:column text of the place`, for each diagnostic in the order of the document.
fn reported(text: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::new();
    let contract = load_source(Source::new("api.yaml", text), &mut diagnostics);
    assert!(contract.is_some(), "{text}");
    diagnostics.sort();
    let line = |diagnostic: &counterpart::diagnostic::Diagnostic| {
        assert!(diagnostic.advice.is_some(), "{diagnostic:?}");
        let place = diagnostic.place.as_ref().unwrap();
        let severity = diagnostic.severity.as_str();
        format!("{severity}[{}] {}", diagnostic.code, place.text())
    };
    diagnostics.iter().map(line).collect()
}

/// Checks that `wrong` gives exactly these warnings, as `code text`, and `right` none.
#[track_caller]
fn assert_lint(wrong: &str, expected: &[&str], right: &str) {
    let expected: Vec<String> = expected
        .iter()
        .map(|line| {
            let (code, text) = line.split_once(' ').unwrap();
            format!("warning[{code}] {text}")
        })
        .collect();
    assert_eq!(reported(wrong), expected, "{wrong}");
    assert_eq!(reported(right), [""; 0], "{right}");
}

fn swagger(rest: &str) -> String {
    format!("swagger: '2.0'\ninfo: {{ title: T, version: '1' }}\n{rest}")
}

fn openapi(version: &str, rest: &str) -> String {
    format!("openapi: {version}\ninfo: {{ title: T, version: '1' }}\n{rest}")
}

/// A document whose one operation has these parameters.
fn with_parameters(version: &str, path: &str, parameters: &str) -> String {
    openapi(
        version,
        &format!(
            "paths:\n  {path}:\n    get:\n      parameters: [ {parameters} ]\n      responses: {{ '200': {{ description: d }} }}\n"
        ),
    )
}

/// A document with this schema.
fn with_schema(version: &str, schema: &str) -> String {
    match version {
        "2.0" => swagger(&format!("paths: {{}}\ndefinitions:\n  S: {schema}\n")),
        _ => openapi(
            version,
            &format!("paths: {{}}\ncomponents:\n  schemas:\n    S: {schema}\n"),
        ),
    }
}

#[test]
fn path_parameters_are_required() {
    let id = "{ name: id, in: path, schema: {} }";
    let right = "{ name: id, in: path, required: true, schema: {} }";
    assert_lint(
        &with_parameters("3.0.3", "/a/{id}", id),
        &[&format!("optional-path-parameter {id}")],
        &with_parameters("3.0.3", "/a/{id}", right),
    );
    let no = "{ name: id, in: path, type: string, required: false }";
    let document = |parameter: &str| {
        swagger(&format!(
            "paths:\n  /a/{{id}}:\n    parameters: [ {parameter} ]\n    get: {{ responses: {{ 200: {{ description: d }} }} }}\n    put: {{ responses: {{ 200: {{ description: d }} }} }}\n"
        ))
    };
    // Once, although it applies to two operations.
    assert_lint(
        &document(no),
        &[&format!("optional-path-parameter {no}")],
        &document(&no.replace("false", "true")),
    );
}

#[test]
fn headers_do_not_differ_in_case() {
    let header = |name: &str| format!("{{ name: {name}, in: header, schema: {{}} }}");
    let parameters = |other: &str| format!("{}, {}", header("X-Id"), header(other));
    assert_lint(
        &with_parameters("3.1.0", "/a", &parameters("x-id")),
        &[&format!("duplicate-header {}", header("x-id"))],
        &with_parameters("3.1.0", "/a", &parameters("X-Ids")),
    );
    let response = |name: &str| {
        openapi(
            "3.1.0",
            &format!(
                "paths:\n  /a:\n    get:\n      responses:\n        '200': {{ description: d, headers: {{ X-Id: {{ schema: {{}} }}, {name}: {{ schema: {{}} }} }} }}\n"
            ),
        )
    };
    assert_lint(
        &response("x-ID"),
        &["duplicate-header x-ID"],
        &response("x-I"),
    );
    // Names of query parameters do differ in case.
    let query = "{ name: id, in: query, schema: {} }, { name: ID, in: query, schema: {} }";
    assert_eq!(reported(&with_parameters("3.1.0", "/a", query)), [""; 0]);
}

#[test]
fn paths_differ_in_more_than_names() {
    let paths = |one: &str, other: &str| {
        let path = |path: &str| {
            let names: Vec<String> = path
                .split('{')
                .skip(1)
                .map(|part| part.split('}').next().unwrap())
                .map(|name| format!("{{ name: {name}, in: path, required: true, schema: {{}} }}"))
                .collect();
            format!(
                "  {path}:\n    parameters: [ {} ]\n    get: {{}}\n",
                names.join(", ")
            )
        };
        openapi("3.1.0", &format!("paths:\n{}{}", path(one), path(other)))
    };
    assert_lint(
        &paths("/a/{id}", "/a/{name}"),
        &["ambiguous-path /a/{name}"],
        &paths("/a/{id}", "/a/name"),
    );
    let disjoint = paths("/a/{id}", "/a/{name}").replacen("get: {}", "put: {}", 1);
    assert_eq!(reported(&disjoint), [""; 0]);
    assert_lint(
        &paths("/a/{b}/c/{d}.json", "/a/{x}/c/{y}.json"),
        &["ambiguous-path /a/{x}/c/{y}.json"],
        &paths("/a/{b}/c/{d}.json", "/a/{x}/c/{y}"),
    );
}

#[test]
fn arrays_have_items_before_openapi_3_1() {
    for version in ["2.0", "3.0.4"] {
        assert_lint(
            &with_schema(version, "{ properties: { a: { type: array } } }"),
            &["missing-items array"],
            &with_schema(version, "{ properties: { a: { type: array, items: {} } } }"),
        );
    }
    assert_eq!(reported(&with_schema("3.1.0", "{ type: array }")), [""; 0]);
    let parameter = |more: &str| {
        swagger(&format!(
            "paths:\n  /a:\n    get:\n      parameters: [ {{ name: q, in: query, type: array{more} }} ]\n      responses: {{ 200: {{ description: d }} }}\n"
        ))
    };
    assert_lint(
        &parameter(""),
        &["missing-items array"],
        &parameter(", items: { type: string }"),
    );
}

#[test]
fn an_enum_has_values_of_its_type() {
    for version in ["2.0", "3.0.4", "3.1.0", "3.2.0"] {
        assert_lint(
            &with_schema(version, "{ type: string, enum: [1, 2] }"),
            &["enum-type-mismatch 1"],
            &with_schema(version, "{ type: string, enum: ['1', '2'] }"),
        );
        assert_lint(
            &with_schema(version, "{ type: integer, enum: [1, 1.5, null] }"),
            &["enum-type-mismatch 1.5"],
            &with_schema(version, "{ type: number, enum: [1, 1.5] }"),
        );
        assert_lint(
            &with_schema(version, "{ type: boolean, enum: ['true'] }"),
            &["enum-type-mismatch 'true'"],
            &with_schema(version, "{ type: integer, enum: [1.0] }"),
        );
    }
    for right in [
        with_schema("3.0.4", "{ type: string, nullable: true, enum: [a, null] }"),
        with_schema("3.1.0", "{ type: [string, 'null'], enum: [a, null] }"),
        with_schema("3.1.0", "{ enum: [a, 1, null] }"),
    ] {
        assert_eq!(reported(&right), [""; 0], "{right}");
    }
}

#[test]
fn keywords_of_newer_dialects_are_named() {
    for (version, schema, keyword) in [
        ("3.0.4", "{ const: 1 }", "const"),
        (
            "3.0.4",
            "{ patternProperties: { a: {} } }",
            "patternProperties",
        ),
        ("3.0.4", "{ type: [string, integer] }", "type"),
        ("3.0.4", "{ type: 'null' }", "type"),
        ("3.0.4", "{ exclusiveMinimum: 1 }", "exclusiveMinimum"),
        ("3.0.4", "{ exclusiveMaximum: 1.5 }", "exclusiveMaximum"),
        ("3.0.4", "{ propertyNames: {} }", "propertyNames"),
        ("2.0", "{ oneOf: [ {} ] }", "oneOf"),
        ("2.0", "{ not: {} }", "not"),
        ("2.0", "{ const: 1 }", "const"),
    ] {
        assert_lint(
            &with_schema(version, schema),
            &[&format!("newer-keyword {keyword}")],
            &with_schema("3.1.0", schema),
        );
    }
    for (version, schema) in [
        ("3.0.4", "{ oneOf: [ {} ], not: { type: string } }"),
        ("3.0.4", "{ minimum: 1, exclusiveMinimum: true }"),
        ("3.0.4", "{ properties: { const: {}, if: {} } }"),
        ("2.0", "{ allOf: [ {} ] }"),
    ] {
        assert_eq!(reported(&with_schema(version, schema)), [""; 0], "{schema}");
    }
}

#[test]
fn a_parameter_has_either_a_schema_or_content() {
    let schema = "{ name: q, in: query, schema: {} }";
    let content = "{ name: r, in: query, content: { application/json: {} } }";
    let both = "{ name: q, in: query, schema: {}, content: { application/json: {} } }";
    assert_lint(
        &with_parameters("3.0.4", "/a", both),
        &["schema-beside-content content"],
        &with_parameters("3.0.4", "/a", &format!("{schema}, {content}")),
    );
    let response = |header: &str| {
        openapi(
            "3.1.0",
            &format!(
                "paths:\n  /a:\n    get:\n      responses:\n        '200': {{ description: d, headers: {{ X-H: {header} }} }}\n"
            ),
        )
    };
    assert_lint(
        &response("{ schema: {}, content: { application/json: {} } }"),
        &["schema-beside-content content"],
        &response("{ content: { application/json: {} } }"),
    );
}

#[test]
fn parameters_of_one_request_do_not_exclude_each_other() {
    let document = |other: &str| {
        swagger(&format!(
            "paths:\n  /a:\n    post:\n      consumes: [ application/json ]\n      parameters: [ {{ name: b, in: body, schema: {{}} }}, {other} ]\n      responses: {{ 200: {{ description: d }} }}\n"
        ))
    };
    let form = "{ name: f, in: formData, type: string }";
    assert_lint(
        &document(form),
        &[&format!("conflicting-parameters {form}")],
        &document("{ name: f, in: query, type: string }"),
    );
    let query = "{ name: q, in: query, schema: {} }";
    let whole = "{ name: s, in: querystring, content: { application/json: {} } }";
    assert_lint(
        &with_parameters("3.2.0", "/a", &format!("{query}, {whole}")),
        &[&format!("conflicting-parameters {whole}")],
        &with_parameters("3.2.0", "/a", whole),
    );
}

#[test]
fn the_default_of_a_server_variable_is_in_its_enum() {
    let servers = |variable: &str| {
        format!("servers: [ {{ url: 'https://{{v}}.example', variables: {{ v: {variable} }} }} ]\n")
    };
    let of_document =
        |variable: &str| openapi("3.0.4", &format!("{}paths: {{}}\n", servers(variable)));
    assert_lint(
        &of_document("{ default: c, enum: [a, b] }"),
        &["default-not-in-enum c"],
        &of_document("{ default: b, enum: [a, b] }"),
    );
    assert_lint(
        &of_document("{ default: c, enum: [] }"),
        &["empty-enum enum"],
        &of_document("{ default: c }"),
    );
    let of_path = |variable: &str| {
        openapi(
            "3.1.0",
            &format!("paths:\n  /a:\n    {}    get: {{}}\n", servers(variable)),
        )
    };
    assert_lint(
        &of_path("{ default: c, enum: [a, b] }"),
        &["default-not-in-enum c"],
        &of_path("{ default: b, enum: [a, b] }"),
    );
}

#[test]
fn ranges_of_statuses_are_in_capitals() {
    let document = |status: &str| {
        openapi(
            "3.0.4",
            &format!(
                "paths: {{ /a: {{ get: {{ responses: {{ {status}: {{ description: d }} }} }} }} }}\n"
            ),
        )
    };
    assert_lint(
        &document("4xx"),
        &["lowercase-status 4xx"],
        &document("4XX"),
    );
}

#[test]
fn security_schemes_have_what_their_type_needs() {
    let schemes = |version: &str, scheme: &str| match version {
        "2.0" => swagger(&format!(
            "paths: {{}}\nsecurityDefinitions:\n  s: {scheme}\n"
        )),
        _ => openapi(
            version,
            &format!("paths: {{}}\ncomponents:\n  securitySchemes:\n    s: {scheme}\n"),
        ),
    };
    for (version, wrong, place, right) in [
        (
            "3.0.4",
            "{ type: apikey, name: k, in: header }",
            "apikey",
            "{ type: apiKey, name: k, in: header }",
        ),
        (
            "3.0.4",
            "{ type: apiKey, in: header }",
            "s",
            "{ type: apiKey, name: k, in: cookie }",
        ),
        (
            "3.0.4",
            "{ type: apiKey, name: k, in: body }",
            "body",
            "{ type: apiKey, name: k, in: query }",
        ),
        (
            "3.0.4",
            "{ type: http }",
            "s",
            "{ type: http, scheme: bearer }",
        ),
        (
            "3.0.4",
            "{ scheme: basic }",
            "s",
            "{ type: http, scheme: basic }",
        ),
        (
            "3.0.4",
            "{ type: mutualTLS }",
            "mutualTLS",
            "{ type: openIdConnect, openIdConnectUrl: https://a.example }",
        ),
        (
            "3.1.0",
            "{ type: openIdConnect }",
            "s",
            "{ type: mutualTLS }",
        ),
        (
            "3.1.0",
            "{ type: basic }",
            "basic",
            "{ type: http, scheme: basic }",
        ),
        (
            "3.1.0",
            "{ type: oauth2 }",
            "s",
            "{ type: oauth2, flows: {} }",
        ),
        (
            "3.1.0",
            "{ type: oauth2, flows: { deviceAuthorization: {} } }",
            "deviceAuthorization",
            "{ type: oauth2, flows: { password: { tokenUrl: https://a.example, scopes: {} } } }",
        ),
        (
            "3.2.0",
            "{ type: oauth2, flows: { implicit: { scopes: {} } } }",
            "implicit",
            "{ type: oauth2, flows: { deviceAuthorization: { deviceAuthorizationUrl: https://a.example, tokenUrl: https://a.example, scopes: {} } } }",
        ),
        (
            "2.0",
            "{ type: http, scheme: basic }",
            "http",
            "{ type: basic }",
        ),
        (
            "2.0",
            "{ type: apiKey, name: k, in: cookie }",
            "cookie",
            "{ type: apiKey, name: k, in: query }",
        ),
        (
            "2.0",
            "{ type: oauth2, flow: accessCode, authorizationUrl: https://a.example, scopes: {} }",
            "s",
            "{ type: oauth2, flow: password, tokenUrl: https://a.example, scopes: {} }",
        ),
        (
            "2.0",
            "{ type: oauth2, flow: clientCredentials, scopes: {} }",
            "clientCredentials",
            "{ type: oauth2, flow: application, tokenUrl: https://a.example, scopes: {} }",
        ),
        (
            "3.1.0",
            "7",
            "s",
            "{ $ref: '#/components/securitySchemes/t' }\n    t: { type: http, scheme: basic }",
        ),
    ] {
        assert_lint(
            &schemes(version, wrong),
            &[&format!("invalid-security-scheme {place}")],
            &schemes(version, right),
        );
    }
    let unresolved = schemes("3.1.0", "{ $ref: '#/components/securitySchemes/t' }");
    assert_eq!(
        reported(&unresolved),
        ["warning[unresolved-ref] '#/components/securitySchemes/t'"]
    );
}
