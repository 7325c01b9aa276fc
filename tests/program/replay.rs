//! Replays recordings: a small hand-written one against a small server, and that of a real Magento against the reference server.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use counterpart::case::{self, Suite};
use counterpart::contract;
use counterpart::diagnostic::Diagnostics;
use counterpart::event::{Event, SubjectFinished, Verdict};
use counterpart::finding::Code;
use counterpart::judge::Judge;
use counterpart::recording::{Recording, har};
use counterpart::replay::skip::Areas;
use counterpart::replay::{Replay, ReplayOptions, SkipRule, replay};
use counterpart::report::terminal::{self, Look};
use counterpart::server::{self, ADMIN_PASSWORD, ADMIN_USER, System};
use counterpart::shipped;
use counterpart::source::{self, Source};
use counterpart::target::Target;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::shared::shared;

/// The shipped suite of a system.
fn suite(system: &str) -> Suite {
    let mut diagnostics = Diagnostics::new();
    let schemas = shipped::schemas();
    let find = |name: &str, diagnostics: &mut Diagnostics| {
        contract::load(schemas.as_ref(), name, diagnostics)
    };
    case::load(shipped::cases().as_ref(), system, &find, &mut diagnostics).unwrap()
}

fn recording(source: Source) -> Recording {
    har::read(source, &mut Diagnostics::new()).unwrap()
}

// ---- a small recording, a small server ----------------------------------------------------------------------------------------------

/// How the small shop responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shop {
    /// As recorded, except for its own account, identifiers, tokens and dates.
    Same,
    /// The list shows another identifier, and the customer's name differs.
    Other,
}

const SHOP_TOKEN: &str = "live-token-of-our-own-admin";

fn shop(shop: Shop) -> Router {
    let token = async |Json(body): Json<Value>| -> Response {
        match (body["username"].as_str(), body["password"].as_str()) {
            (Some("ours"), Some("Our-Secret-1")) => Json(json!(SHOP_TOKEN)).into_response(),
            (Some("ada@example.com"), Some("Ada-Secret-1")) => {
                Json(json!("live-token-of-a-customer")).into_response()
            }
            (user, _) => {
                let message = format!(
                    "wrong password for {}",
                    user.unwrap_or("unknown").replace("ours", "theirs")
                );
                (
                    StatusCode::UNAUTHORIZED,
                    Json(json!({ "message": message })),
                )
                    .into_response()
            }
        }
    };
    let create = async || {
        let now = time::OffsetDateTime::now_utc();
        let at = format!(
            "{} {:02}:{:02}:{:02}",
            now.date(),
            now.hour(),
            now.minute(),
            now.second()
        );
        Json(json!({ "id": 7, "created_at": at, "email": "ada@example.com" }))
    };
    let by_id = async move |Path(id): Path<String>, request: Request| -> Response {
        let caller = request.headers().get(header::AUTHORIZATION).cloned();
        if caller.is_none_or(|caller| caller != format!("Bearer {SHOP_TOKEN}")) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let same = shop == Shop::Same;
        match id.as_str() {
            "search" => Json(json!({ "items": [{ "id": if same { 7 } else { 8 } }] })).into_response(),
            "7" => Json(json!({ "id": 7, "firstname": if same { "Ada" } else { "Eve" }, "password_hint": "none" })).into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    Router::new()
        .route("/rest/default/V1/integration/admin/token", post(token))
        .route("/rest/default/V1/customers", post(create))
        .route("/rest/default/V1/customers/{id}", get(by_id))
}

/// Serves on a free port until the end of the test, and returns the URL.
fn serve(router: Router) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    url
}

fn fixture() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/replay/shop.har")
}

