//! Runs against the documented and the real contract, and against a target that states its version: what is checked, said and skipped.

// A test that cannot read what it wrote has failed.
#![allow(clippy::unwrap_used)]

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
  - { name: the customer is there, call: GET /customer, expect: { status: 200 } }
  - { name: what came later is there, call: GET /later }
  - { name: what was is no more, call: GET /customer, versions: ">=3" }
"#;

/// A project with one system, and the URL of a server that answers everything with `body`, as long as the test runs.
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
                let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                (&stream).write_all(answer.as_bytes()).unwrap();
            });
        }
    });
    (folder, url)
}

const NULL_REGION: &str = r#"{"id":1,"region":null}"#;

#[test]
fn the_documented_contract_shows_the_lie_and_the_real_one_does_not() {
    let (folder, url) = project(NULL_REGION);
    let run = ["run", "--target", &url, "--filter", "the customer"];
    let real = text(&counterpart(folder.path(), &run).success());
    assert!(real.contains("\n  contract schemas/shop/api.yaml: Shop 1\n    corrected by schemas/shop/api.overlay.yaml\n"), "{real}");

    let documented = [&run[..], &["--contract", "documented"]].concat();
    let told = text(&counterpart(folder.path(), &documented).code(1));
    assert!(told.contains("null is not of type string"), "{told}");
    assert!(
        told.contains("schemas/shop/api.yaml:16:29 `region: { type: string }`"),
        "{told}"
    );
    assert!(
        told.contains("checked against the documented contract: overlays are not applied"),
        "{told}"
    );
    assert!(!told.contains("corrected"), "{told}");

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
fn tests_of_cargo_can_ask_for_either_contract() {
    let (folder, url) = project(NULL_REGION);
    let failed = |project: Conformance| {
        let url = url.clone();
        let trials = project.system("shop", move || Target::parse(&url)).trials();
        // Into a file: their failure is what is wanted, and must not be read as this test's.
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
    let told = text(&counterpart(folder.path(), &run).code(1));
    assert!(
        told.contains("schemas/shop/api.overlay.yaml:7:15"),
        "{told}"
    );
    assert!(
        told.contains("corrected the region is null where the country has none"),
        "{told}"
    );
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(
        junit.contains(r#"<property name="overlay" value="schemas/shop/api.overlay.yaml"/>"#),
        "{junit}"
    );
    assert!(
        !junit.contains(r#"name="contract""#),
        "the real one is the default: {junit}"
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
fn a_target_that_states_its_version_is_asked_what_that_version_has() {
    let (folder, url) = project(r#"{"id":1,"region":null,"uuid":"x"}"#);
    let run = ["run", "--target", &url, "--report", "junit=junit.xml"];
    // Nothing stated: all parts of the contract count, and what holds for some versions only is not asked.
    let told = text(&counterpart(folder.path(), &run).success());
    assert!(!told.contains("/uuid"), "{told}");
    assert!(
        told.contains("3 cases: 1 passed, 0 failed, 0 errors, 2 skipped")
            && told.contains("does not state"),
        "{told}"
    );

    let old = [&run[..], &["--target-version", "2.4.7-p3"]].concat();
    let told = text(&counterpart(folder.path(), &old).success());
    assert!(told.contains("version 2.4.7-p3)"), "{told}");
    assert!(
        told.contains("GET /later exists in versions >=2.4.8, but target"),
        "{told}"
    );
    assert!(
        told.contains("applies to versions >=3, but target"),
        "{told}"
    );
    // What the version does not have is undocumented.
    assert!(told.contains("body-undocumented-property"), "{told}");
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(
        junit.contains(r#"<property name="target-version" value="2.4.7-p3"/>"#),
        "{junit}"
    );

    let new = [&run[..], &["--target-version", "2.4.8"]].concat();
    let told = text(&counterpart(folder.path(), &new).success());
    assert!(
        !told.contains("GET /later exists") && !told.contains("/uuid"),
        "{told}"
    );

    // The same by the configuration.
    let config = format!("[targets.shop]\nurl = \"{url}\"\nversion = \"2.4.7\"\n");
    write(folder.path(), "counterpart.toml", &config);
    let told = text(&counterpart(folder.path(), &["run", "--target", "shop"]).success());
    assert!(
        told.contains("GET /later exists in versions >=2.4.8, but target \"shop\" is 2.4.7"),
        "{told}"
    );
}

#[test]
fn lint_checks_overlays_with_what_they_correct() {
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
fn words_that_mean_no_contract_or_version_are_refused() {
    let (folder, _) = project(NULL_REGION);
    let run = |name: &str, value: &str| {
        program(folder.path())
            .env(name, value)
            .arg("list")
            .assert()
            .code(2)
    };
    run("COUNTERPART_CONTRACT", "true").stderr_eq(str![[r#"
error[bad-variable-value]: the environment variable COUNTERPART_CONTRACT: `true` is no contract; there are `documented` and `real`
 |
 = help: correct it, or remove it with `unset COUNTERPART_CONTRACT`


"#]]);
    run("COUNTERPART_TARGET_VERSION", "new").stderr_eq(str![[r#"
error[bad-variable-value]: the environment variable COUNTERPART_TARGET_VERSION: `new` is no version; write numbers and dots, as in `2.4.7`
 |
 = help: correct it, or remove it with `unset COUNTERPART_TARGET_VERSION`


"#]]);
}

/// The program in a folder, with no variable of ours set and no terminal.
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

/// What was told, on both outputs.
fn text(told: &OutputAssert) -> String {
    let output = told.get_output();
    let both = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
