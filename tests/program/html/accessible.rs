use serde_json::Value;

use super::browser::{Browser, browser};
use super::{hostile, pages};

const AXE: &str = include_str!("axe/axe.min.js");

/// The serious and critical violations that axe-core finds, one line each; and the number of rules that passed.
fn violations(browser: &mut Browser) -> (usize, Vec<String>) {
    browser.eval(&format!("{AXE};undefined"));
    let results = browser.eval(
        "axe.run(document, { resultTypes: ['violations', 'passes'] }).then((results) => ({
           passes: results.passes.length,
           violations: results.violations
             .filter((violation) => ['serious', 'critical'].includes(violation.impact))
             .flatMap((violation) => violation.nodes.slice(0, 5).map((node) => `${violation.impact} ${violation.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')} ${node.html.slice(0, 150)}`)),
         }))",
    );
    let violations: Value = results["violations"].clone();
    (
        usize::try_from(results["passes"].as_u64().unwrap()).unwrap(),
        serde_json::from_value(violations).unwrap(),
    )
}

/// Asserts that a page has no serious violations: as it opens; and unfolded, light and dark, on a desktop and on a phone.
#[track_caller]
fn is_accessible(page: &str) {
    let Some(mut browser) = browser() else { return };
    browser.show(page);
    nothing_is_serious(&mut browser, "as it opens");
    for scheme in ["light", "dark"] {
        for width in [1280, 390] {
            browser.media("screen", scheme);
            browser.width(width);
            browser.show(page);
            browser.unfold();
            nothing_is_serious(&mut browser, &format!("{scheme}, {width}, unfolded"));
        }
    }
}

#[track_caller]
fn nothing_is_serious(browser: &mut Browser, how: &str) {
    let (passes, violations) = violations(browser);
    assert!(
        passes > 15,
        "{how}: only {passes} rules found elements to check"
    );
    assert!(violations.is_empty(), "{how}:\n{}", violations.join("\n"));
}

#[test]
fn axe_finds_nothing_serious_in_a_passing_page() {
    is_accessible(pages::passing());
}

#[test]
fn axe_finds_nothing_serious_in_a_failing_page() {
    is_accessible(pages::failing());
}

#[test]
fn axe_finds_nothing_serious_in_a_page_of_hostile_responses() {
    is_accessible(hostile::responses());
}

#[test]
fn axe_finds_nothing_serious_in_a_page_of_hostile_events() {
    is_accessible(hostile::events());
}

#[test]
fn axe_finds_nothing_serious_in_the_help() {
    let Some(mut browser) = browser() else { return };
    for scheme in ["light", "dark"] {
        browser.media("screen", scheme);
        browser.show(pages::passing());
        browser.press("?");
        assert!(browser.holds("document.querySelector('#help').open"));
        nothing_is_serious(&mut browser, scheme);
    }
}

#[test]
fn low_contrast_is_detected() {
    let Some(mut browser) = browser() else { return };
    browser.show(
        "<!doctype html><html><head></head><body><main><h1>A page</h1><p style='color: #bbb; background: #fff'>hardly to be read</p>
         <button></button><input type=text><a href='#x'></a></main></body></html>",
    );
    let (_, violations) = violations(&mut browser);
    for rule in [
        "color-contrast",
        "button-name",
        "label",
        "link-name",
        "document-title",
        "html-has-lang",
    ] {
        assert!(
            violations
                .iter()
                .any(|found| found.split_whitespace().nth(1) == Some(&format!("{rule}:"))),
            "{rule}: {violations:#?}"
        );
    }
}