/// `counterpart replay` with the small shop's credentials, in a folder without a project.
fn counterpart(args: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .arg("replay")
        .args(args)
        .current_dir(folder.path())
        .env_remove("COUNTERPART_TARGET")
        .env_remove("COUNTERPART_SYSTEM")
        .env_remove("COUNTERPART_CONFIG")
        .env("COUNTERPART_AUTH_ADMIN_USERNAME", "ours")
        .env("COUNTERPART_AUTH_ADMIN_PASSWORD", "Our-Secret-1")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The events that `--json` printed.
fn events(output: &Output) -> Vec<Value> {
    stdout(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Each entry's name, verdict and reason, of events.
fn verdicts(events: &[Value]) -> Vec<String> {
    let finished = events
        .iter()
        .filter(|event| event["event"] == "subject_finished");
    finished
        .map(|event| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let name = text(&event["subject"]["name"]);
            let reason = text(&event["reason"]);
            format!("{name}: {} {reason}", text(&event["verdict"]))
                .trim_end()
                .to_owned()
        })
        .collect()
}

#[test]
fn equal_responses_pass() {
    let url = serve(shop(Shop::Same));
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url, "--json"]);
    let events = events(&output);
    assert_eq!(
        verdicts(&events),
        [
            "1 admin signs in: passed",
            "2 admin with a wrong password: passed",
            "3 a customer is created: passed",
            "4 she signs in: passed",
            "5 the admin reads her: passed",
            "6 a list shows her: passed",
            "7 in XML: skipped only JSON is compared, and this request or its response is XML",
            "8 another area: skipped the recorded server knows this path, but it belongs to no area of the contracts",
            "9 no such route: passed",
        ]
    );
    assert_eq!(events[0]["event"], "run_started");
    assert_eq!(events[0]["subjects"], "entry");
    assert_eq!(events.last().unwrap()["event"], "run_finished");
    assert_eq!(output.status.code(), Some(0));
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url]);
    let text = stdout(&output);
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("9 entries: 7 passed, 0 failed, 0 errors, 2 skipped ("),
        "{text}"
    );
}

#[test]
fn a_wrong_identifier_and_a_wrong_name_are_found() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url, "--quiet"]);
    let text = stdout(&output);
    for message in [
        "5 the admin reads her",
        "difference-value at body /firstname",
        "`/firstname` is \"Eve\", expected \"Ada\"",
        "-   \"firstname\": \"Ada\",",
        "+   \"firstname\": \"Eve\",",
        "6 a list shows her",
        "difference-identifier at body /items/0/id",
        "`/items/0/id` is 8, expected 7 (recorded as 132)",
        "/rest/default/V1/customers/search?searchCriteria=",
    ] {
        assert!(text.contains(message), "{message}\n{text}");
    }
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("9 entries: 5 passed, 2 failed, 0 errors, 2 skipped ("),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn no_format_shows_a_secret() {
    let url = serve(shop(Shop::Other));
    let folder = tempfile::tempdir().unwrap();
    // The place of an entry is its URL, which may contain a secret too.
    let recorded = std::fs::read_to_string(fixture()).unwrap();
    let read = "/V1/customers/132\"";
    assert!(recorded.contains(read));
    let with_token = recorded.replace(read, "/V1/customers/132?access_token=Query-Secret-1\"");
    let har = folder.path().join("shop.har");
    std::fs::write(&har, with_token).unwrap();
    let formats = [
        "html", "junit", "json", "coverage", "sarif", "tap", "summary",
    ];
    let files: Vec<PathBuf> = formats.map(|name| folder.path().join(name)).into();
    let reports = formats.iter().zip(&files);
    let reports: Vec<String> = reports
        .map(|(name, file)| format!("--report={name}={}", file.display()))
        .collect();
    let mut args = vec![har.to_str().unwrap(), "--target", &url, "--verbose"];
    args.extend(reports.iter().map(String::as_str));
    let output = counterpart(&args);
    assert_eq!(output.status.code(), Some(1));
    let mut texts: Vec<String> = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    for (format, text) in formats.iter().zip(&texts) {
        assert!(
            *format == "coverage" || text.contains("the admin reads her"),
            "{format}: {text}"
        );
    }
    texts.push(stdout(&output));
    assert!(texts[texts.len() - 1].contains("/V1/customers/132?access_token=***"));
    for secret in ["Secret-1", "live-token", "recorded-token"] {
        for text in &texts {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[test]
fn only_judges_and_counts_the_named_entries_but_sends_all() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let args = ["--target", &url, "--only", "list", "-q", "--json"];
    let output = counterpart(&[&[har.to_str().unwrap()], &args[..]].concat());
    let events = events(&output);
    assert_eq!(verdicts(&events), ["6 a list shows her: failed"]);
    // The identifier was learned from an entry that was sent but not judged.
    assert!(stdout(&output).contains("expected 7 (recorded as 132)"));
    assert_eq!(events[0]["planned"], 1);
}

#[test]
fn max_failures_stops_the_replay() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let args = ["--target", &url, "--max-failures", "1", "--json"];
    let output = counterpart(&[&[har.to_str().unwrap()], &args[..]].concat());
    let events = events(&output);
    assert_eq!(
        verdicts(&events).last().unwrap(),
        "5 the admin reads her: failed"
    );
    assert_eq!(events.last().unwrap()["stopped_after"], 1);
    assert_eq!(output.status.code(), Some(1));
}

/// Waivers accept differences as they accept findings of cases. An unused waiver fails a strict run.
#[test]
fn waivers_accept_differences() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let folder = tempfile::tempdir().unwrap();
    let proposed = folder.path().join("proposed.yaml");
    let args = |more: &[&'static str], file: &str| {
        let args = [&[har.to_str().unwrap(), "--target", &url], more].concat();
        let args = args.iter().map(|arg| arg.replace("FILE", file));
        args.collect::<Vec<String>>()
    };
    let run = |more: &[&'static str], file: &str| {
        let args = args(more, file);
        counterpart(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let file = proposed.to_str().unwrap();
    assert_eq!(
        run(&["--propose-waivers", "FILE"], file).status.code(),
        Some(1)
    );
    let text = std::fs::read_to_string(&proposed).unwrap();
    assert_eq!(text.matches("code: difference-").count(), 2, "{text}");
    let reasoned = text
        .replace("reason: \"\"", "reason: names of test data")
        .replace("owner: \"\"", "owner: ada")
        .replace("until: \"\"", "until: 9999-12-31");
    let accepted = folder.path().join("waivers.yaml");
    std::fs::write(&accepted, &reasoned).unwrap();
    let file = accepted.to_str().unwrap();
    let output = run(&["--waivers", "FILE", "--strict-waivers"], file);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}\n{reasoned}",
        stdout(&output)
    );
    // Against a correct server they are stale.
    let url = serve(shop(Shop::Same));
    let args = [
        har.to_str().unwrap(),
        "--target",
        &url,
        "--waivers",
        file,
        "--strict-waivers",
    ];
    let output = counterpart(&args);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stdout(&output).contains("stale"), "{}", stdout(&output));
}

