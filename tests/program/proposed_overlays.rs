//! `run --propose-overlay`: a document that lies in many ways, a server that is right, and the overlay that the run proposes. With it
//! beside the document the same run has no findings left that an overlay can put right.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use counterpart::event::Event;
use counterpart::report::json_lines;
use serde_json::{Value, json};
use snapbox::cmd::{Command, cargo_bin};
use tempfile::TempDir;

/// A value that must not be in any proposal.
const SECRET: &str = "sk-live-4eC39HqLyjWDarjtT1zdp7dc";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Swagger20,
    OpenApi30,
    OpenApi31,
}

/// One lie: what the document says about a response, and what the server sends.
struct Lie {
    path: &'static str,
    /// The response that is documented for status 200, in OpenAPI 3.x.
    documented: Value,
    status: u16,
    content_type: &'static str,
    headers: &'static str,
    bodies: Vec<Value>,
}

fn lie(path: &'static str, schema: Value, bodies: Vec<Value>) -> Lie {
    Lie {
        path,
        documented: json!({ "description": "d", "content": { "application/json": { "schema": schema } } }),
        status: 200,
        content_type: "application/json",
        headers: "",
        bodies,
    }
}

/// The lies that every dialect can tell, and those that only some can.
fn lies(dialect: Dialect) -> Vec<Lie> {
    let object = |property: Value| json!({ "type": "object", "properties": { "a": property } });
    let a = |value: Value| vec![json!({ "a": value })];
    let mut lies = vec![
        lie(
            "/integer",
            object(json!({ "type": "integer" })),
            a(json!("7")),
        ),
        lie(
            "/fraction",
            object(json!({ "type": "integer" })),
            a(json!(7.5)),
        ),
        lie("/null", object(json!({ "type": "string" })), a(json!(null))),
        lie(
            "/null-or-number",
            object(json!({ "type": "string" })),
            vec![json!({"a": null}), json!({"a": 1})],
        ),
        lie(
            "/list",
            object(json!({ "type": "array", "items": { "type": "string" } })),
            a(json!({ "b": 1 })),
        ),
        lie(
            "/items",
            object(json!({ "type": "array", "items": { "type": "string" } })),
            a(json!([1, null, "x"])),
        ),
        lie(
            "/enum",
            object(json!({ "type": "string", "enum": ["x"] })),
            vec![json!({"a": "y"}), json!({"a": "z"})],
        ),
        lie(
            "/enum-null",
            object(json!({ "type": "string", "enum": ["x"] })),
            a(json!(null)),
        ),
        lie(
            "/enum-secret",
            json!({ "type": "object", "properties": { "token": { "type": "string", "enum": ["x"] } } }),
            vec![json!({ "token": SECRET })],
        ),
        lie(
            "/format",
            object(json!({ "type": "string", "format": "date-time" })),
            a(json!("yesterday")),
        ),
        lie(
            "/int32",
            object(json!({ "type": "integer", "format": "int32" })),
            a(json!(5_000_000_000_i64)),
        ),
        lie(
            "/pattern",
            object(json!({ "type": "string", "pattern": "^x$" })),
            a(json!("y")),
        ),
        lie(
            "/length",
            object(json!({ "type": "string", "maxLength": 1, "minLength": 1 })),
            vec![json!({"a": ""}), json!({"a": "xy"})],
        ),
        lie(
            "/bound",
            object(json!({ "type": "integer", "minimum": 3 })),
            a(json!(2)),
        ),
        lie(
            "/count",
            object(json!({ "type": "array", "items": {}, "minItems": 1, "uniqueItems": true })),
            vec![json!({"a": []}), json!({"a": [1, 1]})],
        ),
        lie(
            "/required",
            json!({ "type": "object", "required": ["a", "b", "c"], "properties": { "a": {}, "b": {}, "c": {} } }),
            vec![json!({ "a": 1, "c": 1 }), json!({ "b": 1, "c": 1 })],
        ),
        lie(
            "/none-required",
            json!({ "type": "object", "required": ["a", "b"], "properties": { "a": {}, "b": {} } }),
            vec![json!({})],
        ),
        lie(
            "/closed",
            json!({ "type": "object", "additionalProperties": false, "properties": { "a": {} } }),
            vec![json!({ "a": 1, "it's": { "b": 1 }, "api_key": SECRET })],
        ),
        lie(
            "/open",
            object(json!({ "type": "object", "properties": { "b": {} } })),
            a(json!({ "c": "x", "17": 1, "password": SECRET })),
        ),
        lie(
            "/referred",
            json!({ "$ref": "#/SCHEMAS/Shared" }),
            vec![json!({ "id": "x" })],
        ),
        lie(
            "/referred-too",
            json!({ "$ref": "#/SCHEMAS/Shared" }),
            vec![json!({ "id": null })],
        ),
        lie(
            "/hidden",
            json!({ "type": "array", "items": { "type": "object", "properties": { "b": { "type": "integer" } } } }),
            vec![json!([{ "b": "x", "c": [1] }, { "b": null }])],
        ),
    ];
    let none = json!({ "description": "d" });
    lies.push(Lie {
        status: 404,
        ..lie(
            "/status",
            json!({}),
            vec![
                json!({ "message": "no", "code": null }),
                json!({ "message": "no" }),
            ],
        )
    });
    lies.push(Lie {
        status: 503,
        bodies: vec![Value::Null],
        ..lie("/status-without-body", json!({}), vec![])
    });
    lies.push(Lie {
        documented: none,
        ..lie("/body", json!({}), vec![json!({ "id": 1 })])
    });
    lies.push(Lie {
        bodies: vec![Value::Null],
        ..lie("/no-body", json!({ "type": "object" }), vec![])
    });
    lies.push(Lie {
        content_type: "application/problem+json; charset=utf-8",
        ..lie(
            "/media-type",
            json!({ "type": "object" }),
            vec![json!({ "title": "x" })],
        )
    });
    lies.push(Lie {
        documented: json!({ "$ref": "#/RESPONSES/Done" }),
        ..lie("/shared-body", json!({}), vec![json!({ "id": 1 })])
    });
    lies.push(Lie {
        documented: json!({ "$ref": "#/RESPONSES/Done" }),
        bodies: vec![Value::Null],
        ..lie("/shared-no-body", json!({}), vec![])
    });
    let with_headers = |headers: Value| json!({ "description": "d", "headers": headers, "content": { "application/json": { "schema": {} } } });
    let header = match dialect {
        Dialect::Swagger20 => json!({ "X-Count": { "type": "integer" } }),
        _ => json!({ "X-Count": { "schema": { "type": "integer" } } }),
    };
    lies.push(Lie {
        documented: with_headers(header),
        headers: "X-Count: many\r\n",
        ..lie("/header", json!({}), vec![json!({})])
    });
    if dialect != Dialect::Swagger20 {
        let required = json!({ "X-Page": { "required": true, "schema": { "type": "integer" } } });
        lies.push(Lie {
            documented: with_headers(required),
            ..lie("/header-missing", json!({}), vec![json!({})])
        });
        lies.push(Lie {
            content_type: "text/html",
            bodies: vec![json!("<p>")],
            ..lie("/html", json!({ "type": "object" }), vec![])
        });
        let either = json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] });
        lies.push(lie("/either", object(either), a(json!(null))));
    }
    match dialect {
        Dialect::OpenApi30 => {
            let limit = json!({ "type": "integer", "minimum": 3, "exclusiveMinimum": true });
            lies.push(lie("/exclusive", object(limit), a(json!(3))));
            let nullable = json!({ "type": "string", "nullable": true });
            lies.push(lie(
                "/nullable",
                object(nullable),
                vec![json!({"a": 1}), json!({"a": null})],
            ));
        }
        Dialect::OpenApi31 => {
            lies.push(lie(
                "/const",
                object(json!({ "const": "x" })),
                a(json!("y")),
            ));
            lies.push(lie(
                "/types",
                object(json!({ "type": ["string", "null"] })),
                a(json!([1])),
            ));
            lies.push(lie(
                "/unevaluated",
                json!({ "type": "object", "unevaluatedProperties": false }),
                vec![json!({ "a": 1 })],
            ));
        }
        Dialect::Swagger20 => {}
    }
    lies
}

