//! Pages in which every external text is hostile.

use std::fmt::Write as _;
use std::sync::OnceLock;

use counterpart::event::{Event, PlaceRecord, TargetLost, WaiverRecord};
use counterpart::finding::{ErrorKind, RunError};
use counterpart::text::Redactor;
use serde_json::Value;
use tempfile::TempDir;

use super::pages::{page, program, write};
use super::server::{Server, json, response};

/// A part of every text in the hostile pages. It would run scripts, open a dialog and send a request wherever text is treated as markup:
/// between tags, in an attribute, in a title, a `pre`, a style or a script.
pub const HOSTILE: &str = "\"'><script>owned(1)</script><img src=http://CANARY/ onerror=owned(2)></title></style><a href=javascript:owned(3)>x</a>\u{202e}\u{1b}[31m\u{0}";

/// A run against a server whose responses are all hostile, in all ways that an HTTP client accepts.
pub fn responses() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = hostile_run();
        std::fs::read_to_string(folder.path().join("report.html")).unwrap()
    })
}

/// The report of events in which every text is [`HOSTILE`]: names, tags, reasons, codes, URLs, headers, curl lines, contracts, waivers.
pub fn events() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = hostile_run();
        let recorded = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
        let mut spoilt = String::new();
        for line in recorded.lines() {
            for event in and_what_one_run_cannot_have(serde_json::from_str(line).unwrap()) {
                let mut event = serde_json::to_value(event).unwrap();
                spoil("", &mut event);
                writeln!(spoilt, "{event}").unwrap();
            }
        }
        write(folder.path(), "spoilt.jsonl", &spoilt);
        let mut command = program(folder.path());
        command.args(["report", "spoilt.jsonl", "--html=report.html"]);
        page(folder.path(), &mut command, 1)
    })
}

/// The event, with a note on the run, and with a lost target and a stale waiver before the end.
fn and_what_one_run_cannot_have(mut event: Event) -> Vec<Event> {
    match &mut event {
        Event::RunStarted(started) => started.notes.push("shard 3/5 is missing".to_owned()),
        Event::RunFinished(finished) => {
            finished.stale_waivers.push(WaiverRecord {
                place: PlaceRecord {
                    file: "waivers.yaml".to_owned(),
                    line: 1,
                    column: 1,
                    text: "waivers:".into(),
                    text_column: 1,
                    width: 7,
                },
                code: "body-schema".to_owned(),
                operation: "GET /{kind}".to_owned(),
                at: "body /name".to_owned(),
                reason: "known".to_owned(),
                ticket: Some("SHOP-12".to_owned()),
                owner: Some("ada".to_owned()),
                until: "9999-12-31".to_owned(),
            });
            let lost = TargetLost {
                system: "wiki".to_owned(),
                target: "staging".to_owned(),
                url: "http://127.0.0.1:9".to_owned(),
                error: RunError::new(ErrorKind::ConnectFailed, "connection refused")
                    .with_advice("is the server up?")
                    .masked(&Redactor::default()),
                not_run: 3,
            };
            return vec![Event::TargetLost(lost), event];
        }
        _ => {}
    }
    vec![event]
}

/// Inserts [`HOSTILE`] before every text that can have any value.
fn spoil(key: &str, value: &mut Value) {
    // These fields are enumerations, times or dates, and with another value the line is not an event.
    const RESTRICTED: [&str; 7] = [
        "event", "verdict", "role", "severity", "level", "started", "until",
    ];
    match value {
        Value::String(text) if !RESTRICTED.contains(&key) => text.insert_str(0, HOSTILE),
        Value::Array(items) => items.iter_mut().for_each(|value| spoil(key, value)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| spoil(key, value)),
        _ => {}
    }
}

