use super::project::{CASES, Project};
use crate::project_folder::{Ended, ProjectFolder};

#[test]
fn too_little_is_exit_code_five_and_names_what_is_missing() {
    let project = Project::with(CASES);
    project
        .run("--min-coverage operations=66.66,statuses=40,properties=75")
        .with(0, &[]);
    let output = project.run("--min-coverage operations=66.67 --min-coverage properties=76%");
    let output = output.with(5, &[]);
    assert_eq!(
        output.stderr.trim_end(),
        "\
error[coverage-too-low]: shop covers 2/3 operations (66.6 %), but 66.67 % is required
 |
 = help: not covered: DELETE /things/{id}

error[coverage-too-low]: shop covers 9/12 properties (75 %), but 76 % is required
 |
 = help: not covered: POST /things request /tags/*/weight, POST /things response /iban, POST /things response /labels/*/hint"
    );
}

#[test]
fn a_run_with_other_failures_keeps_its_exit_code() {
    let cases = CASES.replace("status: 200", "status: 404");
    let output = Project::with(&cases).run("--min-coverage operations=100");
    output.with(1, &["shop covers 2/3 operations (66.6 %)"]);
}

#[test]
fn a_ratchet_is_written_kept_and_fails_when_raised() {
    let project = Project::with(CASES);
    project.run("--ratchet ratchet.toml").with(
        2,
        &[
            "cannot read the ratchet ratchet.toml",
            "write it with --update-ratchet",
        ],
    );
    project
        .run("--ratchet ratchet.toml --update-ratchet")
        .with(0, &[]);
    let written = project.read("ratchet.toml");
    let (_, levels) = written.split_once("\n\n").unwrap();
    assert_eq!(
        levels,
        "[shop]\noperations = \"2/3\"\nstatuses = \"2/5\"\nparameters = \"3/9\"\nproperties = \"9/12\"\nkeywords = \"3/13\"\n"
    );
    project.run("--ratchet ratchet.toml").with(0, &[]);
    project.write("ratchet.toml", &written.replace("\"2/5\"", "\"3/5\""));
    let output = project.run("--ratchet ratchet.toml").with(5, &[]);
    assert_eq!(
        output.stderr.trim_end(),
        "\
error[coverage-lower]: shop covers 2/5 statuses, less than the 3/5 of ratchet.toml
 |
 = help: not covered: POST /things 400, GET /things/{id} 404, DELETE /things/{id} 204"
    );
}

#[test]
fn a_broken_ratchet_is_reported_with_its_line_before_anything_is_sent() {
    let project = Project::with(CASES);
    project.write(
        "ratchet.toml",
        "[shop]\noperations = \"2/3\"\nstatuses = \"5\"\n",
    );
    let output: Ended = project.run("--ratchet ratchet.toml").with(
        2,
        &[
            "error[bad-ratio]: `statuses` is not of the form \"covered/all\"",
            "ratchet.toml:3:12",
        ],
    );
    assert!(!output.stdout.contains("passed"), "{}", output.stdout);
}

#[test]
fn a_failed_run_does_not_change_the_ratchet() {
    let project = Project::with(&CASES.replace("status: 200", "status: 404"));
    let before = "[shop]\noperations = \"1/3\"\n";
    project.write("ratchet.toml", before);
    project
        .run("--ratchet ratchet.toml --update-ratchet")
        .with(1, &["ratchet.toml is not updated: 1 case did not pass"]);
    assert_eq!(project.read("ratchet.toml"), before);
}

#[test]
fn a_shard_is_not_gated() {
    let project = Project::with(CASES);
    for words in ["--min-coverage operations=1", "--ratchet ratchet.toml"] {
        project
            .run(&format!("--shard 1/2 {words}"))
            .with(2, &["error[coverage-of-a-shard]"]);
    }
}

#[test]
fn the_embedded_server_is_gated_like_any_other() {
    // Every case sends it an object.
    let output = ProjectFolder::temporary()
        .ended("run --system nuweb --min-coverage operations=100,keywords=100");
    output.with(
        5,
        &[
            "error[coverage-too-low]: nuweb covers ",
            " keywords (",
            ", but 100 % is required",
            "POST /customers/update request body type object: another",
        ],
    );
}
