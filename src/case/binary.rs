//! What is expected of a body as bytes. Main type: [`BinaryExpectation`].

use serde_json::Value;

use super::{Matcher, RenderError, Scope, SentFile, Template};
use crate::source::Place;

/// `expect.binary`. `V` is [`Template`] as written, a JSON value once rendered.
#[derive(Debug, Clone)]
pub struct BinaryExpectation<V> {
    /// The number of bytes.
    pub size: Option<Matcher<V>>,
    /// The media type without parameters, in lower case.
    pub media_type: Option<Matcher<V>>,
    /// In hexadecimal digits of any case.
    pub sha256: Option<V>,
    /// The body has exactly its bytes.
    pub file: Option<SentFile>,
    pub place: Option<Place>,
}

impl<V> BinaryExpectation<V> {
    pub(super) fn collect_values<'e>(&'e self, found: &mut Vec<&'e V>) {
        for matcher in self.size.iter().chain(&self.media_type) {
            matcher.collect_values(found);
        }
        found.extend(&self.sha256);
    }
}

impl BinaryExpectation<Template> {
    /// The expectation with its templates rendered. Fails where one of them cannot be rendered.
    pub(super) fn render(&self, scope: &Scope) -> Result<BinaryExpectation<Value>, RenderError> {
        let BinaryExpectation {
            size,
            media_type,
            sha256,
            file,
            place,
        } = self;
        let matcher = |matcher: &Option<Matcher<Template>>| {
            let rendered = matcher.as_ref().map(|matcher| matcher.render(scope));
            rendered.transpose()
        };
        Ok(BinaryExpectation {
            size: matcher(size)?,
            media_type: matcher(media_type)?,
            sha256: sha256
                .as_ref()
                .map(|value| value.render_text(scope).map(Value::from))
                .transpose()?,
            file: file.clone(),
            place: place.clone(),
        })
    }
}

impl PartialEq for BinaryExpectation<Template> {
    fn eq(&self, other: &Self) -> bool {
        let BinaryExpectation {
            size,
            media_type,
            sha256,
            file,
            place: _,
        } = self;
        *size == other.size
            && *media_type == other.media_type
            && *sha256 == other.sha256
            && *file == other.file
    }
}
