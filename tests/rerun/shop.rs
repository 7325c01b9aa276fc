//! A project of things, each asked by one case, and the server that has them. Main types: [`Shop`], [`Going`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
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
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// No wait in these tests is longer; none is as long where all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a thing is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As promised.
    Well,
    /// Its name is a number.
    Badly,
    /// As promised so many times, then badly.
    WellFor(usize),
    /// Not at all.
    Never,
}

#[derive(Default)]
struct Things {
    manners: BTreeMap<String, Manner>,
    /// Things in the order they were asked.
    asked: Vec<String>,
}

/// A project with its server.
pub struct Shop {
    folder: TempDir,
    things: Arc<Mutex<Things>>,
    pub url: String,
    _runtime: Runtime,
}

/// How a run ended: its exit code, and all that it said.
pub struct Ended {
    pub code: i32,
    pub said: String,
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

impl Shop {
    /// One system with a case file for each list of things. Each file has a contract of its own name, and that a document it refers to.
    pub fn new(files: &[(&str, &[&str])]) -> Shop {
        let things = Arc::new(Mutex::new(Things::default()));
        let router = Router::new()
            .route("/things/{name}", get(answer))
            .with_state(Arc::clone(&things));
        let runtime = Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let shop = Shop {
            folder: TempDir::new().unwrap(),
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

    #[cfg(feature = "server")]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    pub fn remove(&self, path: &str) {
        let path = self.folder.path().join(path);
        match path.is_dir() {
            true => std::fs::remove_dir_all(path).unwrap(),
            false => std::fs::remove_file(path).unwrap(),
        }
    }

    pub fn has(&self, path: &str) -> bool {
        self.folder.path().join(path).exists()
    }

    /// From now on these things are answered so.
    pub fn answer(&self, names: &[&str], manner: Manner) {
        let mut things = self.things.lock().unwrap();
        for name in names {
            things.manners.insert((*name).to_owned(), manner);
        }
    }

    /// The things asked since this was asked last, each once.
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked_in_order().into_iter().collect()
    }

    pub fn asked_in_order(&self) -> Vec<String> {
        std::mem::take(&mut self.things.lock().unwrap().asked)
    }

    /// Waits until a thing is asked.
    pub fn wait_for_question(&self, name: &str) {
        let begun = Instant::now();
        while !self
            .things
            .lock()
            .unwrap()
            .asked
            .iter()
            .any(|one| one == name)
        {
            assert!(begun.elapsed() < PATIENCE, "`{name}` is never asked");
            std::thread::yield_now();
        }
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let mut going = self.start(arguments);
        let code = going.end();
        Ended {
            code,
            said: going.said.clone(),
        }
    }

    /// Starts the program.
    pub fn start(&self, arguments: &[&str]) -> Going {
        let mut command = Command::new(cargo_bin("counterpart"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COUNTERPART_")) {
            command.env_remove(name);
        }
        // One pipe for both: what is said keeps its order.
        let (reader, writer) = std::io::pipe().unwrap();
        command
            .arg("run")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer);
        let child = command.spawn().unwrap();
        // It holds the writing end, and the end of the program must be the end of the pipe.
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
        Going {
            child,
            lines,
            said: String::new(),
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

/// A program that runs; killed with its test.
pub struct Going {
    child: Child,
    lines: Receiver<String>,
    /// Everything it said so far.
    pub said: String,
}

impl Going {
    /// Waits for a line that contains `words`, said after what was waited for before. Returns all that was said until then.
    pub fn wait_for(&mut self, words: &str) -> String {
        let mut said = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    said += &format!("{line}\n");
                    self.said += &format!("{line}\n");
                    if line.contains(words) {
                        return said;
                    }
                }
                Err(error) => panic!("{error} before `{words}`:\n{}", self.said),
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

    /// Waits for its end. Returns the exit code, -1 where a signal ended it.
    pub fn end(&mut self) -> i32 {
        let begun = Instant::now();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.said += &format!("{line}\n"),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(error) => panic!("{error} before the end:\n{}", self.said),
            }
            assert!(begun.elapsed() < PATIENCE, "no end:\n{}", self.said);
        }
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A case file that asks each thing once.
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

async fn answer(State(things): State<Arc<Mutex<Things>>>, Path(name): Path<String>) -> Response {
    let well = format!("{{\"name\":\"{name}\"}}");
    let manner = {
        let mut things = things.lock().unwrap();
        let manner = things.manners.get(&name).copied().unwrap_or(Manner::Well);
        if let Manner::WellFor(times) = manner {
            let next = times.checked_sub(1).map_or(Manner::Badly, Manner::WellFor);
            things.manners.insert(name.clone(), next);
        }
        things.asked.push(name);
        manner
    };
    let body = match manner {
        Manner::Well => well,
        Manner::WellFor(times) if times > 0 => well,
        Manner::Badly | Manner::WellFor(_) => "{\"name\":1}".to_owned(),
        Manner::Never => std::future::pending().await,
    };
    let header = [("content-type", "application/json")];
    (StatusCode::OK, header, body).into_response()
}
