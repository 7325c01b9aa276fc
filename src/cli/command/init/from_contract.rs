//! A project made from a contract: its documents, profiles for its security schemes, a smoke case for each safe operation, and the
//! examples of request bodies as cases.
//!
//! Main function: [`project`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::File;
use super::profiles::{self, ProfileNames};
use super::request::{self, MadeRequest};
use crate::case::{self, Case, CaseFile, Origin, Step, Suite};
use crate::cli::contracts::NamedContract;
use crate::contract::{Contract, Operation, StatusKey};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Up to this many cases of a kind are in one file.
const ONE_FILE: usize = 25;

/// Tags are groups where there are so many cases for each, on average.
const LEAST_IN_FILE: usize = 4;

/// The files of a project, and the credentials that its profiles need.
pub(super) struct NewProject {
    pub(super) files: Vec<File>,
    /// The path of the contract, below the project.
    pub(super) contract: String,
    pub(super) cases: usize,
    /// Names of profiles, with the keys of their credentials.
    pub(super) credentials: Vec<(String, Vec<&'static str>)>,
}

/// Makes the files. A name that cannot be that of a system, and a case that cannot be written, is a diagnostic.
pub(super) fn project(
    opened: &NamedContract,
    name: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Option<NewProject> {
    let contract = &opened.contract;
    let (main, _) = opened.files.first()?;
    let system = match name {
        Some(name) if slug(name) == name && !name.is_empty() => name.to_owned(),
        Some(name) => {
            diagnostics.push(
                Diagnostic::without_place(
                    "bad-name",
                    format!("`{name}` cannot be the name of a system"),
                )
                .with_advice("use small letters, digits and hyphens: it is the name of a folder"),
            );
            return None;
        }
        None => system_name(main, &contract.title),
    };
    let mut files: Vec<File> = opened
        .files
        .iter()
        .map(|(path, text)| File {
            path: format!("schemas/{system}/{path}"),
            bytes: text.clone().into_bytes(),
        })
        .collect();
    let profiles = ProfileNames::of(contract);
    files.push(File {
        path: format!("cases/{system}/system.yaml"),
        bytes: profiles::system_file(contract, &format!("{system}/{main}"), &profiles).into_bytes(),
    });
    let mut suite = Suite::new(system.clone());
    suite.profiles.extend(profiles.placeholders());
    let writer = CaseWriter {
        contract,
        profiles: &profiles,
    };
    let mut count = 0;
    for (folder, cases) in [("smoke", writer.smoke()), ("examples", writer.examples())] {
        count += cases.len();
        for (file, cases) in grouped(folder, cases) {
            let path = format!("cases/{system}/{file}.yaml");
            match text(&file, contract, cases, &suite) {
                Ok(text) => files.push(File {
                    path,
                    bytes: text.into_bytes(),
                }),
                Err(reason) => diagnostics.push(Diagnostic::without_place(
                    "not-writable",
                    format!("{path} cannot be made: {reason}"),
                )),
            }
        }
    }
    Some(NewProject {
        files,
        contract: format!("schemas/{system}/{main}"),
        cases: count,
        credentials: profiles.credentials(),
    })
}

/// The name of the contract's file, or its title where that says more.
fn system_name(file: &str, title: &str) -> String {
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.split('.').next().unwrap_or(stem);
    let generic = [
        "openapi", "swagger", "api", "spec", "index", "schema", "main", "",
    ];
    let stem = slug(stem);
    match generic.contains(&stem.as_str()) {
        false => stem,
        true => match slug(title) {
            title if title.is_empty() => "api".to_owned(),
            title => title,
        },
    }
}

/// Small letters, digits and hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The cases of a kind by file: one file, or one for each group of operations.
fn grouped(folder: &str, cases: Vec<(Grouping, Case)>) -> BTreeMap<String, Vec<Case>> {
    let is_small = cases.len() <= ONE_FILE;
    let tags: BTreeSet<&str> = cases
        .iter()
        .filter_map(|(grouping, _)| grouping.tag.as_deref())
        .collect();
    let all_tagged = cases.iter().all(|(grouping, _)| grouping.tag.is_some());
    let by_tag = all_tagged && tags.len() * LEAST_IN_FILE <= cases.len();
    let shared = shared_parts(cases.iter().map(|(grouping, _)| grouping.path.as_slice()));
    let mut files: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for (grouping, case) in cases {
        let group = match by_tag {
            true => grouping.tag,
            false => grouping.path.get(shared).cloned(),
        };
        let file = match is_small {
            true => folder.to_owned(),
            false => format!("{folder}/{}", group.as_deref().unwrap_or("root")),
        };
        files.entry(file).or_default().push(case);
    }
    files
}

/// How many parts all paths begin with: a version, a prefix.
fn shared_parts<'p>(mut paths: impl Iterator<Item = &'p [String]>) -> usize {
    let Some(first) = paths.next() else {
        return 0;
    };
    paths.fold(first.len().saturating_sub(1), |shared, path| {
        let same = first
            .iter()
            .zip(path)
            .take_while(|(left, right)| left == right);
        same.count().min(shared)
    })
}

/// What an operation is about: its first tag, the parts of its path.
struct Grouping {
    tag: Option<String>,
    path: Vec<String>,
}

impl Grouping {
    fn of(operation: &Operation) -> Self {
        let tag = operation.tags.first().map(|tag| slug(tag));
        let parts = operation.path.split('/').map(slug);
        Grouping {
            tag: tag.filter(|tag| !tag.is_empty()),
            path: parts.filter(|part| !part.is_empty()).collect(),
        }
    }
}

fn text(
    file: &str,
    contract: &Arc<Contract>,
    cases: Vec<Case>,
    suite: &Suite,
) -> Result<String, String> {
    let file = CaseFile {
        name: file.to_owned(),
        path: file.to_owned(),
        contract_names: Vec::new(),
        contracts: vec![Arc::clone(contract)],
        setup: None,
        cases: cases.into_iter().map(Arc::new).collect(),
    };
    let text = case::write(&file, suite).map_err(|error| error.to_string())?;
    let depth = file.name.matches('/').count() + 2;
    let schema = "../".repeat(depth);
    Ok(format!(
        "# yaml-language-server: $schema={schema}schemas/case-file.schema.json\n{text}"
    ))
}

struct CaseWriter<'c> {
    contract: &'c Arc<Contract>,
    profiles: &'c ProfileNames,
}

