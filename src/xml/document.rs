//! An XML document of a response. Main type: [`XmlDocument`].
//!
//! Nothing is fetched, and entities that a document declares are not expanded: a few lines of them can expand to gigabytes.

use roxmltree::{Document, Error, Node, ParsingOptions};

/// The index of a node in its [`XmlDocument`].
pub(crate) type XmlNodeId = usize;

/// The namespace of `xsi:nil`.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The namespace of `xml:lang` and `xml:space`.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A well-formed document as a tree of nodes (XPath 1.0, section 5), without nodes for namespaces.
#[derive(Debug)]
pub(crate) struct XmlDocument {
    /// In the order of the document; the attributes of an element follow it. The first is the document itself.
    nodes: Vec<XmlNode>,
    root: XmlNodeId,
}

#[derive(Debug)]
pub(super) struct XmlNode {
    pub(super) kind: XmlNodeKind,
    /// `None`: the document itself.
    pub(super) parent: Option<XmlNodeId>,
    /// The first node after it that is not inside it.
    pub(super) end: XmlNodeId,
    pub(super) attributes: Vec<XmlNodeId>,
    pub(super) children: Vec<XmlNodeId>,
}

#[derive(Debug)]
pub(super) enum XmlNodeKind {
    Document,
    Element(XmlName),
    Attribute(XmlName, String),
    /// Adjacent texts and CDATA sections are one.
    Text(String),
    Comment(String),
    Instruction {
        target: String,
        text: String,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct XmlName {
    pub(super) prefix: Option<String>,
    pub(super) local: String,
    pub(super) namespace: Option<String>,
}

/// Why a text is not read as XML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum XmlFault {
    /// Elements are nested deeper than the limit.
    TooDeep,
    /// It declares entities, or uses one of a document type that is elsewhere.
    Entities,
    /// It ends before its root element does.
    Truncated,
    /// It is not well-formed: a fragment that says why, with line and column, and the byte in the text.
    Malformed { message: String, at: usize },
}

impl XmlDocument {
    /// Reads a text whose elements are nested up to `depth` deep.
    pub(crate) fn parse(text: &str, depth: usize) -> Result<Self, XmlFault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let options = |allow_dtd| ParsingOptions {
            allow_dtd,
            ..ParsingOptions::default()
        };
        let parsed = match Document::parse_with_options(text, options(false)) {
            // A document type without entities changes nothing.
            Err(Error::DtdDetected) if !text.contains("<!ENTITY") => {
                Document::parse_with_options(text, options(true))
            }
            other => other,
        };
        let parsed = parsed.map_err(|error| fault(&error, text))?;
        let mut nodes = Vec::new();
        copy(parsed.root(), depth, &mut nodes)?;
        let root = nodes
            .iter()
            .position(|node| matches!(node.kind, XmlNodeKind::Element(_)))
            .ok_or(XmlFault::Truncated)?;
        Ok(XmlDocument { nodes, root })
    }

    /// The document's element.
    pub(crate) fn root(&self) -> XmlNodeId {
        self.root
    }

    /// The local name of an element and its namespace.
    pub(crate) fn name(&self, element: XmlNodeId) -> (&str, Option<&str>) {
        match &self.nodes[element].kind {
            XmlNodeKind::Element(name) => (&name.local, name.namespace.as_deref()),
            _ => ("", None),
        }
    }

    /// The elements directly in an element.
    pub(crate) fn elements(&self, parent: XmlNodeId) -> impl Iterator<Item = XmlNodeId> {
        let children = self.nodes[parent].children.iter().copied();
        children.filter(|&child| matches!(self.nodes[child].kind, XmlNodeKind::Element(_)))
    }

