use std::collections::BTreeSet;

use serde_json::json;

use super::browser::{Browser, browser};
use super::pages;

/// The full names of the visible cases.
#[track_caller]
fn seen(browser: &mut Browser) -> BTreeSet<String> {
    cases(browser, "element.checkVisibility()")
}

/// The full names of the cases for which a script expression over the element `element` and its data `data` is true.
#[track_caller]
fn cases(browser: &mut Browser, condition: &str) -> BTreeSet<String> {
    let names = browser.eval(&format!(
        "Array.from(document.querySelectorAll('.case')).filter((element) => {{ const data = element.dataset; return {condition}; }}).map((element) => element.dataset.case)"
    ));
    serde_json::from_value(names).unwrap()
}

/// Waits until the live count has the expected value, and compares it with the visible cases.
#[track_caller]
fn shows(browser: &mut Browser, expected: &BTreeSet<String>) {
    let all = browser.number("document.querySelectorAll('.case').length");
    let text = format!("{} of {all} cases", expected.len());
    browser.until(&format!(
        "document.querySelector('#shown').textContent === {text:?}"
    ));
    assert_eq!(&seen(browser), expected);
}

/// Selects an item of a list, like a reader.
#[track_caller]
fn pick(browser: &mut Browser, list: &str, item: &str) {
    assert!(browser.holds(&format!(
        "(() => {{ const list = document.querySelector({list:?}); list.value = {item:?};
           list.dispatchEvent(new Event('change', {{ bubbles: true }})); return list.value === {item:?}; }})()"
    )), "{list} has no {item}");
}

/// Clears the search field, types a text, and waits until the page has applied it.
fn seek(browser: &mut Browser, words: &str) {
    browser.click("#search");
    browser.eval("document.querySelector('#search').select()");
    browser.write(words);
    browser.until(&format!(
        "new URLSearchParams(location.hash.slice(1)).get('q') === {words:?}"
    ));
}

#[test]
fn a_search_leaves_the_cases_that_have_all_its_words() {
    let Some(mut browser) = browser() else { return };
    browser.show(pages::failing());
    let all = browser.number("document.querySelectorAll('.case').length");
    assert_eq!(
        browser.text("document.querySelector('#shown').textContent"),
        format!("{all} cases")
    );
    // A passed case, and a case shown in full: each is found by its full name, and by the words of the name in any order and case.
    for selector in ["#passed li.case", "#failures details.case"] {
        let name = browser.text(&format!(
            "document.querySelector({selector:?}).dataset.case"
        ));
        let same = cases(&mut browser, &format!("data.case === {name:?}"));
        assert_eq!(same.len(), 1);
        seek(&mut browser, &name);
        let with_it = cases(&mut browser, &format!("data.case.includes({name:?})"));
        shows(&mut browser, &with_it);
        let mut words: Vec<&str> = name.split_whitespace().collect();
        words.reverse();
        seek(&mut browser, &words.join("  ").to_uppercase());
        let found = seen(&mut browser);
        assert!(found.is_superset(&same), "{found:?}");
    }
    seek(&mut browser, "no case has such a word");
    shows(&mut browser, &BTreeSet::new());
    assert!(!browser.holds(
        "[...document.querySelectorAll('.group, .file')].some((element) => element.checkVisibility())"
    ));
}

