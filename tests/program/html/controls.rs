use super::browser::{Browser, browser};
use super::pages;

/// Waits until an element is visible in the window below the sticky filters, and all its parents are open.
#[track_caller]
fn is_before_the_reader(browser: &mut Browser, id: &str) {
    browser.until(&format!(
        "(() => {{ const element = document.getElementById({id:?}), box = element.getBoundingClientRect();
           const above = Math.max(0, document.querySelector('.filters').getBoundingClientRect().bottom);
           return element.checkVisibility() && box.top >= above && box.top < innerHeight; }})()"
    ));
    assert!(browser.holds(&format!(
        "(() => {{ for (let up = document.getElementById({id:?}); up; up = up.parentElement) if (up.tagName === 'DETAILS' && !up.open) return false; return true; }})()"
    )));
}

#[test]
fn a_link_to_a_case_opens_it_and_scrolls_to_it() {
    let Some(mut browser) = browser() else { return };
    let url = browser.show(pages::failing());
    // The last cases: far down, and folded.
    for selector in ["#failures details.case", "#passed li.case"] {
        let id = browser.text(&format!(
            "[...document.querySelectorAll({selector:?})].at(-1).id"
        ));
        assert!(id.starts_with("case-"), "{id}");
        browser.open(&url);
        assert!(!browser.holds(&format!(
            "(() => {{ const box = document.getElementById({id:?}).getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight; }})()"
        )));
        browser.open(&format!("{url}#{id}"));
        is_before_the_reader(&mut browser, &id);
        // A filter that hides it is reset.
        browser.open(&format!("{url}#verdict=skipped"));
        browser.until(&format!("document.getElementById({id:?}).hidden"));
        browser.eval(&format!("location.hash = '#' + {id:?}"));
        is_before_the_reader(&mut browser, &id);
    }
    // Links in the page.
    browser.open(&url);
    browser.click("#failures details.case[open] a.self");
    let id = browser.text("document.querySelector('#failures details.case[open]').id");
    assert_eq!(browser.text("location.hash"), format!("#{id}"));
    is_before_the_reader(&mut browser, &id);
    browser.click("#failures details.case[open] a.code");
    let hash = browser.text("location.hash");
    let code = hash.strip_prefix("#explain-").unwrap().to_owned();
    assert_eq!(
        browser.text("document.querySelector('#failures details.case[open] a.code').textContent"),
        code
    );
    is_before_the_reader(&mut browser, &format!("explain-{code}"));
    assert!(browser.holds(&format!(
        "document.querySelector('#explain-{code} .prose').checkVisibility()"
    )));
}

/// The full name of the case that has the focus.
fn focused(browser: &mut Browser) -> String {
    browser.text("document.activeElement.closest('.case').dataset.case")
}

#[test]
fn keys_search_walk_and_open() {
    let Some(mut browser) = browser() else { return };
    browser.show(pages::failing());
    let names: Vec<String> = serde_json::from_value(browser.eval(
        "Array.from(document.querySelectorAll('.case')).filter((element) => element.checkVisibility()).slice(0, 3).map((element) => element.dataset.case)",
    ))
    .unwrap();
    browser.press("j");
    assert_eq!(focused(&mut browser), names[0]);
    browser.press("j");
    browser.press("j");
    assert_eq!(focused(&mut browser), names[2]);
    browser.press("k");
    assert_eq!(focused(&mut browser), names[1]);
    let open = "document.activeElement.closest('details.case').open";
    let before = browser.holds(open);
    browser.press("o");
    assert_eq!(browser.holds(open), !before);
    assert_eq!(focused(&mut browser), names[1]);
    browser.press("Enter");
    assert_eq!(browser.holds(open), before);
    // The first case has no previous case.
    browser.press("k");
    browser.press("k");
    assert_eq!(focused(&mut browser), names[0]);

    // In the search field, keys are text.
    browser.press("/");
    assert_eq!(browser.text("document.activeElement.id"), "search");
    assert_eq!(browser.text("document.activeElement.value"), "");
    for letter in ["j", "o", "k", "?", "/"] {
        browser.press(letter);
    }
    assert_eq!(browser.text("document.activeElement.value"), "jok?/");
    assert!(!browser.holds("document.querySelector('#help').open"));
    browser.press("Escape");
    assert!(browser.holds("document.activeElement === document.body"));
}

#[test]
fn the_help_opens_and_closes() {
    let Some(mut browser) = browser() else { return };
    browser.show(pages::passing());
    let open = "document.querySelector('#help').open";
    assert!(!browser.holds(open));
    browser.press("?");
    assert!(browser.holds(open));
    assert!(browser.holds("document.querySelector('#help').contains(document.activeElement)"));
    // The page behind the dialog does not receive keys.
    browser.press("j");
    assert!(browser.holds("document.querySelector('#help').contains(document.activeElement)"));
    browser.press("Escape");
    browser.until("!document.querySelector('#help').open");
    browser.click("#keys");
    assert!(browser.holds(open));
    let help = browser.text("document.querySelector('#help').innerText");
    for key in ["/", "j", "k", "Enter", "o", "?", "Esc"] {
        assert!(help.contains(key), "{key} is missing in {help}");
    }
    browser.click("#help button");
    browser.until("!document.querySelector('#help').open");
}

/// The first visible copy button, and the text beside it.
const COPY: &str = "#failures details.case[open] .step[open] .curl button[data-copy]";

#[test]
fn the_copy_button_puts_the_curl_line_into_the_clipboard() {
    let Some(mut browser) = browser() else { return };
    browser.call(
        "Browser.grantPermissions",
        serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }),
    );
    browser.show(pages::failing());
    let line = browser.text(&format!(
        "document.querySelector({COPY:?}).parentElement.querySelector('pre').textContent"
    ));
    assert!(line.starts_with("curl "), "{line}");
    browser.click(COPY);
    browser.until(&format!(
        "document.querySelector({COPY:?}).textContent === 'copied'"
    ));
    assert_eq!(browser.text("navigator.clipboard.readText()"), line);
    browser.until(&format!(
        "document.querySelector({COPY:?}).textContent === 'copy'"
    ));
}

#[test]
fn the_copy_button_selects_the_line_where_the_clipboard_is_closed() {
    let Some(mut browser) = browser() else { return };
    browser.call(
        "Browser.setPermission",
        serde_json::json!({ "permission": { "name": "clipboard-write" }, "setting": "denied" }),
    );
    browser.show(pages::failing());
    browser.click(COPY);
    browser.until(&format!(
        "document.querySelector({COPY:?}).textContent === 'selected'"
    ));
    let line = browser.text(&format!(
        "document.querySelector({COPY:?}).parentElement.querySelector('pre').textContent"
    ));
    assert_eq!(browser.text("getSelection().toString()"), line);
}