#[test]
fn without_credentials_of_the_target_the_recorded_ones_are_sent() {
    let seen: &'static Mutex<Vec<Value>> = Box::leak(Box::default());
    let token = async move |Json(body): Json<Value>| {
        seen.lock().unwrap().push(body);
        Json(json!("x"))
    };
    let url = serve(Router::new().route("/rest/default/V1/integration/admin/token", post(token)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let target = Target::parse(&url).unwrap();
    let small = recording(source::read_file(&fixture()).unwrap());
    runtime.block_on(replayed_on(&Arc::new(small), target));
    let users: Vec<String> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|body| body["username"].to_string())
        .collect();
    assert_eq!(users, ["\"theirs\"", "\"theirs\"", "\"ada@example.com\""]);
}

/// The result of each entry of a recording that is replayed on a target with the shipped Magento suite.
async fn replayed_on(recording: &Arc<Recording>, target: Target) -> Vec<SubjectFinished> {
    let suite = Arc::new(suite("magento"));
    let target = Arc::new(target);
    let prepared = Replay {
        recording: Arc::clone(recording),
        name: "recorded.har".to_owned(),
        judge: Judge::new(Arc::clone(&suite), Arc::clone(&target)),
        suite,
        target,
    };
    let (sender, mut events) = tokio::sync::mpsc::channel(64);
    let cancel = CancellationToken::new();
    let replaying = tokio::spawn(replay(prepared, ReplayOptions::default(), cancel, sender));
    let mut results = Vec::new();
    let mut ended = false;
    while let Some(event) = events.recv().await {
        match event {
            Event::SubjectFinished(finished) => results.push(finished),
            Event::TargetLost(lost) => panic!("{lost:?}"),
            Event::RunFinished(end) => ended = !end.interrupted && end.stopped_after.is_none(),
            _ => {}
        }
    }
    replaying.await.unwrap().unwrap();
    assert!(ended);
    results
}

#[test]
fn an_unreachable_target_gives_exit_code_three() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("cannot reach"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("9 entries: 0 passed, 0 failed, 9 errors, 0 skipped ("),
        "{text}"
    );
}

#[test]
fn errors_in_a_recording_are_reported_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let har = folder.path().join("broken.har");
    std::fs::write(&har, "{\"log\": {\"entries\": [\n  {\"request\": {\"method\": \"GET\"}, \"response\": {\"status\": \"ok\"}}\n]}}").unwrap();
    let output = counterpart(&[har.to_str().unwrap()]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for message in [
        "broken.har:2:15",
        "needs the field `url`",
        "not an HTTP status code",
    ] {
        assert!(text.contains(message), "{message}: {text}");
    }
    let missing = counterpart(&["no-such.har"]);
    assert_eq!(missing.status.code(), Some(2));
}

// ---- rules of skipping --------------------------------------------------------------------------------------------------------------

