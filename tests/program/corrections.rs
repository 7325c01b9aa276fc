//! Runs against the documented and the real contract, and against a target that states its version: what is checked, printed and skipped.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use counterpart::harness::Conformance;
use counterpart::target::Target;
use libtest_mimic::Arguments;
use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::str;
use tempfile::TempDir;

const API: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
security: []
paths:
  /customer:
    get:
      responses:
        "200":
          description: the customer
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: { type: integer }
                  region: { type: string }
                  uuid: { type: string, x-counterpart-since: "2.4.8" }
  /later:
    get:
      x-counterpart-since: "2.4.8"
      responses: { "200": { description: anything, content: { application/json: {} } } }
"#;

const OVERLAY: &str = r#"overlay: 1.0.0
info: { title: What the shop does, version: "1" }
extends: api.yaml
actions:
  - target: $.paths['/customer'].get.responses['200'].content['application/json'].schema.properties.region
    description: the region is null where the country has none
    update: { type: "null" }
"#;

const CASES: &str = r#"contract: shop/api.yaml
cases:
  - { name: the customer is present, call: GET /customer, expect: { status: 200 } }
  - { name: a later addition is present, call: GET /later }
  - { name: a part of version 3 is present, call: GET /customer, versions: ">=3" }
"#;

/// A project with one system, and the URL of a server that responds to every request with `body` while the test runs.
fn project(body: &'static str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "schemas/shop/api.yaml", API);
    write(folder.path(), "schemas/shop/api.overlay.yaml", OVERLAY);
    write(folder.path(), "cases/shop/customer.yaml", CASES);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
                let response = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                (&stream).write_all(response.as_bytes()).unwrap();
            });
        }
    });
    (folder, url)
}

const NULL_REGION: &str = r#"{"id":1,"region":null}"#;

#[test]
fn the_documented_contract_shows_the_deviation_and_the_real_one_does_not() {
    let (folder, url) = project(NULL_REGION);
    let run = ["run", "--target", &url, "--filter", "the customer"];
    let real = text(&counterpart(folder.path(), &run).success());
    assert!(real.contains("\n  contract schemas/shop/api.yaml: Shop 1\n    corrected by schemas/shop/api.overlay.yaml\n"), "{real}");

    let documented = [&run[..], &["--contract", "documented"]].concat();
    let output = text(&counterpart(folder.path(), &documented).code(1));
    assert!(output.contains("null is not of type string"), "{output}");
    assert!(
        output.contains("schemas/shop/api.yaml:16:29 `region: { type: string }`"),
        "{output}"
    );
    assert!(
        output.contains("checked against the documented contract: overlays are not applied"),
        "{output}"
    );
    assert!(!output.contains("corrected"), "{output}");

    // The same by the configuration; the flag wins.
    write(
        folder.path(),
        "counterpart.toml",
        "contract = \"documented\"\n",
    );
    counterpart(folder.path(), &run).code(1);
    let flag = [&run[..], &["--contract", "real"]].concat();
    counterpart(folder.path(), &flag).success();
}

#[test]
fn cargo_tests_can_use_either_contract() {
    let (folder, url) = project(NULL_REGION);
    let failed = |project: Conformance| {
        let url = url.clone();
        let trials = project.system("shop", move || Target::parse(&url)).trials();
        // To a file: these failures are expected and must not look like failures of this test.
        let arguments = Arguments {
            logfile: Some(folder.path().join("trials.log").display().to_string()),
            ..Arguments::default()
        };
        libtest_mimic::run(&arguments, trials.unwrap()).num_failed
    };
    assert_eq!(failed(Conformance::new(folder.path())), 0);
    assert_eq!(failed(Conformance::new(folder.path()).documented()), 1);
}

