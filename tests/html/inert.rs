use serde_json::Value;

use crate::browser::{Browser, browser};
use crate::hostile;
use crate::server::{Server, json};

/// Notes which of the hostile texts were run, and says so in a dialog.
const WATCH: &str = "window.ran = []; window.owned = (number) => { window.ran.push(number); alert('owned ' + number); };";

/// What a page did that a report must not do.
struct Deeds {
    /// Numbers of hostile scripts that were run.
    ran: Value,
    dialogs: Vec<String>,
    /// Addresses asked for, but for the page's own.
    asked: Vec<String>,
    /// Connections to the server that the hostile texts name.
    connections: usize,
    /// What the console has: errors, refusals of the content security policy, messages.
    said: Vec<String>,
}

/// Shows a page, whose hostile texts name a server of ours, unfolds it, and tells what it did.
fn deeds(browser: &mut Browser, page: &str) -> Deeds {
    let canary = Server::start(|_| json("200 OK", "{}"));
    let page = page.replace("http://CANARY", &canary.url);
    browser.call(
        "Page.addScriptToEvaluateOnNewDocument",
        serde_json::json!({ "source": WATCH }),
    );
    let url = browser.show(&page);
    browser.unfold();
    // A frame has been painted, and whatever an event of the markup would have begun has begun.
    browser.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))");
    let ran = browser.eval("window.ran");
    let asked = browser
        .events("Network.requestWillBeSent")
        .into_iter()
        .map(|event| event["request"]["url"].as_str().unwrap().to_owned())
        .filter(|asked| *asked != url)
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
        asked,
        connections: canary.connections(),
        said,
    }
}

#[track_caller]
fn is_inert(browser: &mut Browser, page: &str) {
    let deeds = deeds(browser, page);
    assert_eq!(deeds.ran, serde_json::json!([]));
    assert_eq!(deeds.dialogs, [""; 0]);
    assert_eq!(deeds.asked, [""; 0]);
    assert_eq!(deeds.connections, 0);
    assert_eq!(deeds.said, [""; 0]);
    // Nothing of theirs became an element, an address or an attribute.
    let foreign = browser.eval(
        "Array.from(document.querySelectorAll('*'), (one) => {
           const names = one.getAttributeNames().filter((name) => name.startsWith('on') || ['src', 'srcdoc', 'style', 'action'].includes(name));
           const away = one.hasAttribute('href') && !one.getAttribute('href').startsWith('#');
           const strange = ['IMG', 'IFRAME', 'OBJECT', 'EMBED', 'BASE', 'LINK', 'TEXTAREA'].includes(one.tagName);
           return names.length || away || strange ? one.outerHTML.slice(0, 300) : '';
         }).filter(Boolean)",
    );
    assert_eq!(foreign, serde_json::json!([]));
    assert_eq!(browser.number("document.scripts.length"), 1.0);
}

#[test]
fn hostile_answers_are_shown_and_never_obeyed() {
    let Some(mut browser) = browser() else { return };
    is_inert(&mut browser, hostile::answers());
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
        assert!(shown.contains(text), "{text} is not to be seen");
    }
}

#[test]
fn hostile_events_are_shown_and_never_obeyed() {
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
            "Array.from(document.querySelectorAll({selector:?})).filter((one) => one.checkVisibility()).map((one) => one.innerText)"
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
fn a_page_that_obeys_is_found_out() {
    let Some(mut browser) = browser() else { return };
    let page = format!(
        "<!doctype html><title>x</title><p>{}",
        hostile::HOSTILE.replace('\u{0}', "")
    );
    let deeds = deeds(&mut browser, &page);
    let mut ran: Vec<u64> = serde_json::from_value(deeds.ran).unwrap();
    ran.sort_unstable();
    assert_eq!(ran, [1, 2]);
    assert_eq!(deeds.dialogs, ["\"owned 1\"", "\"owned 2\""]);
    assert_eq!(deeds.asked.len(), 1, "{:?}", deeds.asked);
    assert!(deeds.connections > 0);

    let refused = "<!doctype html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><script>owned(1)</script>";
    let deeds = self::deeds(&mut browser, refused);
    assert_eq!(deeds.ran, serde_json::json!([]));
    assert!(
        deeds
            .said
            .iter()
            .any(|said| said.contains("Content Security Policy")),
        "{:?}",
        deeds.said
    );
}
