//! The tables of the READMEs in `cases/`: each is between a comment with its command and an end comment, and equals the output of the
//! command.

use std::path::{Path, PathBuf};
use std::process::Command;

const BEGIN: &str = "<!-- counterpart list ";
const END: &str = "<!-- end of table -->";

#[test]
fn the_tables_of_the_readmes_equal_the_output_of_their_commands() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut found = 0;
    for readme in readmes(&cases) {
        let text = std::fs::read_to_string(&readme).unwrap();
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once(BEGIN) {
            let (arguments, after) = after.split_once(" -->").unwrap();
            let Some((table, after)) = after.split_once(END) else {
                panic!("{}: no `{END}` after a table", readme.display());
            };
            let output = listed(arguments);
            assert!(
                table.trim() == output.trim(),
                "{}: the table differs from the output of its command; replace it by:\n\n{output}",
                readme.display()
            );
            // A header, a rule, and at least one operation.
            assert!(
                output.lines().count() > 3,
                "{}: empty table",
                readme.display()
            );
            found += 1;
            rest = after;
        }
    }
    assert!(found > 0, "no README below cases/ has a table");
}

/// `README.md` of each system.
fn readmes(cases: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(cases).unwrap();
    folders
        .map(|entry| entry.unwrap().path().join("README.md"))
        .filter(|path| path.is_file())
        .collect()
}

fn listed(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .arg("list")
        .args(arguments.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "`counterpart list {arguments}` failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// One operation that is called, and one that is not.
const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Notes, version: "1" }
paths:
  /notes:
    post:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "201": { description: made }, "400": { description: refused } }
    get:
      responses: { "200": { description: all } }
"#;

const CASES: &str = r#"
contract: notes.yaml
cases:
  - name: a note is made with the title {{ title }}
    each: [{ title: a }, { title: b }]
    call: POST /notes
    body: { title: "{{ title }}" }
    expect: { status: 201 }
  - name: a refused note changes nothing
    tags: [missing]
    steps:
      - { call: POST /notes, as: writer, body: { title: a }, expect: { status: 201 } }
      - { call: POST /notes, as: writer, body: {}, expect: { status: [400, 422] } }
      - { send: GET /nothing, headers: { Authorization: none }, expect: { status: 404 } }
"#;

#[test]
fn a_case_counts_once_in_each_cell_that_it_belongs_to() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("counterpart.toml", "");
    write("schemas/notes.yaml", CONTRACT);
    write(
        "cases/notes/system.yaml",
        "auth: { writer: { bearer: \"{{ credentials.bearer }}\" } }\n",
    );
    write("cases/notes/all.yaml", CASES);
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["list", "--system", "notes", "--table=missing,rare"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "\
| Operation     | Cases | 201 | 400 | 404 | 422 | guest | own header | writer | missing | rare |
| ------------- | ----: | --: | --: | --: | --: | ----: | ---------: | -----: | ------: | ---: |
| `POST /notes` |     3 |   3 |   1 |     |   1 |     2 |            |      1 |       1 |      |
| `GET /notes`  |       |     |     |     |     |       |            |        |         |      |
| `(none)`      |     1 |     |     |   1 |     |       |          1 |        |       1 |      |
| `all`         |     3 |   3 |   1 |   1 |   1 |     2 |          1 |      1 |       1 |      |
",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
