use std::collections::BTreeSet;

use serde_json::json;

use crate::browser::{Browser, browser};
use crate::pages;

/// The full names of the cases that can be seen.
#[track_caller]
fn seen(browser: &mut Browser) -> BTreeSet<String> {
    cases(browser, "one.checkVisibility()")
}

/// The full names of the cases of which a script's expression over the element `one` and its data `data` is true.
#[track_caller]
fn cases(browser: &mut Browser, condition: &str) -> BTreeSet<String> {
    let names = browser.eval(&format!(
        "Array.from(document.querySelectorAll('.case')).filter((one) => {{ const data = one.dataset; return {condition}; }}).map((one) => one.dataset.case)"
    ));
    serde_json::from_value(names).unwrap()
}

/// Waits until the live count says so, and holds it against the cases that can be seen.
#[track_caller]
fn shows(browser: &mut Browser, expected: &BTreeSet<String>) {
    let all = browser.number("document.querySelectorAll('.case').length");
    let words = format!("{} of {all} cases", expected.len());
    browser.until(&format!(
        "document.querySelector('#shown').textContent === {words:?}"
    ));
    assert_eq!(&seen(browser), expected);
}

/// What a reader does who picks an item of a list.
#[track_caller]
fn pick(browser: &mut Browser, list: &str, item: &str) {
    assert!(browser.holds(&format!(
        "(() => {{ const list = document.querySelector({list:?}); list.value = {item:?};
           list.dispatchEvent(new Event('change', {{ bubbles: true }})); return list.value === {item:?}; }})()"
    )), "{list} has no {item}");
}

/// Takes out what stands in the search, writes this, and waits until the page has taken it up.
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
    // A case that passed, and one that is told whole: each is found by its whole name, and by its words in any order and case.
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
        "[...document.querySelectorAll('.group, .file')].some((one) => one.checkVisibility())"
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

    // A case belongs to an operation that it calls itself, and to the one to which its failure is put down.
    let operation = "DELETE /V1/addresses/{addressId}";
    pick(&mut browser, "#filter-operation", operation);
    let calling = cases(
        &mut browser,
        &format!(
            "(data.operations || '').split('\\n').includes({operation:?}) || one.closest('.group')?.dataset.operation === {operation:?}"
        ),
    );
    assert!(!calling.is_empty());
    shows(&mut browser, &calling);
    // Filters narrow each other.
    pick(&mut browser, "#filter-code", "status-unexpected");
    let fewer = cases(
        &mut browser,
        &format!(
            "((data.operations || '').split('\\n').includes({operation:?}) || one.closest('.group')?.dataset.operation === {operation:?}) && (data.codes || '').split('\\n').includes('status-unexpected')"
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
fn filters_stand_in_the_address_and_come_back_from_it() {
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
        browser.eval("[document.querySelector('#search').value, [...document.querySelectorAll('input[name=verdict]:checked')].map((one) => one.value), document.querySelector('#filter-operation').value, document.querySelector('#filter-tag').value]"),
        json!(["customer", ["failed", "error"], "GET /V1/customers/{customerId}", ""])
    );

    // An address that is followed in the open page, and one with values that no list has.
    browser.eval("location.hash = '#verdict=skipped'");
    let skipped = cases(&mut browser, "data.verdict === 'skipped'");
    assert!(!skipped.is_empty());
    shows(&mut browser, &skipped);
    browser.eval("location.hash = '#verdict=none&operation=none&code=%FF'");
    browser.until("!document.querySelector('#shown').textContent.includes(' of ')");
}
