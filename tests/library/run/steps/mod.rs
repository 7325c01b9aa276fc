//! Steps that are sent again, several times, under a condition, or not at all.

mod conditions;
mod once;
mod parallel;
mod polling;
mod retries;
mod rounds;
mod setup;
mod waits;

use std::sync::Arc;
use std::time::Duration;

use counterpart::event::{StepNote, SubjectFinished};
use counterpart::run::{Outcome, Pipeline};
use counterpart::target::Target;
use tokio_util::sync::CancellationToken;

use super::server::{ReceivedRequest, Reply, Server, json};
use super::{planned, reported_codes, suite_for};

/// Jobs that take a while, and things that can be made and removed.
const CONTRACT: &str = r##"
openapi: 3.1.0
info: { title: Jobs, version: "1" }
components:
  schemas:
    job: { type: object, required: [id, state], properties: { id: { type: integer }, state: { enum: [pending, done] }, secret: { type: string } } }
    thing: { type: object, required: [id], properties: { id: { type: integer } } }
paths:
  /jobs/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
    get:
      responses:
        "200": { description: the job, content: { application/json: { schema: { $ref: "#/components/schemas/job" } } } }
        "202": { description: in progress, content: { application/json: { schema: { $ref: "#/components/schemas/job" } } } }
        "404": { description: unknown }
  /things:
    post:
      requestBody: { content: { application/json: { schema: {} } } }
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/thing" } } } }
        "409": { description: exists }
  /things/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: integer } } ]
    get:
      responses:
        "200": { description: one, content: { application/json: { schema: { $ref: "#/components/schemas/thing" } } } }
        "404": { description: unknown }
    delete:
      responses: { "204": { description: gone }, "404": { description: not found } }
"##;

/// Runs the first case of a file, in which every name is known.
async fn run(server: &Server, cases: &str) -> SubjectFinished {
    match outcome(server.target(), cases, &CancellationToken::new()).await {
        Outcome::Finished(finished) => *finished,
        other => panic!("{other:?}"),
    }
}

async fn outcome(target: Target, cases: &str, cancel: &CancellationToken) -> Outcome {
    let (suite, faults) = suite_for(CONTRACT, cases);
    let suite = suite.unwrap_or_else(|| panic!("{faults}"));
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    pipeline.run(&case, cancel).await
}

/// What is wrong with a file.
fn faults(cases: &str) -> String {
    suite_for(CONTRACT, cases).1
}

/// The notes of all steps, with the labels of the steps. Times are left out.
fn notes(case: &SubjectFinished) -> Vec<String> {
    let steps = case.steps.iter();
    steps
        .flat_map(|step| step.notes.iter().map(move |note| (step, note)))
        .map(|(step, note)| match note {
            StepNote::Polled { attempts, .. } => {
                let statuses: Vec<u16> = attempts.iter().map(|attempt| attempt.status).collect();
                format!("{}: polled {statuses:?}", step.label)
            }
            StepNote::Retried { attempts, .. } => {
                let statuses: Vec<u16> = attempts.iter().map(|attempt| attempt.status).collect();
                format!("{}: retried {statuses:?}", step.label)
            }
            StepNote::Waited { reason, .. } => format!("{}: waited: {reason}", step.label),
            other => format!("{}: {other}", step.label),
        })
        .collect()
}

/// The labels of all recorded steps.
fn labels(case: &SubjectFinished) -> Vec<String> {
    let steps = case.steps.iter();
    steps.map(|step| step.label.to_string()).collect()
}

/// A server that makes things with ascending numbers, removes them, and finds those with an even number.
fn things() -> Server {
    Server::start(|request, before| {
        let last = request.path.rsplit('/').next().unwrap_or_default();
        Reply::Keep(match request.method.as_str() {
            "POST" => json("201 Created", &format!("{{\"id\":{}}}", before + 1)),
            "DELETE" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            _ => match last.parse::<u32>() {
                Ok(number) if number % 2 == 0 => json("200 OK", &format!("{{\"id\":{number}}}")),
                _ => super::server::empty("404 Not Found\r\nContent-Length: 0"),
            },
        })
    })
}

/// The server's state of a job after some requests.
fn job(state: &str) -> String {
    format!("{{\"id\":7,\"state\":\"{state}\"}}")
}
