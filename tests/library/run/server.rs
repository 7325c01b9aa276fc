//! A small server: reads HTTP/1.1 requests and responds with the bytes that a test defines.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterpart::target::Target;

/// A request as it was received.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `GET /thing`
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub enum Reply {
    /// These bytes; the connection stays open.
    Keep(Vec<u8>),
    /// These bytes, then the connection is closed.
    Close(Vec<u8>),
    /// These bytes, one at a time with a pause between.
    Drip(Vec<u8>, Duration),
    /// Nothing, until the client closes the connection.
    Hang,
}

pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl Server {
    /// Listens on a free port. The closure receives the request and the number of earlier requests.
    pub fn start(
        respond: impl Fn(&ReceivedRequest, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (respond, log) = (Arc::new(respond), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (respond, log) = (Arc::clone(&respond), Arc::clone(&log));
                // A client that disconnects ends the conversation; the result is not used.
                std::thread::spawn(move || drop(converse(&stream, respond.as_ref(), &log)));
            }
        });
        Server { url, requests }
    }

    pub fn target(&self) -> Target {
        Target::parse(&self.url).unwrap()
    }

    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// `POST /things`, `DELETE /things/1`, …
    pub fn lines(&self) -> Vec<String> {
        self.requests().iter().map(ReceivedRequest::line).collect()
    }
}

fn converse(
    stream: &TcpStream,
    respond: &dyn Fn(&ReceivedRequest, usize) -> Reply,
    log: &Mutex<Vec<ReceivedRequest>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    while let Some(request) = read(&mut reader)? {
        let before = {
            let mut log = log.lock().unwrap();
            log.push(request.clone());
            log.len() - 1
        };
        match respond(&request, before) {
            Reply::Keep(bytes) => out.write_all(&bytes)?,
            Reply::Close(bytes) => return out.write_all(&bytes),
            Reply::Drip(bytes, pause) => {
                for byte in bytes {
                    out.write_all(&[byte])?;
                    std::thread::sleep(pause);
                }
            }
            Reply::Hang => {
                let _ = reader.read(&mut [0; 1])?;
            }
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<ReceivedRequest>> {
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
    Ok(Some(ReceivedRequest {
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        bytes: body,
    }))
}

/// A response with a JSON body and its length.
pub fn json(status: &str, body: &str) -> Vec<u8> {
    with_headers(
        status,
        "Content-Type: application/json\r\n",
        body.as_bytes(),
    )
}

/// A response with these header lines (each with its line end) and a length.
pub fn with_headers(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A response without a body.
pub fn empty(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n\r\n").into_bytes()
}
