//! Several reports of one run.

use serde_json::{Value, json};

use super::project::Project;

#[test]
fn one_run_writes_all_formats_and_one_format_twice() {
    let project = Project::new();
    let ended = project.run(
        &[
            "--report=junit=reports/a.xml",
            "--junit=reports/b.xml",
            "--report=sarif=reports/r.sarif",
            "--report=tap=reports/r.tap",
            "--report=summary=reports/r.md",
            "--report=json=reports/r.jsonl",
        ],
        &[],
    );
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert_eq!(project.read("reports/a.xml"), project.read("reports/b.xml"));
    assert!(
        project
            .read("reports/a.xml")
            .contains("<failure type=\"body-schema\"")
    );
    let sarif: Value = serde_json::from_str(&project.read("reports/r.sarif")).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "schemas/shop/api.yaml");
    assert_eq!(location["region"]["startLine"], 11);
    assert!(
        project
            .read("reports/r.tap")
            .contains("\nnot ok 1 - shop::a::a has a name\n")
    );
    assert!(
        project
            .read("reports/r.md")
            .contains("counterpart explain body-schema")
    );
    assert!(project.read("reports/r.jsonl").lines().count() > 2);
}

/// Code scanning and annotations need paths relative to the root of the repository.
#[test]
fn paths_of_a_project_in_a_subfolder_are_relative_to_the_repository() {
    let repository = tempfile::tempdir().unwrap();
    std::fs::create_dir(repository.path().join(".git")).unwrap();
    let project = Project::below(repository.path(), "services/shop");
    let ended = project.run(
        &["--report=sarif=reports/r.sarif", "--annotations=github"],
        &[],
    );
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let sarif: Value = serde_json::from_str(&project.read("reports/r.sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(
        result["locations"][0]["physicalLocation"]["artifactLocation"],
        json!({ "uri": "services/shop/schemas/shop/api.yaml", "uriBaseId": "SRCROOT" })
    );
    assert_eq!(
        result["relatedLocations"][0]["physicalLocation"]["artifactLocation"],
        json!({ "uri": "services/shop/cases/shop/a.yaml", "uriBaseId": "SRCROOT" })
    );
    let annotation = "::error file=services/shop/cases/shop/a.yaml,line=4,";
    assert!(ended.stdout.contains(annotation), "{}", ended.stdout);
}

#[test]
fn two_reports_on_one_path_are_refused_before_anything_is_sent() {
    let project = Project::new();
    let ended = project.run(&["--report=junit=r/x", "--report=tap=./r/../r/x"], &[]);
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert!(
        ended
            .stderr
            .contains("error[report-twice]: two reports would be written to ./r/../r/x"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("give each report its own file"));
    assert!(!ended.stdout.contains("FAIL"), "{}", ended.stdout);
    #[cfg(unix)]
    assert_eq!(
        project
            .run(&["--report=junit=/dev/null", "--report=tap=/dev/null"], &[])
            .code,
        1
    );
}
