use std::net::SocketAddr;
use std::ops::Deref;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::header::{CONTENT_TYPE, DATE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::project_folder::{ProjectFolder, command, serve};

/// Cases in the files of two systems. The order number decides how the server deviates from the contract.
pub struct Project {
    folder: ProjectFolder,
    pub url: String,
    _runtime: Runtime,
}

const CONTRACT: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: "http://shop.example" }]
paths:
  /orders/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: by, in: query, schema: { type: string } }
      responses:
        "200":
          description: the order
          content:
            application/json:
              schema:
                type: object
                required: [id, total]
                properties:
                  id: { type: integer }
                  total: { type: number }
        "404": { description: no such order }
  /stock:
    get: { responses: { "200": { description: all there is, content: { application/json: {} } } } }
"#;

/// The time of the server, constant so that responses do not differ.
const NOW: &str = "Fri, 20 Nov 2026 08:30:00 GMT";

/// The first matches; the second is stale; so is the third, because the order that would match has another response in that system.
const WAIVERS: &str = "waivers:
  - { code: body-schema, operation: 'GET /orders/{id}', at: body /total, system: shop, reason: known, owner: ada, until: 9999-12-31 }
  - { code: body-format, operation: 'GET /orders/{id}', at: body /total, system: shop, reason: was known, owner: ada, until: 9999-12-31 }
  - { code: body-schema, operation: 'GET /orders/{id}', at: body /total, system: wiki, reason: never, owner: ada, until: 9999-12-31 }
";

impl Project {
    /// With a server that responds to a number of requests and then hangs.
    pub fn with_server_that_hangs_after(responses: usize) -> Project {
        let left = Arc::new(AtomicUsize::new(responses));
        let stock = ([(DATE, NOW)], axum::Json(json!({})));
        let app = Router::new()
            .route("/stock", get(async || stock))
            .route("/orders/{id}", get(order))
            .with_state(left);
        let (runtime, address) = serve(app);
        Project::at(address, runtime)
    }

    pub fn new() -> Project {
        Project::with_server_that_hangs_after(usize::MAX)
    }

    /// With an unused port.
    pub fn without_server() -> Project {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Project::at(listener.local_addr().unwrap(), Runtime::new().unwrap())
    }

    fn at(address: SocketAddr, runtime: Runtime) -> Project {
        let project = Project {
            folder: ProjectFolder::temporary(),
            url: format!("http://{address}"),
            _runtime: runtime,
        };
        for system in ["shop", "wiki"] {
            project.write(&format!("schemas/{system}/orders.yaml"), CONTRACT);
        }
        project.write("cases/shop/all.yaml", &case_file("shop", 0..45));
        project.write("cases/shop/more/others.yaml", &case_file("shop", 45..70));
        project.write("cases/wiki/all.yaml", &case_file("wiki", 100..110));
        project.write("waivers.yaml", WAIVERS);
        let config = format!(
            "[targets.staging]\nurl = \"{}\"\nsystems = [\"wiki\", \"shop\"]\n",
            project.url
        );
        project.write("counterpart.toml", &config);
        project
    }

    /// The program in the project's folder, with arguments separated by spaces.
    pub fn command(&self, arguments: &str) -> Command {
        command(self.root(), arguments)
    }
}

impl Deref for Project {
    type Target = ProjectFolder;

    fn deref(&self) -> &ProjectFolder {
        &self.folder
    }
}

/// A case for each number, a skipped case, and a case that ends in an error.
fn case_file(system: &str, numbers: std::ops::Range<usize>) -> String {
    let rows: String = numbers
        .map(|number| format!("      - {{ id: {number} }}\n"))
        .collect();
    format!(
        "contract: {system}/orders.yaml
cases:
  - name: the order {{{{ id }}}} is there
    each:
{rows}    call: GET /orders/{{id}}
    path: {{ id: \"{{{{ id }}}}\" }}
    query: {{ by: \"{{{{ unique.email }}}}\" }}
    expect: {{ status: 200 }}
  - name: not yet
    skip: the server has no such thing yet
    call: GET /stock
  - name: a value that the response does not have
    steps:
      - call: GET /stock
        capture: {{ nothing: $.nothing }}
      - call: GET /stock
        query: {{ after: \"{{{{ nothing }}}}\" }}
"
    )
}

/// The response depends only on the number.
async fn order(State(left): State<Arc<AtomicUsize>>, UrlPath(id): UrlPath<u64>) -> Response {
    let take = |left: usize| left.checked_sub(1);
    if left
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
        .is_err()
    {
        std::future::pending::<()>().await;
    }
    let head = [(CONTENT_TYPE, "application/json"), (DATE, NOW)];
    let status = if id % 11 == 10 { 500 } else { 200 };
    let body = match id {
        _ if status == 500 => json!({ "message": "<script>alert(1)</script>" }),
        _ if id % 7 == 3 => json!({ "id": id.to_string(), "total": 1.5 }),
        _ if id % 13 == 5 => json!({ "id": id, "total": "1.50" }),
        _ if id % 5 == 1 => json!({ "id": id, "total": 1.5, "vat": 0.19 }),
        _ => json!({ "id": id, "total": 1.5 }),
    };
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    (status, head, body.to_string()).into_response()
}
