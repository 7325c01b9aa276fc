//! The pages under test, as the program writes them. Each is made once for all tests of the process.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use counterpart::server::{self, System};
use serde_json::Value;
use tempfile::TempDir;

use crate::server::{Server, answer, json};

/// What stands in every text of the hostile pages. It would run scripts, open a dialog and ask a server, in every place where text is
/// taken for markup: between tags, in an attribute, in a title, a `pre`, a style or a script.
pub const HOSTILE: &str = "\"'><script>owned(1)</script><img src=http://CANARY/ onerror=owned(2)></title></style><a href=javascript:owned(3)>x</a>\u{202e}\u{1b}[31m\u{0}";

/// All shipped cases of a system on its embedded server, which keeps to the contract.
pub fn passing() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let mut command = program(folder.path());
        command.args(["run", "--system=magento", "--seed=1", "--html=report.html"]);
        page(folder.path(), &mut command, 0)
    })
}

/// Faults of operations that few fixtures need: in bodies, headers and types, in what is kept, in the connection.
const FAULTS: [&str; 8] = [
    "extra-property",
    "html-type",
    "swap-names",
    "garbled-frame-options",
    "search-total",
    "address-stays",
    "group-not-changed",
    "hang-up",
];

/// The same cases on a server with [`FAULTS`].
pub fn failing() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let faults = FAULTS.map(|name| server::fault(name).unwrap());
        let options = server::Options {
            faults: faults.to_vec(),
            ..server::Options::default()
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let running = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let started = server::start(System::Magento, listener, options).await;
            started.unwrap()
        });
        let folder = TempDir::new().unwrap();
        let mut command = program(folder.path());
        command.args(["run", "--system=magento", "--seed=1", "--html=report.html"]);
        command
            .arg("--disposable")
            .arg(format!("--target={}", running.url()));
        for (profile, key, value) in System::Magento.credentials() {
            let variable = format!("PASS_{profile}_{key}");
            command.arg(format!("--auth={profile}.{key}={variable}"));
            command.env(variable, value);
        }
        page(folder.path(), &mut command, 1)
    })
}

/// A run against a server whose every answer is hostile, in all ways an HTTP client lets pass.
pub fn hostile_answers() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = hostile_run();
        std::fs::read_to_string(folder.path().join("report.html")).unwrap()
    })
}

/// The report of events in which every text is [`HOSTILE`]: names, tags, reasons, codes, URLs, headers, curl lines, contracts, waivers.
pub fn hostile_events() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = hostile_run();
        let recorded = std::fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
        let mut events = String::new();
        for line in recorded.lines() {
            let mut event = serde_json::from_str(line).unwrap();
            spoil("", &mut event);
            writeln!(events, "{event}").unwrap();
        }
        std::fs::write(folder.path().join("spoilt.jsonl"), events).unwrap();
        let mut command = program(folder.path());
        command.args(["report", "spoilt.jsonl", "--html=spoilt.html"]);
        let output = command.output().unwrap();
        let written = std::fs::read_to_string(folder.path().join("spoilt.html"));
        written.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    })
}

