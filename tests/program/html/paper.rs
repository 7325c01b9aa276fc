use serde_json::json;

use super::browser::{Browser, browser};
use super::pages;

/// The number of elements of a selector, and the number of visible ones.
#[track_caller]
fn seen(browser: &mut Browser, selector: &str) -> (f64, f64) {
    let numbers = browser.eval(&format!(
        "(() => {{ const all = Array.from(document.querySelectorAll({selector:?}));
           return [all.length, all.filter((element) => element.checkVisibility()).length]; }})()"
    ));
    (numbers[0].as_f64().unwrap(), numbers[1].as_f64().unwrap())
}

/// Elements that are only useful on a screen.
const CONTROLS: [&str; 6] = [
    "form.filters",
    ".headline .controls",
    "#theme",
    "nav",
    "button[data-copy]",
    ".skip",
];

/// Elements that describe a failure.
const FAILURE_PARTS: [&str; 6] = [
    "#failures details.case .finding",
    "#failures details.case .request",
    "#failures details.case .response pre",
    "#failures .headers dd",
    "#failures .diff code.del",
    "#errors details.case .finding",
];

#[test]
fn failures_are_unfolded_and_controls_hidden_on_paper() {
    let Some(mut browser) = browser() else { return };
    browser.show(pages::failing());
    browser.media("print", "light");
    for selector in CONTROLS {
        let (all, seen) = seen(&mut browser, selector);
        assert!(all > 0.0 && seen == 0.0, "{selector}: {seen} of {all}");
    }
    let folded = "document.querySelectorAll('#failures details:not([open]), #errors details:not([open])').length";
    let before = browser.number(folded);
    assert!(before > 0.0);
    // After the page's own listener: the page as it is printed.
    browser.eval(&format!(
        "addEventListener('beforeprint', () => {{
           window.folded = {folded};
           window.counts = {}.map((selector) => Array.from(document.querySelectorAll(selector))).map((all) => [all.length, all.filter((element) => element.checkVisibility()).length]);
         }})",
        json!(FAILURE_PARTS)
    ));
    let pdf = browser.call("Page.printToPDF", json!({ "printBackground": true }));
    // `%PDF` in Base64
    assert!(pdf["data"].as_str().unwrap().starts_with("JVBERi"));
    assert_eq!(browser.number("window.folded"), 0.0);
    let counts: Vec<(u64, u64)> = serde_json::from_value(browser.eval("window.counts")).unwrap();
    for (selector, (all, seen)) in FAILURE_PARTS.iter().zip(counts) {
        assert!(all > 0 && seen == all, "{selector}: {seen} of {all}");
    }
    // On the screen it is folded again.
    assert_eq!(browser.number(folded), before);
}

#[test]
fn long_lines_are_wrapped_and_long_bodies_complete_on_paper() {
    let Some(mut browser) = browser() else { return };
    browser.show(super::hostile::responses());
    browser.unfold();
    // The width of a sheet of A4 without its margins.
    browser.width(700);
    browser.media("print", "light");
    let cut = browser.eval(
        "Array.from(document.querySelectorAll('main pre')).filter((pre) => pre.scrollWidth > pre.clientWidth + 1 || pre.scrollHeight > pre.clientHeight + 1).map((pre) => pre.textContent.slice(0, 80))",
    );
    assert_eq!(cut, json!([]));
    assert!(browser.number("document.querySelectorAll('main pre').length") > 5.0);
}

#[test]
fn everything_is_readable_and_controls_are_hidden_without_script() {
    let Some(mut browser) = browser() else { return };
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    browser.show(pages::failing());
    browser.paint();
    for selector in [
        "form.filters",
        "#search",
        "#theme",
        "#keys",
        "button[data-copy]",
        "#help",
    ] {
        let (all, seen) = seen(&mut browser, selector);
        assert!(all > 0.0 && seen == 0.0, "{selector}: {seen} of {all}");
    }
    for selector in [
        "#verdict",
        ".counts",
        "nav a",
        ".group",
        ".group .message",
        "#passed .file > summary",
        "#coverage table",
    ] {
        let (all, seen) = seen(&mut browser, selector);
        assert!(all > 0.0 && seen == all, "{selector}: {seen} of {all}");
    }
    // A click unfolds a folded element.
    let folded = "#failures details.case:not([open])";
    let id = browser.text(&format!("document.querySelector({folded:?}).id"));
    browser.click(&format!("#{id} > summary"));
    browser.until(&format!("document.getElementById({id:?}).open"));
    let (all, seen) = self::seen(&mut browser, &format!("#{id} .finding"));
    assert!(all > 0.0 && seen == all, "{seen} of {all}");
    // Failures are also printed without scripts.
    browser.media("print", "light");
    for selector in FAILURE_PARTS {
        let (all, seen) = self::seen(&mut browser, selector);
        assert!(all > 0.0 && seen == all, "{selector}: {seen} of {all}");
    }
}