/// The skip rules for entries `(METHOD URL, status, request header, response header)`, each header `name: value` or empty.
fn rules(entries: &[(&str, u16, &str, &str)]) -> Vec<Option<SkipRule>> {
    let headers = |text: &str| match text.split_once(": ") {
        Some((name, value)) => json!([{ "name": name, "value": value }]),
        None => json!([]),
    };
    let entries = entries.iter().map(|(call, status, request, response)| {
        let (method, url) = call.split_once(' ').unwrap();
        let url = if url.starts_with('/') { format!("http://shop.example{url}") } else { url.to_owned() };
        json!({
            "request": { "method": method, "url": url, "headers": headers(request) },
            "response": { "status": status, "headers": headers(response), "content": { "text": "{}" } },
        })
    });
    let har = json!({ "log": { "entries": entries.collect::<Value>() } });
    let recording = recording(Source::new("x.har", har.to_string()));
    let suite = suite("magento");
    let areas = Areas::of(&recording, &suite);
    recording
        .entries
        .iter()
        .map(|entry| areas.rule(entry))
        .collect()
}

#[test]
fn other_areas_are_distinguished_from_tests_of_the_router() {
    let found = rules(&[
        ("GET /rest/default/V1/customers/me", 200, "", ""),
        ("GET /rest/all/V1/customers/5", 200, "", ""),
        (
            "GET /index.php/rest/V1/customers/5/billingAddress",
            200,
            "",
            "",
        ),
        ("GET /rest/default/V1/store/websites", 200, "", ""),
        ("GET /rest/default/V1/store/nope", 404, "", ""),
        ("GET /rest/default/V1/orders", 401, "", ""),
        ("GET /rest/default/schema?services=x", 500, "", ""),
        ("GET /rest/default/V1/nope", 404, "", ""),
        ("GET /rest/default/V1/nope", 500, "Accept: text/html", ""),
        ("GET /rest/default/v1/customers/me", 400, "", ""),
        ("GET /rest", 400, "", ""),
    ]);
    let other = Some(SkipRule::OtherArea);
    assert_eq!(
        found,
        [
            None, None, None, other, other, other, other, None, None, None, None
        ]
    );
}

#[test]
fn xml_is_recognised_by_content_type_and_accept() {
    let me = "GET /rest/default/V1/customers/me";
    let found = rules(&[
        (me, 200, "Content-Type: application/xml", ""),
        (me, 200, "", "Content-Type: text/xml; charset=utf-8"),
        (me, 200, "Accept: application/xml", ""),
        (
            me,
            200,
            "Accept: application/json;q=0.5,application/xml;q=0.9",
            "",
        ),
        (
            me,
            200,
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Content-Type: application/xml",
        ),
        (
            me,
            200,
            "Accept: application/xml;q=0.5, application/json",
            "Content-Type: application/json",
        ),
        (me, 500, "Accept: text/html", "Content-Type: text/html"),
        (me, 200, "Accept: */*", "Content-Type: application/json"),
    ]);
    let xml = Some(SkipRule::Xml);
    assert_eq!(found, [xml, xml, xml, xml, xml, None, None, None]);
}

#[test]
fn the_other_rules() {
    let found = rules(&[
        ("POST /rest/default/async/V1/customers", 202, "", ""),
        ("POST /rest/default/async/bulk/V1/customers", 202, "", ""),
        ("GET https://fonts.example/V1/customers/me", 200, "", ""),
        ("GET /rest/default/V1/customers/me", 0, "", ""),
        ("GET /rest/default/V1/customers/asynchronous", 404, "", ""),
    ]);
    let asynchronous = Some(SkipRule::Asynchronous);
    assert_eq!(
        found,
        [
            asynchronous,
            asynchronous,
            Some(SkipRule::OtherServer),
            Some(SkipRule::NoResponse),
            None
        ]
    );
    for rule in SkipRule::ALL {
        assert!(!rule.name().is_empty() && rule.reason().len() > 20);
    }
}

// ---- the recording of a real Magento ------------------------------------------------------------------------------------------------

/// The recording of 641 calls, if it is available.
fn recorded() -> Option<Arc<Recording>> {
    let path = shared("magento/recorded-2.4.7.har")?;
    Some(Arc::new(recording(source::read_file(&path).unwrap())))
}