    /// The text directly in an element, CDATA sections included.
    pub(crate) fn text(&self, parent: XmlNodeId) -> String {
        let children = self.nodes[parent].children.iter();
        children
            .filter_map(|&child| match &self.nodes[child].kind {
                XmlNodeKind::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Local name, namespace and value of each attribute, without those that XML and XML Schema define for all documents (`xml:lang`,
    /// `xsi:nil`).
    pub(crate) fn attributes(
        &self,
        element: XmlNodeId,
    ) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
        self.all_attributes(element)
            .filter(|(_, namespace, _)| ![Some(INSTANCE), Some(XML)].contains(namespace))
    }

    fn all_attributes(
        &self,
        element: XmlNodeId,
    ) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
        let all = self.nodes[element].attributes.iter();
        all.filter_map(|&attribute| match &self.nodes[attribute].kind {
            XmlNodeKind::Attribute(name, value) => {
                Some((&*name.local, name.namespace.as_deref(), value.as_str()))
            }
            _ => None,
        })
    }

    /// Whether `xsi:nil` says that the element is null (XML Schema 1.1, part 1, section 2.7.2).
    pub(crate) fn is_nil(&self, element: XmlNodeId) -> bool {
        let mut all = self.all_attributes(element);
        all.any(|(name, namespace, value)| {
            name == "nil" && namespace == Some(INSTANCE) && ["true", "1"].contains(&value.trim())
        })
    }

    /// An XPath of an element, `/orders/order[2]/s:line`: names as the document writes them, a position where the name is repeated.
    pub(crate) fn path(&self, element: XmlNodeId) -> String {
        let XmlNodeKind::Element(name) = &self.nodes[element].kind else {
            return String::new();
        };
        let Some(parent) = self.nodes[element].parent else {
            return String::new();
        };
        let same = self.elements(parent);
        let same = same.filter(|&other| self.name(other) == self.name(element));
        let same: Vec<XmlNodeId> = same.collect();
        let position = same.iter().position(|&other| other == element).unwrap_or(0) + 1;
        let (outer, written) = (self.path(parent), written(name));
        match same.len() {
            0 | 1 => format!("{outer}/{written}"),
            _ => format!("{outer}/{written}[{position}]"),
        }
    }

    pub(super) fn node(&self, id: XmlNodeId) -> &XmlNode {
        &self.nodes[id]
    }

    /// The number of nodes; all indices are below it.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// A name as the document writes it.
pub(super) fn written(name: &XmlName) -> String {
    match &name.prefix {
        Some(prefix) => format!("{prefix}:{}", name.local),
        None => name.local.clone(),
    }
}

/// Copies a node and all inside it, which are nested up to `depth` deep.
fn copy(from: Node<'_, '_>, depth: usize, nodes: &mut Vec<XmlNode>) -> Result<(), XmlFault> {
    // Not recursive: the document decides how deep it is.
    let mut open: Vec<XmlNodeId> = Vec::new();
    let mut next = Some(from);
    while let Some(node) = next {
        let id = nodes.len();
        let parent = open.last().copied();
        if let Some(kind) = kind(node) {
            nodes.push(XmlNode {
                kind,
                parent,
                end: id + 1,
                attributes: Vec::new(),
                children: Vec::new(),
            });
            if let Some(parent) = parent {
                nodes[parent].children.push(id);
            }
            for attribute in node.attributes() {
                let id_of_attribute = nodes.len();
                let namespace = attribute.namespace().map(str::to_owned);
                let name = XmlName {
                    prefix: prefix(node, namespace.as_deref()),
                    local: attribute.name().to_owned(),
                    namespace,
                };
                nodes.push(XmlNode {
                    kind: XmlNodeKind::Attribute(name, attribute.value().to_owned()),
                    parent: Some(id),
                    end: id_of_attribute + 1,
                    attributes: Vec::new(),
                    children: Vec::new(),
                });
                nodes[id].attributes.push(id_of_attribute);
            }
        }
        next = node.first_child();
        if next.is_some() {
            open.push(id);
            if open.len() > depth + 1 {
                return Err(XmlFault::TooDeep);
            }
            continue;
        }
        nodes[id].end = nodes.len();
        let mut last = node;
        next = loop {
            if let Some(sibling) = last.next_sibling() {
                break Some(sibling);
            }
            let (Some(outer), Some(closed)) = (last.parent(), open.pop()) else {
                break None;
            };
            nodes[closed].end = nodes.len();
            last = outer;
        };
    }
    Ok(())
}

fn kind(node: Node<'_, '_>) -> Option<XmlNodeKind> {
    let text = || node.text().unwrap_or_default().to_owned();
    Some(if node.is_root() {
        XmlNodeKind::Document
    } else if node.is_element() {
        let tag = node.tag_name();
        let namespace = tag.namespace().map(str::to_owned);
        XmlNodeKind::Element(XmlName {
            prefix: match node.default_namespace() == namespace.as_deref() {
                true => None,
                false => prefix(node, namespace.as_deref()),
            },
            local: tag.name().to_owned(),
            namespace,
        })
    } else if node.is_text() {
        XmlNodeKind::Text(text())
    } else if node.is_comment() {
        XmlNodeKind::Comment(text())
    } else {
        let instruction = node.pi()?;
        XmlNodeKind::Instruction {
            target: instruction.target.to_owned(),
            text: instruction.value.unwrap_or_default().to_owned(),
        }
    })
}

fn prefix(node: Node<'_, '_>, namespace: Option<&str>) -> Option<String> {
    let prefix = node.lookup_prefix(namespace?)?;
    (!prefix.is_empty()).then(|| prefix.to_owned())
}

fn fault(error: &Error, text: &str) -> XmlFault {
    match error {
        Error::DtdDetected => return XmlFault::Entities,
        Error::UnknownEntityReference(..) if text.contains("<!DOCTYPE") => {
            return XmlFault::Entities;
        }
        Error::UnexpectedEndOfStream | Error::UnclosedRootNode | Error::NoRootNode => {
            return XmlFault::Truncated;
        }
        _ => {}
    }
    let place = error.pos();
    let at = offset(text, place.row as usize, place.col as usize);
    // What is open at the end of the text was cut off.
    if at >= text.trim_end().len() && text.trim_start().starts_with('<') {
        return XmlFault::Truncated;
    }
    let message = error.to_string();
    // The library's message ends with its place, `at 1:2`.
    let reason = message
        .rsplit_once(" at ")
        .map_or(message.as_str(), |(reason, _)| reason);
    XmlFault::Malformed {
        message: format!("{reason} (line {}, column {})", place.row, place.col),
        at,
    }
}

/// The byte at a line and a column in characters, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let before = text[start..].chars().take(column.saturating_sub(1));
    start + before.map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> XmlDocument {
        XmlDocument::parse(text, 20).unwrap()
    }

    #[test]
    fn a_path_names_repeated_elements_by_position() {
        let document = parse(
            "\u{feff}<?xml version='1.0'?><!-- x --><a xmlns:s='urn:s'><b/><s:b s:c='1'/><b><c/></b></a>",
        );
        let children: Vec<XmlNodeId> = document.elements(document.root()).collect();
        let paths: Vec<String> = children.iter().map(|&child| document.path(child)).collect();
        assert_eq!(paths, ["/a/b[1]", "/a/s:b", "/a/b[2]"]);
        let inner = document.elements(children[2]).next().unwrap();
        assert_eq!(document.path(inner), "/a/b[2]/c");
        assert_eq!(document.node(children[2]).end, document.len());
        assert_eq!(document.node(children[1]).end, children[2]);
    }

    #[test]
    fn text_is_read_with_sections_and_references_and_without_comments() {
        let document = parse("<a>x &amp; <!-- no -->&#xe9;<![CDATA[<b>]]></a>");
        assert_eq!(document.text(document.root()), "x & é<b>");
        assert_eq!(document.elements(document.root()).count(), 0);
    }

    #[test]
    fn what_is_broken_is_placed() {
        for (text, line) in [
            ("<a>\n <b></c>\n</a>", 2),
            ("<a>&nope;</a>", 1),
            ("<a b='1' b='2'/>", 1),
            ("<a/><b/>", 1),
            ("{\"a\":1}", 1),
            ("<p:a/>", 1),
            ("<a>\u{1}</a>", 1),
            ("<a>\n\n<b><c></b></a>", 3),
            ("<a b/>", 1),
            ("<a><</a>", 1),
        ] {
            let fault = XmlDocument::parse(text, 20).unwrap_err();
            let XmlFault::Malformed { message, .. } = fault else {
                panic!("{text}: {fault:?}");
            };
            let place = format!(" (line {line}, column ");
            assert!(message.contains(&place), "{text}: {message}");
        }
    }

    #[test]
    fn what_ends_early_is_truncated() {
        for text in [
            "<a>",
            "<a><b>",
            "<a>text",
            "<a",
            "<a b=",
            "<a></a",
            "<a><![CDATA[x",
            "<!-- x",
            "<?xml version='1.0'?>",
        ] {
            let fault = XmlDocument::parse(text, 20).unwrap_err();
            assert_eq!(fault, XmlFault::Truncated, "{text}");
        }
    }

    #[test]
    fn entities_are_refused_and_a_plain_document_type_is_not() {
        let laughs = "<!DOCTYPE a [<!ENTITY l 'ha'><!ENTITY m '&l;&l;'>]><a>&m;</a>";
        let external = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
        for text in [laughs, external, "<!DOCTYPE a SYSTEM 'a.dtd'><a>&x;</a>"] {
            let fault = XmlDocument::parse(text, 20).unwrap_err();
            assert_eq!(fault, XmlFault::Entities, "{text}");
        }
        parse("<!DOCTYPE a SYSTEM 'a.dtd'><a/>");
        parse("<!DOCTYPE a [<!ELEMENT a ANY>]><a/>");
    }

    #[test]
    fn elements_may_be_nested_up_to_the_limit() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(XmlDocument::parse(&nested(20), 20).is_ok());
        for depth in [22, 100_000] {
            let fault = XmlDocument::parse(&nested(depth), 20).unwrap_err();
            assert_eq!(fault, XmlFault::TooDeep);
        }
    }
}