impl CaseWriter<'_> {
    /// One case for each operation that changes nothing.
    fn smoke(&self) -> Vec<(Grouping, Case)> {
        let safe = self
            .operations()
            .filter(|operation| is_safe(&operation.method));
        safe.map(|operation| {
            let name = format!("{} responds as documented", operation.name());
            let body = request::body_of(operation, self.contract);
            self.case(operation, name, "smoke", body)
        })
        .collect()
    }

    /// One case for each example of a JSON body.
    fn examples(&self) -> Vec<(Grouping, Case)> {
        let mut cases = Vec::new();
        for operation in self
            .operations()
            .filter(|operation| !is_safe(&operation.method))
        {
            let mut names = BTreeSet::new();
            for (name, body) in request::examples_of(operation, self.contract) {
                let name = match name {
                    Some(name) => format!("{} accepts the example {name}", operation.name()),
                    None => format!("{} accepts its example", operation.name()),
                };
                if names.insert(name.clone()) {
                    let (grouping, mut case) = self.case(operation, name, "example", Some(body));
                    // It changes the server: it runs only where the target is disposable.
                    case.tags.push("disruptive".to_owned());
                    cases.push((grouping, case));
                }
            }
        }
        cases
    }

    fn operations(&self) -> impl Iterator<Item = &Arc<Operation>> {
        let operations = self.contract.operations.iter();
        operations.filter(|operation| operation.faults.is_empty())
    }

    fn case(
        &self,
        operation: &Arc<Operation>,
        name: String,
        tag: &str,
        body: Option<Value>,
    ) -> (Grouping, Case) {
        let MadeRequest { step, missing } = request::made(
            Step::call(self.contract, operation),
            operation,
            self.contract,
            body,
        );
        let mut step = expecting_documented(step, operation);
        let mut reasons = missing;
        match self.profiles.of_operation(self.contract, operation) {
            Ok(Some(profile)) => step = step.with_caller(profile),
            Ok(None) => {}
            Err(reason) => reasons.push(reason),
        }
        // It is the user's from now on, like any case that was written by hand.
        let origin = Origin::Written(operation.place.clone());
        let mut case = Case::new(one_line(&name), origin).with_step(step);
        case.tags.push(tag.to_owned());
        if !reasons.is_empty() {
            case.skip = Some(reasons.join("; "));
        }
        (Grouping::of(operation), case)
    }
}

/// RFC 9110, section 9.2.1, without TRACE.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A success where the contract documents one, else the first documented status.
fn expecting_documented(step: Step, operation: &Operation) -> Step {
    let codes = operation.responses.iter().map(|response| response.status);
    let covers_success = codes.clone().any(|status| match status {
        StatusKey::Exact(code) => (200..300).contains(&code),
        StatusKey::Range(digit) => digit == 2,
        StatusKey::Default => true,
    });
    let first = codes
        .filter_map(|status| match status {
            StatusKey::Exact(code) => Some(code),
            StatusKey::Range(_) | StatusKey::Default => None,
        })
        .min();
    match first {
        Some(first) if !covers_success => step.with_status(first),
        _ => step,
    }
}

fn one_line(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    name.replace("::", ":").replace("{{", "{ {")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_leave_out_what_all_paths_share() {
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        for (paths, expected) in [
            (vec!["v1/orders", "v1/orders/id", "v1/products"], 1),
            (vec!["orders", "products"], 0),
            (vec!["v1/orders"], 1),
            (vec!["v1", "v1/orders"], 0),
            (vec![], 0),
        ] {
            let paths: Vec<Vec<String>> = paths.into_iter().map(path).collect();
            let shared = shared_parts(paths.iter().map(Vec::as_slice));
            assert_eq!(shared, expected, "{paths:?}");
        }
    }

    #[test]
    fn the_name_of_a_system_is_that_of_its_file_or_its_title() {
        for (file, title, name) in [
            ("petstore.yaml", "Swagger Petstore", "petstore"),
            ("v1/openapi.json", "The Shop: API (v2)", "the-shop-api-v2"),
            (
                "api.github.com.json",
                "GitHub v3 REST API",
                "github-v3-rest-api",
            ),
            ("swagger.json", "日本", "api"),
            ("My_Shop.yaml", "", "my-shop"),
        ] {
            assert_eq!(system_name(file, title), name);
        }
    }
}