/// Replays on a new reference server, with or without a fault, on which `before` customers with one address each were created
/// first.
async fn replayed(
    recording: &Arc<Recording>,
    before: usize,
    fault: Option<&str>,
) -> Vec<SubjectFinished> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = server::InstanceOptions {
        faults: fault
            .map(|name| server::fault(name).unwrap())
            .into_iter()
            .collect(),
        ..server::InstanceOptions::default()
    };
    let running = server::start(System::Magento, listener, options)
        .await
        .unwrap();
    let target = Target::parse(&running.url())
        .unwrap()
        .with_credential("admin", "username", ADMIN_USER)
        .with_credential("admin", "password", ADMIN_PASSWORD);
    let registered = replayed_on(&Arc::new(registrations(before)), target.clone()).await;
    let made = registered.iter().filter(|result| {
        // The customer was created: the status is equal. The body differs, because the recording has none.
        !codes(result).contains(&Code::DifferenceStatus)
    });
    assert_eq!(made.count(), before);
    let results = replayed_on(recording, target).await;
    running.stop().await;
    results
}

/// The codes of a result's findings.
fn codes(result: &SubjectFinished) -> Vec<Code> {
    let findings = result.steps.iter().flat_map(|step| &step.findings);
    findings
        .filter_map(|finding| finding.code.known())
        .collect()
}

/// A recording of this number of registrations, with empty responses.
fn registrations(count: usize) -> Recording {
    let entries = (0..count).map(|number| {
        let address = json!({
            "firstname": "B", "lastname": "C", "street": ["1"], "city": "Austin", "postcode": "78758", "telephone": "1",
            "country_id": "US", "region_id": 57
        });
        let customer = json!({ "email": format!("before{number}@example.org"), "firstname": "B", "lastname": "C", "addresses": [address] });
        json!({
            "request": {
                "method": "POST", "url": "http://shop.example/rest/default/V1/customers",
                "headers": [{ "name": "Content-Type", "value": "application/json" }],
                "postData": { "text": json!({ "customer": customer }).to_string() }
            },
            "response": { "status": 200 }
        })
    });
    let har = json!({ "log": { "entries": entries.collect::<Value>() } });
    recording(Source::new("registrations.har", har.to_string()))
}

/// The number of entries that were compared, that are equal in status and body, and that are equal in status.
fn counts(results: &[SubjectFinished]) -> (usize, usize, usize) {
    let (mut compared, mut equal, mut same_status) = (0, 0, 0);
    for result in results {
        let codes = codes(result);
        let (status, body) = match result.verdict {
            Verdict::Skipped => continue,
            Verdict::Passed => (true, true),
            Verdict::Failed => {
                let of_headers = [Code::DifferenceHeader, Code::DifferenceCookie];
                let is_of_body =
                    |code: &Code| *code != Code::DifferenceStatus && !of_headers.contains(code);
                (
                    !codes.contains(&Code::DifferenceStatus),
                    !codes.iter().any(is_of_body),
                )
            }
            Verdict::Error | Verdict::Unknown => (false, false),
        };
        compared += 1;
        equal += usize::from(status && body);
        same_status += usize::from(status);
        if !(status && body) {
            println!("{}", terminal::case(result, Look::default()));
        }
    }
    (compared, equal, same_status)
}

#[tokio::test]
async fn the_reference_server_responds_like_the_recorded_magento() {
    let Some(recording) = recorded() else { return };
    let results = replayed(&recording, 0, None).await;
    assert_eq!(results.len(), recording.entries.len());
    let skipped = results
        .iter()
        .filter(|result| result.verdict == Verdict::Skipped);
    let skipped = skipped.count();
    assert!(skipped <= 90, "{skipped} skipped");
    let (compared, equal, same_status) = counts(&results);
    assert!(
        equal * 100 >= compared * 95,
        "{equal} of {compared} are equal in status and body"
    );
    assert!(
        same_status * 100 >= compared * 98,
        "{same_status} of {compared} are equal in status"
    );
}

/// If every identifier differs, everything that depends only on identifiers is still equal. Lists that contain other customers
/// are not.
#[tokio::test]
async fn other_identifiers_are_bound() {
    let Some(recording) = recorded() else { return };
    let results = replayed(&recording, 3, None).await;
    let (compared, equal, same_status) = counts(&results);
    assert!(
        equal * 100 >= compared * 95,
        "{equal} of {compared} are equal in status and body"
    );
    assert!(
        same_status * 100 >= compared * 98,
        "{same_status} of {compared} are equal in status"
    );
}

/// A faulty server differs in the way of its fault.
#[tokio::test]
async fn a_fault_differs_in_its_own_way() {
    let Some(recording) = recorded() else { return };
    for (fault, code) in [
        ("swap-names", Code::DifferenceValue),
        ("twice-the-same-key", Code::DifferenceDuplicateKey),
        ("date-with-slashes", Code::DifferenceTime),
        ("id-as-text", Code::DifferenceType),
    ] {
        let results = replayed(&recording, 0, Some(fault)).await;
        let found = results.iter().any(|result| codes(result).contains(&code));
        assert!(found, "{fault}");
    }
}