/// Puts [`HOSTILE`] before every text that is free to be anything.
fn spoil(key: &str, value: &mut Value) {
    // These are read as a word of a short list, a time or a date, or another value is not an event at all.
    const WORDS: [&str; 7] = [
        "event", "verdict", "role", "severity", "level", "started", "until",
    ];
    match value {
        Value::String(text) if !WORDS.contains(&key) => text.insert_str(0, HOSTILE),
        Value::Array(items) => items.iter_mut().for_each(|one| spoil(key, one)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, one)| spoil(key, one)),
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
    steps: [{ call: GET /fine }]
    cleanup: [{ call: GET /gone }]
cases:
  - name: "\"'><script>owned(5)</script><img src=x onerror=owned(6)>\u202e\e[31m {{ kind }}"
    tags: [quick, "<b>tag</b>"]
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
    call: GET /broken
  - name: fine and cleaned up in vain
    given: [thing]
    call: GET /fine
  - name: not asked
    skip: "<script>owned(8)</script> not yet"
    call: GET /fine
"#;

const WAIVERS: &str = "waivers:
  - { code: header-invalid, operation: 'GET /{kind}', at: header x-kind, reason: '<script>owned(9)</script>', owner: '<b>ada</b>', until: 9999-12-31 }
  - { code: body-format, operation: 'GET /{kind}', at: body /nothing, reason: '<img src=x onerror=owned(10)>', owner: ada, until: 9999-12-31 }
  - { code: status-undocumented, operation: 'GET /{kind}', at: status, reason: old, owner: ada, until: 2020-12-31 }
";

/// A folder with `report.html` and `run.jsonl` of a run against a hostile server, and against one that nobody answers for.
fn hostile_run() -> TempDir {
    let shop = Server::start(hostile);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let folder = TempDir::new().unwrap();
    let config = format!(
        "[targets.shop]\nurl = \"{}\"\nsystems = [\"shop\"]\n[targets.lost]\nurl = \"http://{closed}\"\nsystems = [\"wiki\"]\n[severities]\nbody-undocumented-property = \"warning\"\n",
        shop.url
    );
    write(folder.path(), "counterpart.toml", &config);
    write(folder.path(), "waivers.yaml", WAIVERS);
    for system in ["shop", "wiki"] {
        write(
            folder.path(),
            &format!("schemas/{system}/api.yaml"),
            HOSTILE_CONTRACT,
        );
        let cases = HOSTILE_CASES.replace("shop/", &format!("{system}/"));
        write(folder.path(), &format!("cases/{system}/all.yaml"), &cases);
    }
    let mut command = program(folder.path());
    command.args([
        "run",
        "--seed=1",
        "--html=report.html",
        "--report=json=run.jsonl",
    ]);
    page(folder.path(), &mut command, 1);
    folder
}

fn hostile(path: &str) -> Vec<u8> {
    let text = HOSTILE.replace('\u{0}', "");
    let quoted = serde_json::to_string(HOSTILE).unwrap();
    match path.trim_start_matches('/') {
        "fine" => answer("200 OK", b"Content-Type: application/json\r\nX-Kind: fine\r\n", b"{\"name\":\"fine\"}"),
        "name" => json("200 OK", &format!("{{\"name\":{quoted},\"link\":\"javascript:owned(11)\",\"more\":1}}")),
        "key" => json("200 OK", &format!("{{\"name\":7,{quoted}:{quoted}}}")),
        "headers" => answer(
            "200 OK",
            b"Content-Type: application/json\r\nX-Kind: \"'><script>owned(12)</script>\r\nX-Bytes: \xff\xfe\xe2\x80\xae<b>\r\nLink: <javascript:owned(13)>; rel=preload\r\nRefresh: 0; url=http://CANARY/\r\nSet-Cookie: a=\"><script>owned(14)</script>\r\n",
            b"{\"name\":\"fine\"}",
        ),
        "bytes" => answer("200 OK", b"Content-Type: application/json\r\n", b"{\"name\":\"\xff\xfe\xc0</script><script>owned(15)</script>\xe2\x80\xae\x1b[2J\"}"),
        "page" => answer("200 OK", b"Content-Type: text/html\r\n", format!("<!doctype html><script>owned(16)</script></script>{text}<base href=http://CANARY/><meta http-equiv=refresh content='0;url=http://CANARY/'><iframe srcdoc='<script>parent.owned(17)</script>'></iframe>").as_bytes()),
        "type" => answer("200 OK", b"Content-Type: text/<script>owned(18)</script>\"'\r\n", b"{}"),
        "status" => answer("599 <script>owned(19)</script>", b"Content-Type: application/json\r\n", b"{}"),
        "moved" => answer("302 Found", b"Location: javascript:owned(20)\r\n", b""),
        "long" => json("200 OK", &format!("{{\"name\":\"{}\"}}", "<b>".repeat(20_000))),
        // Closes in the middle of the head.
        _ => b"HTTP/1.1 200".to_vec(),
    }
}

/// How many cases the largest page tells of.
pub const MANY: usize = 5_000;

/// [`MANY`] cases, of which every second fails, in three ways.
pub fn many() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let shop = Server::start(|path| {
            let id = path.rsplit('/').next().unwrap_or_default();
            match id.parse::<usize>().unwrap_or_default() % 6 {
                1 => json("200 OK", &format!("{{\"id\":\"{id}\",\"total\":1.5}}")),
                3 => json("500 Internal Server Error", "{\"message\":\"out of order\"}"),
                5 => json("200 OK", &format!("{{\"id\":{id},\"total\":1.5,\"vat\":0.19}}")),
                _ => json("200 OK", &format!("{{\"id\":{id},\"total\":1.5}}")),
            }
        });
        let folder = TempDir::new().unwrap();
        write(folder.path(), "counterpart.toml", "");
        write(folder.path(), "schemas/shop/orders.yaml", MANY_CONTRACT);
        let rows: String = (0..MANY).map(|id| format!("      - {{ id: {id} }}\n")).collect();
        let cases = format!(
            "contract: shop/orders.yaml\ncases:\n  - name: the order {{{{ id }}}} is there\n    each:\n{rows}    call: GET /orders/{{id}}\n    path: {{ id: \"{{{{ id }}}}\" }}\n    expect: {{ status: 200 }}\n"
        );
        write(folder.path(), "cases/shop/orders.yaml", &cases);
        let mut command = program(folder.path());
        command.args(["run", "--seed=1", "--html=report.html"]);
        command.arg(format!("--target={}", shop.url));
        page(folder.path(), &mut command, 1)
    })
}

const MANY_CONTRACT: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses:
        "200":
          description: the order
          content:
            application/json:
              schema:
                type: object
                properties: { id: { type: integer }, total: { type: number } }
"#;

/// The program in a folder, with no variable set that it or a CI server gives a meaning.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart"));
    command.current_dir(folder);
    for (name, _) in std::env::vars() {
        if name.starts_with("COUNTERPART_") || name.starts_with("GITHUB_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs the program, which ends with this code, and gives the `report.html` it wrote.
#[track_caller]
fn page(folder: &Path, command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    std::fs::read_to_string(folder.join("report.html")).unwrap()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
