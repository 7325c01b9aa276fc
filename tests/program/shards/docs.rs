use std::path::Path;
use std::process::Command;

use counterpart::diagnostic::Diagnostics;
use counterpart::document::Document;
use counterpart::source::Source;
use serde_json::{Value, json};
use snapbox::cmd::cargo_bin;

use super::project::Project;
use crate::project_folder::{Ended, without_variables};

const INDEXED: &str = "kubernetes-indexed-job.yaml";
const MERGE: &str = "kubernetes-merge-job.yaml";

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(file);
    std::fs::read_to_string(path).unwrap()
}

fn manifest(file: &str) -> Value {
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Source::new(file, text(file)), &mut diagnostics).unwrap();
    assert!(diagnostics.is_empty(), "{file}");
    document.root.into_json()
}

/// Runs a shell script in the project's folder, with `counterpart` on the PATH.
fn shell(project: &Project, script: &str, variables: &[(String, String)]) -> Ended {
    let mut command = Command::new("/bin/sh");
    command.args(["-ceu", script]).current_dir(project.root());
    without_variables(&mut command);
    let program = cargo_bin("counterpart");
    let mut path = vec![program.parent().unwrap().to_owned()];
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    command.env("PATH", std::env::join_paths(path).unwrap());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    Ended::of(&mut command)
}

/// A schema from the API reference (batch/v1, core/v1) for the fields that are used; others are not allowed.
fn schema_of_jobs() -> Value {
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let string = json!({ "type": "string", "minLength": 1 });
    let label = json!({ "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" });
    let number = json!({ "type": "integer", "minimum": 0 });
    let list = |items: Value| json!({ "type": "array", "minItems": 1, "items": items });
    let container = object(
        &["name", "image"],
        json!({
            "name": label, "image": string, "command": list(string.clone()), "args": list(string.clone()),
            // A value is text: a number without quotes is rejected.
            "env": list(object(&["name"], json!({ "name": string, "value": string }))),
            "volumeMounts": list(object(&["name", "mountPath"], json!({ "name": label, "mountPath": string }))),
        }),
    );
    let claim = object(&["claimName"], json!({ "claimName": label }));
    let volume = object(
        &["name"],
        json!({ "name": label, "persistentVolumeClaim": claim }),
    );
    let pod = object(
        &["containers", "restartPolicy"],
        json!({
            // A job does not allow `Always`, and a limit for each index only allows `Never`.
            "restartPolicy": { "const": "Never" },
            "automountServiceAccountToken": { "type": "boolean" },
            "containers": list(container), "volumes": list(volume),
        }),
    );
    let spec = object(
        &["template"],
        json!({
            "completionMode": { "enum": ["NonIndexed", "Indexed"] },
            "completions": number, "parallelism": number, "backoffLimit": number, "backoffLimitPerIndex": number,
            "activeDeadlineSeconds": { "type": "integer", "minimum": 1 },
            "template": object(&["spec"], json!({ "spec": pod })),
        }),
    );
    object(
        &["apiVersion", "kind", "metadata", "spec"],
        json!({
            "apiVersion": { "const": "batch/v1" }, "kind": { "const": "Job" },
            "metadata": object(&["name"], json!({ "name": label })), "spec": spec,
        }),
    )
}

fn container(manifest: &Value) -> &Value {
    &manifest["spec"]["template"]["spec"]["containers"][0]
}

