//! A project with a case for each of several things, and its server. Main types: [`Shop`], [`RunningProgram`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use counterpart::event::Event;
use counterpart::report::json_lines;
use snapbox::cmd::cargo_bin;
use tokio::runtime::Runtime;

use crate::project_folder::{ProjectFolder, serve, without_variables};

/// The longest wait in these tests; it is only reached if something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the server responds to requests for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// As the contract documents.
    Valid,
    /// The name is a number.
    Invalid,
    /// Valid for a number of requests, then invalid.
    ValidFor(usize),
    /// No response.
    Hang,
}

#[derive(Default)]
struct Things {
    behaviours: BTreeMap<String, Behaviour>,
    /// Things in the order of the requests.
    requested: Vec<String>,
}

/// A project with its server.
pub struct Shop {
    folder: ProjectFolder,
    things: Arc<Mutex<Things>>,
    pub url: String,
    _runtime: Runtime,
}

/// How a run ended: its exit code and its output.
pub struct Ended {
    pub code: i32,
    pub output: String,
}

const CONTRACT: &str = r#"openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things/{name}:
    get:
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: the thing
          content: { application/json: { schema: { $ref: "parts/PARTS.yaml#/thing" } } }
"#;

impl Deref for Shop {
    type Target = ProjectFolder;

    fn deref(&self) -> &ProjectFolder {
        &self.folder
    }
}

impl Shop {
    /// One system with a case file for each list of things. Each file has its own contract, which refers to another document.
    pub fn new(files: &[(&str, &[&str])]) -> Shop {
        let things = Arc::new(Mutex::new(Things::default()));
        let router = Router::new()
            .route("/things/{name}", get(respond))
            .with_state(Arc::clone(&things));
        let (runtime, address) = serve(router);
        let url = format!("http://{address}");
        let shop = Shop {
            folder: ProjectFolder::temporary(),
            things,
            url,
            _runtime: runtime,
        };
        shop.write("counterpart.toml", &shop.config());
        shop.write("reports/README.md", "what runs leave\n");
        for (file, things) in files {
            shop.write(
                &format!("schemas/shop/{file}.yaml"),
                &CONTRACT.replace("PARTS", file),
            );
            shop.write(
                &format!("schemas/shop/parts/{file}.yaml"),
                "thing: { type: object, required: [name], properties: { name: { type: string } } }\n",
            );
            shop.write(&format!("cases/shop/{file}.yaml"), &cases(file, things));
        }
        shop
    }

    pub fn config(&self) -> String {
        format!(
            "default-target = \"local\"\n[targets.local]\nurl = {:?}\nsystems = [\"shop\"]\n",
            self.url
        )
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        match path.is_dir() {
            true => std::fs::remove_dir_all(path).unwrap(),
            false => std::fs::remove_file(path).unwrap(),
        }
    }

    pub fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// Sets how the server responds to requests for these things.
    pub fn respond(&self, names: &[&str], behaviour: Behaviour) {
        let mut things = self.things.lock().unwrap();
        for name in names {
            things.behaviours.insert((*name).to_owned(), behaviour);
        }
    }

    /// The things requested since the last call, each once.
    pub fn requested(&self) -> BTreeSet<String> {
        self.requested_in_order().into_iter().collect()
    }

    pub fn requested_in_order(&self) -> Vec<String> {
        std::mem::take(&mut self.things.lock().unwrap().requested)
    }

    /// Waits until a thing is requested.
    pub fn wait_for_request(&self, name: &str) {
        let begun = Instant::now();
        while !self
            .things
            .lock()
            .unwrap()
            .requested
            .iter()
            .any(|requested| requested == name)
        {
            assert!(begun.elapsed() < PATIENCE, "`{name}` is never requested");
            std::thread::yield_now();
        }
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let mut program = self.start(arguments);
        let code = program.end();
        Ended {
            code,
            output: program.output.clone(),
        }
    }

    /// Starts the program.
    pub fn start(&self, arguments: &[&str]) -> RunningProgram {
        let mut command = Command::new(cargo_bin("counterpart"));
        without_variables(&mut command);
        // One pipe for both streams, to keep the order of the output.
        let (reader, writer) = std::io::pipe().unwrap();
        command
            .arg("run")
            .args(arguments)
            .current_dir(self.root())
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer);
        let child = command.spawn().unwrap();
        // Close our writing end, so that the pipe ends with the program.
        drop(command);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(reader).lines().map_while(Result::ok);
            for line in lines {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        RunningProgram {
            child,
            lines,
            output: String::new(),
        }
    }

    /// The events of a file.
    pub fn events(&self, path: &str) -> Vec<Event> {
        let text = self.read(path);
        let lines = text.lines().enumerate();
        lines
            .map(|(index, line)| json_lines::read(index + 1, line).unwrap())
            .collect()
    }
}

/// A running program; killed at the end of its test.
pub struct RunningProgram {
    child: Child,
    lines: Receiver<String>,
    /// Its output so far.
    pub output: String,
}

impl RunningProgram {
    /// Waits for a new line that contains `text`. Returns the output since the last wait.
    pub fn wait_for(&mut self, text: &str) -> String {
        let mut output = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    output += &format!("{line}\n");
                    self.output += &format!("{line}\n");
                    if line.contains(text) {
                        return output;
                    }
                }
                Err(error) => panic!("{error} before `{text}`:\n{}", self.output),
            }
        }
    }

    /// Sends a signal: `INT` is Ctrl-C.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &command]).status().unwrap();
        assert!(status.success(), "{command}");
    }

    /// Waits for the end of the program. Returns the exit code, -1 where a signal ended it.
    pub fn end(&mut self) -> i32 {
        let begun = Instant::now();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.output += &format!("{line}\n"),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(error) => panic!("{error} before the end:\n{}", self.output),
            }
            assert!(begun.elapsed() < PATIENCE, "no end:\n{}", self.output);
        }
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A case file with one request for each thing.
pub fn cases(contract: &str, things: &[&str]) -> String {
    let cases: String = things
        .iter()
        .map(|thing| {
            format!("  - {{ name: {thing}, call: \"GET /things/{{name}}\", path: {{ name: {thing} }}, expect: {{ status: 200 }} }}\n")
        })
        .collect();
    format!("contract: shop/{contract}.yaml\ncases:\n{cases}")
}

pub fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

async fn respond(State(things): State<Arc<Mutex<Things>>>, Path(name): Path<String>) -> Response {
    let valid = format!("{{\"name\":\"{name}\"}}");
    let behaviour = {
        let mut things = things.lock().unwrap();
        let behaviour = things
            .behaviours
            .get(&name)
            .copied()
            .unwrap_or(Behaviour::Valid);
        if let Behaviour::ValidFor(times) = behaviour {
            let next = times
                .checked_sub(1)
                .map_or(Behaviour::Invalid, Behaviour::ValidFor);
            things.behaviours.insert(name.clone(), next);
        }
        things.requested.push(name);
        behaviour
    };
    let body = match behaviour {
        Behaviour::Valid => valid,
        Behaviour::ValidFor(times) if times > 0 => valid,
        Behaviour::Invalid | Behaviour::ValidFor(_) => "{\"name\":1}".to_owned(),
        Behaviour::Hang => std::future::pending().await,
    };
    let header = [("content-type", "application/json")];
    (StatusCode::OK, header, body).into_response()
}
