//! The CI files in the README.

use std::path::Path;

use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::document::Document;
use counterpart::source::Source;

use super::project::program;

/// The YAML blocks that are CI files with our commands.
fn blocks() -> Vec<String> {
    let readme = include_str!("../../../README.md");
    let blocks = readme.split("```yaml\n").skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("```")?.0.to_owned()))
        .filter(|block| block.contains("counterpart run"))
        .collect()
}

#[test]
fn they_are_yaml() {
    let blocks = blocks();
    assert_eq!(blocks.len(), 2, "one for GitHub, one for GitLab");
    for block in blocks {
        let mut diagnostics = Diagnostics::new();
        let document = Document::parse(Source::new("ci.yaml", block), &mut diagnostics).unwrap();
        assert!(
            diagnostics.is_empty(),
            "{}",
            diagnostics.render(Style::Plain)
        );
        let script = ["/contract/script/1", "/jobs/contract/steps/2/run"];
        assert!(script.iter().any(|pointer| document.at(pointer).is_some()));
    }
}

#[test]
fn every_flag_and_format_they_name_exists() {
    let help = program(Path::new("."), &["run", "--help"], &[]).stdout;
    let mut flags = 0;
    for block in blocks() {
        let (_, command) = block.split_once("counterpart run").unwrap();
        let command = command.split("\n        env:").next().unwrap();
        let command = command.split("\n  artifacts:").next().unwrap();
        let mut arguments = command.split_whitespace();
        while let Some(flag) = arguments.next() {
            assert!(flag.starts_with("--"), "{flag} of {command}");
            assert!(help.contains(&format!("{flag} <")), "{flag}\n{help}");
            let value = arguments.next().unwrap();
            if flag == "--report" {
                let (format, _) = value.split_once('=').unwrap();
                assert!(
                    help.contains(&format!("`{format}=FILE`")),
                    "{format}\n{help}"
                );
            }
            flags += 1;
        }
    }
    assert!(flags >= 8, "{flags}");
}
