//! Executing and judging cases against small servers on loopback, whose responses each test defines byte by byte.

mod accounts;
mod auth;
mod bodies;
mod captures;
mod conditional;
mod expectations;
mod fixtures;
mod lost;
mod openapi32;
mod parameters;
mod secrets;
mod server;
mod servers;
mod steps;
mod streams;
mod transcript;
mod wire;
mod xml;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use counterpart::case::{self, Suite};
use counterpart::contract;
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::event::{Event, SubjectFinished};
use counterpart::plan::{self, PlannedCase, Selection, skip_reason};
use counterpart::run::{self, Assignment, Outcome, Pipeline, RunOptions};
use counterpart::source::{FileError, Files, Source};
use counterpart::target::Target;
use tokio_util::sync::CancellationToken;

/// The contract of every test's server.
const CONTRACT: &str = r##"
openapi: 3.1.0
info: { title: Things, version: "1" }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    thing: { type: object, required: [id], properties: { id: { type: integer }, url: { type: string } } }
paths:
  /login:
    post:
      requestBody: { content: { application/json: { schema: {} } } }
      responses:
        "200": { description: a token, content: { application/json: { schema: { type: string } } } }
        "401": { description: refused, content: { application/json: { schema: {} } } }
  /me:
    get:
      security: [ { bearer: [] } ]
      responses:
        "200": { description: the caller, content: { application/json: { schema: { $ref: "#/components/schemas/thing" } } } }
        "401": { description: refused, content: { application/json: { schema: {} } } }
  /things:
    post:
      requestBody: { content: { application/json: { schema: {} } } }
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/thing" } } } }
  /thing:
    get:
      parameters: [ { name: q, in: query, schema: {} } ]
      responses: { "200": { description: one, content: { application/json: { schema: { $ref: "#/components/schemas/thing" } } } } }
    head:
      responses: { "200": { description: the headers of one } }
    delete:
      responses: { "204": { description: gone } }
  /packed:
    get:
      responses:
        "200":
          description: one, compressed
          headers:
            Content-Encoding: { required: true, schema: { enum: [gzip] } }
            Content-Length: { required: true, schema: { type: integer, minimum: 20 } }
          content: { application/json: { schema: { $ref: "#/components/schemas/thing" } } }
  /things/{id}:
    delete:
      parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
      responses: { "204": { description: gone }, "404": { description: not found } }
"##;

/// The bytes of every file named `photo.png`: not text.
const PHOTO: &[u8] = b"\x89PNG\r\n\x1a\n\0\xff";

#[derive(Debug, Default)]
struct Texts(BTreeMap<String, Source>);

impl Texts {
    fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), Source::new(path, text));
        self
    }
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        let found = self.0.get(path).cloned();
        found.ok_or_else(|| FileError::new("no such file"))
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileError> {
        match path.ends_with("photo.png") {
            true => Ok(PHOTO.to_vec()),
            false => Ok(self.read(path)?.text().as_bytes().to_vec()),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        let paths = self.0.keys().filter(|path| path.starts_with(&below));
        paths.cloned().collect()
    }
}

/// The suite of one case file; `system` is the text of its `system.yaml`, or empty.
fn suite(system: &str, cases: &str) -> Arc<Suite> {
    let mut files = files_for(CONTRACT, cases);
    if !system.is_empty() {
        files = files.with("shop/system.yaml", system);
    }
    let (suite, shown) = suite_in(&files);
    suite.unwrap_or_else(|| panic!("{shown}"))
}

/// The suite of one case file for a contract of its own, if it has no errors; and its rendered diagnostics.
fn suite_for(contract: &str, cases: &str) -> (Option<Arc<Suite>>, String) {
    suite_in(&files_for(contract, cases))
}

fn files_for(contract: &str, cases: &str) -> Texts {
    Texts::default()
        .with("api.yaml", contract)
        .with("shop/file.yaml", &format!("contract: api.yaml\n{cases}"))
}

fn suite_in(files: &Texts) -> (Option<Arc<Suite>>, String) {
    let mut diagnostics = Diagnostics::new();
    let find = |path: &str, diagnostics: &mut Diagnostics| contract::load(files, path, diagnostics);
    let suite = case::load(files, "shop", &find, &mut diagnostics);
    let suite = suite.filter(|_| !diagnostics.has_errors()).map(Arc::new);
    (suite, diagnostics.render(Style::Plain))
}

fn planned(suite: &Arc<Suite>) -> Vec<PlannedCase> {
    let plan = plan::plan(&[Arc::clone(suite)], &Selection::default(), 7);
    plan.systems
        .into_iter()
        .flat_map(|system| system.cases)
        .collect()
}

/// Runs the first case of a suite against a target.
async fn run_case(target: Target, system: &str, cases: &str) -> SubjectFinished {
    match outcome(target, system, cases).await {
        Outcome::Finished(finished) => *finished,
        other => panic!("{other:?}"),
    }
}

async fn outcome(target: Target, system: &str, cases: &str) -> Outcome {
    let suite = suite(system, cases);
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    pipeline.run(&case, &CancellationToken::new()).await
}

/// All events of a run.
async fn run_all(target: Target, system: &str, cases: &str, jobs: usize) -> Vec<Event> {
    run_until(target, system, cases, jobs, CancellationToken::new()).await
}

async fn run_until(
    target: Target,
    system: &str,
    cases: &str,
    jobs: usize,
    cancel: CancellationToken,
) -> Vec<Event> {
    let suite = suite(system, cases);
    let cases = planned(&suite)
        .into_iter()
        .map(|case| {
            let skip = skip_reason(&case, &target, &Selection::default());
            (case, skip)
        })
        .collect();
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    let options = RunOptions {
        jobs: NonZeroUsize::new(jobs).unwrap(),
        seed: 7,
        max_failures: None,
        shard: None,
    };
    let (sender, mut receiver) = tokio::sync::mpsc::channel(16);
    let running = tokio::spawn(run::run(
        vec![Assignment { pipeline, cases }],
        options,
        cancel,
        sender,
    ));
    let mut events = Vec::new();
    while let Some(event) = receiver.recv().await {
        events.push(event);
    }
    running.await.unwrap();
    events
}

/// Codes of the findings and kinds of the errors of a case, in the order of the report.
fn reported_codes(case: &SubjectFinished) -> Vec<String> {
    let steps = case.steps.iter();
    steps
        .flat_map(|step| {
            let findings = step.findings.iter().map(|finding| finding.code.to_string());
            let error = step.error.iter().map(|error| error.kind.to_string());
            findings.chain(error).collect::<Vec<_>>()
        })
        .collect()
}
