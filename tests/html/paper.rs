use serde_json::json;

use crate::browser::{Browser, browser};
use crate::pages;

/// Of the elements of a selector how many there are, and how many of them can be seen.
#[track_caller]
fn seen(browser: &mut Browser, selector: &str) -> (f64, f64) {
    let numbers = browser.eval(&format!(
        "(() => {{ const all = Array.from(document.querySelectorAll({selector:?}));
           return [all.length, all.filter((one) => one.checkVisibility()).length]; }})()"
    ));
    (numbers[0].as_f64().unwrap(), numbers[1].as_f64().unwrap())
}

/// What is of use only on a screen.
const CONTROLS: [&str; 6] = [
    "form.filters",
    ".headline .controls",
    "#theme",
    "nav",
    "button[data-copy]",
    ".skip",
];

/// What a failure is told with.
const TOLD: [&str; 6] = [
    "#failures details.case .finding",
    "#failures details.case .request",
    "#failures details.case .response pre",
    "#failures .headers dd",
    "#failures .diff code.del",
    "#errors details.case .finding",
];

#[test]
fn on_paper_all_that_failed_is_unfolded_and_nothing_waits_for_a_click() {
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
    // After the page's own listener: what the printer is given.
    browser.eval(&format!(
        "addEventListener('beforeprint', () => {{
           window.folded = {folded};
           window.told = {}.map((selector) => Array.from(document.querySelectorAll(selector))).map((all) => [all.length, all.filter((one) => one.checkVisibility()).length]);
         }})",
        json!(TOLD)
    ));
    let pdf = browser.call("Page.printToPDF", json!({ "printBackground": true }));
    // `%PDF` in Base64
    assert!(pdf["data"].as_str().unwrap().starts_with("JVBERi"));
    assert_eq!(browser.number("window.folded"), 0.0);
    let told: Vec<(u64, u64)> = serde_json::from_value(browser.eval("window.told")).unwrap();
    for (selector, (all, seen)) in TOLD.iter().zip(told) {
        assert!(all > 0 && seen == all, "{selector}: {seen} of {all}");
    }
    // And folded again on the screen.
    assert_eq!(browser.number(folded), before);
}

#[test]
fn on_paper_long_lines_are_wrapped_and_long_bodies_whole() {
    let Some(mut browser) = browser() else { return };
    browser.show(crate::hostile::answers());
    browser.unfold();
    // The width of a sheet of A4 without its margins.
    browser.width(700);
    browser.media("print", "light");
    let cut = browser.eval(
        "Array.from(document.querySelectorAll('main pre')).filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1).map((one) => one.textContent.slice(0, 80))",
    );
    assert_eq!(cut, json!([]));
    assert!(browser.number("document.querySelectorAll('main pre').length") > 5.0);
}

#[test]
fn without_script_everything_can_be_read_and_no_dead_control_is_shown() {
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
    // What is folded unfolds by a click.
    let folded = "#failures details.case:not([open])";
    let id = browser.text(&format!("document.querySelector({folded:?}).id"));
    browser.click(&format!("#{id} > summary"));
    browser.until(&format!("document.getElementById({id:?}).open"));
    let (all, seen) = self::seen(&mut browser, &format!("#{id} .finding"));
    assert!(all > 0.0 && seen == all, "{seen} of {all}");
    // Printed, too, failures are told.
    browser.media("print", "light");
    for selector in TOLD {
        let (all, seen) = self::seen(&mut browser, selector);
        assert!(all > 0.0 && seen == all, "{selector}: {seen} of {all}");
    }
}
