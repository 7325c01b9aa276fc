//! Recordings replayed: a small one by hand against a small server, and that of a real Magento against the reference server.

// A test that cannot read what it wrote has failed; what differs is told to whoever looks.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Mutex;

use axum::extract::{Path, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use counterpart::case::{self, Suite};
use counterpart::contract;
use counterpart::diagnostic::Diagnostics;
use counterpart::replay::report::{json_closing, line};
use counterpart::replay::skip::Areas;
use counterpart::replay::{EntryResult, Kind, Outcome, Recording, Rule, Summary, har, replay};
use counterpart::report::terminal::Look;
use counterpart::server::{self, ADMIN_PASSWORD, ADMIN_USER, System};
use counterpart::shipped;
use counterpart::source::{self, Source};
use counterpart::target::Target;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

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

/// How the small shop answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shop {
    /// As recorded, but for its own account, identifiers, tokens and dates.
    Same,
    /// The list shows another identifier, her name is another one.
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
                    user.unwrap_or("nobody").replace("ours", "theirs")
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

/// Serves for the rest of the test on a free port and gives the URL.
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

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn equal_answers_are_told_as_such() {
    let url = serve(shop(Shop::Same));
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url]);
    let expected = "    1  admin signs in: equal
    2  admin with a wrong password: equal
    3  a customer is created: equal
    4  she signs in: equal
    5  the admin reads her: equal
    6  a list shows her: equal
    7  in XML: skipped: only JSON is compared, and this request or its answer is XML
    8  another area: skipped: the recorded server knows this path, but it belongs to no area of the contracts
    9  no such route: equal
9 entries: 7 equal, 0 different, 2 skipped
";
    assert_eq!(told(&output), expected);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_wrong_identifier_and_a_wrong_name_are_found() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url, "--quiet"]);
    let expected = "    5  the admin reads her: different in body
         GET /rest/default/V1/customers/132
         body /firstname (value): \"Eve\", expected \"Ada\"
             {
               \"id\": 7,
           -   \"firstname\": \"Ada\",
           +   \"firstname\": \"Eve\",
               \"password_hint\": \"none\"
             }
    6  a list shows her: different in body
         GET /rest/default/V1/customers/search?searchCriteria=
         body /items/0/id (identifier): 8, expected 7 (recorded as 132)
             {
               \"items\": [
                 {
           -       \"id\": 7
           +       \"id\": 8
                 }
               ]
             }
9 entries: 5 equal, 2 different, 2 skipped
";
    assert_eq!(told(&output), expected);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn json_says_the_same_and_no_secret() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url, "--json"]);
    let text = told(&output);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(
        lines[5]["body"],
        json!([{ "kind": "identifier", "pointer": "/items/0/id", "expected": "7 (recorded as 132)", "actual": "8" }])
    );
    assert_eq!(lines[6]["rule"], "xml");
    assert_eq!(
        lines[9],
        json!({ "type": "summary", "entries": 9, "equal": 5, "different": 2, "skipped": 2, "ended": "finished" })
    );
    for secret in ["Secret-1", "live-token", "recorded-token"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn only_tells_and_counts_what_was_named_but_sends_all() {
    let url = serve(shop(Shop::Other));
    let har = fixture();
    let output = counterpart(&[
        har.to_str().unwrap(),
        "--target",
        &url,
        "--only",
        "list",
        "-q",
        "--json",
    ]);
    let text = told(&output);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("7 (recorded as 132)"), "{text}");
    assert!(
        text.ends_with(
            "\"entries\":1,\"equal\":0,\"different\":1,\"skipped\":0,\"ended\":\"finished\"}\n"
        ),
        "{text}"
    );
}

#[test]
fn without_credentials_of_its_own_the_recorded_ones_are_sent() {
    let seen: &'static Mutex<Vec<Value>> = Box::leak(Box::default());
    let token = async move |Json(body): Json<Value>| {
        seen.lock().unwrap().push(body);
        Json(json!("x"))
    };
    let url = serve(Router::new().route("/rest/default/V1/integration/admin/token", post(token)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let target = Target::parse(&url).unwrap();
    let small = recording(source::read_file(&fixture()).unwrap());
    let cancel = CancellationToken::new();
    runtime
        .block_on(replay(
            &small,
            &suite("magento"),
            &target,
            None,
            &cancel,
            |_| {},
        ))
        .unwrap()
        .unwrap_lost();
    let users: Vec<String> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|body| body["username"].to_string())
        .collect();
    assert_eq!(users, ["\"theirs\"", "\"theirs\"", "\"ada@example.com\""]);
}

/// A replay that must have come to its end.
trait Ended {
    fn unwrap_lost(self);
}

impl Ended for Summary {
    fn unwrap_lost(self) {
        assert!(self.lost.is_none(), "{self:?}");
    }
}

#[test]
fn where_nothing_listens_the_exit_code_is_three() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let har = fixture();
    let output = counterpart(&[har.to_str().unwrap(), "--target", &url]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("cannot be asked (connect-failed)"), "{text}");
    assert!(
        text.ends_with("0 entries: 0 equal, 0 different, 0 skipped\n"),
        "{text}"
    );
}

