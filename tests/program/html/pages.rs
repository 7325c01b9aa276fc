//! The pages under test, as the program writes them. Each is created once for all tests of the process.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use counterpart::server::{self, System};
use tempfile::TempDir;

use super::server::{Server, json};

/// All shipped cases of a system on its embedded server, which conforms to the contract.
pub fn passing() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let mut command = program(folder.path());
        command.args(["run", "--system=magento", "--seed=1", "--html=report.html"]);
        page(folder.path(), &mut command, 0)
    })
}

/// Faults of operations that few fixtures need: in bodies, headers and types, in storage, in the connection.
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
        let options = server::InstanceOptions {
            faults: faults.to_vec(),
            ..server::InstanceOptions::default()
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

/// The number of cases in the largest page.
pub const MANY: usize = 5_000;

/// [`MANY`] cases. Every second case fails, in one of three ways.
pub fn many() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let shop = Server::start(|path| {
            let id = path.rsplit('/').next().unwrap_or_default();
            match id.parse::<usize>().unwrap_or_default() % 6 {
                1 => json("200 OK", &format!("{{\"id\":\"{id}\",\"total\":1.5}}")),
                3 => json("500 Internal Server Error", "{\"message\":\"out of order\"}"),
                5 => json("200 OK", &format!("{{\"id\":{id},\"total\":\"1.50\"}}")),
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

/// The program in a folder, without any environment variable that has a meaning for it or for a CI server.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart"));
    command.current_dir(folder);
    for (name, _) in std::env::vars() {
        if name.starts_with("COUNTERPART_") || name.starts_with("GITHUB_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs the program, asserts its exit code, and returns the `report.html` that it wrote.
#[track_caller]
pub fn page(folder: &Path, command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    std::fs::read_to_string(folder.join("report.html")).unwrap()
}

pub fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
