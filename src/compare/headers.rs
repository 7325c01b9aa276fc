//! Headers compared by their meaning. Main function: [`compared`].

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

/// What differs between the headers of two answers. `origins`: scheme, host and port, there and here.
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

/// The names of the cookies an answer sets, without those it deletes.
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
            .map(|one| one.trim().to_ascii_lowercase());
        let is_deleted = attributes.any(|one| {
            one.strip_prefix("max-age=")
                .is_some_and(|age| age == "0" || age.starts_with('-'))
        });
        (!is_deleted).then_some((name.trim(), value.trim()))
    })
}

/// A recorded URL as it would be here.
fn moved(url: &str, origins: &[String; 2], bindings: &Bindings) -> String {
    let mut container = String::new();
    let [there, here] = origins;
    let moved = url.replace(there.as_str(), here);
    let segments = moved.split('/').map(|segment| {
        if space::is_word(segment) {
            container = space::name(segment);
        }
        bindings.id(&container, segment).unwrap_or(segment)
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What a header's value means, whatever its notation.
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
