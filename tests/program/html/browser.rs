//! A separate Chromium for each test, controlled over the DevTools protocol. Main type: [`Browser`].
//!
//! Each test has its own process and profile, so that tests do not influence each other.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};
use url::Url;

/// Timeout for any single action, with a large margin for slow machines.
const PATIENCE: Duration = Duration::from_secs(120);
/// Timeout for closing the browser.
const GRACE: Duration = Duration::from_secs(10);
/// Interval for polling a page that is expected to change.
const PAUSE: Duration = Duration::from_millis(20);

/// A running Chromium with one tab. Dropping it ends the process.
pub struct Browser {
    process: Child,
    /// The folder with the profile and the shown page; removed after the process has ended.
    folder: TempDir,
    socket: WebSocket<TcpStream>,
    session: String,
    last_id: u64,
    /// Events that have not been read yet.
    events: VecDeque<Value>,
    /// The messages of dialogs; each dialog was dismissed.
    pub dialogs: Vec<String>,
}

/// A browser, or `None` if none is installed and none is required: then the caller skips its test.
pub fn browser() -> Option<Browser> {
    let choice = std::env::var("COUNTERPART_BROWSER");
    if choice.as_deref() == Ok("none") {
        println!("skipped: COUNTERPART_BROWSER=none");
        return None;
    }
    let Some(program) = chromium() else {
        assert!(
            choice.as_deref() != Ok("required"),
            "COUNTERPART_BROWSER=required, but there is no chromium in PATH"
        );
        println!("skipped: no chromium");
        return None;
    };
    Some(Browser::start(&program))
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|program| program.is_file())
}

