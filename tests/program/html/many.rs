use std::time::Instant;

use super::browser::browser;
use super::pages;

#[test]
fn five_thousand_cases_are_one_small_page_in_which_each_is_found() {
    let page = pages::many();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let Some(mut browser) = browser() else { return };
    let began = Instant::now();
    browser.show(page);
    let loaded = began.elapsed();
    assert_eq!(
        browser.number("new Set(Array.from(document.querySelectorAll('.case'), (element) => element.dataset.case)).size"),
        pages::MANY as f64
    );
    for (verdict, cases) in [("passed", pages::MANY / 2), ("failed", pages::MANY / 2)] {
        assert_eq!(
            browser.number(&format!(
                "document.querySelectorAll('.case[data-verdict={verdict}]').length"
            )),
            cases as f64
        );
    }
    let shown = "[...document.querySelectorAll('.case')].filter((element) => element.checkVisibility()).map((element) => element.dataset.case).join()";
    // A passed case and a case of each kind of failure. Of most of them the page has only the name.
    for id in [4000, 4001, 4003, 4007] {
        let text = format!("order {id} is");
        browser.click("#search");
        browser.eval("document.querySelector('#search').select()");
        browser.write(&text);
        let name = format!("shop::orders::the order {id} is there");
        browser.until(&format!("{shown} === {name:?}"));
        assert_eq!(
            browser.text("document.querySelector('#shown').textContent"),
            format!("1 of {} cases", pages::MANY)
        );
    }
    // The duration of filtering, from the event to the next painted frame.
    let filtering = browser.number(
        "(() => {
           const box = document.querySelector('input[name=verdict][value=failed]');
           document.querySelector('#search').value = '';
           const began = performance.now();
           box.checked = true;
           box.dispatchEvent(new Event('change', { bubbles: true }));
           document.body.getBoundingClientRect();
           return performance.now() - began;
         })()",
    );
    assert_eq!(
        browser.text("document.querySelector('#shown').textContent"),
        format!("{} of {} cases", pages::MANY / 2, pages::MANY)
    );
    println!(
        "{} cases: {} bytes, loaded in {loaded:?}, filtered to {} cases in {filtering:.1} ms",
        pages::MANY,
        page.len(),
        pages::MANY / 2
    );
}
