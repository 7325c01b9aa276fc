//! Waivers from the user's view: the program tests an embedded server with one deviation, and the waiver file of the project decides
//! about the result. Nothing here leaves the loopback interface.

use std::path::Path;

use counterpart::event::{Event, Verdict};
use counterpart::report::json_lines;
use counterpart::server::{self, Running, System};
use snapbox::cmd::{Command, cargo_bin};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What all waivers of these tests refer to: the region of an address is null (fault `null-region`).
const REGION: &str = "  - code: body-schema
    operation: POST /V1/customers
    at: body /addresses/*/region
";

const CASES: &str = r#"contract: magento/customers.yaml
cases:
  - name: a guest registers with an address
    call: POST /V1/customers
    body: &customer
      customer:
        email: "{{ unique.email }}"
        firstname: Ada
        lastname: Lovelace
        addresses:
          - firstname: Ada
            lastname: Lovelace
            street: [123 Oak Ave]
            city: Austin
            postcode: "78758"
            country_id: US
            region_id: 57
            telephone: 512-555-1111
      password: "Str0ng-Pass!1"
    expect: { status: 200 }
  - name: a guest registers and signs in
    steps:
      - call: POST /V1/customers
        body:
          customer: { email: "{{ unique.email }}", firstname: Ada, lastname: Lovelace }
          password: "Str0ng-Pass!1"
        expect: { status: 200 }
      - send: POST /V1/integration/customer/token
        body: { username: "{{ unique.email }}", password: "Str0ng-Pass!1" }
        expect: { status: 200 }
"#;

/// A project of two cases, and the server it tests.
struct Shop {
    folder: TempDir,
    runtime: Runtime,
    server: Option<Running>,
}

/// How a run ended: its exit code and both outputs.
struct Ended {
    code: i32,
    output: String,
}

impl Shop {
    /// The server has the named fault, or none.
    fn new(fault: Option<&str>) -> Shop {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let options = server::InstanceOptions {
                faults: fault
                    .map(|name| server::fault(name).unwrap())
                    .into_iter()
                    .collect(),
                ..server::InstanceOptions::default()
            };
            server::start(System::Magento, listener, options)
                .await
                .unwrap()
        });
        let folder = TempDir::new().unwrap();
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        let config = format!(
            "schemas = {:?}\n[targets.staging]\nurl = {:?}\nsystems = [\"magento\"]\n",
            schemas.display().to_string(),
            server.url()
        );
        let shop = Shop {
            folder,
            runtime,
            server: Some(server),
        };
        shop.write("counterpart.toml", &config);
        shop.write("cases/magento/register.yaml", CASES);
        shop
    }

    /// One waiver of the region, with these further lines, a reason and an owner.
    fn with_waiver(self, more: &[&str]) -> Shop {
        let lines: String = more.iter().map(|line| format!("    {line}\n")).collect();
        let text = format!(
            "waivers:\n{REGION}{lines}    reason: the import knows no regions\n    owner: ada\n"
        );
        self.write("waivers.yaml", &text);
        self
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.command(&[&["run", "--target=staging"], arguments].concat())
    }

    fn command(&self, arguments: &[&str]) -> Ended {
        let command = Command::new(cargo_bin("counterpart")).current_dir(self.folder.path());
        let ours = ["TARGET", "SYSTEM", "JOBS", "SEED", "CONFIG"]
            .map(|name| format!("COUNTERPART_{name}"));
        let command = ours
            .iter()
            .fold(command, |command, name| command.env_remove(name));
        let output = command.args(arguments).assert();
        let output = output.get_output();
        let both = [output.stdout.as_slice(), &output.stderr].concat();
        Ended {
            code: output.status.code().unwrap(),
            output: String::from_utf8(both).unwrap(),
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

impl Ended {
    #[track_caller]
    fn with(&self, code: i32, lines: &[&str]) {
        assert_eq!(self.code, code, "{}", self.output);
        for line in lines {
            assert!(
                self.output.contains(line),
                "{line}\nis missing in\n{}",
                self.output
            );
        }
    }

    #[track_caller]
    fn without(&self, words: &str) {
        assert!(
            !self.output.contains(words),
            "{words}\nis in\n{}",
            self.output
        );
    }
}

const WAIVED: &str = "\nwaived: 1 finding in 1 case\n";
const ALL_PASSED: &str = "2 cases: 2 passed, 0 failed, 0 errors, 0 skipped (";
const ONE_FAILED: &str = "2 cases: 1 passed, 1 failed, 0 errors, 0 skipped (";

#[test]
fn a_finding_without_waiver_fails() {
    let ended = Shop::new(Some("null-region")).run(&[]);
    ended.with(1, &["body-schema at body /addresses/0/region", ONE_FAILED]);
    ended.without("waived:");
}

#[test]
fn a_waived_finding_is_reported_and_fails_nothing() {
    let shop = Shop::new(Some("null-region")).with_waiver(&[
        "actual: \"null\"",
        "target: staging",
        "until: 2999-12-31",
    ]);
    let ended = shop.run(&[
        "--strict-waivers",
        "--report=json=a.jsonl",
        "--report=junit=a.xml",
    ]);
    ended.with(
        0,
        &[
            "waived: 1 kind (no case fails for them)\n  magento: body-schema at body /addresses/*/region, POST /V1/customers:",
            "until 2999-12-31: the import knows no regions [ada]",
            WAIVED,
            ALL_PASSED,
        ],
    );
    ended.without("stale");
    let junit = shop.read("a.xml");
    assert!(
        junit.contains(r#"tests="2" failures="0" errors="0" skipped="0""#),
        "{junit}"
    );
    assert!(
        junit.contains("waived: body-schema at body /addresses/*/region"),
        "{junit}"
    );
    let events = shop.read("a.jsonl");
    let mut waived = Vec::new();
    for (index, line) in events.lines().enumerate() {
        if let Event::SubjectFinished(case) = json_lines::read(index + 1, line).unwrap() {
            assert_eq!(case.verdict, Verdict::Passed);
            let findings = case.steps.into_iter().flat_map(|step| step.findings);
            waived.extend(findings.filter_map(|finding| finding.waived));
        }
    }
    let [waiver] = waived.as_slice() else {
        panic!("{waived:?}");
    };
    assert_eq!(
        (waiver.place.file.as_str(), waiver.place.line),
        ("waivers.yaml", 2)
    );
}

