//! XPath 1.0 expressions, read and evaluated. Main type: [`XPath`].
//!
//! All of XPath 1.0 except the axis `namespace`, variables and `id()`: the first is deprecated since XPath 2.0, and the others need what a
//! response does not have. No library that is maintained knows all of it.

mod evaluate;
mod function;
mod lexer;
mod parser;

use std::fmt;
use std::sync::Arc;

use serde_json::{Number, Value};

use self::parser::XPathExpression;
use super::document::XmlDocument;

/// An XPath 1.0 expression with the namespaces of its prefixes. Two are equal when both are written alike.
#[derive(Debug, Clone)]
pub struct XPath {
    text: String,
    namespaces: Vec<(String, String)>,
    expression: Arc<XPathExpression>,
}

/// Why a text is not an XPath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XPathFault {
    /// A fragment that says what is wrong.
    pub message: String,
    /// The byte in the text.
    pub at: usize,
    pub advice: Option<String>,
}

/// What an XPath finds in a document.
#[derive(Debug, Clone, PartialEq)]
pub enum XPathValue {
    /// The text of each node (XPath 1.0, section 5), in the order of the document.
    Nodes(Vec<String>),
    Boolean(bool),
    Number(f64),
    Text(String),
}

impl XPath {
    /// Fails where the text is not an expression of XPath 1.0, or uses a prefix that `namespaces` does not have.
    pub fn parse(text: &str, namespaces: &[(String, String)]) -> Result<Self, XPathFault> {
        if text.starts_with('$') {
            return Err(XPathFault {
                message: "variables (`$name`) have no values here".to_owned(),
                at: 0,
                advice: Some("a place in XML is an XPath, as in `//order/@id`".to_owned()),
            });
        }
        Ok(XPath {
            expression: Arc::new(parser::parse(text, namespaces)?),
            text: text.to_owned(),
            namespaces: namespaces.to_vec(),
        })
    }

    /// What it finds. Fails, with a fragment, where it would take too long.
    pub(crate) fn evaluate(&self, document: &XmlDocument) -> Result<XPathValue, String> {
        evaluate::evaluate(&self.expression, document)
    }

    /// Prefixes and their namespaces.
    pub(crate) fn namespaces(&self) -> &[(String, String)] {
        &self.namespaces
    }
}

impl PartialEq for XPath {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.namespaces) == (&other.text, &other.namespaces)
    }
}

/// As written.
impl fmt::Display for XPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl XPathValue {
    /// The value as it is compared: the text of a node, a list of the texts of several, a number, a boolean; `None` where there is no node.
    pub fn into_json(self) -> Option<Value> {
        match self {
            XPathValue::Nodes(mut texts) => match texts.len() {
                0 => None,
                1 => texts.pop().map(Value::String),
                _ => Some(texts.into()),
            },
            XPathValue::Boolean(value) => Some(value.into()),
            XPathValue::Text(text) => Some(text.into()),
            XPathValue::Number(number) => Some(number_value(number)),
        }
    }
}

/// A whole number without a fraction; a text (`NaN`, `Infinity`) where JSON has no number.
fn number_value(number: f64) -> Value {
    /// Up to here all whole numbers are floats.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or_else(
        || Value::from(evaluate::text_of_number(number)),
        Value::Number,
    )
}

#[cfg(test)]
mod tests;
