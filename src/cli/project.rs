//! Where contracts and cases are: in the folders of the project or embedded; and what a PATH on the command line means.
//!
//! Main types: [`Project`], [`SystemFiles`].

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::config::{self, Config};
use super::environment::Environment;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::shipped;
use crate::source::{Files, Folder, Source};
use crate::waiver;

/// The files that are used if the command line names none.
///
/// The project is the folder of the configuration file; without one, the working folder, if it has `cases/`. Otherwise there is no
/// project and the shipped contracts and cases are used. If a named system has no cases in the project, the shipped one is used.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) config: Option<Config>,
    /// The configuration file in use, even if it could not be read.
    pub(super) config_file: Option<PathBuf>,
    folders: Option<Folders>,
    working_folder: PathBuf,
}

/// The project's folders on disk.
#[derive(Debug)]
struct Folders {
    schemas: PathBuf,
    cases: PathBuf,
}

/// The files of one system.
#[derive(Debug, Clone)]
pub(super) struct SystemFiles {
    /// Its folder's name below `cases`.
    pub(super) system: String,
    /// Where the contracts of `contract:` lines are read.
    pub(super) schemas: Arc<dyn Files>,
    /// Contains the system's folder.
    pub(super) cases: Arc<dyn Files>,
    /// Case files and folders below `cases`, `magento/customers`; empty: all of the system's.
    pub(super) paths: Vec<String>,
    /// Where `cases` is on disk; `None`: embedded in the binary.
    root: Option<PathBuf>,
}

impl Project {
    /// Finds the project of a working folder. A configuration that cannot be read or is wrong is reported in `diagnostics`.
    pub(super) fn find(
        working_folder: &Path,
        flag: Option<&Path>,
        environment: &Environment,
        diagnostics: &mut Diagnostics,
    ) -> Project {
        let named = flag.or(environment.config().map(Path::new));
        let path = match named {
            Some(path) => Some(path.to_owned()),
            None => config::find(working_folder).map(|path| relative(&path, working_folder)),
        };
        let config = path
            .as_deref()
            .and_then(|path| Config::read(path, diagnostics));
        let folders = match &config {
            Some(config) => Some(Folders {
                schemas: config.schemas_folder(),
                cases: config.cases_folder(),
            }),
            None if working_folder.join("cases").is_dir() => Some(Folders {
                schemas: "schemas".into(),
                cases: "cases".into(),
            }),
            None => None,
        };
        if let (Some(config), Some(folders)) = (&config, &folders) {
            for (written, folder) in [
                (&config.schemas, &folders.schemas),
                (&config.cases, &folders.cases),
            ] {
                if let Some(written) = written
                    && !working_folder.join(folder).is_dir()
                {
                    diagnostics.push(
                        Diagnostic::error(
                            "no-such-folder",
                            format!("there is no folder {}", folder.display()),
                            written.place.clone(),
                        )
                        .with_advice("paths are relative to this file's folder"),
                    );
                }
            }
        }
        // A configuration without cases, only for targets and limits, is used with the shipped systems.
        let folders = folders.filter(|folders| working_folder.join(&folders.cases).is_dir());
        Project {
            config,
            config_file: path,
            folders,
            working_folder: working_folder.to_owned(),
        }
    }

    /// The project's contracts, else the shipped ones.
    pub(super) fn schemas(&self) -> Arc<dyn Files> {
        match &self.folders {
            Some(folders) => Arc::new(Folder::new(&folders.schemas)),
            None => shipped::schemas(),
        }
    }

    /// The project's waiver file: the one the configuration names, else `waivers.yaml` beside it or in the project's folder, if it
    /// exists.
    pub(super) fn waivers(&self) -> Option<PathBuf> {
        let beside = match &self.config {
            Some(config) => match &config.waivers {
                Some(written) => return Some(config.folder.join(&written.value)),
                None => config.folder.join(waiver::FILE_NAME),
            },
            None => {
                self.folders.as_ref()?;
                waiver::FILE_NAME.into()
            }
        };
        self.working_folder
            .join(&beside)
            .is_file()
            .then_some(beside)
    }

    /// The folder of reports: `reports` beside the configuration or in the project's folder, if it exists.
    pub(super) fn reports(&self) -> Option<PathBuf> {
        let beside = match (&self.config, &self.folders) {
            (Some(config), _) => config.folder.join("reports"),
            (None, Some(_)) => "reports".into(),
            (None, None) => return None,
        };
        self.working_folder.join(&beside).is_dir().then_some(beside)
    }

    /// Where the project's contracts and cases are on disk; `None` if the shipped ones are used.
    pub(super) fn own_folders(&self) -> Option<[&Path; 2]> {
        let Folders { schemas, cases } = self.folders.as_ref()?;
        Some([schemas, cases])
    }