#[test]
fn each_filter_leaves_the_cases_it_names_and_reset_brings_all_back() {
    let Some(mut browser) = browser() else { return };
    browser.show(pages::failing());
    let before = seen(&mut browser);

    browser.click("input[name=verdict][value=error]");
    let errors = cases(&mut browser, "data.verdict === 'error'");
    assert!(!errors.is_empty());
    shows(&mut browser, &errors);
    browser.click("input[name=verdict][value=failed]");
    let both = cases(&mut browser, "['error', 'failed'].includes(data.verdict)");
    assert!(both.len() > errors.len());
    shows(&mut browser, &both);
    browser.click("input[name=verdict][value=error]");
    browser.click("input[name=verdict][value=failed]");

    // A case belongs to the operations that it calls itself, and to the operation of its failure's cause.
    let operation = "DELETE /V1/addresses/{addressId}";
    pick(&mut browser, "#filter-operation", operation);
    let calling = cases(
        &mut browser,
        &format!(
            "(data.operations || '').split('\\n').includes({operation:?}) || element.closest('.group')?.dataset.operation === {operation:?}"
        ),
    );
    assert!(!calling.is_empty());
    shows(&mut browser, &calling);
    // Filters are combined with AND.
    pick(&mut browser, "#filter-code", "status-unexpected");
    let fewer = cases(
        &mut browser,
        &format!(
            "((data.operations || '').split('\\n').includes({operation:?}) || element.closest('.group')?.dataset.operation === {operation:?}) && (data.codes || '').split('\\n').includes('status-unexpected')"
        ),
    );
    assert!(!fewer.is_empty() && fewer.len() < calling.len());
    shows(&mut browser, &fewer);
    pick(&mut browser, "#filter-operation", "");
    pick(&mut browser, "#filter-code", "");

    let tag = browser.text("document.querySelector('#filter-tag').options[1].value");
    pick(&mut browser, "#filter-tag", &tag);
    let tagged = cases(
        &mut browser,
        &format!("(data.tags || '').split('\\n').includes({tag:?})"),
    );
    assert!(!tagged.is_empty());
    shows(&mut browser, &tagged);

    seek(&mut browser, "customer");
    browser.until("location.hash.includes('q=customer')");
    browser.click("#reset");
    browser.until("!document.querySelector('#shown').textContent.includes(' of ')");
    assert_eq!(seen(&mut browser), before);
    assert_eq!(browser.text("location.hash"), "");
    assert_eq!(browser.text("document.querySelector('#search').value"), "");
    assert_eq!(
        browser.number("document.querySelectorAll('input[name=verdict]:checked').length"),
        0.0
    );
}

#[test]
fn filters_are_stored_in_the_url_and_restored_from_it() {
    let Some(mut browser) = browser() else { return };
    let url = browser.show(pages::failing());
    browser.click("input[name=verdict][value=failed]");
    browser.click("input[name=verdict][value=error]");
    pick(
        &mut browser,
        "#filter-operation",
        "GET /V1/customers/{customerId}",
    );
    seek(&mut browser, "customer & reads");
    seek(&mut browser, "customer");
    browser.until("location.hash.includes('q=customer')");
    let hash = browser.text("location.hash");
    let found = seen(&mut browser);
    assert!(!found.is_empty());
    let parameters: Vec<(String, String)> = url::form_urlencoded::parse(&hash.as_bytes()[1..])
        .into_owned()
        .collect();
    assert_eq!(
        json!(parameters),
        json!([
            ["q", "customer"],
            ["verdict", "failed,error"],
            ["operation", "GET /V1/customers/{customerId}"],
        ])
    );

    browser.open(&format!("{url}{hash}"));
    shows(&mut browser, &found);
    assert_eq!(
        browser.eval("[document.querySelector('#search').value, [...document.querySelectorAll('input[name=verdict]:checked')].map((element) => element.value), document.querySelector('#filter-operation').value, document.querySelector('#filter-tag').value]"),
        json!(["customer", ["failed", "error"], "GET /V1/customers/{customerId}", ""])
    );

    // A URL that is opened in the current page, and a URL with values that no list has.
    browser.eval("location.hash = '#verdict=skipped'");
    let skipped = cases(&mut browser, "data.verdict === 'skipped'");
    assert!(!skipped.is_empty());
    shows(&mut browser, &skipped);
    browser.eval("location.hash = '#verdict=none&operation=none&code=%FF'");
    browser.until("!document.querySelector('#shown').textContent.includes(' of ')");
}
