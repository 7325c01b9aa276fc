//! How much of a stream is read, and what is expected of its events.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use axum::routing::get;
use counterpart::event::{SubjectFinished, Verdict};
use counterpart::run::{Outcome, Pipeline};
use counterpart::target::{Limits, Target};
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::{planned, reported_codes, suite_for};

const CONTRACT: &str = "
openapi: 3.2.0
info: { title: Streams, version: '1' }
paths:
  /endless: { get: { responses: { '200': { description: d, content: { text/event-stream: { itemSchema: { type: object, required: [data, id], properties: { id: { type: string, pattern: '^[0-9]+$' } } } } } } } } }
  /three: { get: { responses: { '200': { description: d, content: { text/event-stream: {} } } } } }
  /lines: { get: { responses: { '200': { description: d, content: { application/x-ndjson: { itemSchema: { type: object, required: [id] } } } } } } }
  /silent: { get: { responses: { '200': { description: d, content: { application/x-ndjson: {} } } } } }
  /json: { get: { responses: { '200': { description: d, content: { application/json: {} } } } } }
";

/// The values that requests to `/json` had in `Last-Event-ID`.
type Received = Arc<Mutex<Vec<String>>>;

/// A body of chunks; after the last it ends, or is held open.
fn body(media_type: &str, chunks: Vec<String>, held: bool) -> Response {
    let chunks = stream::unfold(chunks.into_iter(), move |mut chunks| async move {
        match chunks.next() {
            Some(chunk) => Some((Ok::<_, std::io::Error>(Bytes::from(chunk)), chunks)),
            None if held => std::future::pending().await,
            None => None,
        }
    });
    Response::builder()
        .header(CONTENT_TYPE, media_type)
        .body(Body::from_stream(chunks))
        .unwrap()
}

fn events(count: usize) -> Vec<String> {
    // An event is in two chunks, the second of which begins the next.
    let event = |i: usize| {
        [
            format!("id: {i}\ndata: {{\"n\": {i},\n"),
            "data: \"x\": 1}\n\n".to_owned(),
        ]
    };
    (1..=count).flat_map(event).collect()
}

async fn target(received: &Received) -> Target {
    let received = Arc::clone(received);
    let json = move |headers: axum::http::HeaderMap| {
        let id = headers.get("last-event-id").cloned();
        let mut all = received.lock().unwrap();
        all.extend(id.map(|id| id.to_str().unwrap().to_owned()));
        async { body("application/json", vec!["{}".to_owned()], false) }
    };
    let sse = "text/event-stream";
    let router = Router::new()
        .route(
            "/endless",
            get(move || async move { body(sse, events(7), true) }),
        )
        .route(
            "/three",
            get(move || async move { body(sse, events(3), false) }),
        )
        .route(
            "/lines",
            get(|| async {
                let lines = ["{\"id\":1}\n{\"id\"", ":2}\n{\"no\":3}\n{\"id\":"].map(str::to_owned);
                body("application/x-ndjson", lines.to_vec(), true)
            }),
        )
        .route(
            "/silent",
            get(|| async { body("application/x-ndjson", Vec::new(), true) }),
        )
        .route("/json", get(json));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Target::parse(&url).unwrap()
}

/// The result of a case with these steps.
async fn run(target: Target, steps: &str) -> SubjectFinished {
    let (suite, shown) = suite_for(
        CONTRACT,
        &format!("cases: [ {{ name: a, steps: [ {steps} ] }} ]"),
    );
    assert_eq!(shown, "");
    let suite = suite.unwrap();
    let case = planned(&suite).remove(0);
    let pipeline = Pipeline::new(suite, Arc::new(target), 7).unwrap();
    match pipeline.run(&case, &CancellationToken::new()).await {
        Outcome::Finished(finished) => *finished,
        other => panic!("{other:?}"),
    }
}

async fn messages(steps: &str) -> Vec<String> {
    let case = run(target(&Received::default()).await, steps).await;
    let findings = case.steps.iter().flat_map(|step| &step.findings);
    findings
        .map(|finding| format!("{}: {}", finding.code, finding.message.unescaped()))
        .collect()
}

