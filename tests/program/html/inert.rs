use serde_json::Value;

use super::browser::{Browser, browser};
use super::hostile;
use super::server::{Server, json};

/// Records which hostile scripts were run, and shows a dialog.
const WATCH: &str = "window.ran = []; window.owned = (number) => { window.ran.push(number); alert('owned ' + number); };";

/// Actions of a page that a report must not do.
struct Deeds {
    /// Numbers of hostile scripts that were run.
    ran: Value,
    dialogs: Vec<String>,
    /// Requested URLs, except the page itself.
    requested: Vec<String>,
    /// Number of connections to the server in the hostile texts.
    connections: usize,
    /// Messages of the console: errors, violations of the content security policy, other messages.
    said: Vec<String>,
}

/// Shows a page whose hostile texts refer to a local server, unfolds it, and returns what it did.
fn actions(browser: &mut Browser, page: &str) -> Deeds {
    let canary = Server::start(|_| json("200 OK", "{}"));
    let page = page.replace("http://CANARY", &canary.url);
    browser.call(
        "Page.addScriptToEvaluateOnNewDocument",
        serde_json::json!({ "source": WATCH }),
    );
    let url = browser.show(&page);
    browser.unfold();
    // Wait for a painted frame, so that events of the markup would have fired.
    browser.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))");
    let ran = browser.eval("window.ran");
    let requested = browser
        .events("Network.requestWillBeSent")
        .into_iter()
        .map(|event| event["request"]["url"].as_str().unwrap().to_owned())
        .filter(|requested| *requested != url)
        .collect();
    let said = [
        "Runtime.consoleAPICalled",
        "Runtime.exceptionThrown",
        "Log.entryAdded",
    ]
    .iter()
    .flat_map(|method| browser.events(method))
    .map(|event| event.to_string())
    .collect();
    Deeds {
        ran,
        dialogs: std::mem::take(&mut browser.dialogs),
        requested,
        connections: canary.connections(),
        said,
    }
}

#[track_caller]
fn is_inert(browser: &mut Browser, page: &str) {
    let actions = actions(browser, page);
    assert_eq!(actions.ran, serde_json::json!([]));
    assert_eq!(actions.dialogs, [""; 0]);
    assert_eq!(actions.requested, [""; 0]);
    assert_eq!(actions.connections, 0);
    assert_eq!(actions.said, [""; 0]);
    // No hostile text became an element, a URL or an attribute.
    let foreign = browser.eval(
        "Array.from(document.querySelectorAll('*'), (element) => {
           const names = element.getAttributeNames().filter((name) => name.startsWith('on') || ['src', 'srcdoc', 'style', 'action'].includes(name));
           const away = element.hasAttribute('href') && !element.getAttribute('href').startsWith('#');
           const strange = ['IMG', 'IFRAME', 'OBJECT', 'EMBED', 'BASE', 'LINK', 'TEXTAREA'].includes(element.tagName);
           return names.length || away || strange ? element.outerHTML.slice(0, 300) : '';
         }).filter(Boolean)",
    );
    assert_eq!(foreign, serde_json::json!([]));
    assert_eq!(browser.number("document.scripts.length"), 1.0);
}

#[test]
fn hostile_responses_are_shown_and_never_executed() {
    let Some(mut browser) = browser() else { return };
    is_inert(&mut browser, hostile::responses());
    let shown = browser.text("document.querySelector('main').innerText");
    for text in [
        // A case's name, a waiver's reason, a skip's reason.
        "\"'><script>owned(5)</script><img src=x onerror=owned(6)> name",
        "<script>owned(9)</script>",
        "<script>owned(8)</script> not yet",
        // Values and keys of bodies, whole bodies, headers, types.
        "javascript:owned(11)",
        "<script>owned(12)</script>",
        "</script><script>owned(15)</script>",
        "<script>owned(16)</script></script>",
        "parent.owned(17)",
        "text/<script>owned(18)</script>",
        "javascript:owned(20)",
    ] {
        assert!(shown.contains(text), "{text} is not visible");
    }
}

#[test]
fn hostile_events_are_shown_and_never_executed() {
    let Some(mut browser) = browser() else { return };
    is_inert(&mut browser, hostile::events());
    let visible = "<script>owned(1)</script><img src=";
    for selector in [
        ".case .name",
        ".op",
        ".where",
        ".tag",
        ".group .message",
        ".group .at",
        ".code",
        ".values dd",
        ".headers dt",
        ".headers dd",
        ".line .url",
        ".curl pre",
        ".body pre",
        ".source pre",
        ".diff code",
        ".pointer",
        ".who",
        ".system h2",
        ".system dd",
        ".contracts li",
        "#lost li",
        "#waived li",
        "#stale li",
        ".remarks li",
        "#skipped summary",
        ".point",
    ] {
        let texts = browser.eval(&format!(
            "Array.from(document.querySelectorAll({selector:?})).filter((element) => element.checkVisibility()).map((element) => element.innerText)"
        ));
        let texts = texts.as_array().unwrap();
        assert!(
            texts
                .iter()
                .any(|text| text.as_str().unwrap().contains(visible)),
            "{selector}: {texts:?}"
        );
    }
}

#[test]
fn a_page_that_runs_scripts_is_detected() {
    let Some(mut browser) = browser() else { return };
    let page = format!(
        "<!doctype html><title>x</title><p>{}",
        hostile::HOSTILE.replace('\u{0}', "")
    );
    let actions = actions(&mut browser, &page);
    let mut ran: Vec<u64> = serde_json::from_value(actions.ran).unwrap();
    ran.sort_unstable();
    assert_eq!(ran, [1, 2]);
    assert_eq!(actions.dialogs, ["\"owned 1\"", "\"owned 2\""]);
    assert_eq!(actions.requested.len(), 1, "{:?}", actions.requested);
    assert!(actions.connections > 0);

    let refused = "<!doctype html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><script>owned(1)</script>";
    let actions = self::actions(&mut browser, refused);
    assert_eq!(actions.ran, serde_json::json!([]));
    assert!(
        actions
            .said
            .iter()
            .any(|said| said.contains("Content Security Policy")),
        "{:?}",
        actions.said
    );
}
