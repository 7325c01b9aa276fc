//! `lint` of a whole project: names that nothing has, and files that no run reads.

use crate::coverage::project::{CASES, Project};
use crate::project_folder::{Ended, ProjectFolder};

fn lint(project: &Project) -> Ended {
    project.ended("lint")
}

#[test]
fn names_in_the_configuration_must_exist() {
    let project = Project::with(CASES);
    lint(&project).with(0, &["0 errors, 0 warnings"]);
    let config = project.read("counterpart.toml");
    let with_auth = |profile: &str| {
        format!("{config}[targets.staging.auth.{profile}]\ntoken = \"${{TOKEN}}\"\n")
    };
    project.write("counterpart.toml", &with_auth("admin"));
    lint(&project).with(0, &["0 errors, 0 warnings"]);
    project.write("counterpart.toml", &with_auth("admim"));
    lint(&project).with(
        0,
        &[
            "warning[unknown-profile]: no system of this target has an auth profile `admim`",
            "did you mean `admin`?",
            "0 errors, 1 warning",
        ],
    );
    // With any system a target may serve, the profile of one is enough.
    project.write(
        "counterpart.toml",
        &with_auth("admin").replace("systems = [\"shop\"]\n", ""),
    );
    lint(&project).with(0, &["0 errors, 0 warnings"]);
    project.write("counterpart.toml", &config.replace("\"shop\"", "\"shpo\""));
    lint(&project).with(
        2,
        &[
            "error[unknown-system]: no system is named `shpo`",
            "counterpart.toml:3:",
            "did you mean `shop`?",
        ],
    );
}

#[test]
fn a_case_file_must_be_in_the_folder_of_a_system() {
    let project = Project::with(CASES);
    project.write("cases/notes.yaml", "just: notes\n");
    lint(&project).with(0, &["0 errors, 0 warnings"]);
    project.write("cases/things.yaml", CASES);
    lint(&project).with(
        2,
        &[
            "error[case-file-outside-system]: no run reads cases/things.yaml: it is not in the folder of a system",
            "move it below `cases/SYSTEM/`",
        ],
    );
}

#[test]
fn a_single_document_may_refer_to_files_below_the_working_folder() {
    let folder = ProjectFolder::temporary();
    folder.write(
        "api/v1/shop.yaml",
        "openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /a:
    get: { responses: { '200': { description: a, content: { application/json: { schema: { $ref: ../common/a.yaml } } } } } }
",
    );
    folder.write("api/common/a.yaml", "type: integer\n");
    folder
        .ended("lint api/v1/shop.yaml")
        .with(0, &["0 errors, 0 warnings"]);
    // Files outside it are not read.
    folder.write("secret.yaml", "type: integer\n");
    let text = folder.read("api/v1/shop.yaml");
    folder.write(
        "api/v1/shop.yaml",
        &text.replace("../common/a.yaml", "../../secret.yaml"),
    );
    folder
        .ended("lint api/v1/shop.yaml")
        .with(2, &["error[outside-ref]"]);
}
