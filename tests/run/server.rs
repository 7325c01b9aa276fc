//! A server of a few lines: reads requests as HTTP/1.1 clients send them, answers with whatever bytes it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterpart::target::Target;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct CheckContext {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl CheckContext {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `GET /thing`
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub enum Answer {
    /// These bytes; the connection stays.
    Keep(Vec<u8>),
    /// These bytes, then the connection is closed.
    Close(Vec<u8>),
    /// These bytes, one at a time with a pause between.
    Drip(Vec<u8>, Duration),
    /// Nothing, until the client goes.
    Hang,
}

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<CheckContext>>>,
}

impl Server {
    /// Listens on a free port. The closure is given the request and how many came before it.
    pub fn start(answer: impl Fn(&CheckContext, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                // A client that goes away ends the conversation; nobody waits for the result.
                std::thread::spawn(move || drop(converse(&stream, answer.as_ref(), &log)));
            }
        });
        Server { url, asked }
    }

    pub fn target(&self) -> Target {
        Target::parse(&self.url).unwrap()
    }

    pub fn asked(&self) -> Vec<CheckContext> {
        self.asked.lock().unwrap().clone()
    }

    /// `POST /things`, `DELETE /things/1`, …
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(CheckContext::line).collect()
    }
}

fn converse(
    stream: &TcpStream,
    answer: &dyn Fn(&CheckContext, usize) -> Answer,
    log: &Mutex<Vec<CheckContext>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    while let Some(asked) = read(&mut reader)? {
        let before = {
            let mut log = log.lock().unwrap();
            log.push(asked.clone());
            log.len() - 1
        };
        match answer(&asked, before) {
            Answer::Keep(bytes) => out.write_all(&bytes)?,
            Answer::Close(bytes) => return out.write_all(&bytes),
            Answer::Drip(bytes, pause) => {
                for byte in bytes {
                    out.write_all(&[byte])?;
                    std::thread::sleep(pause);
                }
            }
            Answer::Hang => {
                let _ = reader.read(&mut [0; 1])?;
            }
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<CheckContext>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body)?;
    Ok(Some(CheckContext {
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }))
}

/// An answer with a JSON body and its length.
pub fn json(status: &str, body: &str) -> Vec<u8> {
    with_headers(
        status,
        "Content-Type: application/json\r\n",
        body.as_bytes(),
    )
}

/// An answer with these header lines (each with its line end) and a length.
pub fn with_headers(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An answer without a body.
pub fn empty(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n\r\n").into_bytes()
}
