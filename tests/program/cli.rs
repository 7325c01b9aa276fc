//! The output and exit codes of the program. All requests stay on the loopback interface.

use std::path::Path;

use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::str;
use tempfile::TempDir;

#[test]
fn help_names_every_command() {
    counterpart(Path::new("."), &["-h"])
        .success()
        .stdout_eq(str![[r#"
Check that an HTTP API keeps its contract: send test cases to any server and report every deviation

Usage: counterpart [OPTIONS] <COMMAND>

Commands:
  run      Send the cases and check every response
  replay   Send the requests of a recording (HAR) in order, and compare the responses with the
           recorded ones
  report   Write the reports of a recorded run again; with `merge`, of the shards of a run
  list     List the cases that a run with the same selection would send
  lint     Check contracts, cases and configuration; nothing is sent
  explain  Explain a finding or error code; without CODE, list all codes
  serve    Run an embedded reference server until Ctrl-C
  init     Write the shipped contracts and cases of a system, or an empty commented project, for
           editing
  help     Print this message or the help of the given subcommand(s)

Options:
      --config <FILE>  Configuration file, instead of the `counterpart.toml` found upward from the
                       working folder [env: COUNTERPART_CONFIG]
      --color <WHEN>   When to use colours [env: NO_COLOR, CLICOLOR_FORCE] [default: auto] [possible
                       values: auto, always, never]
  -v, --verbose        Print all cases, not only failures
  -q, --quiet          Print only problems and the last line
  -h, --help           Print help (see more with '--help')
  -V, --version        Print version

Exit codes: 0 all passed; 1 findings; 2 wrong input or usage; 3 the result is unknown; 4 no case
matched; 5 coverage too low; 130 interrupted.

"#]]);
}

#[test]
fn help_of_run_names_every_flag() {
    counterpart(Path::new("."), &["run", "-h"])
        .success()
        .stdout_eq(str![[r#"
Send the cases and check every response

Usage: counterpart run [OPTIONS] [PATH]...

Arguments:
  [PATH]...  Case files or folders of them (Default: all cases of the systems)

Options:
      --target <URL|NAME>             Base URL, a name of `[targets]` in the configuration, or
                                      `embedded` [env: COUNTERPART_TARGET]
      --system <NAME>                 Only this system: a folder of `cases/`, or a shipped one; may
                                      be repeated [env: COUNTERPART_SYSTEM]
      --filter <TEXT>                 Only cases whose `system::file::case` contains TEXT (`=TEXT`:
                                      equals TEXT); may be repeated, any must match
      --tag <EXPR>                    Only cases with the tag (`!slow`: without it; `a,b`: with one
                                      of them); may be repeated, all must match
      --shard <K/N>                   Only part K of N of the selected cases, always the same part;
                                      `report merge` combines the parts
      --read-only                     Only cases that change nothing: all steps are GET, HEAD or
                                      OPTIONS
      --disposable                    Allow destructive cases: those tagged `disruptive` run as well
      --contract <real|documented>    `real`: contracts with their overlays applied; `documented`:
                                      without [env: COUNTERPART_CONTRACT] (Default: real)
      --config <FILE>                 Configuration file, instead of the `counterpart.toml` found
                                      upward from the working folder [env: COUNTERPART_CONFIG]
      --strict-nullable               Accept null only where OpenAPI gives `nullable` a meaning: not
                                      beside `$ref`, not by `x-nullable`
      --color <WHEN>                  When to use colours [env: NO_COLOR, CLICOLOR_FORCE] [default:
                                      auto] [possible values: auto, always, never]
      --strict-contracts              Send nothing if a contract has a fault, even if only some
                                      operations are touched
      --seed <N>                      Seed of the generated values [env: COUNTERPART_SEED] (Default:
                                      random, and shown)
  -v, --verbose                       Print all cases, not only failures
      --auth <PROFILE.KEY=VARIABLE>   Credential for an auth profile, taken from an environment
                                      variable: `admin.password=SHOP_PASSWORD`
  -q, --quiet                         Print only problems and the last line
      --target-version <VERSION>      The version of the API the target serves, such as `2.4.7`
                                      [env: COUNTERPART_TARGET_VERSION]
  -j, --jobs <N>                      Number of cases that run at once [env: COUNTERPART_JOBS]
                                      (Default: 8)
      --failed[=<FILE>]               Only cases that did not pass in their last run, by the newest
                                      events in `reports/` or by FILE
      --max-failures <N>              Stop after N cases failed or ended in error; running cases
                                      finish
      --until-failure[=<N>]           Repeat the cases, each round with another seed, until one
                                      fails or ends in error (`=N`: at most N rounds)
      --watch                         Run, then wait for changed case files, contracts,
                                      configuration or waivers, and run the affected cases again
      --report <FORMAT=FILE>          Write a report: `html=FILE` (one page for a browser),
                                      `junit=FILE` (XML for CI servers), `json=FILE` (all events,
                                      one JSON object a line, written while the run goes on),
                                      `coverage=FILE` (coverage of the contracts as one JSON
                                      document), `sarif=FILE` (SARIF for code scanning), `tap=FILE`
                                      (Test Anything Protocol), `summary=FILE` (Markdown for the
                                      page of a CI job); may be repeated
      --html <FILE>                   Short for --report html=FILE: one page for a browser
      --junit <FILE>                  Short for --report junit=FILE
      --annotations <WHERE>           Annotate lines with findings on a CI server, and append a
                                      summary to the job's page [default: auto] [possible values:
                                      auto, github, none]
      --coverage                      Show which parts of the contracts the cases covered, and which
                                      not
      --min-coverage <LEVEL=PERCENT>  Fail (exit code 5) if a system covers less:
                                      `operations=100,statuses=80`; may be repeated
      --ratchet <FILE>                Fail (exit code 5) if a system covers less than recorded in
                                      FILE: fewer points, and a smaller share of them
      --update-ratchet                Write the current coverage to the file of --ratchet
      --follow-redirects <N>          Follow at most N redirects on the same host (Default: 0, the
                                      3xx response is checked)
      --timeout <DURATION>            Time limit of a request, to the last byte of its response:
                                      `30s`, `500ms`, `2m` (Default: 30s)
      --ca <FILE>                     File with certificates (PEM) of authorities that are trusted
                                      besides those of the system
      --insecure                      Accept any certificate of the target
      --waivers <FILE>                File of accepted findings (Default: waivers.yaml of the
                                      project, if it exists)
      --strict-waivers                Fail if a waiver matches nothing although its operation was
                                      called
      --propose-waivers <FILE>        Write a waiver file to fill in, with an entry for each cause
                                      of failure; FILE must not exist
      --propose-overlay <FILE>        Write an OpenAPI Overlay to review, with actions that make the
                                      contract say what the server sent; FILE must not exist
      --header <NAME: VALUE>          Header for every request; may be repeated
  -h, --help                          Print help (see more with '--help')

"#]]);
}

#[test]
fn wrong_usage_ends_with_2() {
    let here = Path::new(".");
    counterpart(here, &["rnu"]).code(2).stderr_eq(str![[r#"
error: unrecognized subcommand 'rnu'

Usage: counterpart [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]]);
    counterpart(here, &["run", "--report", "pdf=x"])
        .code(2)
        .stderr_eq(str![[r#"
error: invalid value 'pdf=x' for '--report <FORMAT=FILE>': unknown report format `pdf`; expected one of html, junit, json, coverage, sarif, tap, summary

For more information, try '--help'.

"#]]);
    counterpart(here, &["run", "--auth", "admin.password=hunter2!"])
        .code(2)
        .stderr_eq(str![[r#"
error: --auth takes PROFILE.KEY=VARIABLE, as in admin.password=SHOP_PASSWORD; VARIABLE is the name of an environment variable, never the secret itself

"#]]);
    counterpart(here, &["run", "--tag", "a,,b", "--system", "nuweb"])
        .code(2)
        .stderr_eq(str![[r#"
error[bad-tag]: --tag: `a,,b` has an empty tag; write `smoke`, `!slow` or `smoke,fast`


"#]]);
}

#[test]
fn an_unknown_code_is_reported_with_the_nearest() {
    let here = Path::new(".");
    counterpart(here, &["explain", "body-shema"])
        .code(2)
        .stderr_eq(str![[r#"
error[unknown-code]: unknown code `body-shema`
 |
 = help: did you mean `body-schema`?


"#]]);
    counterpart(here, &["explain", "nothing-like-it"])
        .code(2)
        .stderr_eq(str![[r#"
error[unknown-code]: unknown code `nothing-like-it`
 |
 = help: `counterpart explain` lists all codes


"#]]);
}

#[test]
fn explain_shows_the_table_and_every_page() {
    let here = Path::new(".");
    let table = counterpart(here, &["explain"]).success();
    let table = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    let codes: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    assert!(codes.contains(&"body-schema") && codes.contains(&"timeout"));
    for code in codes {
        let page = counterpart(here, &["explain", code]).success();
        let page = String::from_utf8(page.get_output().stdout.clone()).unwrap();
        assert!(page.starts_with(&format!("{code}: ")), "{code}: {page}");
    }
}

#[test]
fn init_writes_an_example_that_passes_lint() {
    let folder = TempDir::new().unwrap();
    let written = counterpart(folder.path(), &["init"]).success();
    let written = String::from_utf8(written.get_output().stdout.clone()).unwrap();
    for file in [
        "counterpart.toml",
        "schemas/example/books.yaml",
        "cases/example/books.yaml",
    ] {
        assert!(written.lines().any(|line| line == file), "{written}");
        assert!(folder.path().join(file).is_file());
    }
    counterpart(folder.path(), &["lint"])
        .success()
        .stdout_eq(str![[r#"
ok  counterpart.toml
ok  schemas/example/books.yaml: 1 path, 1 operation
ok  cases/example/books.yaml: 2 cases
3 files: 0 errors, 0 warnings

"#]]);
    counterpart(folder.path(), &["list"])
        .success()
        .stdout_eq(str![[r#"
example::books::a book has the requested id
example::books::an unknown book is not found

"#]]);
}

#[test]
fn init_overwrites_nothing() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "cases/example/books.yaml", "mine\n");
    counterpart(folder.path(), &["init"])
        .code(2)
        .stderr_eq(str![[r#"
error[file-in-the-way]: cases/example/books.yaml already exists and differs
 |
 = help: move it away, or write into another folder with --into DIR; nothing was written


"#]]);
    assert_eq!(read(folder.path(), "cases/example/books.yaml"), "mine\n");
    assert!(!folder.path().join("counterpart.toml").exists());
}

#[test]
fn init_of_a_second_system_keeps_the_configuration() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "counterpart.toml", "jobs = 2\n");
    counterpart(folder.path(), &["init", "nuweb"]).success();
    assert_eq!(read(folder.path(), "counterpart.toml"), "jobs = 2\n");
    assert!(folder.path().join("schemas/nuweb/customers.yaml").is_file());
    counterpart(folder.path(), &["lint"]).success();
    // Once more: everything is there and equal.
    counterpart(folder.path(), &["init", "nuweb"]).success();
    counterpart(folder.path(), &["init", "nuwebb"])
        .code(2)
        .stderr_eq(str![[r#"
error[unknown-system]: no system named `nuwebb` is shipped
 |
 = help: did you mean `nuweb`?


"#]]);
}

#[test]
fn lint_reports_all_faults_of_all_files() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "counterpart.toml", "job = 2\n");
    write(
        folder.path(),
        "schemas/shop/api.yaml",
        "openapi: 3.1.0\ninfo: { title: Shop, version: '1' }\npaths:\n  /a:\n    get:\n      responses: { '200': { $ref: '#/nowhere' } }\n",
    );
    write(
        folder.path(),
        "cases/shop/a.yaml",
        "contract: shop/api.yaml\ncases:\n  - name: a\n    call: GET /a\n    expct: { status: 200 }\n",
    );
    counterpart(folder.path(), &["lint"])
        .code(2)
        .stdout_eq(str![[r#"
3 files: 3 errors, 0 warnings

"#]])
        .stderr_eq(str![[r#"
error[unknown-field]: a case has no field `expct`
 --> cases/shop/a.yaml:5:5
  |
5 |     expct: { status: 200 }
  |     ^^^^^
  |
  = help: did you mean `expect`?

error[unknown-field]: the configuration has no field `job`
 --> counterpart.toml:1:1
  |
1 | job = 2
  | ^^^
  |
  = help: did you mean `jobs`?

error[unresolved-ref]: this reference leads nowhere: the document has no `nowhere`
 --> schemas/shop/api.yaml:6:35
  |
6 |       responses: { '200': { $ref: '#/nowhere' } }
  |                                   ^^^^^^^^^^^
  |
  = help: add it there, or correct the reference


"#]]);
    // The same with a folder as argument.
    counterpart(folder.path(), &["lint", "."])
        .code(2)
        .stdout_eq(str![[r#"
3 files: 3 errors, 0 warnings

"#]]);
}

#[test]
fn lint_takes_single_files() {
    let folder = TempDir::new().unwrap();
    counterpart(folder.path(), &["init"]).success();
    write(folder.path(), "other.yaml", "services: []\n");
    counterpart(
        folder.path(),
        &[
            "lint",
            "schemas/example/books.yaml",
            "cases/example/books.yaml",
            "counterpart.toml",
        ],
    )
    .success()
    .stdout_eq(str![[r#"
ok  schemas/example/books.yaml: 1 path, 1 operation
ok  cases/example/books.yaml: 2 cases
ok  counterpart.toml
3 files: 0 errors, 0 warnings

"#]]);
    counterpart(
        folder.path(),
        &["lint", "other.yaml", "gone.yaml", "http://127.0.0.1:9/api"],
    )
    .code(2)
    .stderr_eq(str![[r#"
error[unknown-document]: other.yaml is neither a contract, an overlay nor a case file
 |
 = help: a contract has the top-level key `openapi` or `swagger`, a case file `contract` and `cases`

error[unreadable]: cannot read gone.yaml: no such file
 |
 = help: name a contract, a case file, a folder, a counterpart.toml or a URL

error[unreadable]: cannot read http://127.0.0.1:9/api: connection refused
 |
 = help: check that the server is up and that the URL opens in a browser


"#]]);
}

#[test]
fn list_selects_as_a_run_does() {
    let folder = TempDir::new().unwrap();
    counterpart(folder.path(), &["init"]).success();
    counterpart(folder.path(), &["list", "--filter", "unknown"])
        .success()
        .stdout_eq(str![[r#"
example::books::an unknown book is not found

"#]]);
    counterpart(
        folder.path(),
        &[
            "list",
            "example/books.yaml",
            "--format=json",
            "--filter",
            "requested id",
        ],
    )
    .success()
    .stdout_eq(str![[r#"
[
  {
    "id": "example::books::a book has the requested id",
    "system": "example",
    "file": "books",
    "name": "a book has the requested id",
    "tags": [],
    "operations": [
      "GET /books/{bookId}"
    ],
    "skip": null,
    "place": {
      "file": "cases/example/books.yaml",
      "line": 6,
      "column": 11
    }
  }
]

"#]]);
    counterpart(folder.path(), &["list", "--tag", "smoke"]).code(4);
    counterpart(folder.path(), &["list", "cases/exmaple"])
        .code(2)
        .stderr_eq(str![[r#"
error[no-such-path]: no such file or folder: cases/exmaple
 |
 = help: name a case file or a folder of them, as in `cases/magento`


"#]]);
}

#[test]
fn run_reports_why_it_cannot_begin() {
    let folder = TempDir::new().unwrap();
    counterpart(folder.path(), &["run", "--target", "shop.example"])
        .code(2)
        .stderr_eq(str![[r#"
error[unknown-target]: --target: `shop.example` is neither a URL nor the name of a target
 |
 = help: a URL begins with its scheme: `https://shop.example` or `http://shop.example`


"#]]);
    counterpart(folder.path(), &["run", "--config", "gone.toml"])
        .code(2)
        .stderr_eq(str![[r#"
error[unreadable-config]: cannot read the configuration gone.toml: no such file
 |
 = help: correct --config or COUNTERPART_CONFIG, or leave it out


"#]]);
    counterpart(folder.path(), &["init"]).success();
    counterpart(folder.path(), &["run"])
        .code(2)
        .stderr_eq(str![[r#"
error[no-embedded-server]: there is no embedded server for the system `example`
 |
 = help: name a target with --target URL; embedded servers: magento, magento-admin-save, nuweb


"#]]);
}

/// A project whose only case expects a body that matches `schema`.
fn with_schema(schema: &str, target: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let files = [
        ("counterpart.toml", format!("[targets.staging]\nurl = \"{target}\"\n")),
        (
            "schemas/shop/api.yaml",
            "openapi: 3.1.0\ninfo: { title: Shop, version: '1' }\npaths:\n  /a:\n    get: { responses: { '200': { description: a } } }\n".to_owned(),
        ),
        (
            "cases/shop/a.yaml",
            format!("contract: shop/api.yaml\ncases:\n  - name: a\n    call: GET /a\n    expect: {{ schema: {schema} }}\n"),
        ),
    ];
    for (path, text) in files {
        write(folder.path(), path, &text);
    }
    folder
}

#[test]
fn lint_and_run_report_the_same_fault_of_a_schema_and_send_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    for (schema, place, message) in [
        (
            "{ $ref: 'https://shop.example/a.json' }",
            "a.yaml:5:31",
            "the reference to https://shop.example/a.json leads outside the schema",
        ),
        (
            "{ $ref: 'a.json' }",
            "a.yaml:5:31",
            "the reference to a.json leads outside the schema",
        ),
        (
            "{ $ref: '#/$defs/a' }",
            "a.yaml:5:31",
            "the reference to #/$defs/a leads nowhere",
        ),
        (
            "{ $schema: 'https://shop.example/dialect' }",
            "a.yaml:5:34",
            "unknown dialect https://shop.example/dialect",
        ),
    ] {
        let folder = with_schema(schema, &target);
        let mut outputs = Vec::new();
        for command in [&["lint"][..], &["run", "--target", "staging"]] {
            let result = counterpart(folder.path(), command).code(2);
            let stderr = String::from_utf8(result.get_output().stderr.clone()).unwrap();
            assert!(
                stderr.contains(message) && stderr.contains(place),
                "{stderr}"
            );
            outputs.push(stderr);
        }
        assert_eq!(outputs[0], outputs[1]);
        let no_connection = listener.accept().unwrap_err();
        assert_eq!(no_connection.kind(), std::io::ErrorKind::WouldBlock);
    }
}

#[test]
fn a_schema_of_an_older_draft_passes_lint() {
    for schema in [
        "{ $schema: 'http://json-schema.org/draft-07/schema#', dependencies: { a: [b] } }",
        "{ $ref: 'http://json-schema.org/draft-07/schema#' }",
    ] {
        let folder = with_schema(schema, "http://127.0.0.1:1");
        counterpart(folder.path(), &["lint"]).success();
    }
}

#[test]
fn a_target_where_nothing_listens_costs_one_line() {
    let folder = TempDir::new().unwrap();
    counterpart(folder.path(), &["init"]).success();
    // A port that was free a moment ago: nothing listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let run = counterpart(folder.path(), &["run", "--target", &url]).code(3);
    let output = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let lines = output.lines().filter(|line| line.contains("cannot reach"));
    assert_eq!(lines.count(), 1, "{output}");
}

#[test]
fn paths_name_cases_inside_and_outside_the_project() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    counterpart(root, &["init", "--into", "project"]).success();
    counterpart(root, &["init", "--into", "other"]).success();
    let project = root.join("project");
    let both = "example::books::a book has the requested id\n\
                example::books::an unknown book is not found\n";
    for path in [
        "cases",
        "cases/example",
        "./cases/example/books.yaml",
        "example/books.yaml",
        "../other/cases",
        "../other/cases/example",
        "../other/cases/example/books.yaml",
    ] {
        counterpart(&project, &["list", path])
            .success()
            .stdout_eq(both);
    }
    // A configuration is found upward, and its folders are relative to it.
    counterpart(&project.join("cases/example"), &["list"])
        .success()
        .stdout_eq(both);
    // A system is the nearest folder with a `system.yaml`; its contracts are beside the parent folder.
    write(root, "suite/shop/system.yaml", "description: a shop\n");
    let case = "contract: example/books.yaml\ncases:\n  - { name: a, call: 'GET /books/{bookId}', path: { bookId: 1 }, expect: { status: 200 } }\n";
    write(root, "suite/shop/deep/down/a.yaml", case);
    write(
        root,
        "schemas/example/books.yaml",
        &read(&project, "schemas/example/books.yaml"),
    );
    counterpart(root, &["list", "suite/shop/deep/down/a.yaml"])
        .success()
        .stdout_eq("shop::deep/down/a::a\n");
    counterpart(
        &project,
        &["list", "cases/example", "../other/cases/example"],
    )
    .code(2)
    .stderr_eq(str![[r#"
error[system-given-twice]: the paths name two different folders of the system `example`
 |
 = help: run them one after the other: case names would not be unique


"#]]);
    counterpart(&project, &["list", "counterpart.toml"])
        .code(2)
        .stderr_eq(str![[r#"
error[no-cases]: there are no cases in counterpart.toml
 |
 = help: name a case file (.yaml) or a folder of them, as in `cases/magento`


"#]]);
}

#[test]
fn shipped_cases_are_used_without_a_project() {
    let folder = TempDir::new().unwrap();
    for path in ["nuweb/customers", "cases/nuweb/customers/update.yaml"] {
        let list = counterpart(folder.path(), &["list", path]).success();
        let list = String::from_utf8(list.get_output().stdout.clone()).unwrap();
        assert!(!list.is_empty());
        assert!(
            list.lines()
                .all(|line| line.starts_with("nuweb::customers/update::")),
            "{list}"
        );
    }
}

#[test]
fn a_run_on_an_embedded_server_passes_and_writes_its_reports() {
    let folder = TempDir::new().unwrap();
    let run = counterpart(
        folder.path(),
        &[
            "run",
            "--system=nuweb",
            "--seed=42",
            "--report=junit=out/junit.xml",
            "--report=json=out/run.jsonl",
        ],
    )
    .success();
    let output = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(output.contains("seed 42"), "{output}");
    let last = output.lines().last().unwrap();
    assert!(last.contains(" 0 failed, 0 errors, 0 skipped ("), "{last}");
    assert!(read(folder.path(), "out/junit.xml").contains("<testsuites"));
    let events = read(folder.path(), "out/run.jsonl");
    assert!(
        events.lines().last().unwrap().contains("run_finished"),
        "{events}"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_reported_before_anything_is_sent() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "file", "");
    let run = counterpart(
        folder.path(),
        &["run", "--system=nuweb", "--report=junit=file/junit.xml"],
    );
    let run = run.code(2);
    assert!(run.get_output().stdout.is_empty());
    let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(
        stderr.contains("cannot write the report file/junit.xml"),
        "{stderr}"
    );
}

/// CI may depend on the report, so a run whose report cannot be written does not pass.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_turns_out_not_to_be_writable_raises_the_exit_code() {
    let folder = TempDir::new().unwrap();
    for report in ["--report=junit=/dev/full", "--report=json=/dev/full"] {
        let filter = "--filter==nuweb::customers/update::name alone can be changed";
        let run = counterpart(folder.path(), &["run", "--system=nuweb", filter, report]);
        let run = run.code(3);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(
            stderr.contains("cannot write the report /dev/full"),
            "{stderr}"
        );
    }
}

#[test]
fn credentials_reach_the_run_and_no_output() {
    let folder = TempDir::new().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("--target=http://{}", listener.local_addr().unwrap());
    drop(listener);
    let arguments = ["run", "--system=nuweb", &target, "-v"];
    let skipped = |command: Command| {
        let output = command.args(arguments).assert().code(3);
        let output = output.get_output();
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("s3cret-token"), "{text}");
        text.contains("needs auth profile")
    };
    let program = || {
        let program = Command::new(cargo_bin("counterpart")).current_dir(folder.path());
        program.env_remove("COUNTERPART_TARGET")
    };
    assert!(skipped(program()));
    let given = program()
        .env("COUNTERPART_AUTH_NUWEB_ADMIN_BEARER", "s3cret-token")
        .env("COUNTERPART_AUTH_NUWEB_ADMIN_COMPANY_ID", "1")
        .env("COUNTERPART_AUTH_NUWEB_ADMIN_CUSTOMER_ID", "1");
    assert!(!skipped(given));
}

/// A diagnostic shows the line of the fault, which may contain a secret.
#[test]
fn diagnostics_of_a_configuration_show_no_secret() {
    let folder = TempDir::new().unwrap();
    let refused = |configuration: &str| {
        write(folder.path(), "counterpart.toml", configuration);
        let refused = counterpart(folder.path(), &["lint"]).code(2);
        let output = refused.get_output();
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        text
    };
    let text = refused(
        "headers = { Authorization = \"Bearer s3cret-token\", X-Trace = 7 }\n\
         [targets.staging]\n\
         urll = \"https://ci:s3cret-word@shop.example\"\n",
    );
    assert!(
        text.contains("headers = { Authorization = \"***                \", X-Trace = 7 }"),
        "{text}"
    );
    assert!(
        text.contains("urll = \"https://ci:***        @shop.example\""),
        "{text}"
    );
    let text = refused("[targets.staging.auth.admin]\npassword = \"s3cret-word\" x\n");
    assert!(text.contains("password = \"***        \" x"), "{text}");
}

#[test]
fn serve_rejects_unknown_systems_and_faults_and_lists_all_faults() {
    let here = Path::new(".");
    counterpart(here, &["serve", "magneto"])
        .code(2)
        .stderr_eq(str![[r#"
error[unknown-system]: there is no embedded server named `magneto`
 |
 = help: did you mean `magento`?


"#]]);
    counterpart(here, &["serve", "nuweb", "--fault", "nuweb-teapott"])
        .code(2)
        .stderr_eq(str![[r#"
error[unknown-fault]: unknown fault `nuweb-teapott`
 |
 = help: did you mean `nuweb-teapot`?


"#]]);
    let table = counterpart(here, &["serve", "--list-faults"]).success();
    let table = String::from_utf8(table.get_output().stdout.clone()).unwrap();
    for fault in counterpart::server::FAULTS {
        assert!(table.contains(fault.name), "{table}");
    }
    let in_use = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = in_use.local_addr().unwrap().port().to_string();
    let refused = counterpart(here, &["serve", "nuweb", "--port", &port]).code(2);
    let stderr = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(
        stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{stderr}"
    );
}

/// Runs the program in a folder, without our variables and without a terminal.
fn counterpart(folder: &Path, arguments: &[&str]) -> OutputAssert {
    let command = Command::new(cargo_bin("counterpart")).current_dir(folder);
    let ours = [
        "COUNTERPART_TARGET",
        "COUNTERPART_SYSTEM",
        "COUNTERPART_JOBS",
        "COUNTERPART_SEED",
        "COUNTERPART_CONFIG",
        "COUNTERPART_CONTRACT",
        "COUNTERPART_TARGET_VERSION",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
    ];
    ours.iter()
        .fold(command, |command, name| command.env_remove(name))
        .args(arguments)
        .assert()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}