/// The document in its dialect.
fn document(dialect: Dialect, lies: &[Lie]) -> String {
    let mut paths = serde_json::Map::new();
    for Lie {
        path, documented, ..
    } in lies
    {
        let mut response = documented.clone();
        if dialect == Dialect::Swagger20
            && let Some(content) = response.as_object_mut().unwrap().remove("content")
        {
            response["schema"] = content["application/json"]["schema"].clone();
        }
        paths.insert(
            (*path).to_owned(),
            json!({ "get": { "responses": { "200": response } } }),
        );
    }
    let shared =
        json!({ "Shared": { "type": "object", "properties": { "id": { "type": "integer" } } } });
    let done = json!({ "Done": { "description": "done" } });
    let info = json!({ "title": "Shop", "version": "1" });
    let (document, schemas, responses) = match dialect {
        Dialect::Swagger20 => (
            json!({ "swagger": "2.0", "info": info, "produces": ["application/json"], "paths": paths, "definitions": shared, "responses": done }),
            "definitions",
            "responses",
        ),
        Dialect::OpenApi30 | Dialect::OpenApi31 => {
            let version = if dialect == Dialect::OpenApi30 {
                "3.0.3"
            } else {
                "3.1.0"
            };
            let components = json!({ "schemas": shared, "responses": done });
            (
                json!({ "openapi": version, "info": info, "security": [], "paths": paths, "components": components }),
                "components/schemas",
                "components/responses",
            )
        }
    };
    serde_json::to_string_pretty(&document)
        .unwrap()
        .replace("#/SCHEMAS", &format!("#/{schemas}"))
        .replace("#/RESPONSES", &format!("#/{responses}"))
}

