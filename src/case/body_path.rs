//! Where in a body a value is: [`BodyPath`].

use std::fmt;
use std::ops::Deref;

use serde_json_path::{JsonPath, ParseError};

/// A JSONPath (RFC 9535) as written and compiled. Two are equal when their texts are equal.
#[derive(Debug, Clone)]
pub struct BodyPath {
    text: String,
    path: JsonPath,
}

impl BodyPath {
    /// Fails where the text is not a JSONPath.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(BodyPath {
            path: JsonPath::parse(text)?,
            text: text.to_owned(),
        })
    }
}

impl PartialEq for BodyPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Deref for BodyPath {
    type Target = JsonPath;

    fn deref(&self) -> &JsonPath {
        &self.path
    }
}

/// As written.
impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
