//! Paths of the project's files from the root of its repository, for services that show them. Main type: [`Repository`].

use std::path::{Path, PathBuf};

use super::environment::Environment;

/// The repository around the working folder.
#[derive(Debug)]
pub(super) struct Repository {
    working_folder: PathBuf,
    root: PathBuf,
}

impl Repository {
    /// Its root is the nearest folder with `.git` at or above the working folder. If there is none, as in a job without a checkout, it is
    /// the folder that GITHUB_WORKSPACE names, else the working folder.
    pub(super) fn around(working_folder: &Path, environment: &Environment) -> Repository {
        let folder = working_folder.canonicalize().unwrap_or_default();
        // This also finds a checkout outside the workspace. In a worktree, `.git` is a file.
        let mut folders = folder.ancestors();
        let root = match folders.find(|folder| folder.join(".git").exists()) {
            Some(root) => root.to_owned(),
            None => match environment.get("GITHUB_WORKSPACE") {
                Some(workspace) => PathBuf::from(workspace).canonicalize().unwrap_or_default(),
                None => folder,
            },
        };
        Repository {
            working_folder: working_folder.to_owned(),
            root,
        }
    }

    /// The path of a file from the root, with `/` between its parts; `None` for a file that is not in the repository, such as
    /// an embedded one.
    pub(super) fn locate(&self, file: &str) -> Option<String> {
        let real = self.working_folder.join(file).canonicalize().ok()?;
        // The root does not exist if its path could not be resolved.
        let root = Some(&self.root).filter(|root| root.is_absolute())?;
        let below = real.strip_prefix(root).ok()?;
        let parts = below.components().map(|part| part.as_os_str());
        let parts: Vec<_> = parts.map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(variables: &[(&str, &str)], folder: &Path) -> Repository {
        Repository::around(folder, &Environment::with(variables))
    }

    #[test]
    fn paths_are_relative_to_the_root_not_to_the_working_folder() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("api/tests");
        std::fs::create_dir_all(project.join("schemas")).unwrap();
        std::fs::create_dir(root.path().join(".git")).unwrap();
        std::fs::write(project.join("schemas/shop.yaml"), "").unwrap();
        let repository = repository(&[], &project);
        let located = repository.locate("schemas/shop.yaml");
        assert_eq!(located.as_deref(), Some("api/tests/schemas/shop.yaml"));
        assert_eq!(repository.locate("schemas/none.yaml"), None);
    }

    #[test]
    fn a_project_with_its_own_repository_uses_that_root() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("checkout/project");
        std::fs::create_dir_all(&project).unwrap();
        // As in a worktree.
        std::fs::write(project.join(".git"), "gitdir: elsewhere").unwrap();
        std::fs::write(project.join("case.yaml"), "").unwrap();
        std::fs::write(root.path().join("checkout/outside.yaml"), "").unwrap();
        let workspace = root.path().join("checkout");
        let workspace = [("GITHUB_WORKSPACE", workspace.to_str().unwrap())];
        let repository = repository(&workspace, &project);
        let located = repository.locate("case.yaml");
        assert_eq!(located.as_deref(), Some("case.yaml"));
        assert_eq!(repository.locate("../outside.yaml"), None);
    }

    #[test]
    fn without_a_repository_the_workspace_is_the_root_else_the_working_folder() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("project");
        std::fs::create_dir(&project).unwrap();
        std::fs::write(project.join("case.yaml"), "").unwrap();
        let named =
            |variables: &[(&str, &str)]| repository(variables, &project).locate("case.yaml");
        assert_eq!(named(&[]).as_deref(), Some("case.yaml"));
        let workspace = root.path().to_str().unwrap();
        let located = named(&[("GITHUB_WORKSPACE", workspace)]);
        assert_eq!(located.as_deref(), Some("project/case.yaml"));
        let missing = root.path().join("missing");
        let missing = [("GITHUB_WORKSPACE", missing.to_str().unwrap())];
        assert_eq!(named(&missing), None);
        let elsewhere = tempfile::tempdir().unwrap();
        let elsewhere = [("GITHUB_WORKSPACE", elsewhere.path().to_str().unwrap())];
        assert_eq!(named(&elsewhere), None);
    }
}
