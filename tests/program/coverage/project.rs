use std::collections::BTreeSet;
use std::ops::Deref;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::project_folder::{Ended, ProjectFolder, serve};

/// A folder with contract, cases and configuration, and a server to send requests to.
pub struct Project {
    folder: ProjectFolder,
    _runtime: Runtime,
}

/// Small enough to count its points by hand; see `counted`.
const CONTRACT: &str = r#"openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                name: { type: string, minLength: 3 }
                colour: { enum: [red, blue] }
                tags:
                  type: array
                  items:
                    type: object
                    properties:
                      label: { type: string }
                      weight: { type: number }
      responses:
        "201":
          description: made
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: { type: integer }
                  note: { type: [string, "null"] }
                  labels:
                    type: object
                    additionalProperties:
                      type: object
                      properties:
                        text: { type: string }
                        hint: { type: string }
                oneOf:
                  - { properties: { card: { type: string } }, required: [card] }
                  - { properties: { iban: { type: string } }, required: [iban] }
        "400": { description: refused }
        "503": { description: not now }
  /things/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: integer } }
    get:
      parameters:
        - { name: verbose, in: query, schema: { type: boolean } }
      responses:
        "200": { description: there }
        "404": { description: not there }
    delete:
      responses:
        "204": { description: gone }
"#;

const SYSTEM: &str = "auth:\n  admin: { bearer: a-token-of-the-admin }\n";

/// A guest creates a thing, the admin reads it.
pub const CASES: &str = r#"contract: shop/things.yaml
cases:
  - name: a guest makes a thing
    call: POST /things
    body: { name: abc, colour: red, tags: [{ label: new }] }
    expect: { status: 201 }
  - name: the admin looks
    call: GET /things/{id}
    path: { id: 1 }
    as: admin
    expect: { status: 200 }
"#;

impl Deref for Project {
    type Target = ProjectFolder;

    fn deref(&self) -> &ProjectFolder {
        &self.folder
    }
}

impl Project {
    /// With these cases for the small contract.
    pub fn with(cases: &str) -> Project {
        let app = Router::new().route("/things", post(make)).route(
            "/things/{id}",
            get(async || StatusCode::OK).delete(async || StatusCode::NO_CONTENT),
        );
        let project = Project::serving(app);
        project.write("schemas/shop/things.yaml", CONTRACT);
        project.write("cases/shop/things.yaml", cases);
        project.write("cases/shop/system.yaml", SYSTEM);
        project
    }

    /// With a server and no cases yet.
    pub fn serving(app: Router) -> Project {
        let (runtime, address) = serve(app);
        let project = Project {
            folder: ProjectFolder::temporary(),
            _runtime: runtime,
        };
        let config =
            format!("[targets.staging]\nurl = \"http://{address}\"\nsystems = [\"shop\"]\n");
        project.write("counterpart.toml", &config);
        project
    }

    /// `run --target staging` with further arguments, separated by spaces.
    pub fn run(&self, words: &str) -> Ended {
        self.ended(&format!("run --target staging --seed 7 {words}"))
    }

    /// The coverage that a run recorded for the system.
    pub fn coverage(&self) -> Recorded {
        self.run("--report coverage=coverage.json").with(0, &[]);
        Recorded::read(&self.read("coverage.json"))
    }
}

/// The only system of a coverage document.
pub struct Recorded(Value);

impl Recorded {
    pub fn read(text: &str) -> Recorded {
        let mut document: Value = serde_json::from_str(text).unwrap();
        let systems = document["systems"].as_array_mut().unwrap();
        assert_eq!(systems.len(), 1);
        Recorded(systems.remove(0))
    }

    pub fn points(&self) -> &[Value] {
        self.0["points"].as_array().unwrap()
    }

    /// `2/3`
    pub fn ratio(&self, level: &str) -> String {
        let levels = self.0["levels"].as_array().unwrap();
        let found = levels.iter().find(|entry| entry["level"] == level).unwrap();
        format!("{}/{}", found["covered"], found["total"])
    }

    /// The points of a level that count and are, or are not, covered; for operations and statuses with the operation's name.
    pub fn of(&self, level: &str, covered: bool) -> BTreeSet<String> {
        let meant = self.points().iter().filter(|point| {
            point["level"] == level
                && point["covered"] == covered
                && point.get("excluded").is_none()
        });
        meant
            .map(|point| {
                let text = |key: &str| point[key].as_str().unwrap();
                match level {
                    "statuses" | "parameters" => format!("{} {}", text("operation"), text("what")),
                    _ => text("what").to_owned(),
                }
            })
            .collect()
    }
}

pub fn set<const N: usize>(points: [&str; N]) -> BTreeSet<String> {
    points.into_iter().map(str::to_owned).collect()
}

/// Refuses names of fewer than three letters; it never returns `iban`, and `note` is always null.
async fn make(body: String) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap();
    if body["name"].as_str().unwrap().chars().count() < 3 {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let made =
        json!({ "id": 1, "note": null, "card": "4711", "labels": { "first": { "text": "new" } } });
    let head = [(CONTENT_TYPE, "application/json")];
    (StatusCode::CREATED, head, made.to_string()).into_response()
}