const HOSTILE_CONTRACT: &str = r#"openapi: 3.1.0
info: { title: "Shop <script>owned(4)</script>", version: "1</script>" }
paths:
  /{kind}:
    get:
      parameters: [{ name: kind, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: what there is
          headers: { X-Kind: { required: true, schema: { type: string, pattern: '^[a-z]+$' } } }
          content:
            application/json:
              schema: { type: object, required: [name], properties: { name: { type: string, maxLength: 5 }, link: { type: string, format: uri } } }
"#;

const HOSTILE_CASES: &str = r#"contract: shop/api.yaml
fixtures:
  thing:
    steps: [{ call: "GET /{kind}", path: { kind: fine } }]
    cleanup: [{ call: "GET /{kind}", path: { kind: gone } }]
cases:
  - name: "\"'><script>owned(5)</script><img src=x onerror=owned(6)> {{ kind }}"
    tags: [quick]
    each:
      - { kind: name }
      - { kind: key }
      - { kind: headers }
      - { kind: bytes }
      - { kind: page }
      - { kind: type }
      - { kind: status }
      - { kind: moved }
      - { kind: long }
    call: GET /{kind}
    path: { kind: "{{ kind }}" }
    expect: { status: 200, body: { name: "</pre><script>owned(7)</script>" } }
  - name: a connection that breaks
    given: [thing]
    call: GET /{kind}
    path: { kind: broken }
  - name: fine and cleaned up in vain
    given: [thing]
    call: GET /{kind}
    path: { kind: fine }
  - name: not called
    skip: "<script>owned(8)</script> not yet"
    call: GET /{kind}
    path: { kind: fine }
"#;

const WAIVERS: &str = "waivers:
  - { code: header-invalid, operation: 'GET /{kind}', at: header x-kind, reason: '<script>owned(9)</script>', owner: '<b>ada</b>', until: 9999-12-31 }
  - { code: body-format, operation: 'GET /{kind}', at: body /nothing, reason: '<img src=x onerror=owned(10)>', owner: ada, until: 9999-12-31 }
  - { code: status-undocumented, operation: 'GET /{kind}', at: status, reason: old, owner: ada, until: 2020-12-31 }
";

/// A folder with `report.html` and `run.jsonl` of a run against a hostile server.
fn hostile_run() -> TempDir {
    let shop = Server::start(hostile);
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        "counterpart.toml",
        "[severities]\nbody-undocumented-property = \"warning\"\n",
    );
    write(folder.path(), "waivers.yaml", WAIVERS);
    write(folder.path(), "schemas/shop/api.yaml", HOSTILE_CONTRACT);
    write(folder.path(), "cases/shop/all.yaml", HOSTILE_CASES);
    let mut command = program(folder.path());
    command.args([
        "run",
        "--seed=1",
        "--html=report.html",
        "--report=json=run.jsonl",
    ]);
    command.arg(format!("--target={}", shop.url));
    page(folder.path(), &mut command, 1);
    folder
}

fn hostile(path: &str) -> Vec<u8> {
    let text = HOSTILE.replace('\u{0}', "");
    let quoted = serde_json::to_string(HOSTILE).unwrap();
    match path.trim_start_matches('/') {
        "fine" => response("200 OK", b"Content-Type: application/json\r\nX-Kind: fine\r\n", b"{\"name\":\"fine\"}"),
        "name" => json("200 OK", &format!("{{\"name\":{quoted},\"link\":\"javascript:owned(11)\",\"more\":1}}")),
        "key" => json("200 OK", &format!("{{\"name\":7,{quoted}:{quoted}}}")),
        "headers" => response(
            "200 OK",
            b"Content-Type: application/json\r\nX-Kind: \"'><script>owned(12)</script>\r\nX-Bytes: \xff\xfe\xe2\x80\xae<b>\r\nLink: <javascript:owned(13)>; rel=preload\r\nRefresh: 0; url=http://CANARY/\r\nSet-Cookie: a=\"><script>owned(14)</script>\r\n",
            b"{\"name\":\"fine\"}",
        ),
        "bytes" => response("200 OK", b"Content-Type: application/json\r\n", b"{\"name\":\"\xff\xfe\xc0</script><script>owned(15)</script>\xe2\x80\xae\x1b[2J\"}"),
        "page" => response("200 OK", b"Content-Type: text/html\r\n", format!("<!doctype html><script>owned(16)</script></script>{text}<base href=http://CANARY/><meta http-equiv=refresh content='0;url=http://CANARY/'><iframe srcdoc='<script>parent.owned(17)</script>'></iframe>").as_bytes()),
        "type" => response("200 OK", b"Content-Type: text/<script>owned(18)</script>\"'\r\n", b"{}"),
        "status" => response("599 <script>owned(19)</script>", b"Content-Type: application/json\r\n", b"{}"),
        "moved" => response("302 Found", b"Location: javascript:owned(20)\r\n", b""),
        "long" => json("200 OK", &format!("{{\"name\":\"{}\"}}", "<b>".repeat(20_000))),
        // No response: the connection closes.
        _ => Vec::new(),
    }
}
