use serde_json::Value;

use super::browser::{Browser, browser};
use super::{hostile, pages};

/// A desktop, a phone, a narrow phone.
const WIDTHS: [u32; 3] = [1280, 390, 360];

/// Asserts that a page fits into windows of all [`WIDTHS`], as it opens and completely unfolded.
#[track_caller]
fn fits(page: &str) {
    let Some(mut browser) = browser() else { return };
    for width in WIDTHS {
        browser.width(width);
        browser.show(page);
        browser.paint();
        fits_into(&mut browser, width);
        browser.unfold();
        fits_into(&mut browser, width);
    }
}

#[track_caller]
fn fits_into(browser: &mut Browser, width: u32) {
    // A phone widens its window for a page that is too wide, so both are compared with the device width.
    for measure in ["document.scrollingElement.scrollWidth", "innerWidth"] {
        let found = browser.number(measure);
        assert!(found <= f64::from(width), "{measure} is {found} of {width}");
    }
    let (boxes, faults) = faults(browser);
    assert!(boxes > 30, "only {boxes} texts and controls");
    assert!(faults.is_empty(), "at {width}:\n{}", faults.join("\n"));
    // Content outside a frame without a scroll bar would not be found.
    let wide = browser.eval(
        "Array.from(document.querySelectorAll('.scroll, pre')).filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => element.outerHTML.slice(0, 200))",
    );
    assert_eq!(wide, serde_json::json!([]), "at {width}");
}

/// The number of visible texts and controls, and the faults in their layout.
fn faults(browser: &mut Browser) -> (u64, Vec<String>) {
    let mut found = browser.eval(include_str!("layout.js"));
    let faults: Value = found["faults"].take();
    (
        found["boxes"].as_u64().unwrap(),
        serde_json::from_value(faults).unwrap(),
    )
}

#[test]
fn a_passing_page_fits_every_window() {
    fits(pages::passing());
}

#[test]
fn a_failing_page_fits_every_window() {
    fits(pages::failing());
}

#[test]
fn a_page_of_hostile_responses_fits_every_window() {
    fits(hostile::responses());
}

#[test]
fn a_page_of_hostile_events_fits_every_window() {
    fits(hostile::events());
}

#[test]
fn overlapping_and_cut_off_elements_are_detected() {
    let Some(mut browser) = browser() else { return };
    browser.width(390);
    let page = |body: &str| {
        format!(
            "<!doctype html><meta name=viewport content='width=device-width'><style>p {{ margin: 0 }}</style><p>one line</p>{body}"
        )
    };
    for (body, message) in [
        ("<p style='margin-top: -12px'>another</p>", "lies over"),
        (
            "<button style='position: relative; top: -12px'>press</button>",
            "lies over",
        ),
        // Not siblings: a text that leaves its cell.
        (
            "<div style='display: grid; grid-template-columns: 50px 50px'><div>Donaudampfschiff</div><div><b>next</b></div></div>",
            "lies over",
        ),
        (
            "<div style='contain: paint; white-space: nowrap'><p>a line that is much longer than the window of a phone is wide, and that cannot be scrolled to</p></div>",
            "cut off",
        ),
    ] {
        browser.show(&page(body));
        let (_, faults) = faults(&mut browser);
        assert!(!faults.is_empty(), "{body} has no reported fault");
        let as_it_is = faults.iter().all(|fault| fault.contains(message));
        assert!(as_it_is, "{body}: {faults:?}");
    }
    // Neighbours, wrapped lines and content that scrolls inside a frame are correct.
    browser.show(&page(
        "<p>another line with <b>bold words that go on</b> <i>and on, over the end of the line, and on</i></p><button>press</button> <input>
         <pre style='overflow: auto'>a line that is much longer than the window of a phone is wide, and that is scrolled to</pre>",
    ));
    let (boxes, faults) = faults(&mut browser);
    assert_eq!(faults, [""; 0]);
    assert!(boxes >= 7, "{boxes}");
}
