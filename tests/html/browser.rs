//! A Chromium of a test's own, asked over the DevTools protocol. Main type: [`Browser`].
//!
//! Each test has its own process and its own profile: what one page stores, grants or breaks, no other test meets.

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

/// How long anything may take before the test gives up: far more than a slow machine needs.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the browser may take to close.
const GRACE: Duration = Duration::from_secs(10);
/// Between two looks at a page that is to change.
const PAUSE: Duration = Duration::from_millis(20);

/// A running Chromium with one tab. It ends when this is dropped.
pub struct Browser {
    process: Child,
    /// The profile, and the page shown; removed after the process has ended.
    folder: TempDir,
    socket: WebSocket<TcpStream>,
    session: String,
    last_id: u64,
    /// Events that nobody has asked for yet.
    events: VecDeque<Value>,
    /// What dialogs said; each was dismissed.
    pub dialogs: Vec<String>,
}

/// A browser, or `None` where none is installed and none is required: then the caller has nothing to prove.
pub fn browser() -> Option<Browser> {
    let Some(program) = chromium() else {
        assert!(
            std::env::var("COUNTERPART_BROWSER").as_deref() != Ok("required"),
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
        // New windows and frames of the page would be targets of their own: they are told, too.
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

    /// Shows a page from a file of its own, and waits until it is loaded. Returns the file's URL.
    pub fn show(&mut self, page: &str) -> String {
        let file = self.folder.path().join("report.html");
        std::fs::write(&file, page).unwrap();
        let url = String::from(Url::from_file_path(&file).unwrap());
        self.open(&url);
        url
    }

    /// Loads an address anew, and waits for it.
    pub fn open(&mut self, url: &str) {
        // Another hash alone would not load anything.
        self.navigate("about:blank");
        self.navigate(url);
    }

    fn navigate(&mut self, url: &str) {
        self.events
            .retain(|event| event["method"] != "Page.loadEventFired");
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
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

    /// What a script in the page comes to; promises are awaited.
    #[track_caller]
    pub fn eval(&mut self, script: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            json!({ "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true }),
        );
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{}\n{}",
            script.chars().take(2000).collect::<String>(),
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// The text that a script comes to.
    #[track_caller]
    pub fn text(&mut self, script: &str) -> String {
        let value = self.eval(script);
        let text = value.as_str();
        text.unwrap_or_else(|| panic!("{script} is {value}, no text"))
            .to_owned()
    }

    /// The number that a script comes to.
    #[track_caller]
    pub fn number(&mut self, script: &str) -> f64 {
        let value = self.eval(script);
        let number = value.as_f64();
        number.unwrap_or_else(|| panic!("{script} is {value}, no number"))
    }

    /// Whether a script comes to `true`.
    #[track_caller]
    pub fn holds(&mut self, script: &str) -> bool {
        self.eval(script) == true
    }

    /// Waits until a script comes to `true`.
    #[track_caller]
    pub fn until(&mut self, script: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.holds(script) {
            assert!(Instant::now() < end, "never became true: {script}");
            std::thread::sleep(PAUSE);
        }
    }

    /// Has what is below the window laid out and painted, too: boxes are then those of a reader who scrolls through all of it.
    pub fn paint(&mut self) {
        self.eval(
            "document.styleSheets[0]?.insertRule('* { content-visibility: visible !important }')",
        );
    }

    /// [`Browser::paint`], with all open that is folded.
    pub fn unfold(&mut self) {
        self.eval("for (const one of document.querySelectorAll('details')) one.open = true");
        self.paint();
    }

    /// Clicks in the middle of the first element of a selector, as a mouse does: what lies over it gets the click. The page may still be
    /// on its way to where a link led, so it is waited for until the element has come to rest.
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

    /// Where in the window the middle of an element is, once it has been scrolled to.
    #[track_caller]
    fn middle(&mut self, selector: &str) -> Value {
        self.eval(&format!(
            "(() => {{ const one = document.querySelector({selector:?}); one.scrollIntoView({{ block: 'center', behavior: 'instant' }});
              const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ))
    }

    /// Presses a key, as a keyboard does: `j`, `?`, `Escape`, `Enter`, `Tab`.
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

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// A window so many pixels wide; below 600 it is a phone's.
    pub fn width(&mut self, pixels: u32) {
        let height = if pixels < 600 { 800 } else { 900 };
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600 }),
        );
    }

    /// The medium (`screen`, `print`) and the colour scheme that the system asks for (`light`, `dark`).
    pub fn media(&mut self, medium: &str, scheme: &str) {
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "media": medium, "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
    }

    /// The events of a method that came so far, oldest first. They are taken out.
    pub fn events(&mut self, method: &str) -> Vec<Value> {
        let all = std::mem::take(&mut self.events);
        let (wanted, others) = all.into_iter().partition(|event| event["method"] == method);
        self.events = others;
        let wanted: VecDeque<Value> = wanted;
        wanted
            .into_iter()
            .map(|mut event| event["params"].take())
            .collect()
    }

    /// Asks the browser for something and returns its answer.
    #[track_caller]
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters);
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.events.iter().position(|event| event["id"] == id);
            let Some(mut answer) = found.and_then(|index| self.events.remove(index)) else {
                self.receive(end, method);
                continue;
            };
            assert!(
                answer.get("error").is_none(),
                "{method}: {}",
                answer["error"]
            );
            return answer["result"].take();
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

    /// Takes in one message. A dialog stops the page, so it is noted and dismissed at once.
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
    /// Asks it to close, so that its children end, too, and let go of the folder before that is removed; then does not ask any more.
    fn drop(&mut self) {
        let close = json!({ "id": self.last_id + 1, "method": "Browser.close" });
        // A browser that is gone already is no trouble.
        let _ = self.socket.send(Message::text(close.to_string()));
        let end = Instant::now() + GRACE;
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(PAUSE);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address at which the browser says that it listens.
fn address(process: &mut Child) -> Url {
    let stderr = process.stderr.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    // Read to the end, so that the browser never waits for its reader.
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // Who waited may have got its address and gone.
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
                // Not yet a `Browser`, whose end would end it.
                let _ = process.kill();
                let _ = process.wait();
                panic!("no address from chromium: {error}\n{said}");
            }
        }
    }
}
