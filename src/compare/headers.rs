//! Compares headers by their meaning. Main function: [`compared`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE, WWW_AUTHENTICATE, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName};

use super::HeaderDifference;
use crate::compare::bindings::Bindings;
use crate::compare::space;

/// The headers that are compared by value.
pub const HEADERS: [HeaderName; 6] = [
    CONTENT_TYPE,
    CACHE_CONTROL,
    X_FRAME_OPTIONS,
    LOCATION,
    WWW_AUTHENTICATE,
    ALLOW,
];

/// The differences between the headers of two responses. `origins`: scheme, host and port, recorded and live.
pub(crate) fn compared(
    recorded: &HeaderMap,
    live: &HeaderMap,
    origins: &[String; 2],
    bindings: &Bindings,
) -> Vec<HeaderDifference> {
    let mut differences: Vec<HeaderDifference> = Vec::new();
    for name in HEADERS {
        let text = |headers: &HeaderMap| {
            let values = headers.get_all(&name).iter();
            let values: Vec<Cow<'_, str>> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        let (mut expected, actual) = (text(recorded), text(live));
        if name == LOCATION {
            expected = expected.map(|text| moved(&text, origins, bindings));
        }
        let meaning = |value: &Option<String>| value.as_deref().map(|value| meaning(&name, value));
        if meaning(&expected) != meaning(&actual) {
            differences.push(HeaderDifference {
                name,
                expected,
                actual,
            });
        }
    }
    let names = |headers: &HeaderMap| {
        let names: BTreeSet<String> = cookies(headers).map(|(name, _)| name.to_owned()).collect();
        let names: Vec<String> = names.into_iter().collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let (expected, actual) = (names(recorded), names(live));
    if expected != actual {
        differences.push(HeaderDifference {
            name: SET_COOKIE,
            expected,
            actual,
        });
    }
    differences
}

/// The names and values of the cookies that a response sets, without those it deletes.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.get_all(SET_COOKIE).iter().filter_map(|value| {
        let (pair, attributes) = value
            .to_str()
            .ok()?
            .split_once(';')
            .unwrap_or((value.to_str().ok()?, ""));
        let (name, value) = pair.split_once('=')?;
        let mut attributes = attributes
            .split(';')
            .map(|attribute| attribute.trim().to_ascii_lowercase());
        let is_deleted = attributes.any(|attribute| {
            attribute
                .strip_prefix("max-age=")
                .is_some_and(|age| age == "0" || age.starts_with('-'))
        });
        (!is_deleted).then_some((name.trim(), value.trim()))
    })
}

/// A recorded URL as expected in the live response.
fn moved(url: &str, origins: &[String; 2], bindings: &Bindings) -> String {
    let mut container = String::new();
    let [recorded, live] = origins;
    let moved = url.replace(recorded.as_str(), live);
    let segments = moved.split('/').map(|segment| {
        if space::is_word(segment) {
            container = space::name(segment);
        }
        bindings.id(&container, segment).unwrap_or(segment)
    });
    segments.collect::<Vec<_>>().join("/")
}

/// A header's value in a normalised notation.
fn meaning(name: &HeaderName, value: &str) -> String {
    let parts = |separator: char| -> Vec<String> {
        value
            .split(separator)
            .map(|part| part.trim().to_ascii_lowercase())
            .filter(|part| !part.is_empty())
            .collect()
    };
    match *name {
        CONTENT_TYPE => parts(';').join(";"),
        CACHE_CONTROL | ALLOW => {
            let mut parts = parts(',');
            parts.sort();
            parts.join(",")
        }
        X_FRAME_OPTIONS => value.trim().to_ascii_uppercase(),
        _ => value.trim().to_owned(),
    }
}
