//! The cost of the harness besides the network: cases per second through the whole of counterpart (plan, send, check, coverage, report to JUnit and
//! JSON Lines) against a bare `reqwest` + `jsonschema` loop on the same server, side by side.
//!
//! `cargo bench --bench throughput` prints both rates and their ratio; the ratio should stay above 0.6.

#![expect(clippy::print_stdout, reason = "a bench prints its results")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use counterpart::diagnostic::Diagnostics;
use counterpart::plan::{Selection, plan};
use counterpart::report::formats::junit;
use counterpart::report::{Report, json_lines};
use counterpart::run::{Assignment, Pipeline, RunOptions, run};
use counterpart::source::Folder;
use counterpart::target::Target;
use counterpart::{case, contract};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// As in the program, for both sides of the comparison.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const CASES: usize = 10_000;
const JOBS: usize = 64;
const ROUNDS: usize = 5;

const CONTRACT: &str = r##"
openapi: 3.1.0
info: { title: Items, version: "1" }
paths:
  /items/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses:
        "200":
          description: an item
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Item" }
components:
  schemas:
    Item:
      type: object
      required: [id, name, tags]
      properties:
        id: { type: integer, minimum: 0 }
        name: { type: string, minLength: 1 }
        tags: { type: array, items: { type: string } }
        owner: { type: [object, "null"], properties: { id: { type: integer } } }
"##;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // The bare client needs a TLS provider even for plain HTTP, as ours does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = Router::new().route(
        "/items/{id}",
        get(|Path(id): Path<u64>| async move {
            Json(json!({ "id": id, "name": format!("item {id}"), "tags": ["a", "b"], "owner": { "id": 7 } }))
        }),
    );
    tokio::spawn(async move { axum::serve(listener, app).await });

    let project = tempfile::tempdir()?;
    write_project(project.path())?;
    let (mut bare_rates, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // On the workers, not on the main thread: waking it costs more than the work.
        let (url, folder) = (url.clone(), project.path().to_owned());
        let both = tokio::spawn(async move {
            Ok::<_, Failure>((bare(&url).await?, harness(&url, &folder).await?))
        });
        let (bare_rate, rate) = both.await??;
        bare_rates.push(bare_rate);
        rates.push(rate);
    }
    let (bare, whole) = (median(&mut bare_rates), median(&mut rates));
    println!("bare reqwest + jsonschema: {bare:>8.0} requests/s (median of {ROUNDS})");
    println!("counterpart:               {whole:>8.0} cases/s");
    println!("ratio:                     {:>8.2}", whole / bare);
    Ok(())
}

/// The minimum: send, read, parse, validate.
async fn bare(url: &str) -> Result<f64, Failure> {
    let schema = json!({
        "type": "object",
        "required": ["id", "name", "tags"],
        "properties": {
            "id": { "type": "integer", "minimum": 0 },
            "name": { "type": "string", "minLength": 1 },
            "tags": { "type": "array", "items": { "type": "string" } },
            "owner": { "type": ["object", "null"], "properties": { "id": { "type": "integer" } } },
        },
    });
    let validator = Arc::new(jsonschema::validator_for(&schema)?);
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(Vec::<reqwest::Certificate>::new())
        .build()?;
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let workers: Vec<_> = (0..JOBS)
        .map(|_| {
            let (client, validator, next, url) = (
                client.clone(),
                validator.clone(),
                next.clone(),
                url.to_owned(),
            );
            tokio::spawn(async move {
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= CASES {
                        return Ok::<(), reqwest::Error>(());
                    }
                    let response = client.get(format!("{url}/items/{id}")).send().await?;
                    assert_eq!(response.status(), 200);
                    let body: serde_json::Value =
                        serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
                    assert!(validator.is_valid(&body));
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(CASES as f64 / started.elapsed().as_secs_f64())
}

/// The same requests as cases, with JUnit and JSON Lines reports.
async fn harness(url: &str, project: &std::path::Path) -> Result<f64, Failure> {
    let mut diagnostics = Diagnostics::new();
    let (cases, schemas) = (
        Folder::new(project.join("cases")),
        Folder::new(project.join("schemas")),
    );
    let contracts =
        |path: &str, diagnostics: &mut Diagnostics| contract::load(&schemas, path, diagnostics);
    let suite =
        case::load(&cases, "items", &contracts, &mut diagnostics).ok_or("the cases do not load")?;
    let suite = Arc::new(suite);
    let started = Instant::now();
    let plan = plan(&[Arc::clone(&suite)], &Selection::default(), 1);
    let mut pipeline = Pipeline::new(suite, Arc::new(Target::parse(url)?), 1)?;
    pipeline.judge.record_coverage();
    let cases = plan
        .systems
        .into_iter()
        .flat_map(|system| system.cases)
        .map(|planned| (planned, None))
        .collect();
    let (sender, mut events) = tokio::sync::mpsc::channel(1024);
    let options = RunOptions {
        jobs: NonZeroUsize::new(JOBS).ok_or("no jobs")?,
        seed: 1,
        max_failures: None,
        shard: None,
    };
    let running = tokio::spawn(run(
        vec![Assignment { pipeline, cases }],
        options,
        CancellationToken::new(),
        sender,
    ));
    let mut report = Report::default();
    let mut lines = std::io::BufWriter::new(std::fs::File::create(project.join("events.jsonl"))?);
    while let Some(event) = events.recv().await {
        json_lines::write(&event, &mut lines)?;
        report.fold(&event);
    }
    running.await?;
    std::io::Write::flush(&mut lines)?;
    std::fs::write(project.join("junit.xml"), junit::render(&report))?;
    let elapsed = started.elapsed();
    assert_eq!(report.counts().passed, CASES);
    Ok(CASES as f64 / elapsed.as_secs_f64())
}

fn write_project(project: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir_all(project.join("schemas/items"))?;
    std::fs::create_dir_all(project.join("cases/items"))?;
    std::fs::write(project.join("schemas/items/items.yaml"), CONTRACT)?;
    let ids: Vec<String> = (0..CASES).map(|id| id.to_string()).collect();
    let cases = format!(
        "contract: items/items.yaml\ncases:\n  - name: item {{{{ id }}}} can be read\n    each: {{ id: [{}] }}\n    call: GET /items/{{id}}\n    path: {{ id: \"{{{{ id }}}}\" }}\n    expect: {{ status: 200, body: {{ id: \"{{{{ id }}}}\" }} }}\n",
        ids.join(", ")
    );
    std::fs::write(project.join("cases/items/items.yaml"), cases)
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
