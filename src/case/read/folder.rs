//! Which files of a system's folder are case files, and how they are named.

use crate::source::Files;

/// The files for what all case files of a system share: they are not case files.
const SHARED: [&str; 2] = ["system.yaml", "system.yml"];

/// The case files of a system, sorted. Hidden files and folders (`.name`) are left out.
pub(super) fn case_paths(cases: &dyn Files, system: &str) -> Vec<String> {
    let mut paths = cases.list(system);
    paths.retain(|path| {
        let below = below(path, system);
        let yaml = below.ends_with(".yaml") || below.ends_with(".yml");
        let hidden = below.split('/').any(|part| part.starts_with('.'));
        yaml && !hidden && !SHARED.contains(&below)
    });
    paths.sort();
    paths
}

/// The path of `system.yaml`, if there is one.
pub(super) fn shared_path(cases: &dyn Files, system: &str) -> Option<String> {
    let paths = cases.list(system);
    SHARED
        .into_iter()
        .map(|name| format!("{system}/{name}"))
        .find(|path| paths.contains(path))
}

/// `magento/customers/create.yaml` of the system `magento` is `customers/create`.
pub(super) fn file_name(path: &str, system: &str) -> String {
    let below = below(path, system);
    let stem = below
        .strip_suffix(".yaml")
        .or_else(|| below.strip_suffix(".yml"));
    stem.unwrap_or(below).to_owned()
}

/// Whether a path is a folder or file, or lies below it.
pub(super) fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn below<'p>(path: &'p str, system: &str) -> &'p str {
    path.strip_prefix(system)
        .unwrap_or(path)
        .trim_start_matches('/')
}
