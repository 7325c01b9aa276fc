//! A small project and a server that deviates from its contract. Main type: [`Project`].

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::ops::Deref;
use std::path::Path;

use crate::project_folder::{Ended, ProjectFolder, command};

/// A system `shop` with one case. Its server responds with a number as name, and with lines that look like commands of a CI server.
pub struct Project {
    folder: ProjectFolder,
    url: String,
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

impl Deref for Project {
    type Target = ProjectFolder;

    fn deref(&self) -> &ProjectFolder {
        &self.folder
    }
}

impl Project {
    /// In a temporary folder, which is not a repository.
    pub fn new() -> Project {
        Project::in_folder(ProjectFolder::temporary())
    }

    /// In a subfolder.
    pub fn below(folder: &Path, path: &str) -> Project {
        Project::in_folder(ProjectFolder::at(folder.join(path)))
    }

    fn in_folder(folder: ProjectFolder) -> Project {
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
        let project = Project { folder, url };
        project.write("counterpart.toml", "");
        project.write("schemas/shop/api.yaml", CONTRACT);
        project.write(
            "cases/shop/a.yaml",
            "contract: shop/api.yaml\ncases:\n  - name: a has a name\n    call: GET /a\n    expect: { status: 200 }\n",
        );
        project
    }

    /// `counterpart run` against the server, in an environment that has only these variables of a CI server.
    pub fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let target = format!("--target={}", self.url);
        program(
            self.root(),
            &[&["run", &target], arguments].concat(),
            environment,
        )
    }
}

/// The program in a folder, in an environment that has only these variables of a CI server.
pub fn program(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = command(folder, "");
    command.args(arguments).envs(environment.iter().copied());
    Ended::of(&mut command)
}
