//! The JSON Schema Test Suite (github.com/json-schema-org/JSON-Schema-Test-Suite), each of its schemas as that of a response, each of its
//! values as a body. Its folder is named by `COUNTERPART_JSON_SCHEMA_SUITE`; without it, nothing is tested.
//!
//! Draft 2020-12 is that of OpenAPI 3.1, whose schemas it defines; draft 4 is the nearest to OpenAPI 3.0, which leaves out some of it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use counterpart::check::{CheckContext, check};
use counterpart::contract::{Contract, Loader, Reading};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::document::{Node, parse_json};
use counterpart::exchange::{Caller, Exchange, Request, Response, Transfer};
use counterpart::finding::Code;
use counterpart::target::Severities;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use serde_json::{Value, json};

use crate::cases::Texts;

/// A text with its tree: numbers are passed on as they are written.
struct SuiteFile {
    text: String,
    root: Node,
}

/// A value for which we decide otherwise than the suite.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Disagreement {
    file: String,
    group: String,
    test: String,
    valid: bool,
    diagnostics: String,
}

#[test]
fn draft_2020_12_decides_as_the_suite_says() {
    let Some(suite) = suite() else {
        return;
    };
    let found = disagreements(&suite, "draft2020-12", "3.1.0");
    // `format` is an assertion here on purpose, as an API's clients expect.
    let (intended, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| {
        found.file == "format.json" && found.test.ends_with("is only an annotation by default")
    });
    assert!(others.is_empty(), "{}", listed(&others));
    assert_eq!(intended.len(), 19, "{}", listed(&intended));
}

#[test]
fn draft_4_as_openapi_3_0_differs_in_what_openapi_rules_out() {
    let Some(suite) = suite() else {
        return;
    };
    let found = disagreements(&suite, "draft4", "3.0.3");
    let (intended, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|found| is_ruled_out(&found.file, &found.group, &found.test));
    assert!(others.is_empty(), "{}", listed(&others));
    assert_eq!(intended.len(), 44, "{}", listed(&intended));
}

/// Whether a verdict differs because of what OpenAPI 3.0.4, "Schema Object", leaves out of JSON Schema or defines anew.
#[expect(clippy::match_same_arms, reason = "each arm has its own reason")]
fn is_ruled_out(file: &str, group: &str, test: &str) -> bool {
    match file {
        "dependencies.json" => true,
        // Schemas have no identifiers, so all references are relative to the document, and nothing is fetched.
        "refRemote.json" | "optional/id.json" => true,
        "definitions.json" => group == "validate definition against metaschema",
        "ref.json" => {
            group.contains("identifier")
                || group.contains(" id ")
                || group.starts_with("id ")
                || group == "remote ref, containing refs itself"
                || group == "Recursive references between schemas"
                || group == "relative pointer ref to array"
        }
        // `items` is one schema, there are no tuples.
        "uniqueItems.json" => group.contains("an array of items"),
        "additionalItems.json" => true,
        "items.json" => group == "an array of schemas for items" || group == "items and subitems",
        // A whole number written as a float is an integer, as in every later draft: JSON has one type of numbers.
        "optional/zeroTerminatedFloats.json" => true,
        // Formats are those of later drafts, where RFC 1123 labels are the newer A-labels (RFC 5890, section 2.3.1).
        "optional/format/hostname.json" => test == "hostname with consecutive hyphens (RFC1123)",
        _ => false,
    }
}

/// The folder of the suite; says why nothing is tested where it is absent.
fn suite() -> Option<PathBuf> {
    let folder = std::env::var_os("COUNTERPART_JSON_SCHEMA_SUITE").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: COUNTERPART_JSON_SCHEMA_SUITE names no folder");
    }
    folder
}

fn listed(disagreements: &[Disagreement]) -> String {
    let mut text = format!("{} verdicts differ\n", disagreements.len());
    for found in disagreements {
        let Disagreement {
            file,
            group,
            test,
            valid,
            diagnostics,
        } = found;
        let ours = if *valid { "refused" } else { "accepted" };
        writeln!(text, "{file}: {group}: {test}: {ours}").unwrap();
        for line in diagnostics.lines().take(2) {
            writeln!(text, "    {line}").unwrap();
        }
    }
    text
}