/// A project with a case for each body, and the URL of the server, which sends the body whose number the query names.
fn project(dialect: Dialect) -> (TempDir, String) {
    let lies = lies(dialect);
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        "schemas/shop/api.yaml",
        &document(dialect, &lies),
    );
    let mut cases = "contract: shop/api.yaml\ncases:\n".to_owned();
    let mut responses = BTreeMap::new();
    for lie in &lies {
        for (number, body) in lie.bodies.iter().enumerate() {
            let Lie { path, status, .. } = lie;
            cases.push_str(&format!(
                "  - {{ name: \"{path} {number}\", call: GET {path}, headers: {{ X-Number: \"{number}\" }}, expect: {{ status: {status} }} }}\n"
            ));
            let body = match body {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                body => body.to_string(),
            };
            let content_type = match body.as_str() {
                "" => String::new(),
                _ => format!("Content-Type: {}\r\n", lie.content_type),
            };
            let response = format!(
                "HTTP/1.1 {status} X\r\n{content_type}{}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
                lie.headers,
                body.len()
            );
            responses.insert((format!("GET {path} "), number.to_string()), response);
        }
    }
    write(folder.path(), "cases/shop/all.yaml", &cases);
    (folder, serve(responses))
}

/// A server of prepared responses, by the beginning of the request line and the header `X-Number`.
fn serve(responses: BTreeMap<(String, String), String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let number = head.iter().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("x-number")
                    .then(|| value.to_owned())
            });
            let number = number.unwrap_or_default();
            let mut all = responses.iter();
            let found = all.find(|((start, of), _)| {
                head.first()
                    .is_some_and(|line| line.starts_with(start.as_str()))
                    && *of == number
            });
            let missing = "HTTP/1.1 500 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            let response = found.map_or(missing, |(_, response)| response.as_str());
            (&stream).write_all(response.as_bytes()).unwrap();
        }
    });
    url
}

/// The findings of a run, each as `code operation at`.
fn findings(folder: &Path, url: &str, more: &[&str]) -> Vec<String> {
    let _ = std::fs::remove_file(folder.join("events.jsonl"));
    let fixed = ["run", "--target", url, "--report", "json=events.jsonl"];
    let output = counterpart(folder, &[&fixed, more].concat());
    let text =
        std::fs::read_to_string(folder.join("events.jsonl")).unwrap_or_else(|_| panic!("{output}"));
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Event::SubjectFinished(finished) = json_lines::read(number + 1, line).unwrap() {
            for step in &finished.steps {
                let called = step.called();
                found.extend(
                    step.findings
                        .iter()
                        .map(|finding| format!("{} {called} {}", finding.code, finding.at)),
                );
            }
        }
    }
    found
}

