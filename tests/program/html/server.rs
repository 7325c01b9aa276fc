//! A small loopback server that sends arbitrary bytes. Main type: [`Server`].

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server that runs until the test binary ends.
pub struct Server {
    pub url: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Listens on a free port. The closure returns the whole response, head and body, for a request's path; an empty response closes the
    /// connection. Request bodies are not read.
    pub fn start(response: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let (response, counted) = (Arc::new(response), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let response = Arc::clone(&response);
                // The result is ignored: it is an error only if the client disconnects.
                std::thread::spawn(move || drop(converse(&stream, response.as_ref())));
            }
        });
        Server { url, connections }
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn converse(stream: &TcpStream, response: &dyn Fn(&str) -> Vec<u8>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream;
    let mut lines = BufReader::new(stream).lines();
    while let Some(first) = lines.next().transpose()? {
        for line in lines.by_ref() {
            if line?.is_empty() {
                break;
            }
        }
        let path = first.split_whitespace().nth(1).unwrap_or_default();
        let bytes = response(path);
        if bytes.is_empty() {
            break;
        }
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// A response with these header lines (each with its line end) and a length.
pub fn response(status: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(headers);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A response with a JSON body.
pub fn json(status: &str, body: &str) -> Vec<u8> {
    response(
        status,
        b"Content-Type: application/json\r\n",
        body.as_bytes(),
    )
}