fn variables(manifest: &Value) -> Vec<(String, String)> {
    let list = container(manifest)["env"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.map(|variable| (text(&variable["name"]), text(&variable["value"])))
        .collect()
}

fn variable(manifest: &Value, name: &str) -> String {
    let variables = variables(manifest);
    variables
        .into_iter()
        .find(|(known, _)| known == name)
        .unwrap()
        .1
}

#[test]
fn the_manifests_are_valid_kubernetes_jobs() {
    let schema = jsonschema::validator_for(&schema_of_jobs()).unwrap();
    for file in [INDEXED, MERGE] {
        let manifest = manifest(file);
        let faults: Vec<String> = schema
            .iter_errors(&manifest)
            .map(|error| error.to_string())
            .collect();
        assert!(faults.is_empty(), "{file}: {faults:?}");
        let mut broken = manifest.clone();
        broken["spec"]["completion"] = json!(5);
        assert!(!schema.is_valid(&broken), "an unknown field is rejected");
        // The events are written to the volume.
        let pod = &manifest["spec"]["template"]["spec"];
        let mount = &container(&manifest)["volumeMounts"][0];
        assert_eq!(mount["mountPath"], variable(&manifest, "EVENTS"));
        assert_eq!(mount["name"], pod["volumes"][0]["name"]);
    }
    let (indexed, merge) = (manifest(INDEXED), manifest(MERGE));
    let claim = "/spec/template/spec/volumes/0/persistentVolumeClaim/claimName";
    assert_eq!(indexed.pointer(claim), merge.pointer(claim));
    let spec = &indexed["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!(
        spec["completions"].to_string(),
        variable(&indexed, "SHARDS")
    );
    assert_eq!(spec["parallelism"], spec["completions"]);
}

#[test]
fn the_shell_of_the_manifests_runs_all_shards_and_merges_them() {
    let project = Project::new();
    let events = project.root().display().to_string();
    let run = |file: &str, more: &[(&str, &str)]| {
        let manifest = manifest(file);
        let container = container(&manifest);
        assert_eq!(container["command"], json!(["/bin/sh", "-ceu"]));
        let mut variables = variables(&manifest);
        let own = ("EVENTS", &*events);
        let more = more.iter().copied().chain([own]);
        variables.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        shell(&project, container["args"][0].as_str().unwrap(), &variables)
    };
    for index in 0..5 {
        let index = index.to_string();
        let ended = run(INDEXED, &[("JOB_COMPLETION_INDEX", &index)]);
        // The pod succeeds, whatever the result of the shard.
        let expected = format!(
            "shard {} of 5 ended with 1",
            index.parse::<u32>().unwrap() + 1
        );
        ended.with(0, &[&expected]);
    }
    run(MERGE, &[]).with(1, &["\n86 cases: "]);
    assert!(project.read("junit.xml").contains("tests=\"86\""));
    project.ended("report run.jsonl").with(1, &["\n86 cases: "]);
    // A shard that could not start leaves no events. Its pod succeeds, but the merge fails.
    std::fs::remove_file(project.path("shard-4.jsonl")).unwrap();
    let nowhere = [("JOB_COMPLETION_INDEX", "3"), ("TARGET", "nowhere")];
    run(INDEXED, &nowhere).with(0, &["shard 4 of 5 ended with 2"]);
    run(MERGE, &[]).with(130, &["shard 4/5 is missing"]);
}

/// The commands of a document that begin with `counterpart`, as shell input.
fn commands(document: &str) -> Vec<String> {
    let lines = document.lines().map(str::trim);
    let starts = ["$ ", "- run: ", "- "];
    let commands = lines.filter_map(|line| {
        let mut starts = starts.iter().filter_map(|start| line.strip_prefix(start));
        starts.find(|rest| rest.starts_with("counterpart "))
    });
    commands.map(str::to_owned).collect()
}

/// Runs the commands in order, those for a shard once for each shard.
#[track_caller]
fn run_all(commands: &[String], shards: usize) -> Vec<Ended> {
    let project = Project::new();
    let mut ended = Vec::new();
    for command in commands {
        let own = ["${{ matrix.shard }}", "$CI_NODE_INDEX"]
            .iter()
            .any(|own| command.contains(own));
        for index in 1..=(if own { shards } else { 1 }) {
            let command = command
                .replace("${{ matrix.shard }}", &index.to_string())
                .replace("${{ github.run_id }}", "15728640001");
            assert!(!command.contains("${{"), "{command}");
            let variables = [
                ("CI_NODE_INDEX", index.to_string()),
                ("CI_NODE_TOTAL", shards.to_string()),
                ("CI_PIPELINE_ID", "1002003".to_owned()),
            ];
            let variables = variables.map(|(name, value)| (name.to_owned(), value));
            ended.push(shell(&project, &command, &variables));
        }
    }
    ended
}

#[test]
fn the_commands_of_the_document_run_unchanged() {
    let document = text("shards.md");
    let mut sections = document.split("\n## ");
    let first = commands(sections.next().unwrap());
    assert_eq!(first.len(), 3, "{first:?}");
    let mut merged = 0;
    for (commands, shards) in [(first, 2)]
        .into_iter()
        .chain(sections.map(|section| (commands(section), 5)))
    {
        for ended in run_all(&commands, shards) {
            let output = format!("{}\n{}", ended.stdout, ended.stderr);
            // The server deviates from its contract, so findings are expected.
            assert_eq!(ended.code, 1, "{commands:?}\n{output}");
            merged += usize::from(ended.stdout.contains("\n86 cases: "));
        }
    }
    assert_eq!(
        merged, 3,
        "the example at the top, GitHub, and GitLab each merge"
    );
}