    /// All systems of the project, else all shipped ones, by name.
    pub(super) fn systems(&self) -> Vec<SystemFiles> {
        let names = systems_of(self.cases().as_ref());
        names.into_iter().map(|name| self.own(name)).collect()
    }

    /// The names of all systems: of the project, and shipped ones.
    pub(super) fn known_systems(&self) -> BTreeSet<String> {
        let own = systems_of(self.cases().as_ref());
        let shipped = systems_of(shipped::cases().as_ref());
        own.into_iter().chain(shipped).collect()
    }

    /// The YAML files directly in the project's `cases` folder, which belong to no system.
    pub(super) fn files_outside_systems(&self) -> Vec<Source> {
        let cases = self.cases();
        let names = cases.list("");
        let outside = names
            .iter()
            .filter(|name| is_yaml(Path::new(name)) && !name.contains('/'));
        outside.filter_map(|name| cases.read(name).ok()).collect()
    }

    /// The system of this name: the project's, else the shipped one. `None`, reported with the nearest name, if there is neither.
    pub(super) fn system(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<SystemFiles> {
        if systems_of(self.cases().as_ref())
            .iter()
            .any(|own| own == name)
        {
            return Some(self.own(name.to_owned()));
        }
        let shipped = systems_of(shipped::cases().as_ref());
        if shipped.iter().any(|shipped| shipped == name) {
            return Some(SystemFiles {
                system: name.to_owned(),
                schemas: shipped::schemas(),
                cases: shipped::cases(),
                paths: Vec::new(),
                root: None,
            });
        }
        let known = self.known_systems();
        diagnostics.push(
            Diagnostic::without_place("unknown-system", format!("no system is named `{name}`"))
                .with_nearest(name, known.iter().map(String::as_str)),
        );
        None
    }

    /// What the PATHs of a command line select, by system. A PATH is a case file or a folder of them:
    ///
    /// - below the project's `cases` folder, the first folder of the path is the system;
    /// - anywhere else, the system is the nearest folder upward (the PATH itself included) that contains a `system.yaml` or is
    ///   in a folder named `cases`, else the folder of the case file. Its contracts are those of a `schemas` folder beside the
    ///   parent folder, else the project's;
    /// - if there is no such file, `magento/customers` is looked up in the project's `cases` folder; if there is no project,
    ///   it names shipped cases, as `cases/magento/customers` does.
    ///
    /// Any other PATH is reported in `diagnostics`. Paths into two folders with the same system name return it twice.
    pub(super) fn select(
        &self,
        paths: &[PathBuf],
        diagnostics: &mut Diagnostics,
    ) -> Vec<SystemFiles> {
        let mut selected: Vec<SystemFiles> = Vec::new();
        for path in paths {
            let found = match self.working_folder.join(path).canonicalize() {
                Ok(real) => self.on_disk(&real),
                Err(_) => match &self.folders {
                    None => self.among_shipped(path),
                    Some(folders) => {
                        let below = self.working_folder.join(&folders.cases).join(path);
                        let real = below.canonicalize().ok();
                        real.map(|real| self.on_disk(&real)).unwrap_or_default()
                    }
                },
            };
            if found.is_empty() {
                diagnostics.push(self.nothing_at(path));
            }
            for files in found {
                merge(&mut selected, files);
            }
        }
        selected
    }

    fn cases(&self) -> Arc<dyn Files> {
        match &self.folders {
            Some(folders) => Arc::new(Folder::new(&folders.cases)),
            None => shipped::cases(),
        }
    }

    fn own(&self, system: String) -> SystemFiles {
        SystemFiles {
            system,
            schemas: self.schemas(),
            cases: self.cases(),
            paths: Vec::new(),
            root: self.folders.as_ref().map(|folders| folders.cases.clone()),
        }
    }

    fn on_disk(&self, real: &Path) -> Vec<SystemFiles> {
        let own_root = self
            .folders
            .as_ref()
            .and_then(|folders| self.working_folder.join(&folders.cases).canonicalize().ok());
        if let Some(below) = own_root.and_then(|root| real.strip_prefix(root).ok().map(slashed)) {
            if below.is_empty() {
                return self.systems();
            }
            if let Some(system) = system_of(&below, real.is_dir()) {
                let mut files = self.own(system.to_owned());
                files.add(&below);
                return vec![files];
            }
        }
        if real.is_dir() && !is_system(real) && case_files(real).is_empty() {
            return self.folder_of_systems(real);
        }
        let folder = match real.is_dir() {
            true => real,
            false if is_yaml(real) => real.parent().unwrap_or(real),
            false => return Vec::new(),
        };
        let system = folder
            .ancestors()
            .find(|ancestor| is_system(ancestor))
            .unwrap_or(folder);
        self.elsewhere(system, real).into_iter().collect()
    }

    /// The systems in a folder like `cases`.
    fn folder_of_systems(&self, folder: &Path) -> Vec<SystemFiles> {
        systems_of(&Folder::new(folder))
            .iter()
            .filter_map(|name| {
                let system = folder.join(name);
                self.elsewhere(&system, &system)
            })
            .collect()
    }

    /// The files that `real` selects in a system's folder outside the project.
    fn elsewhere(&self, system: &Path, real: &Path) -> Option<SystemFiles> {
        let root = system.parent()?;
        let name = system.file_name()?.to_str()?;
        let beside = root.parent().map(|folder| folder.join("schemas"));
        let schemas: Arc<dyn Files> = match beside.filter(|folder| folder.is_dir()) {
            Some(folder) => Arc::new(Folder::new(self.shown(&folder))),
            None => self.schemas(),
        };
        let mut files = SystemFiles {
            system: name.to_owned(),
            schemas,
            cases: Arc::new(Folder::new(self.shown(root))),
            paths: Vec::new(),
            root: Some(root.to_owned()),
        };
        files.add(&slashed(real.strip_prefix(root).ok()?));
        Some(files)
    }

    fn among_shipped(&self, path: &Path) -> Vec<SystemFiles> {
        let name = slashed(path);
        let name = name.strip_prefix("cases/").unwrap_or(&name);
        let below = format!("{name}/");
        let names = shipped::cases().list("");
        let is_file = names.iter().any(|known| known == name);
        let is_folder = names.iter().any(|known| known.starts_with(&below));
        match system_of(name, is_folder) {
            Some(system) if is_file || is_folder => {
                let mut files = self.own(system.to_owned());
                files.add(name);
                vec![files]
            }
            _ => Vec::new(),
        }
    }

    fn nothing_at(&self, path: &Path) -> Diagnostic {
        let shown = path.display();
        if self.working_folder.join(path).exists() {
            return Diagnostic::without_place("no-cases", format!("there are no cases in {shown}"))
                .with_advice(
                    "name a case file (.yaml) or a folder of them, as in `cases/magento`",
                );
        }
        Diagnostic::without_place("no-such-path", format!("no such file or folder: {shown}"))
            .with_advice("name a case file or a folder of them, as in `cases/magento`")
    }

    /// The display path.
    fn shown(&self, path: &Path) -> PathBuf {
        let working_folder = self.working_folder.canonicalize();
        match working_folder {
            Ok(working_folder) => relative(path, &working_folder),
            Err(_) => path.to_owned(),
        }
    }
}

impl SystemFiles {
    /// Adds `path` to the selected paths; the system's folder selects all files.
    fn add(&mut self, path: &str) {
        if path != self.system {
            self.paths.push(path.to_owned());
        }
    }

