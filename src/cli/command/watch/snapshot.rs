//! The files of a project and their content. Main types: [`WatchedFiles`], [`Snapshot`].

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::cli::args::RunArgs;
use crate::cli::command::Setting;
use crate::cli::command::round::single;
use crate::cli::settings::Settings;
use crate::cli::{config, settings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Files, Folder};
use crate::waiver;

/// The files that a run reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchedFiles {
    /// Folders of contracts and cases, watched recursively.
    pub(super) folders: BTreeSet<PathBuf>,
    /// Configuration and waivers, even if missing: a change of them affects every case.
    pub(super) common: BTreeSet<PathBuf>,
}

/// Hashes of the files' content, by display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<String, u64>);

impl WatchedFiles {
    /// Finds the files of a run, even if some of them are broken. Fails if the cases are embedded in the program.
    pub(super) fn find(args: &RunArgs, setting: &Setting<'_>) -> Result<WatchedFiles, Diagnostics> {
        // Faults are reported when the files are read for the round.
        let mut diagnostics = Diagnostics::new();
        let project = setting.project(&mut diagnostics);
        let settings = settings::resolve(args, setting.environment, &project, &mut diagnostics);
        let systems = settings.iter().flat_map(|settings| &settings.systems);
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for system in systems {
            let files = &system.files;
            let Some(cases) = files.cases.on_disk() else {
                return Err(single(shipped(&files.system)));
            };
            folders.insert(cases.to_owned());
            folders.extend(files.schemas.on_disk().map(Path::to_owned));
        }
        let own = project.own_folders().into_iter().flatten();
        folders.extend(own.map(Path::to_owned));
        if settings.is_none() && folders.is_empty() && project.config_file.is_none() {
            return Err(diagnostics);
        }
        let file = project.config_file.clone();
        let config = file.unwrap_or_else(|| config::FILE_NAME.into());
        Ok(WatchedFiles {
            common: [waivers(settings.as_ref(), &config), config].into(),
            folders,
        })
    }

    /// The content of the files now. A file that cannot be read is left out.
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut found = BTreeMap::new();
        let mut add = |path: &Path| {
            if let Ok(bytes) = std::fs::read(path) {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                found.insert(shown(path), hasher.finish());
            }
        };
        for folder in &self.folders {
            let files = Folder::new(folder).list("");
            let files = files.iter().filter(|file| is_input(file));
            files.for_each(|file| add(&folder.join(file)));
        }
        self.common.iter().for_each(|path| add(path));
        Snapshot(found)
    }

    /// Whether a change of this file affects every case.
    pub(super) fn is_common(&self, name: &str) -> bool {
        self.common.iter().any(|path| shown(path) == name)
    }
}

impl Snapshot {
    /// The files that are new, deleted or changed.
    pub(super) fn changed_since(&self, before: &Snapshot) -> BTreeSet<String> {
        let names = self.0.keys().chain(before.0.keys());
        names
            .filter(|name| self.0.get(*name) != before.0.get(*name))
            .cloned()
            .collect()
    }
}

/// A path as the loaders name it in sources.
pub(super) fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.display().to_string()
}

/// The waiver file in use, else its default path.
fn waivers(settings: Option<&Settings>, config: &Path) -> PathBuf {
    let named = settings.and_then(|settings| settings.waivers.clone());
    named.unwrap_or_else(|| config.with_file_name(waiver::FILE_NAME))
}

/// Whether a file of this name can be a contract or a case file. Reports and temporary files of editors are not.
fn is_input(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension == *known)
    })
}

fn shipped(system: &str) -> Diagnostic {
    Diagnostic::without_place(
        "nothing-to-watch",
        format!("--watch: the cases of `{system}` are embedded in the program and cannot change"),
    )
    .with_advice(format!(
        "write them out with `counterpart init {system}`, or run in the folder of a project"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_content_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("cases/shop")).unwrap();
        for (name, text) in [
            ("cases/shop/a.yaml", "a"),
            ("cases/shop/b.json", "b"),
            ("cases/shop/run.jsonl", "r"),
        ] {
            std::fs::write(path(name), text).unwrap();
        }
        let watched = WatchedFiles {
            folders: [path("cases"), path("nowhere")].into(),
            common: [path("counterpart.toml"), path("waivers.yaml")].into(),
        };
        let before = watched.snapshot();
        std::fs::write(path("cases/shop/a.yaml"), "a").unwrap();
        std::fs::write(path("cases/shop/run.jsonl"), "more").unwrap();
        assert_eq!(watched.snapshot(), before, "the same text, and a report");
        std::fs::write(path("cases/shop/a.yaml"), "other").unwrap();
        std::fs::remove_file(path("cases/shop/b.json")).unwrap();
        std::fs::write(path("cases/shop/c.yml"), "").unwrap();
        std::fs::write(path("waivers.yaml"), "").unwrap();
        let names = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|name| shown(&path(name))).collect()
        };
        let changed = watched.snapshot().changed_since(&before);
        assert_eq!(
            changed,
            names(&[
                "cases/shop/a.yaml",
                "cases/shop/b.json",
                "cases/shop/c.yml",
                "waivers.yaml"
            ])
        );
        let common = changed.into_iter().filter(|name| watched.is_common(name));
        assert_eq!(common.collect::<BTreeSet<_>>(), names(&["waivers.yaml"]));
    }
}
