//! The server that responds as a contract documents: over HTTP, and checked by the same rules as every other.

use std::sync::Arc;

use counterpart::check::{CheckContext, check};
use counterpart::contract::{Contract, load_source};
use counterpart::diagnostic::Diagnostics;
use counterpart::exchange::{Caller, Client, Exchange, Request, Resend};
use counterpart::source::Source;
use counterpart::stub::{Stub, serve};
use counterpart::target::{Severities, Target};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

const CONTRACT: &str = "
openapi: 3.2.0
info: { title: Shop, version: '1' }
servers: [{ url: https://shop.example/v1 }]
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
paths:
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
    get:
      parameters:
        - { name: fields, in: query, schema: { type: array, items: { enum: [id, total] } } }
        - { name: X-Trace, in: header, schema: { type: string, maxLength: 3 } }
      responses:
        '200':
          description: an order
          headers: { ETag: { required: true, schema: { type: string, pattern: '^\"[a-z]+\"$' } }, X-Count: { schema: { type: integer } } }
          content:
            text/csv: { example: 'id' }
            application/json:
              schema: { type: object, required: [id, total], properties: { id: { type: integer }, total: { type: string, pattern: '^[0-9]+[.][0-9]{2}$' } } }
        '404': { description: none, content: { application/problem+json: { schema: { type: object }, examples: { gone: { value: { title: Gone } }, never: { value: { title: Never } } } } } }
    delete: { security: [ { key: [] } ], responses: { '204': { description: gone } } }
  /orders:
    post:
      requestBody:
        required: true
        content: { application/json: { schema: { type: object, required: [sku], properties: { sku: { type: string } } } } }
      responses:
        '201':
          description: placed
          content: { application/json: { schema: { type: object, required: [id] }, examples: { wrong: { value: 5 }, first: { value: { id: 7 } } } } }
  /events:
    get:
      responses:
        '200':
          description: events
          content: { text/event-stream: { itemSchema: { type: object, required: [data], properties: { data: { type: string } } } } }
  /lines:
    get:
      responses:
        '200': { description: lines, content: { application/jsonl: { itemSchema: { type: object, required: [id], properties: { id: { type: integer } } } } } }
";

struct Running {
    contract: Arc<Contract>,
    client: Client,
    url: String,
}

/// Serves the contract on loopback.
async fn start() -> Running {
    let mut diagnostics = Diagnostics::new();
    let contract = load_source(Source::new("shop.yaml", CONTRACT), &mut diagnostics).unwrap();
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stub = Stub::new(Arc::clone(&contract));
    tokio::spawn(serve(listener, stub, |_, _| {}));
    let client = Client::new(&Target::parse(&url).unwrap()).unwrap();
    Running {
        contract,
        client,
        url,
    }
}

impl Running {
    async fn send(&self, request: &str, headers: &[(&'static str, &str)], body: &str) -> Exchange {
        let (method, path) = request.split_once(' ').unwrap();
        let headers = headers.iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        });
        let request = Request {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            url: format!("{}{path}", self.url).parse().unwrap(),
            headers: headers.collect::<HeaderMap>(),
            body: body.to_owned().into(),
        };
        self.client
            .send(request, None, Resend::Never, None)
            .await
            .unwrap()
    }

    /// The codes of what checking finds in a response.
    fn findings(&self, exchange: &Exchange) -> Vec<&'static str> {
        let Request { method, url, .. } = &exchange.request;
        let operation = self.contract.operation_of_request(method, url.path());
        let context =
            CheckContext::of_contract(operation.map(AsRef::as_ref), Caller::Unauthenticated, 100);
        let checked = check(exchange, &context, &Severities::default());
        checked
            .findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn responses_are_what_the_contract_documents() {
    let stub = start().await;
    for (request, headers, body, status, expected) in [
        (
            "GET /v1/orders/7",
            vec![],
            "",
            200,
            "{\"id\":1,\"total\":\"1.11\"}",
        ),
        (
            "GET /v1/orders/7?fields=id&fields=total",
            vec![],
            "",
            200,
            "{\"id\":1,\"total\":\"1.11\"}",
        ),
        ("HEAD /v1/orders/7", vec![], "", 405, ""),
        (
            "GET /v1/orders/7",
            vec![("accept", "text/csv;q=1, */*;q=0.1")],
            "",
            200,
            "id",
        ),
        (
            "GET /v1/orders/7",
            vec![("prefer", "code=404")],
            "",
            404,
            "{\"title\":\"Gone\"}",
        ),
        (
            "GET /v1/orders/7",
            vec![("prefer", "code=404, example=never")],
            "",
            404,
            "{\"title\":\"Never\"}",
        ),
        // Not documented.
        (
            "GET /v1/orders/7",
            vec![("prefer", "code=418")],
            "",
            200,
            "{\"id\":1,\"total\":\"1.11\"}",
        ),
        ("DELETE /v1/orders/7", vec![("x-key", "any")], "", 204, ""),
        // The first example is not what the schema allows.
        (
            "POST /v1/orders",
            vec![JSON],
            "{\"sku\":\"a\"}",
            201,
            "{\"id\":7}",
        ),
        ("GET /v1/events", vec![], "", 200, "data: text\n\n"),
        ("GET /v1/lines", vec![], "", 200, "{\"id\":1}\n"),
    ] {
        let exchange = stub.send(request, &headers, body).await;
        let response = &exchange.response;
        assert_eq!(response.status.as_u16(), status, "{request}");
        assert_eq!(
            String::from_utf8_lossy(&response.body),
            expected,
            "{request}"
        );
        if status != 405 {
            assert!(
                stub.findings(&exchange).is_empty(),
                "{request}: {:?}",
                stub.findings(&exchange)
            );
        }
    }
    let exchange = stub.send("GET /v1/orders/7", &[], "").await;
    let headers = &exchange.response.headers;
    assert!(headers["etag"].to_str().unwrap().starts_with('"'));
    assert!(!headers.contains_key("x-count"));
}

#[tokio::test]
async fn requests_that_the_contract_does_not_allow_are_refused() {
    let stub = start().await;
    for (request, headers, body, status, reasons) in [
        (
            "GET /v1/nothing",
            vec![],
            "",
            404,
            vec!["the contract has no path for /v1/nothing"],
        ),
        (
            "GET /orders/7",
            vec![],
            "",
            404,
            vec!["the contract has no path for /orders/7"],
        ),
        (
            "PUT /v1/orders/7",
            vec![],
            "",
            405,
            vec!["the contract has no PUT for /v1/orders/7"],
        ),
        (
            "DELETE /v1/orders/7",
            vec![],
            "",
            401,
            vec!["DELETE /orders/{id} is protected, and this is a request without credentials"],
        ),
        (
            "GET /v1/orders/x",
            vec![],
            "",
            400,
            vec!["the path parameter `id`: \"x\" is not of type integer"],
        ),
        (
            "GET /v1/orders/7?fields=sum",
            vec![],
            "",
            400,
            vec!["the query parameter `fields`: \"sum\" is not one of [\"id\",\"total\"]"],
        ),
        (
            "GET /v1/orders/7?page=1",
            vec![],
            "",
            400,
            vec!["GET /orders/{id} declares no query parameter `page`"],
        ),
        (
            "GET /v1/orders/7",
            vec![("x-trace", "long")],
            "",
            400,
            vec!["the header parameter `X-Trace`: \"long\" is longer than 3 characters"],
        ),
        (
            "POST /v1/orders",
            vec![],
            "",
            400,
            vec!["the required body is missing"],
        ),
        (
            "POST /v1/orders",
            vec![JSON],
            "{",
            400,
            vec!["the body is not JSON"],
        ),
        (
            "POST /v1/orders",
            vec![JSON],
            "{\"sku\":1}",
            400,
            vec!["the body at /sku: 1 is not of type string"],
        ),
        (
            "POST /v1/orders",
            vec![("content-type", "text/plain")],
            "a",
            415,
            vec![
                "the body has the Content-Type `text/plain`, but the contract documents application/json",
            ],
        ),
    ] {
        let exchange = stub.send(request, &headers, body).await;
        let response = &exchange.response;
        assert_eq!(response.status.as_u16(), status, "{request}");
        assert_eq!(response.headers["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(problem["status"], json!(status));
        let found: Vec<&str> = problem["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["message"].as_str().unwrap())
            .collect();
        assert_eq!(found, reasons, "{request}");
    }
    let exchange = stub.send("PUT /v1/orders/7", &[], "").await;
    assert_eq!(exchange.response.headers["allow"], "GET, DELETE");
}
