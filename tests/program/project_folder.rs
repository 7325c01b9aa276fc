//! A folder with the files of a project, and the program that runs in it. Main types: [`ProjectFolder`], [`Ended`].

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use snapbox::cmd::cargo_bin;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A folder with files; removed at the end of the test if it is temporary.
pub struct ProjectFolder {
    path: PathBuf,
    _temporary: Option<TempDir>,
}

/// How the program ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl ProjectFolder {
    /// A temporary folder, which is not a repository.
    pub fn temporary() -> Self {
        let folder = TempDir::new().unwrap();
        ProjectFolder {
            path: folder.path().to_owned(),
            _temporary: Some(folder),
        }
    }

    /// A folder that the caller removes.
    pub fn at(path: PathBuf) -> Self {
        ProjectFolder {
            path,
            _temporary: None,
        }
    }

    pub fn root(&self) -> &Path {
        &self.path
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// The program in this folder, with arguments separated by spaces.
    pub fn ended(&self, arguments: &str) -> Ended {
        Ended::of(&mut command(self.root(), arguments))
    }
}

impl Ended {
    pub fn of(command: &mut Command) -> Ended {
        let output = command.output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn with(self, code: i32, expected: &[&str]) -> Ended {
        let output = format!("{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.code, code, "{output}");
        for text in expected {
            assert!(output.contains(text), "{text}\nis missing in\n{output}");
        }
        self
    }
}

/// The program in a folder, with arguments separated by spaces.
pub fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(cargo_bin("counterpart"));
    command
        .current_dir(folder)
        .args(arguments.split_whitespace());
    without_variables(&mut command);
    command
}

/// Removes the variables that the program reads, its own and those of CI servers.
pub fn without_variables(command: &mut Command) {
    for name in std::env::vars().map(|(name, _)| name) {
        let prefixes = [
            "COUNTERPART_",
            "GITHUB_",
            "CI_",
            "JOB_",
            "CLICOLOR",
            "COLUMNS",
        ];
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

/// Serves a router on a free port of the loopback interface until the runtime is dropped.
pub fn serve(router: Router) -> (Runtime, SocketAddr) {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, router).await });
    (runtime, address)
}
