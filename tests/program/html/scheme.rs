use super::browser::{Browser, browser};
use super::pages;

/// The colours of the page: background, text, and background of a card.
fn colours(browser: &mut Browser) -> [String; 3] {
    [
        ("body", "backgroundColor"),
        ("body", "color"),
        (".systems .system", "backgroundColor"),
    ]
    .map(|(selector, property)| {
        browser.text(&format!(
            "getComputedStyle(document.querySelector({selector:?})).{property}"
        ))
    })
}

/// The lightness of a colour `rgb(r, g, b)`, from 0 to 255.
fn light(colour: &str) -> f64 {
    let numbers = colour.trim_start_matches("rgb(").trim_end_matches(')');
    let parts: Vec<f64> = numbers
        .split(", ")
        .map(|part| part.parse().unwrap())
        .collect();
    assert_eq!(parts.len(), 3, "{colour}");
    parts.iter().sum::<f64>() / 3.0
}

#[test]
fn the_system_chooses_light_or_dark() {
    let Some(mut browser) = browser() else { return };
    browser.media("screen", "light");
    browser.show(pages::failing());
    let [ground, text, card] = colours(&mut browser);
    assert!(
        light(&ground) > 200.0 && light(&card) > 200.0,
        "{ground} {card}"
    );
    assert!(light(&text) < 60.0, "{text}");
    // An open page follows the system's scheme.
    browser.media("screen", "dark");
    let [ground, text, card] = colours(&mut browser);
    assert!(
        light(&ground) < 60.0 && light(&card) < 60.0,
        "{ground} {card}"
    );
    assert!(light(&text) > 200.0, "{text}");
    assert_eq!(
        browser.text("getComputedStyle(document.documentElement).colorScheme"),
        "dark"
    );
}

#[test]
fn the_button_overrules_the_system_and_is_remembered() {
    let Some(mut browser) = browser() else { return };
    browser.media("screen", "dark");
    let url = browser.show(pages::failing());
    let dark = colours(&mut browser);
    let theme = "document.documentElement.dataset.theme || 'system'";
    assert_eq!(browser.text(theme), "system");
    browser.click("#theme");
    assert_eq!(browser.text(theme), "light");
    let bright = colours(&mut browser);
    assert!(light(&bright[0]) > 200.0, "{bright:?}");
    assert_eq!(
        browser.text("document.querySelector('#theme').textContent"),
        "scheme: light"
    );
    browser.open(&url);
    assert_eq!(colours(&mut browser), bright);
    browser.click("#theme");
    assert_eq!(browser.text(theme), "dark");
    browser.media("screen", "light");
    assert_eq!(colours(&mut browser), dark);
    browser.click("#theme");
    assert_eq!(browser.text(theme), "system");
    assert_eq!(colours(&mut browser), bright);
}
