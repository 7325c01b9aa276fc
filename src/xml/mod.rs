//! XML documents (XML 1.0 and Namespaces in XML 1.0) of responses: `XmlDocument`; places and values in them by XPath 1.0: [`XPath`].

mod document;
mod encoding;
mod path;

pub(crate) use document::{XmlDocument, XmlFault, XmlNodeId};
pub(crate) use encoding::decoded;
pub use path::{XPath, XPathFault, XPathValue};
