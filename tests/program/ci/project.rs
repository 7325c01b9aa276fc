//! A small project and a server that deviates from its contract. Main type: [`Project`].

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, cargo_bin};
use tempfile::TempDir;

/// A system `shop` with one case. Its server responds with a number as name, and with lines that look like commands of a CI server.
pub struct Project {
    /// The temporary folder, if the project has its own.
    _folder: Option<TempDir>,
    path: PathBuf,
    url: String,
}

/// How a run ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

const CONTRACT: &str = "openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /a:
    get:
      responses:
        '200':
          description: a
          content:
            application/json:
              schema: { type: object, properties: { name: { type: string } } }
";

/// The name breaks the contract; the other lines look like commands.
const BODY: &str = "{\n\"name\": 7,\n\"x\": \"##[set-env name=PATH]evil\",\n\"y\":\n\"z\"\n}\n";

impl Project {
    /// In a temporary folder, which is not a repository.
    pub fn new() -> Project {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_owned();
        Project::at(path, Some(folder))
    }

    /// In a subfolder.
    pub fn below(folder: &Path, path: &str) -> Project {
        Project::at(folder.join(path), None)
    }

    fn at(path: PathBuf, folder: Option<TempDir>) -> Project {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                let response = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{BODY}",
                    BODY.len()
                );
                // The client may have closed the connection.
                let _ = stream.write_all(response.as_bytes());
            }
        });
        let project = Project {
            _folder: folder,
            path,
            url,
        };
        project.write("counterpart.toml", "");
        project.write("schemas/shop/api.yaml", CONTRACT);
        project.write(
            "cases/shop/a.yaml",
            "contract: shop/api.yaml\ncases:\n  - name: a has a name\n    call: GET /a\n    expect: { status: 200 }\n",
        );
        project
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// `counterpart run` against the server, in an environment that has only these variables of a CI server.
    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let target = format!("--target={}", self.url);
        program(
            self.path(),
            &[&["run", &target], arguments].concat(),
            environment,
        )
    }
}

/// The program in a folder, in an environment that has only these variables of a CI server.
pub fn program(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(cargo_bin("counterpart")).current_dir(folder);
    for (name, _) in std::env::vars() {
        if ["COUNTERPART_", "GITHUB_", "CLICOLOR"]
            .iter()
            .any(|ours| name.starts_with(ours))
        {
            command = command.env_remove(&name);
        }
    }
    let command = environment
        .iter()
        .fold(command, |command, (name, value)| command.env(name, value));
    let output = command.args(arguments).assert();
    let output = output.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}
