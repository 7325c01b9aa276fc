//! A project made from a contract: it lints clean, and its cases pass against a stub of the contract.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::project_folder::{Ended, ProjectFolder, command};

/// A stub in a process of its own, which ends with the test.
struct Stub {
    process: Child,
    url: String,
}

impl Stub {
    fn start(folder: &ProjectFolder, contract: &str) -> Self {
        let arguments = format!("serve --contract {contract}");
        let mut process = command(folder.root(), &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let output = process.stdout.take().unwrap();
        let mut lines = BufReader::new(output);
        lines.read_line(&mut first).unwrap();
        // Its later lines are not read: the pipe stays open until the test ends.
        std::mem::forget(lines);
        let url = first.split("http://").nth(1).unwrap();
        let address = url.trim().split('/').next().unwrap();
        Stub {
            process,
            url: format!("http://{address}"),
        }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const MAIN: &str = "openapi: 3.1.0
info: { title: The Shop, version: '1' }
servers: [{ url: https://shop.example/v1 }]
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key }
    staff: { type: http, scheme: basic }
    login: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: {} } } }
security: [ { key: [] } ]
paths:
  /orders:
    get:
      security: []
      parameters: [ { name: ids, in: query, required: true, schema: { type: array, items: { type: integer } } } ]
      responses: { '200': { description: orders, content: { application/json: { schema: { type: array, items: { $ref: ../common/order.yaml } } } } } }
    post:
      requestBody:
        content: { application/json: { schema: { $ref: ../common/order.yaml }, examples: { one: { value: { id: 1 } }, wrong: { value: 1 } } } }
      responses: { '201': { description: placed } }
  /orders/{id}:
    get:
      security: [ { staff: [] } ]
      parameters: [ { name: id, in: path, required: true, example: 7, schema: { type: integer } } ]
      responses: { '200': { description: order, content: { application/json: { schema: { $ref: ../common/order.yaml } } } } }
    delete: { security: [ { key: [], staff: [] } ], responses: { '204': { description: gone } }, parameters: [ { name: id, in: path, required: true, schema: {} } ] }
  /old: { get: { security: [ { login: [] } ], responses: { '301': { description: moved } } } }
  /both: { get: { security: [ { key: [], staff: [] } ], responses: { '200': { description: both } } } }
";

#[test]
fn a_project_made_from_a_contract_passes_against_its_stub() {
    let source = ProjectFolder::temporary();
    source.write("api/v1/openapi.yaml", MAIN);
    source.write(
        "api/common/order.yaml",
        "type: object\nrequired: [id]\nproperties: { id: { type: integer } }\n",
    );
    let made = source.ended("init --from api/v1/openapi.yaml --into made");
    made.with(
        0,
        &[
            "made/schemas/the-shop/v1/openapi.yaml",
            "made/schemas/the-shop/common/order.yaml",
            "made/cases/the-shop/system.yaml",
            "wrote 9 files; next: with 5 cases, try them against a stub:",
            "counterpart serve --contract schemas/the-shop/v1/openapi.yaml --port 8080",
            "export COUNTERPART_AUTH_KEY_API_KEY=any",
            "export COUNTERPART_AUTH_STAFF_PASSWORD=any",
            "export COUNTERPART_AUTH_LOGIN_BEARER=any",
        ],
    );
    let project = ProjectFolder::at(source.path("made"));
    project.ended("lint").with(0, &["0 errors, 0 warnings"]);
    assert_eq!(
        project.read("cases/the-shop/system.yaml"),
        "# yaml-language-server: $schema=../../schemas/system-file.schema.json
description: The Shop
contract: the-shop/v1/openapi.yaml
auth:
  guest: none
  key: { api_key: { header: X-Key } }
  staff: basic
  login: { bearer: \"{{ credentials.bearer }}\" }
"
    );
    assert_eq!(
        project.read("cases/the-shop/smoke.yaml"),
        "# yaml-language-server: $schema=../../schemas/case-file.schema.json
tags: [smoke]
cases:
  - name: GET /orders responds as documented
    call: GET /orders
    query: { ids: [1] }

  - name: GET /orders/{id} responds as documented
    call: GET /orders/{id}
    path: { id: 7 }
    as: staff

  - name: GET /old responds as documented
    call: GET /old
    as: login
    expect: { status: 301 }

  - name: GET /both responds as documented
    skip: send the credentials of key and staff
    call: GET /both
"
    );
    assert_eq!(
        project.read("cases/the-shop/examples.yaml"),
        "# yaml-language-server: $schema=../../schemas/case-file.schema.json
cases:
  - name: POST /orders accepts the example one
    tags: [example, disruptive]
    call: POST /orders
    as: key
    body: { id: 1 }
"
    );
    let stub = Stub::start(&project, "schemas/the-shop/v1/openapi.yaml");
    let mut run = command(
        project.root(),
        &format!("run --target {} --disposable", stub.url),
    );
    for (name, value) in [
        ("COUNTERPART_AUTH_KEY_API_KEY", "any"),
        ("COUNTERPART_AUTH_STAFF_USERNAME", "any"),
        ("COUNTERPART_AUTH_STAFF_PASSWORD", "any"),
        ("COUNTERPART_AUTH_LOGIN_BEARER", "any"),
    ] {
        run.env(name, value);
    }
    Ended::of(&mut run).with(0, &["5 cases: 4 passed, 0 failed, 0 errors, 1 skipped"]);
}

#[test]
fn what_cannot_be_a_project_is_refused() {
    let folder = ProjectFolder::temporary();
    folder.write("api.yaml", MAIN);
    folder
        .ended("init --from api.yaml --name The.Shop --into made")
        .with(2, &["`The.Shop` cannot be the name of a system"]);
    folder
        .ended("init --from nothing.yaml --into made")
        .with(2, &["nothing.yaml"]);
    folder
        .ended("init --from api.yaml magento --into made")
        .with(2, &["cannot be used with"]);
    folder.write("text.yaml", "just: text\n");
    folder
        .ended("init --from text.yaml --into made")
        .with(2, &["error["]);
    folder
        .ended("serve --contract text.yaml")
        .with(2, &["error["]);
    assert!(!folder.path("made").exists());
}
