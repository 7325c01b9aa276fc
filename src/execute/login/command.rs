//! Headers that a program returns for a request.
//!
//! It gets one JSON object on stdin: `method`, `url`, `headers` (by name, several values joined by `, `), `body` as text (null where it is
//! not UTF-8) and `body_base64`. It prints a JSON object of headers on stdout, and ends with 0.

use std::collections::BTreeMap;
use std::io;
use std::process::{ExitStatus, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::exchange::Request;
use crate::target::SigningCommand;
use crate::text::short;

/// How much of what a program prints a message shows, in characters.
const LONGEST_OUTPUT: usize = 300;

/// The headers that the program returns for a request. Fails with a sentence: it cannot be started, does not end in time, ends with another
/// code than 0, or prints no headers.
pub(super) async fn headers(
    command: &SigningCommand,
    request: &Request,
) -> Result<HeaderMap, String> {
    let program = command.words.first().map_or("", String::as_str);
    let fails = |reason: String| format!("the command `{program}` {reason}");
    let run = run(command, described(request));
    let ended = tokio::time::timeout(command.timeout, run).await;
    let output = ended
        .map_err(|_| fails(format!("did not end within {:?}", command.timeout)))?
        .map_err(|error| fails(format!("cannot be run: {error}")))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = match stderr.trim() {
            "" => "it printed nothing on stderr".to_owned(),
            text => short(text, LONGEST_OUTPUT),
        };
        return Err(fails(format!("{}: {said}", ending(output.status))));
    }
    read(&output.stdout).map_err(fails)
}

async fn run(command: &SigningCommand, input: Value) -> io::Result<std::process::Output> {
    let (program, arguments) = command.words.split_first().ok_or(io::ErrorKind::NotFound)?;
    // A relative path is one of the folder, a bare name one of PATH.
    let program = match program.contains('/') {
        true => command.folder.join(program).into_os_string(),
        false => program.into(),
    };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(&command.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take();
    let write = async move {
        if let Some(mut stdin) = stdin {
            // A program that does not read its input is not at fault.
            let _ = stdin.write_all(input.to_string().as_bytes()).await;
        }
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), write);
    output
}

fn described(request: &Request) -> Value {
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &request.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str())
            .and_modify(|known| *known = format!("{known}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": headers,
        "body": std::str::from_utf8(&request.body).ok(),
        "body_base64": STANDARD.encode(&request.body),
    })
}

fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "was ended by a signal".to_owned(),
    }
}

fn read(stdout: &[u8]) -> Result<HeaderMap, String> {
    let printed: Value = serde_json::from_slice(stdout)
        .map_err(|error| format!("must print headers as a JSON object: {error}"))?;
    let Value::Object(members) = printed else {
        return Err("must print headers as a JSON object, not another JSON value".to_owned());
    };
    let mut headers = HeaderMap::new();
    for (name, value) in members {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("printed `{name}`, which is not a header name"))?;
        let text = value
            .as_str()
            .ok_or_else(|| format!("printed a value of `{name}` that is not a text"))?;
        let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
            format!("printed a value of `{name}` with a line break or another control character")
        })?;
        headers.insert(header, value);
    }
    Ok(headers)
}