#[tokio::test]
async fn so_many_events_are_read_and_compared() {
    for steps in [
        "{ call: GET /endless, stream: { events: 2 }, expect: { events: [{ id: '1', data: { n: 1, x: 1 } }, { id: '2' }] } }",
        "{ call: GET /endless, stream: { events: 5, within: 30s }, expect: { events: { $each: { data: { n: { $gte: 1 } } } } } }",
        "{ call: GET /endless, stream: { events: 1 }, expect: { events: { $length: 1 } } }",
        "{ call: GET /endless, stream: { within: 300ms }, expect: { events: { $contains: { id: '7' } } } }",
        "{ call: GET /three, expect: { events: { $length: 3 } } }",
        "{ call: GET /three, stream: { events: 3, within: 30s } }",
        "{ call: GET /lines, stream: { events: 2 }, expect: { events: [{ id: 1 }, { id: { $gt: 1 } }] } }",
        "{ call: GET /silent, stream: { within: 100ms } }",
    ] {
        let found = messages(steps).await;
        // The second chunk of the lines has an item too many, which is checked all the same.
        let found = found.iter().filter(|text| !text.contains("`/2`"));
        assert_eq!(found.collect::<Vec<_>>(), [""; 0], "{steps}");
    }
}

#[tokio::test]
async fn a_stream_that_is_not_as_expected_is_found() {
    for (steps, expected) in [
        (
            "{ call: GET /three, stream: { events: 4, within: 30s } }",
            "expect-events: the stream ended after 3 events, expected 4",
        ),
        (
            "{ call: GET /endless, stream: { events: 8, within: 300ms } }",
            "expect-events: 7 events arrived within 300ms, expected 8",
        ),
        (
            "{ call: GET /silent, stream: { events: 1, within: 100ms } }",
            "expect-events: 0 events arrived within 100ms, expected 1",
        ),
        (
            "{ call: GET /endless, stream: { events: 2 }, expect: { events: [{ id: '1' }, { id: '3' }] } }",
            "expect-events: `/1/id` of the events is \"2\", expected \"3\"",
        ),
        (
            "{ call: GET /endless, stream: { events: 2 }, expect: { events: [{ id: '1' }] } }",
            "expect-events: the list of events has 2 items, expected 1",
        ),
        (
            "{ call: GET /json, expect: { events: { $length: 3 } } }",
            "expect-events: the response is no stream: its Content-Type is application/json, expected text/event-stream, application/jsonl or application/json-seq",
        ),
        (
            "{ call: GET /lines, stream: { events: 3 } }",
            "body-schema: `/2`: \"id\" is required but missing",
        ),
    ] {
        assert_eq!(messages(steps).await, [expected], "{steps}");
    }
}

#[tokio::test]
async fn values_of_events_are_captured() {
    let received = Received::default();
    let steps = "{ call: GET /endless, stream: { events: 3 }, capture: { id: { events: '$[-1:].id' }, n: { events: '$[0].data.n' } } },
        { call: GET /json, headers: { Last-Event-ID: '{{ id }} {{ n }}' } }";
    let case = run(target(&received).await, steps).await;
    assert_eq!(
        (case.verdict, reported_codes(&case)),
        (Verdict::Passed, vec![])
    );
    assert_eq!(*received.lock().unwrap(), ["3 1"]);
    for (capture, expected) in [
        (
            "$[9].id",
            "`x` cannot be captured: `$[9].id` finds nothing in the response",
        ),
        (
            "$[*].id",
            "`x` cannot be captured: `$[*].id` finds more than one value in the response",
        ),
    ] {
        let steps = format!(
            "{{ call: GET /three, capture: {{ x: {{ events: '{capture}' }} }} }}, {{ call: GET /json, headers: {{ X-A: '{{{{ x }}}}' }} }}"
        );
        let case = run(target(&received).await, &steps).await;
        let error = case.steps[0].error.as_ref().unwrap();
        assert_eq!(error.message.unescaped(), expected);
    }
}

#[tokio::test]
async fn an_endless_response_without_a_limit_names_the_limit() {
    let mut target = target(&Received::default()).await;
    target.limits = Limits {
        total: Duration::from_millis(300),
        ..target.limits
    };
    let case = run(target, "{ call: GET /endless }").await;
    let error = case.steps[0].error.as_ref().unwrap();
    let advice = error.advice.as_ref().unwrap().unescaped().to_owned();
    assert!(
        advice.contains("`stream: { events: 5, within: 10s }`"),
        "{advice}"
    );
}