impl Browser {
    fn start(program: &Path) -> Browser {
        let folder = TempDir::new().unwrap();
        let mut process = Command::new(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-quic",
                "--disable-extensions",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
            ])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let address = address(&mut process);
        let stream = TcpStream::connect(address.authority()).unwrap();
        stream.set_nodelay(true).unwrap();
        let (socket, _) = tungstenite::client(address.as_str(), stream).unwrap();
        let mut browser = Browser {
            process,
            folder,
            socket,
            session: String::new(),
            last_id: 0,
            events: VecDeque::new(),
            dialogs: Vec::new(),
        };
        let tab = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let id = &tab["targetId"];
        let attached = browser.call(
            "Target.attachToTarget",
            json!({ "targetId": id, "flatten": true }),
        );
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        // New windows and frames of the page would be separate targets, so their events are enabled too.
        browser.call("Target.setDiscoverTargets", json!({ "discover": true }));
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.call(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        );
        browser.width(1280);
        browser.events.clear();
        browser
    }

    /// Writes a page to a file, shows it, and waits until it is loaded. Returns the file's URL.
    pub fn show(&mut self, page: &str) -> String {
        let file = self.folder.path().join("report.html");
        std::fs::write(&file, page).unwrap();
        let url = String::from(Url::from_file_path(&file).unwrap());
        self.open(&url);
        url
    }

    /// Loads a URL, and waits until it is loaded.
    pub fn open(&mut self, url: &str) {
        // A URL that differs only in its hash would not be loaded.
        self.navigate("about:blank");
        self.navigate(url);
    }

    fn navigate(&mut self, url: &str) {
        self.events
            .retain(|event| event["method"] != "Page.loadEventFired");
        let result = self.call("Page.navigate", json!({ "url": url }));
        assert!(result.get("errorText").is_none(), "{url}: {result}");
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self
                .events
                .iter()
                .position(|event| event["method"] == "Page.loadEventFired");
            match found {
                Some(index) => break drop(self.events.remove(index)),
                None => self.receive(end, "the page to load"),
            }
        }
    }

    /// The value of a script in the page; JavaScript promises are awaited.
    #[track_caller]
    pub fn eval(&mut self, script: &str) -> Value {
        let result = self.call(
            "Runtime.evaluate",
            json!({ "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true }),
        );
        assert!(
            result.get("exceptionDetails").is_none(),
            "{}\n{}",
            script.chars().take(2000).collect::<String>(),
            result["exceptionDetails"]
        );
        result["result"]["value"].clone()
    }

    /// The text that a script returns.
    #[track_caller]
    pub fn text(&mut self, script: &str) -> String {
        let value = self.eval(script);
        let text = value.as_str();
        text.unwrap_or_else(|| panic!("{script} is {value}, not a text"))
            .to_owned()
    }

    /// The number that a script returns.
    #[track_caller]
    pub fn number(&mut self, script: &str) -> f64 {
        let value = self.eval(script);
        let number = value.as_f64();
        number.unwrap_or_else(|| panic!("{script} is {value}, not a number"))
    }

    /// Whether a script returns `true`.
    #[track_caller]
    pub fn holds(&mut self, script: &str) -> bool {
        self.eval(script) == true
    }

    /// Waits until a script returns `true`.
    #[track_caller]
    pub fn until(&mut self, script: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.holds(script) {
            assert!(Instant::now() < end, "never became true: {script}");
            std::thread::sleep(PAUSE);
        }
    }

    /// Makes the browser lay out and paint the whole page, so that boxes are the same as after scrolling through all of it.
    pub fn paint(&mut self) {
        self.eval(
            "document.styleSheets[0]?.insertRule('* { content-visibility: visible !important }')",
        );
    }

    /// [`Browser::paint`] with everything unfolded.
    pub fn unfold(&mut self) {
        self.eval(
            "for (const element of document.querySelectorAll('details')) element.open = true",
        );
        self.paint();
    }

    /// Clicks in the middle of the first element of a selector, like a mouse: an element over it gets the click. Waits until the element
    /// stops moving, because the page may still be scrolling to the target of a link.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        let mut place = self.middle(selector);
        let mut looks_at_rest = 0;
        while looks_at_rest < 5 {
            std::thread::sleep(PAUSE);
            let before = std::mem::replace(&mut place, self.middle(selector));
            looks_at_rest = if before == place {
                looks_at_rest + 1
            } else {
                0
            };
        }
        for kind in ["mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 }),
            );
        }
    }

    /// The position of an element's centre in the window, after scrolling to it.
    #[track_caller]
    fn middle(&mut self, selector: &str) -> Value {
        self.eval(&format!(
            "(() => {{ const element = document.querySelector({selector:?}); element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
              const box = element.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ))
    }

    /// Presses a key, like a keyboard: `j`, `?`, `Escape`, `Enter`, `Tab`.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Escape" => (27, ""),
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            _ => (0, key),
        };
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code }),
        );
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code }),
        );
    }

    /// Types a text into the focused element.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Sets the width of the window in pixels; below 600 it is a phone.
    pub fn width(&mut self, pixels: u32) {
        let height = if pixels < 600 { 800 } else { 900 };
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600 }),
        );
    }

    /// Sets the medium (`screen`, `print`) and the preferred colour scheme (`light`, `dark`).
    pub fn media(&mut self, medium: &str, scheme: &str) {
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "media": medium, "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
    }

    /// Removes and returns the events of a method that were received so far, oldest first.
    pub fn events(&mut self, method: &str) -> Vec<Value> {
        let all = std::mem::take(&mut self.events);
        let (matching, others) = all.into_iter().partition(|event| event["method"] == method);
        self.events = others;
        let matching: VecDeque<Value> = matching;
        matching
            .into_iter()
            .map(|mut event| event["params"].take())
            .collect()
    }

    /// Calls a method of the browser and returns its result.
    #[track_caller]
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters);
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.events.iter().position(|event| event["id"] == id);
            let Some(mut response) = found.and_then(|index| self.events.remove(index)) else {
                self.receive(end, method);
                continue;
            };
            assert!(
                response.get("error").is_none(),
                "{method}: {}",
                response["error"]
            );
            return response["result"].take();
        }
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": parameters });
        let of_browser = ["Browser.", "Target."]
            .iter()
            .any(|domain| method.starts_with(domain));
        if !self.session.is_empty() && !of_browser {
            message["sessionId"] = json!(self.session);
        }
        self.socket
            .send(Message::text(message.to_string()))
            .unwrap();
        self.last_id
    }

    /// Receives a message. A dialog blocks the page, so it is recorded and dismissed immediately.
    #[track_caller]
    fn receive(&mut self, end: Instant, what: &str) {
        let left = end.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "waited {PATIENCE:?} for {what}");
        self.socket.get_ref().set_read_timeout(Some(left)).unwrap();
        let message = match self.socket.read() {
            Ok(message) => message,
            Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::Interrupted => return,
            Err(error) => panic!("waiting for {what}: {error}"),
        };
        let Message::Text(text) = message else {
            return;
        };
        let event: Value = serde_json::from_str(&text).unwrap();
        if event["method"] == "Page.javascriptDialogOpening" {
            self.dialogs.push(event["params"]["message"].to_string());
            self.send("Page.handleJavaScriptDialog", json!({ "accept": false }));
        } else {
            self.events.push_back(event);
        }
    }
}

impl Drop for Browser {
    /// Closes the browser normally, so that its child processes end and release the folder before it is removed; then kills it.
    fn drop(&mut self) {
        let close = json!({ "id": self.last_id + 1, "method": "Browser.close" });
        // The browser may have ended already.
        let _ = self.socket.send(Message::text(close.to_string()));
        let end = Instant::now() + GRACE;
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(PAUSE);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address on which the browser listens, from its output.
fn address(process: &mut Child) -> Url {
    let stderr = process.stderr.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    // Reads to the end, so that the browser never blocks on a full pipe.
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // The receiver may have received the address and ended.
            let _ = sender.send(line);
        }
    });
    let end = Instant::now() + PATIENCE;
    let mut said = String::new();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left) {
            Ok(line) => match line.strip_prefix("DevTools listening on ") {
                Some(address) => return address.trim().parse().unwrap(),
                None => {
                    said.push_str(&line);
                    said.push('\n');
                }
            },
            Err(error) => {
                // There is no `Browser` yet whose drop would end the process.
                let _ = process.kill();
                let _ = process.wait();
                panic!("no address from chromium: {error}\n{said}");
            }
        }
    }
}