fn disagreements(suite: &Path, draft: &str, version: &str) -> BTreeSet<Disagreement> {
    let remotes = remotes(suite, draft);
    let mut found = BTreeSet::new();
    let folder = suite.join("tests").join(draft);
    for path in files_below(&folder) {
        let file = path.strip_prefix(&folder).unwrap();
        let file = file.to_str().unwrap().replace('\\', "/");
        let SuiteFile { text, root } = read(&path);
        for group in root.as_sequence().unwrap() {
            let schema = written(&text, group.get("schema").unwrap());
            let (contract, diagnostics) = contract_with(schema, version, &remotes);
            for test in group.get("tests").and_then(Node::as_sequence).unwrap() {
                let body = written(&text, test.get("data").unwrap());
                let valid = test.get("valid").and_then(Node::as_bool).unwrap();
                let accepted = contract
                    .as_ref()
                    .is_some_and(|contract| accepts(contract, body));
                if accepted != valid {
                    let described = |node: &Node| {
                        let text = node.get("description").and_then(Node::as_str);
                        text.unwrap_or_default().to_owned()
                    };
                    found.insert(Disagreement {
                        file: file.clone(),
                        group: described(group),
                        test: described(test),
                        valid,
                        diagnostics: diagnostics.clone(),
                    });
                }
            }
        }
    }
    found
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> SuiteFile {
    let text = std::fs::read_to_string(path).unwrap();
    let (root, _) = parse_json(text.as_bytes(), 200).unwrap();
    SuiteFile { text, root }
}

fn written<'t>(text: &'t str, node: &Node) -> &'t str {
    &text[node.span.start..node.span.end]
}

/// The documents that the suite expects at `http://localhost:1234/`, as named schemas: by `$id`, since nothing is fetched.
fn remotes(suite: &Path, draft: &str) -> Value {
    let mut schemas = serde_json::Map::new();
    if draft != "draft2020-12" {
        return json!({});
    }
    let folder = suite.join("remotes");
    for path in files_below(&folder) {
        let name = path
            .strip_prefix(&folder)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        // Those at the top are of older drafts.
        if !name.starts_with("draft2020-12/") && !name.starts_with("draft2019-09/") {
            continue;
        }
        let mut schema: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let address = format!("http://localhost:1234/{name}");
        let own = schema.get("$id").and_then(Value::as_str).map(str::to_owned);
        match own {
            None => schema["$id"] = json!(address),
            Some(own) if own != address => {
                let also = json!({ "$id": address, "$ref": own });
                schemas.insert(format!("at-{}", name.replace('/', "-")), also);
            }
            Some(_) => {}
        }
        schemas.insert(name.replace('/', "-"), schema);
    }
    Value::Object(schemas)
}

/// A contract whose only response has the schema, with what is wrong with it.
fn contract_with(schema: &str, version: &str, remotes: &Value) -> (Option<Arc<Contract>>, String) {
    let schemas = match schema.contains("localhost:1234") {
        true => remotes.clone(),
        false => json!({}),
    };
    let api = json!({
        "openapi": version,
        "info": { "title": "Suite", "version": "1" },
        "paths": { "/": { "get": { "responses": { "200": {
            "description": "a value",
            "content": { "application/json": { "schema": { "$ref": "schema.json" } } },
        } } } } },
        "components": { "schemas": schemas },
    });
    let files = Texts::default()
        .with("suite/api.json", &api.to_string())
        .with("suite/schema.json", schema);
    let mut diagnostics = Diagnostics::new();
    let loader = Loader::new(&files, Reading::Corrected);
    let contract = loader.load("suite/api.json", &mut diagnostics);
    (contract, diagnostics.render(Style::Plain))
}

/// Whether a response with this body has no finding about its schema.
fn accepts(contract: &Contract, body: &str) -> bool {
    let operation = contract.operation(&Method::GET, "/").unwrap();
    let headers =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let exchange = Exchange {
        request: Request {
            method: Method::GET,
            url: "http://localhost/".parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        },
        response: Response {
            status: StatusCode::OK,
            version: Version::HTTP_11,
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            transfer: Transfer::Complete,
        },
        elapsed: Duration::ZERO,
    };
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 200);
    let checked = check(&exchange, &context, &Severities::default());
    let codes = [Code::BodySchema, Code::BodyFormat];
    !checked
        .findings
        .iter()
        .any(|finding| codes.contains(&finding.code))
}
