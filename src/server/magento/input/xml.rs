//! Reads an XML body like Magento's parser: elements become keys, repeated elements lists, texts values. Main function: [`read`].

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// Deeper elements are rejected: no data object is nested this deeply.
const MAX_DEPTH: usize = 128;

/// The content of the root element, which may have any name: a map of its children, or its text.
///
/// `None` for a text that is not well-formed, nests too deep, or uses entities of its own.
pub fn read(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text.trim_start());
    let mut open = vec![XmlElement::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() <= MAX_DEPTH => open.push(XmlElement::new(&start)?),
            Event::Start(_) => return None,
            Event::Empty(start) => {
                let element = XmlElement::new(&start)?;
                open.last_mut()?.add(element);
            }
            // The reader checks that the names match.
            Event::End(_) => {
                let element = open.pop()?;
                open.last_mut()?.add(element);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content().ok()?),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => {
                        let name = reference.decode().ok()?;
                        quick_xml::escape::resolve_xml_entity(&name)?.to_owned()
                    }
                };
                open.last_mut()?.text.push_str(&character);
            }
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
    let document = open.pop().filter(|_| open.is_empty())?;
    let stray_text = !document.text.trim().is_empty();
    let mut roots = document.children.into_iter();
    let (_, root) = roots.next()?;
    (!stray_text && roots.next().is_none() && !root.is_array()).then_some(root)
}

/// An element that is being read; the outermost represents the document.
#[derive(Default)]
struct XmlElement {
    name: String,
    text: String,
    children: Map<String, Value>,
}

impl XmlElement {
    fn new(start: &BytesStart<'_>) -> Option<Self> {
        let name = start.name();
        Some(XmlElement {
            name: std::str::from_utf8(name.as_ref()).ok()?.to_owned(),
            ..XmlElement::default()
        })
    }

    /// If an element has children, its text is ignored. White space alone is not a text, and an empty element is null.
    fn add(&mut self, child: XmlElement) {
        let value = if !child.children.is_empty() {
            Value::Object(child.children)
        } else if child.text.trim().is_empty() {
            Value::Null
        } else {
            Value::String(child.text)
        };
        match self.children.get_mut(&child.name) {
            None => {
                self.children.insert(child.name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_keys_and_repeated_ones_lists() {
        let text = "<?xml version=\"1.0\"?>\n<request>\n  <customer><email>a&amp;b&#64;example.com</email><prefix/>\
            <addresses><item><city>Austin</city></item><item><city><![CDATA[<Paris>]]></city></item></addresses></customer>\n</request>\n";
        assert_eq!(
            read(text).unwrap(),
            json!({"customer": {
                "email": "a&b@example.com", "prefix": null,
                "addresses": {"item": [{"city": "Austin"}, {"city": "<Paris>"}]},
            }})
        );
        assert_eq!(read("<x>text</x>").unwrap(), json!("text"));
        assert_eq!(read("<x/>").unwrap(), json!(null));
    }

    #[test]
    fn xml_that_is_not_well_formed_is_rejected() {
        for text in [
            "",
            "{}",
            "<request><customer>",
            "<a></b>",
            "<a/><b/>",
            "<a/><a/>",
            "<a>&own;</a>",
            "<a/> text",
            "</a>",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            read(&format!(
                "{}x{}",
                "<a>".repeat(50_000),
                "</a>".repeat(50_000)
            )),
            None
        );
    }
}