#[test]
fn a_finding_on_a_correction_shows_its_file_and_its_reason() {
    let (folder, url) = project(r#"{"id":1,"region":"Hessen"}"#);
    let run = [
        "run",
        "--target",
        &url,
        "--filter",
        "the customer",
        "--report",
        "junit=junit.xml",
    ];
    let output = text(&counterpart(folder.path(), &run).code(1));
    assert!(
        output.contains("schemas/shop/api.overlay.yaml:7:15"),
        "{output}"
    );
    assert!(
        output.contains("corrected the region is null where the country has none"),
        "{output}"
    );
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(
        junit.contains(r#"<property name="overlay" value="schemas/shop/api.overlay.yaml"/>"#),
        "{junit}"
    );
    assert!(
        !junit.contains(r#"name="contract""#),
        "the real contract is the default: {junit}"
    );

    let documented = [&run[..], &["--contract", "documented"]].concat();
    counterpart(folder.path(), &documented).success();
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(
        junit.contains(r#"<property name="contract" value="documented"/>"#),
        "{junit}"
    );
    assert!(!junit.contains(r#"name="overlay""#), "{junit}");
}

#[test]
fn a_target_with_a_version_is_tested_for_that_version() {
    let (folder, url) = project(r#"{"id":1,"region":null,"uuid":"x"}"#);
    let run = ["run", "--target", &url, "--report", "junit=junit.xml"];
    // Without a version all parts of the contract apply, and cases for some versions only are skipped.
    let output = text(&counterpart(folder.path(), &run).success());
    assert!(!output.contains("/uuid"), "{output}");
    assert!(
        output.contains("3 cases: 1 passed, 0 failed, 0 errors, 2 skipped")
            && output.contains("does not state"),
        "{output}"
    );

    let old = [&run[..], &["--target-version", "2.4.7-p3"]].concat();
    let output = text(&counterpart(folder.path(), &old).success());
    assert!(output.contains("version 2.4.7-p3)"), "{output}");
    assert!(
        output.contains("GET /later exists in versions >=2.4.8, but target"),
        "{output}"
    );
    assert!(
        output.contains("applies to versions >=3, but target"),
        "{output}"
    );
    // What the version does not have is undocumented.
    assert!(output.contains("body-undocumented-property"), "{output}");
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(
        junit.contains(r#"<property name="target-version" value="2.4.7-p3"/>"#),
        "{junit}"
    );

    let new = [&run[..], &["--target-version", "2.4.8"]].concat();
    let output = text(&counterpart(folder.path(), &new).success());
    assert!(
        !output.contains("GET /later exists") && !output.contains("/uuid"),
        "{output}"
    );

    // The same by the configuration.
    let config = format!("[targets.shop]\nurl = \"{url}\"\nversion = \"2.4.7\"\n");
    write(folder.path(), "counterpart.toml", &config);
    let output = text(&counterpart(folder.path(), &["run", "--target", "shop"]).success());
    assert!(
        output.contains("GET /later exists in versions >=2.4.8, but target \"shop\" is 2.4.7"),
        "{output}"
    );
}

#[test]
fn lint_checks_overlays_with_their_documents() {
    let (folder, _) = project(NULL_REGION);
    let expected = str![[r#"
ok  schemas/shop/api.yaml: 2 paths, 2 operations, 1 overlay, 1 action
ok  cases/shop/customer.yaml: 3 cases
3 files: 0 errors, 0 warnings

"#]];
    counterpart(folder.path(), &["lint"])
        .success()
        .stdout_eq(expected);
    for path in [
        "schemas/shop",
        "schemas/shop/api.yaml",
        "schemas/shop/api.overlay.yaml",
    ] {
        counterpart(folder.path(), &["lint", path])
            .success()
            .stdout_eq(str![[r#"
ok  schemas/shop/api.yaml: 2 paths, 2 operations, 1 overlay, 1 action
2 files: 0 errors, 0 warnings

"#]]);
    }
    write(folder.path(), "schemas/shop/gone.overlay.yaml", OVERLAY);
    counterpart(folder.path(), &["lint", "schemas"])
        .code(2)
        .stderr_eq(str![[r#"
error[orphan-overlay]: there is no document beside the overlay schemas/shop/gone.overlay.yaml
 |
 = help: name it after the document it corrects: `api.overlay.yaml` beside `api.yaml`


"#]]);
}

#[test]
fn invalid_contract_readings_and_versions_are_refused() {
    let (folder, _) = project(NULL_REGION);
    let run = |name: &str, value: &str| {
        program(folder.path())
            .env(name, value)
            .arg("list")
            .assert()
            .code(2)
    };
    run("COUNTERPART_CONTRACT", "true").stderr_eq(str![[r#"
error[bad-variable-value]: the environment variable COUNTERPART_CONTRACT: `true` is not a reading of a contract; use `documented` or `real`
 |
 = help: correct it, or remove it with `unset COUNTERPART_CONTRACT`


"#]]);
    run("COUNTERPART_TARGET_VERSION", "new").stderr_eq(str![[r#"
error[bad-variable-value]: the environment variable COUNTERPART_TARGET_VERSION: `new` is not a version; write numbers and dots, as in `2.4.7`
 |
 = help: correct it, or remove it with `unset COUNTERPART_TARGET_VERSION`


"#]]);
}

/// The program in a folder, without our environment variables and without a terminal.
fn program(folder: &Path) -> Command {
    let ours = [
        "TARGET",
        "SYSTEM",
        "JOBS",
        "SEED",
        "CONFIG",
        "CONTRACT",
        "TARGET_VERSION",
    ];
    let command = Command::new(cargo_bin("counterpart")).current_dir(folder);
    ours.iter().fold(command, |command, name| {
        command.env_remove(format!("COUNTERPART_{name}"))
    })
}

fn counterpart(folder: &Path, arguments: &[&str]) -> OutputAssert {
    program(folder).args(arguments).assert()
}

/// The text of both outputs.
fn text(result: &OutputAssert) -> String {
    let output = result.get_output();
    let both = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
