//! Contracts that the command line names: a file, or a URL. Main type: [`NamedContract`].

use std::path::{Component, Path};
use std::sync::Arc;

use url::Url;

use super::fetch::fetch;
use super::project::Project;
use crate::contract::{self, Contract};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Folder, Source, read_file};

/// A contract with what it was read from.
#[derive(Debug)]
pub(super) struct NamedContract {
    pub(super) contract: Arc<Contract>,
    /// Its own document and those it refers to, with their overlays: paths that keep their relation to each other, and texts.
    pub(super) files: Vec<(String, String)>,
}

/// The contract in a file or at a URL. `None`, with diagnostics, where it cannot be used at all; faults that touch single operations are
/// diagnostics as well.
pub(super) fn open(
    named: &str,
    project: &Project,
    diagnostics: &mut Diagnostics,
) -> Option<NamedContract> {
    if named.starts_with("http://") || named.starts_with("https://") {
        let url = match Url::parse(named) {
            Ok(url) => url,
            Err(error) => {
                diagnostics.push(Diagnostic::without_place(
                    "bad-url",
                    format!("`{named}` is not a URL: {error}"),
                ));
                return None;
            }
        };
        let source = fetch(&url, diagnostics)?;
        let text = source.text().to_owned();
        let contract = contract::load_source(source, diagnostics)?;
        return Some(NamedContract {
            contract,
            files: vec![(file_name(&url, &text), text)],
        });
    }
    let (folder, path) = below_schemas(Path::new(named), project);
    let contract = contract::load(&folder, &path, diagnostics)?;
    let files = texts(&contract);
    Some(NamedContract { contract, files })
}

/// The folder of all contracts and the file's path in it, so that references may lead to any file of its system: the project's folder
/// `schemas`, or another one of that name. For a file in neither, the working folder if the file is below it, else the file's own folder.
pub(super) fn below_schemas(path: &Path, project: &Project) -> (Folder, String) {
    let schemas = project.schemas();
    let of_project = schemas.on_disk().and_then(|root| root.canonicalize().ok());
    let is_root = |folder: &&Path| {
        folder.file_name().is_some_and(|name| name == "schemas")
            || of_project.is_some() && folder.canonicalize().ok() == of_project
    };
    let root = path.ancestors().skip(1).find(is_root);
    let is_below_working_folder = path.is_relative()
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    let root = match root {
        Some(root) => root,
        None if is_below_working_folder => Path::new(""),
        None => path.parent().unwrap_or(Path::new("")),
    };
    let name = path.strip_prefix(root).unwrap_or(path);
    (Folder::new(root), name.to_string_lossy().replace('\\', "/"))
}

/// The files of a contract, relative to the deepest folder that holds all of them. The contract's own document is the first.
fn texts(contract: &Contract) -> Vec<(String, String)> {
    // Metaschemas are not on disk.
    let files = contract.files().map(|name| read_file(Path::new(name)));
    let sources: Vec<Source> = files.filter_map(Result::ok).collect();
    let names: Vec<&str> = sources.iter().map(Source::name).collect();
    let common = common_folder(&names);
    sources
        .iter()
        .map(|source| (source.name()[common..].to_owned(), source.text().to_owned()))
        .collect()
}

/// The length of the path of the deepest folder of all these files, with its last slash.
fn common_folder(names: &[&str]) -> usize {
    let Some(first) = names.first() else {
        return 0;
    };
    let mut common = first.rfind('/').map_or(0, |at| at + 1);
    for name in names {
        while !name.starts_with(&first[..common]) {
            common = first[..common - 1].rfind('/').map_or(0, |at| at + 1);
        }
    }
    common
}

/// The name of a file for what was read from a URL.
fn file_name(url: &Url, text: &str) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    let stem = last.unwrap_or_default();
    let stem = stem
        .strip_suffix(".json")
        .or(stem.strip_suffix(".yaml"))
        .or(stem.strip_suffix(".yml"))
        .unwrap_or(stem);
    let stem: String = stem
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect();
    let stem = match stem.trim_matches('.') {
        "" => "openapi",
        stem => stem,
    };
    let extension = match text.trim_start().starts_with('{') {
        true => "json",
        false => "yaml",
    };
    format!("{stem}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_their_relation() {
        assert_eq!(common_folder(&["a/b/c.yaml", "a/d.yaml"]), 2);
        assert_eq!(common_folder(&["a/b/c.yaml"]), 4);
        assert_eq!(common_folder(&["c.yaml", "d.yaml"]), 0);
        assert_eq!(common_folder(&["ab/c.yaml", "a/c.yaml"]), 0);
        assert_eq!(common_folder(&[]), 0);
    }

    #[test]
    fn a_url_gives_a_file_its_name() {
        for (url, text, name) in [
            ("https://shop.example/v3/api.json", "{}", "api.json"),
            ("https://shop.example/spec", "openapi: 3.1.0", "spec.yaml"),
            ("https://shop.example/", " {", "openapi.json"),
            ("https://shop.example/..%2f.yaml?x=/a", "a: 1", "2f.yaml"),
        ] {
            assert_eq!(file_name(&url.parse().unwrap(), text), name);
        }
    }
}