fn counterpart(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(cargo_bin!("counterpart"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}{}\nexit code {:?}",
        text(&output.stdout),
        text(&output.stderr),
        output.status.code()
    )
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Every lie is a finding, and none is left with the proposal beside the document.
fn is_put_right(dialect: Dialect) {
    let (folder, url) = project(dialect);
    let folder = folder.path();
    let before = findings(folder, &url, &["--propose-overlay", "proposal.yaml"]);
    // In Swagger 2.0, text is not read against a schema of objects, and no header is required.
    for lie in lies(dialect)
        .iter()
        .filter(|lie| lie.path != "/shared-no-body")
    {
        let called = format!("GET {} ", lie.path);
        assert!(
            before.iter().any(|finding| finding.contains(&called)),
            "{called}: {before:?}"
        );
    }
    let proposal = std::fs::read_to_string(folder.join("proposal.yaml")).unwrap();
    for secret in [SECRET, "4eC39HqLyjWDarjtT1zdp7dc"] {
        assert!(!proposal.contains(secret), "{proposal}");
    }
    write(folder, "schemas/shop/api.overlay.yaml", &proposal);
    let lint = counterpart(folder, &["lint"]);
    assert!(lint.ends_with("exit code Some(0)"), "{lint}\n{proposal}");
    // Swagger 2.0 has no word for null.
    let warnings = lint.replace("warning[nullable-extended]", "");
    assert!(!warnings.contains("warning["), "{lint}\n{proposal}");
    let after = findings(folder, &url, &["--propose-overlay", "again.yaml"]);
    assert!(after.is_empty(), "{after:#?}\n{proposal}");
    let again = std::fs::read_to_string(folder.join("again.yaml")).unwrap();
    assert!(again.contains("actions: []"), "{again}");
}

#[test]
fn a_lying_document_of_swagger_2_0_is_put_right() {
    is_put_right(Dialect::Swagger20);
}

#[test]
fn a_lying_document_of_openapi_3_0_is_put_right() {
    is_put_right(Dialect::OpenApi30);
}

#[test]
fn a_lying_document_of_openapi_3_1_is_put_right() {
    is_put_right(Dialect::OpenApi31);
}

const MAIN: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
security: []
paths:
  /item: { get: { responses: { "200": { description: d, content: { application/json: { schema: { $ref: "common.yaml#/components/schemas/Item" } } } } } } }
  /elsewhere: { $ref: "common.yaml#/x-paths/elsewhere" }
  /own: { get: { responses: { "200": { description: d, content: { application/json: { schema: { type: object, properties: { n: { type: integer } } } } } } } } }
  /broken: { get: { responses: { "200": { description: d } } } }
  /sometimes: { get: { responses: { "200": { description: d } } } }
  /waived: { get: { responses: { "200": { description: d, content: { application/json: { schema: { type: array } } } } } } }
  /choice: { get: { responses: { "200": { description: d, content: { application/json: { schema: { oneOf: [ { type: string }, { type: boolean } ] } } } } } } }
"#;

const COMMON: &str = r#"x-paths:
  elsewhere: { get: { responses: { "200": { description: d } } } }
components:
  schemas:
    Item: { type: object, properties: { id: { type: integer } } }
"#;

const CASES: &str = r#"contract: shop/api.yaml
cases:
  - { name: item, call: GET /item }
  - { name: elsewhere, call: GET /elsewhere }
  - { name: own, call: GET /own }
  - { name: broken, call: GET /broken }
  - { name: with a body, call: GET /sometimes }
  - { name: without a body, call: GET /sometimes, headers: { X-Number: "1" } }
  - { name: waived, call: GET /waived }
  - { name: choice, call: GET /choice }
"#;

const WAIVERS: &str = "waivers:
  - { code: body-schema, operation: GET /waived, at: body, reason: known, owner: ada, until: 2999-12-31 }
";

/// A project of two documents, and the URL of its server.
fn two_documents() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "schemas/shop/api.yaml", MAIN);
    write(folder.path(), "schemas/shop/common.yaml", COMMON);
    write(folder.path(), "cases/shop/all.yaml", CASES);
    write(folder.path(), "waivers.yaml", WAIVERS);
    let responses = [
        ("GET /item ", "", 200, r#"{"id":"x"}"#),
        ("GET /elsewhere ", "", 404, ""),
        ("GET /own ", "", 200, r#"{"n":null}"#),
        ("GET /broken ", "", 500, r#"{"message":"no"}"#),
        ("GET /sometimes ", "", 200, r#"{"n":1}"#),
        ("GET /sometimes ", "1", 200, ""),
        ("GET /waived ", "", 200, r#"{"n":1}"#),
        ("GET /choice ", "", 200, r#"{"n":1}"#),
    ];
    let responses = responses.map(|(line, number, status, body)| {
        let length = body.len();
        let response = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        ((line.to_owned(), number.to_owned()), response)
    });
    (folder, serve(BTreeMap::from(responses)))
}

#[test]
fn each_document_gets_a_file_and_what_no_document_can_put_right_is_counted() {
    let (folder, url) = two_documents();
    let folder = folder.path();
    let before = findings(folder, &url, &["--propose-overlay", "out/fix.yaml"]);
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let (main, common) = (read("out/fix.yaml"), read("out/fix-common.yaml"));
    let expected = "actions:
  - target: $.paths['/own'].get.responses['200'].content['application/json'].schema.properties.n
    description: |-
      Declared integer, but values are of other types (1 null). 1 finding in 1 response of GET /own; first at body
      /n in the case `shop::all::own`.
    update: { type: [integer, \"null\"] }
";
    let (head, actions) = main.split_once("actions:\n").unwrap();
    assert_eq!(format!("actions:\n{actions}"), expected);
    for line in [
        "# Proposed corrections of schemas/shop/api.yaml:",
        "# To apply them, name this file api.overlay.yaml and put it beside the document.\n",
        "# Other documents have files of their own: out/fix-common.yaml.\n",
        "# - 1 finding of body-undocumented in GET /sometimes at body: the same status comes with and without a body, which OpenAPI cannot describe\n",
        "# - 1 finding of body-schema in GET /choice at body: which of the alternatives is wrong is not certain\n",
        "# - 1 finding of server-error: not a matter of a document\n",
        "# - 1 finding of status-unexpected: not a matter of a document\n",
        "extends: api.yaml\n",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    assert!(!main.contains("/waived"), "{main}");
    for line in [
        "extends: common.yaml\n",
        "target: $['x-paths'].elsewhere.get\n",
        "(a case expected another status)",
        "target: $.components.schemas.Item.properties.id\n",
    ] {
        // A description is wrapped between words.
        let joined = common.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(line.trim()), "{line}: {common}");
    }
    write(folder, "schemas/shop/api.overlay.yaml", &main);
    write(folder, "schemas/shop/common.overlay.yaml", &common);
    let after = findings(folder, &url, &["--propose-overlay", "out/more.yaml"]);
    let left = [
        "body-schema GET /choice body",
        "body-schema GET /waived body",
        "body-undocumented GET /sometimes body",
        "server-error GET /broken status",
        "status-unexpected GET /elsewhere status",
    ];
    let mut after = after;
    after.sort();
    assert_eq!(after, left, "{before:?}");
    // Nothing is proposed twice.
    let more = read("out/more.yaml");
    assert!(more.ends_with("actions: []\n"), "{more}");
}

#[test]
fn a_proposal_for_a_corrected_document_adds_to_its_overlay() {
    let (folder, url) = two_documents();
    let folder = folder.path();
    let overlay = "overlay: 1.0.0
info: { title: T, version: '1' }
actions:
  - target: $.paths['/own'].get.responses['200'].content['application/json'].schema.properties.n
    description: d
    update: { type: string }
";
    write(folder, "schemas/shop/api.overlay.yaml", overlay);
    let run = [
        "run",
        "--target",
        &url,
        "--filter",
        "own",
        "--propose-overlay",
    ];
    counterpart(folder, &[&run[..], &["real.yaml"]].concat());
    counterpart(
        folder,
        &[&run[..], &["bare.yaml", "--contract", "documented"]].concat(),
    );
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let real = read("real.yaml");
    assert!(real.contains("# The document already has the overlay schemas/shop/api.overlay.yaml: append the actions to those in it.\n"), "{real}");
    assert!(
        real.contains("update: { type: [string, \"null\"] }"),
        "{real}"
    );
    assert!(read("bare.yaml").contains("update: { type: [integer, \"null\"] }"));
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let (folder, url) = two_documents();
    let folder = folder.path();
    write(folder, "mine.yaml", "mine");
    let run = ["run", "--target", &url, "--propose-overlay"];
    let refused = counterpart(folder, &[&run[..], &["mine.yaml"]].concat());
    assert!(
        refused.contains("error[file-in-the-way]: mine.yaml already exists"),
        "{refused}"
    );
    assert!(refused.ends_with("exit code Some(2)"), "{refused}");
    // The files of other documents take a free name.
    write(folder, "new-common.yaml", "mine");
    let written = counterpart(folder, &[&run[..], &["new.yaml"]].concat());
    assert!(
        written.contains(
            "2 corrections proposed for schemas/shop/common.yaml: review new-common-2.yaml\n"
        ),
        "{written}"
    );
    for file in ["mine.yaml", "new-common.yaml"] {
        assert_eq!(std::fs::read_to_string(folder.join(file)).unwrap(), "mine");
    }
    let watched = counterpart(folder, &[&run[..], &["w.yaml", "--watch"]].concat());
    assert!(watched.contains("cannot be used with"), "{watched}");
}