#[test]
fn a_broken_recording_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let har = folder.path().join("broken.har");
    std::fs::write(&har, "{\"log\": {\"entries\": [\n  {\"request\": {\"method\": \"GET\"}, \"response\": {\"status\": \"ok\"}}\n]}}").unwrap();
    let output = counterpart(&[har.to_str().unwrap()]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for words in [
        "broken.har:2:15",
        "needs the field `url`",
        "no status code of HTTP",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let missing = counterpart(&["no-such.har"]);
    assert_eq!(missing.status.code(), Some(2));
}

// ---- rules of skipping --------------------------------------------------------------------------------------------------------------

/// The rules for entries of `(METHOD URL, status, request header, response header)`, each header `name: value` or empty.
fn rules(entries: &[(&str, u16, &str, &str)]) -> Vec<Option<Rule>> {
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
fn other_areas_are_told_from_probes_of_the_router() {
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
    let other = Some(Rule::OtherArea);
    assert_eq!(
        found,
        [
            None, None, None, other, other, other, other, None, None, None, None
        ]
    );
}

#[test]
fn xml_is_told_by_what_is_sent_asked_and_answered() {
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
    let xml = Some(Rule::Xml);
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
    let asynchronous = Some(Rule::Asynchronous);
    assert_eq!(
        found,
        [
            asynchronous,
            asynchronous,
            Some(Rule::OtherServer),
            Some(Rule::NoAnswer),
            None
        ]
    );
    for rule in Rule::ALL {
        assert!(!rule.name().is_empty() && rule.reason().len() > 20);
    }
}

// ---- the recording of a real Magento ------------------------------------------------------------------------------------------------

/// The recording of 641 calls, where it is at hand.
fn recorded() -> Option<Recording> {
    let folder = std::env::var_os("COUNTERPART_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = folder.join("magento/recorded-2.4.7.har");
    if !path.is_file() {
        println!(
            "skipped: {} is not there; name its folder in COUNTERPART_SHARED",
            path.display()
        );
        return None;
    }
    Some(recording(source::read_file(&path).unwrap()))
}

/// Replays on a fresh reference server, with a fault or without, in which `before` customers with an address each were made already.
async fn replayed(
    recording: &Recording,
    before: usize,
    fault: Option<&str>,
) -> (Summary, Vec<EntryResult>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = server::Options {
        faults: fault
            .map(|name| server::fault(name).unwrap())
            .into_iter()
            .collect(),
        ..server::Options::default()
    };
    let running = server::start(System::Magento, listener, options)
        .await
        .unwrap();
    let target = Target::parse(&running.url())
        .unwrap()
        .with_credential("admin", "username", ADMIN_USER)
        .with_credential("admin", "password", ADMIN_PASSWORD);
    let cancel = CancellationToken::new();
    let suite = suite("magento");
    let mut made = 0;
    replay(&registrations(before), &suite, &target, None, &cancel, |result| {
        made += usize::from(matches!(result.outcome, Outcome::Different(difference) if difference.status.is_none()));
    })
    .await
    .unwrap()
    .unwrap_lost();
    assert_eq!(made, before);
    let mut results = Vec::new();
    let summary = replay(recording, &suite, &target, None, &cancel, |result| {
        results.push(result);
    })
    .await
    .unwrap();
    running.stop().await;
    (summary, results)
}

/// A recording of so many registrations, with nothing in its answers.
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

/// Entries that were compared, those equal in status and body, and those equal in status.
fn counts(results: &[EntryResult]) -> (usize, usize, usize) {
    let (mut compared, mut equal, mut same_status) = (0, 0, 0);
    for result in results {
        let (status, body) = match &result.outcome {
            Outcome::Skipped(_) => continue,
            Outcome::Equal => (true, true),
            Outcome::Different(difference) => {
                (difference.status.is_none(), difference.body.is_empty())
            }
            Outcome::Unanswered(_) => (false, false),
        };
        compared += 1;
        equal += usize::from(status && body);
        same_status += usize::from(status);
        if !(status && body) {
            println!("{}", line(result, Look::default()));
        }
    }
    (compared, equal, same_status)
}

#[tokio::test]
async fn the_reference_server_answers_as_the_recorded_magento() {
    let Some(recording) = recorded() else { return };
    let (summary, results) = replayed(&recording, 0, None).await;
    println!("{}", json_closing(&summary));
    assert_eq!(summary.entries(), recording.entries.len());
    assert!(summary.skipped <= 90, "{} skipped", summary.skipped);
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

/// Where every identifier is another one, all that depends on identifiers alone is equal as well; what lists other people's customers is not.
#[tokio::test]
async fn other_identifiers_are_bound() {
    let Some(recording) = recorded() else { return };
    let (summary, results) = replayed(&recording, 3, None).await;
    assert!(summary.lost.is_none());
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

/// A server that breaks a promise differs, and in the way that it broke it.
#[tokio::test]
async fn a_broken_promise_differs_in_its_own_way() {
    let Some(recording) = recorded() else { return };
    for (fault, kind) in [
        ("swap-names", Kind::Value),
        ("twice-the-same-key", Kind::Duplicate),
        ("date-with-slashes", Kind::Moment),
        ("id-as-text", Kind::Type),
    ] {
        let (_, results) = replayed(&recording, 0, Some(fault)).await;
        let found = results.iter().any(|result| match &result.outcome {
            Outcome::Different(difference) => difference.body.iter().any(|one| one.kind == kind),
            _ => false,
        });
        assert!(found, "{fault}");
    }
}