    /// The system's case files that are selected, as paths below `cases`, sorted, without `system.yaml`.
    pub(super) fn case_files(&self) -> Vec<String> {
        let shared = format!("{}/system.yaml", self.system);
        let mut names = self.cases.list(&self.system);
        names.retain(|name| *name != shared && is_yaml(Path::new(name)) && self.selects(name));
        names
    }

    /// Whether a case file, as a path below `cases`, is selected.
    fn selects(&self, name: &str) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|path| {
                name.strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}

/// Adds the files that a PATH selects to those selected before.
fn merge(selected: &mut Vec<SystemFiles>, files: SystemFiles) {
    let same = |other: &&mut SystemFiles| other.system == files.system && other.root == files.root;
    match selected.iter_mut().find(same) {
        None => selected.push(files),
        Some(same) => {
            // An empty list selects everything, so further paths add nothing.
            let all = same.paths.is_empty() || files.paths.is_empty();
            same.paths.extend(files.paths);
            if all {
                same.paths.clear();
            }
        }
    }
}

/// The folders directly below `cases` that contain YAML files.
fn systems_of(cases: &dyn Files) -> Vec<String> {
    let mut names: Vec<String> = cases
        .list("")
        .iter()
        .filter(|name| is_yaml(Path::new(name)))
        .filter_map(|name| Some(name.split_once('/')?.0.to_owned()))
        .collect();
    names.dedup();
    names
}

/// The system of a path below a cases folder; `None` for a file directly in it.
fn system_of(below: &str, is_folder: bool) -> Option<&str> {
    match below.split_once('/') {
        Some((system, _)) => Some(system),
        None => is_folder.then_some(below),
    }
}

fn is_system(folder: &Path) -> bool {
    let in_cases = folder
        .parent()
        .and_then(Path::file_name)
        .is_some_and(|name| name == "cases");
    in_cases || folder.join("system.yaml").is_file()
}

fn case_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && is_yaml(path))
        .collect()
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// A path with `/` between its parts, without `.` and a trailing slash.
fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::CurDir => None,
        part => Some(part.as_os_str().to_string_lossy()),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A path below `folder`, relative to it; any other path unchanged.
pub(super) fn relative(path: &Path, folder: &Path) -> PathBuf {
    path.strip_prefix(folder).unwrap_or(path).to_owned()
}