#[test]
fn an_expired_waiver_fails_and_is_named() {
    let shop = Shop::new(Some("null-region")).with_waiver(&["until: 2020-01-31"]);
    shop.run(&[]).with(
        1,
        &[
            "waiver    waivers.yaml:2:5 expired on 2020-01-31: fix the server, or renew the waiver",
            ONE_FAILED,
        ],
    );
}

#[test]
fn a_changed_class_of_value_is_not_covered() {
    let shop = Shop::new(Some("null-region")).with_waiver(&["actual: string", "until: 2999-12-31"]);
    let ended = shop.run(&["--strict-waivers"]);
    ended.with(
        1,
        &[
            "waivers.yaml:2:5 covers `string`, but this is `null`: something else is wrong now",
            ONE_FAILED,
        ],
    );
    ended.without("stale");
}

#[test]
fn a_waiver_of_another_target_covers_nothing_and_is_not_stale() {
    let shop = Shop::new(Some("null-region")).with_waiver(&["target: live", "until: 2999-12-31"]);
    let ended = shop.run(&["--strict-waivers"]);
    ended.with(1, &[ONE_FAILED]);
    ended.without("stale");
    ended.without("waived:");
}

#[test]
fn a_stale_waiver_is_reported_and_fails_a_strict_run() {
    let shop = Shop::new(None).with_waiver(&["system: magento", "until: 2020-01-31"]);
    let stale =
        "  waivers.yaml:2:5 body-schema POST /V1/customers at body /addresses/*/region: remove it";
    shop.run(&[])
        .with(0, &["stale: 1 waiver matched nothing\n", stale, ALL_PASSED]);
    let strict = shop.run(&["--strict-waivers", "--report=junit=a.xml"]);
    strict.with(
        1,
        &[
            "stale: 1 waiver matched nothing, which fails the run (--strict-waivers)\n",
            ALL_PASSED,
        ],
    );
    assert!(shop.read("a.xml").contains("stale-waiver"));
}

#[test]
fn a_partial_run_reports_no_stale_waivers() {
    let shop = Shop::new(None).with_waiver(&["system: magento", "until: 2999-12-31"]);
    for part in [
        "--filter=signs in",
        "--tag=!x",
        "cases/magento/register.yaml",
    ] {
        let ended = shop.run(&["--strict-waivers", part]);
        ended.with(0, &[]);
        ended.without("stale");
    }
    // A waiver for an operation that was never called is not stale either.
    let shop = Shop::new(None);
    shop.write(
        "waivers.yaml",
        "waivers:\n  - { code: body-schema, operation: PUT /V1/customers/me, at: body /id, reason: known, owner: ada, until: 2999-12-31 }\n",
    );
    let ended = shop.run(&["--strict-waivers"]);
    ended.with(0, &[ALL_PASSED]);
    ended.without("stale");
}

/// The case expects another status, which the contract does not document.
const CREATED: &str = "waivers:
  - { code: status-unexpected, operation: POST /V1/customers, at: status, actual: status 201, reason: the proxy says created, ticket: SHOP-1, until: 2999-12-31 }
  - { code: status-undocumented, operation: POST /V1/customers, at: status, actual: status 201, reason: the proxy says created, ticket: SHOP-1, until: 2999-12-31 }
";

#[test]
fn a_waived_status_ends_its_case_and_is_reported() {
    let shop = Shop::new(Some("created-status"));
    shop.write("waivers.yaml", CREATED);
    let ended = shop.run(&["-v"]);
    ended.with(
        0,
        &[
            "ended at a waived status-unexpected in step 1 of 2; later steps were not run",
            "(1 ended there; later steps were not run)",
            ALL_PASSED,
        ],
    );
}

#[test]
fn a_case_whose_fixture_ends_at_a_waived_finding_is_skipped() {
    let shop = Shop::new(Some("created-status"));
    shop.write(
        "cases/magento/register.yaml",
        "contract: magento/customers.yaml
fixtures:
  customer:
    steps:
      - call: POST /V1/customers
        body: { customer: { email: \"{{ unique.email }}\", firstname: Ada, lastname: L }, password: Str0ng-Pass!1 }
        expect: { status: 200 }
cases:
  - { name: guests are refused, given: [customer], call: GET /V1/customers/me, expect: { status: 401 } }
",
    );
    shop.write("waivers.yaml", CREATED);
    // Nothing was tested: the case is not passed, and a gate without results is not green.
    shop.run(&[]).with(
        4,
        &[
            "its fixture `customer` ended at a waived status-unexpected",
            "1 cases: 0 passed, 0 failed, 0 errors, 1 skipped (",
        ],
    );
}

#[test]
fn proposals_are_refused_until_they_are_filled_in() {
    let shop = Shop::new(Some("null-region"));
    shop.run(&["--propose-waivers=proposed.yaml"])
        .with(1, &[ONE_FAILED]);
    let proposed = shop.read("proposed.yaml");
    assert!(
        proposed.contains(
            REGION
                .trim_start()
                .trim_start_matches("- ")
                .lines()
                .next()
                .unwrap()
        )
    );
    assert!(
        proposed.contains(
            "    actual: \"null\"\n    system: magento\n    target: staging\n    reason: \"\"\n"
        ),
        "{proposed}"
    );
    let again = shop.run(&["--propose-waivers=proposed.yaml"]);
    again.with(2, &["error[file-in-the-way]: proposed.yaml already exists"]);
    assert_eq!(shop.read("proposed.yaml"), proposed);
    let refused = shop.run(&["--waivers=proposed.yaml"]);
    refused.with(2, &["give a reason", "`owner` is empty", "give a date"]);
    let filled = proposed
        .replace("reason: \"\"", "reason: the import knows no regions")
        .replace("owner: \"\"", "owner: ada")
        .replace("until: \"\"", "until: 2999-12-31");
    shop.write("filled.yaml", &filled);
    shop.run(&["--waivers=filled.yaml", "--strict-waivers"])
        .with(0, &[WAIVED, ALL_PASSED]);
}

#[test]
fn the_named_file_is_used() {
    let shop = Shop::new(Some("null-region")).with_waiver(&["until: 2999-12-31"]);
    shop.write("none.yaml", "waivers: []\n");
    shop.run(&["--waivers=none.yaml"]).with(1, &[ONE_FAILED]);
    shop.run(&["--waivers=gone.yaml"]).with(
        2,
        &["error[unreadable-waivers]: cannot read the waivers gone.yaml: no such file"],
    );
    let config = shop.read("counterpart.toml");
    shop.write(
        "counterpart.toml",
        &format!("waivers = \"none.yaml\"\n{config}"),
    );
    shop.run(&[]).with(1, &[ONE_FAILED]);
    shop.run(&["--waivers=waivers.yaml"]).with(0, &[WAIVED]);
}

#[test]
fn a_waiver_of_an_undocumented_operation_is_reported() {
    let shop = Shop::new(None);
    shop.write(
        "waivers.yaml",
        "waivers:\n  - { code: body-schema, operation: POST /V1/customer, at: body /id, system: magento, reason: known, owner: ada, until: 2999-12-31 }\n",
    );
    shop.run(&[]).with(
        0,
        &[
            "warning[unknown-operation]: no contract of the cases documents `POST /V1/customer`: this waiver covers nothing",
            "did you mean `POST /V1/customers`?",
            ALL_PASSED,
        ],
    );
}

#[test]
fn lint_checks_the_waivers_too() {
    let shop = Shop::new(None).with_waiver(&["until: 2999-12-31"]);
    for arguments in [["lint"].as_slice(), &["lint", "waivers.yaml"]] {
        shop.command(arguments)
            .with(0, &["ok  waivers.yaml: 1 waiver\n"]);
    }
    let shop = Shop::new(None).with_waiver(&["until: soon"]);
    for arguments in [["lint"].as_slice(), &["lint", "waivers.yaml"], &["list"]] {
        shop.command(arguments).with(
            2,
            &["`soon` is not an existing date", "--> waivers.yaml:5:12"],
        );
    }
}
