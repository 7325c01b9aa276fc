//! Elements as objects and lists.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::form::{Field, Form, XmlTag, shown};
use super::view::{Part, Reach, SchemaView};
use super::{Mapper, XmlPlace};
use crate::contract::NodeId;
use crate::document::escape_pointer;
use crate::xml::XmlNodeId;

/// What an element contains, by property.
struct ElementContents {
    /// The elements of each field, by its number.
    fields: Vec<Vec<XmlNodeId>>,
    /// The elements that no field describes, by name.
    others: IndexMap<String, Vec<XmlNodeId>>,
    /// The attributes of each field, by its number.
    attributes: Vec<Option<(String, String)>>,
    /// The name and the value of each attribute that no field describes.
    other_attributes: Vec<(String, String)>,
}

impl Mapper<'_> {
    /// Whether the document's element has the name that its schema says.
    pub(super) fn check_root(&mut self, root: NodeId) {
        let mut id = root;
        // References count, bases in `allOf` do not: those are about other elements.
        let (id, name, namespace) = loop {
            let Some((keywords, written)) = self.view.object(id) else {
                return;
            };
            let hint = |name: &str| {
                let text = written.get("xml").and_then(|xml| xml.get(name)?.as_str());
                text.map(str::to_owned)
            };
            let is_bare_list = written.get("type").and_then(Value::as_str) == Some("array")
                && written.get("xml").is_none_or(|xml| {
                    xml.get("wrapped") != Some(&Value::Bool(true))
                        && xml.get("nodeType").and_then(Value::as_str) != Some("element")
                });
            if is_bare_list {
                return;
            }
            if let Some(name) = hint("name") {
                break (id, name, hint("namespace"));
            }
            match (written.contains_key("$ref"), keywords.always.first()) {
                (true, Some(&next)) if next != id => id = next,
                _ => return,
            }
        };
        let tag = XmlTag {
            local: name.rsplit(':').next().unwrap_or(&name).to_owned(),
            namespace: namespace.filter(|uri| !uri.is_empty()),
        };
        let element = self.document.root();
        if !tag.is_name_of(self.document, element) {
            let (expected, actual) = (shown(&[tag]), self.shown(element));
            let message = format!("the root element is {actual}, expected {expected}");
            self.fault("", id, message, expected, actual);
        }
    }

    /// The object that an element is.
    pub(super) fn object(&mut self, element: XmlNodeId, parts: &[Part<'_>], at: &str) -> Value {
        let fields = self.fields(parts);
        let has_undetermined = |field: &Field| matches!(field.form, Form::Undetermined);
        if fields.iter().any(has_undetermined) {
            self.notes.uncertain.push(at.to_owned());
        }
        self.refuse_text(element, parts, &fields, at);
        let contents = self.sorted(element, &fields, at);
        let mut value = Map::new();
        for (i, field) in fields.iter().enumerate() {
            let pointer = format!("{at}/{}", escape_pointer(&field.name));
            let elements = &contents.fields[i];
            let found = match &contents.attributes[i] {
                Some((name, text)) => {
                    let place = XmlPlace::Attribute(element, name.clone());
                    self.places.insert(pointer, place);
                    Some(self.scalar(text, &field.ids))
                }
                None => self.field(element, field, elements, parts, &pointer),
            };
            if let Some(found) = found {
                value.insert(field.name.clone(), found);
            }
        }
        for (name, elements) in contents.others {
            let pointer = format!("{at}/{}", escape_pointer(&name));
            let found = self.undescribed(&name, &elements, parts, &pointer);
            value.insert(name, found);
        }
        for (name, text) in contents.other_attributes {
            let key = match value.contains_key(&name) {
                true => format!("@{name}"),
                false => name.clone(),
            };
            let pointer = format!("{at}/{}", escape_pointer(&key));
            let place = XmlPlace::Attribute(element, name.clone());
            self.places.insert(pointer, place);
            let ids = further(parts, &name);
            let found = self.scalar(&text, &ids);
            value.insert(key, found);
        }
        Value::Object(value)
    }

    /// The list of the elements in an element; `tags`: the names that they may have, if those are not only the items' own.
    pub(super) fn list(
        &mut self,
        element: XmlNodeId,
        ids: &[NodeId],
        tags: Option<&[XmlTag]>,
        at: &str,
    ) -> Value {
        let parts = self.view.parts(ids, Reach::Possible);
        let items = self.items_of(ids);
        let item_parts = self.view.parts(&items, Reach::Possible);
        let is_undetermined = |part: &Part<'_>| !part.keywords.prefix.is_empty();
        if parts.iter().any(is_undetermined) || item_parts.iter().any(Part::describes_list) {
            self.notes.uncertain.push(at.to_owned());
        }
        let own_tags;
        let tags = match tags {
            Some(tags) => tags,
            None => {
                // Without a name of their own, the items of a list that is no property may have any.
                own_tags = self.item_tags(&items, &[]);
                let has_own = item_parts
                    .iter()
                    .any(|part| !part.referred && part.hint("name").is_some());
                if has_own { &own_tags[..] } else { &[] }
            }
        };
        let document = self.document;
        let mut values = Vec::new();
        let mut misnamed: Vec<&str> = Vec::new();
        for (i, item) in document.elements(element).enumerate() {
            let pointer = format!("{at}/{i}");
            let (name, _) = document.name(item);
            let is_named = tags.is_empty() || tags.iter().any(|tag| tag.is_name_of(document, item));
            if !is_named && !misnamed.contains(&name) {
                misnamed.push(name);
                let (expected, actual) = (shown(tags), self.shown(item));
                let message = format!("the items of the list are {actual}, expected {expected}");
                let id = items.first().or(ids.first()).copied().unwrap_or_default();
                self.fault(&pointer, id, message, expected, actual);
            }
            values.push(self.element(item, &items, &pointer));
        }
        Value::Array(values)
    }

    /// The value of a field; `None` where it is absent.
    fn field(
        &mut self,
        element: XmlNodeId,
        field: &Field,
        elements: &[XmlNodeId],
        parts: &[Part<'_>],
        at: &str,
    ) -> Option<Value> {
        let ids = &field.ids;
        let is_required = SchemaView::requires(parts, &field.name);
        match &field.form {
            Form::Text => {
                let text = self.document.text(element);
                let has_text = !text.trim().is_empty() || is_required;
                self.places
                    .insert(at.to_owned(), XmlPlace::Element(element));
                has_text.then(|| self.scalar(&text, ids))
            }
            // Null has no other form in an attribute (OpenAPI 3.2, "Handling null Values").
            Form::Attribute if elements.is_empty() => {
                (is_required && self.view.accept(ids, &Value::Null)).then_some(Value::Null)
            }
            Form::List {
                wrapped: false,
                or_one,
                ..
            } => match elements {
                [] => (is_required && !or_one).then(|| Value::Array(Vec::new())),
                [only] if *or_one => Some(self.one_or_list(*only, ids, at)),
                several => {
                    let items = self.items_of(ids);
                    Some(self.several(several, &items, at))
                }
            },
            form => {
                let first = *elements.first()?;
                if elements.len() > 1 {
                    let id = ids.first().copied().unwrap_or_default();
                    let times = format!("{} times", elements.len());
                    let name = self.shown(first);
                    let message = format!("the element {name} occurs {times}, expected once");
                    self.fault(at, id, message, "once".to_owned(), times);
                }
                Some(match form {
                    Form::List {
                        items,
                        or_one: false,
                        ..
                    } if self.is_wrapper(first) => {
                        self.places.insert(at.to_owned(), XmlPlace::Element(first));
                        self.list(first, ids, Some(items), at)
                    }
                    _ => self.element(first, ids, at),
                })
            }
        }
    }

    /// Whether an element can be the wrapper of a list: it is not null and has no text of its own.
    fn is_wrapper(&self, element: XmlNodeId) -> bool {
        !self.document.is_nil(element) && self.document.text(element).trim().is_empty()
    }

    /// A single element that may be a value or a list of one.
    fn one_or_list(&mut self, element: XmlNodeId, ids: &[NodeId], at: &str) -> Value {
        let single = self.tried(|mapper| mapper.element(element, ids, at));
        if single.1.faults.is_empty() && self.view.accept(ids, &single.0) {
            return self.kept(single);
        }
        let items = self.items_of(ids);
        let list = self.tried(|mapper| mapper.several(&[element], &items, at));
        match list.1.faults.is_empty() && self.view.accept(ids, &list.0) {
            true => self.kept(list),
            false => self.kept(single),
        }
    }

    fn several(&mut self, elements: &[XmlNodeId], items: &[NodeId], at: &str) -> Value {
        if let Some(first) = elements.first() {
            let place = XmlPlace::Element(*first);
            self.places.insert(at.to_owned(), place);
        }
        let values = elements.iter().enumerate();
        values
            .map(|(i, &item)| self.element(item, items, &format!("{at}/{i}")))
            .collect()
    }

    /// The value of elements that no field describes.
    fn undescribed(
        &mut self,
        name: &str,
        elements: &[XmlNodeId],
        parts: &[Part<'_>],
        at: &str,
    ) -> Value {
        let ids = further(parts, name);
        let items = self.items_of(&ids);
        match elements {
            [only] if items.is_empty() => self.element(*only, &ids, at),
            several if items.is_empty() => self.several(several, &ids, at),
            several => self.several(several, &items, at),
        }
    }

    /// The elements and attributes of an element by the fields that they belong to. Those that have the name of a field but not its form
    /// are faults, and belong to it.
    fn sorted(&mut self, element: XmlNodeId, fields: &[Field], at: &str) -> ElementContents {
        let mut contents = ElementContents {
            fields: fields.iter().map(|_| Vec::new()).collect(),
            others: IndexMap::new(),
            attributes: fields.iter().map(|_| None).collect(),
            other_attributes: Vec::new(),
        };
        let document = self.document;
        for child in document.elements(element) {
            let (local, _) = document.name(child);
            // The likeliest name of any field comes before the second of another.
            let likeliest = fields.iter().position(|field| {
                let first = field.element_tags().first();
                first.is_some_and(|tag| tag.is_name_of(document, child))
            });
            let any = || {
                fields.iter().position(|field| {
                    let mut tags = field.element_tags().iter();
                    tags.any(|tag| tag.is_name_of(document, child))
                })
            };
            if let Some(i) = likeliest.or_else(any) {
                contents.fields[i].push(child);
                continue;
            }
            match self.misplaced_element(child, fields, at) {
                Some(i) => contents.fields[i].push(child),
                None => contents
                    .others
                    .entry(local.to_owned())
                    .or_default()
                    .push(child),
            }
        }
        for (local, namespace, value) in document.attributes(element) {
            let is_own = |field: &Field| {
                let mut tags = field.tags.iter();
                matches!(field.form, Form::Attribute) && tags.any(|tag| tag.is(local, namespace))
            };
            let pair = || (local.to_owned(), value.to_owned());
            if let Some(i) = fields.iter().position(is_own) {
                contents.attributes[i] = Some(pair());
                continue;
            }
            let misplaced = fields.iter().enumerate().position(|(i, field)| {
                let has_name = field.tags.iter().any(|tag| tag.local == local);
                has_name && contents.fields[i].is_empty() && contents.attributes[i].is_none()
            });
            let Some(i) = misplaced.filter(|&i| !matches!(fields[i].form, Form::Undetermined))
            else {
                contents.other_attributes.push(pair());
                continue;
            };
            let field = &fields[i];
            let expected = match field.form {
                Form::Attribute => format!("the attribute {}", shown(&field.tags)),
                Form::Text => "the text of the element".to_owned(),
                _ => "an element".to_owned(),
            };
            let actual = match namespace {
                Some(namespace) => {
                    format!("the attribute `{local}` in the namespace `{namespace}`")
                }
                None => format!("the attribute `{local}`"),
            };
            let pointer = format!("{at}/{}", escape_pointer(&field.name));
            let message = format!("{actual} is sent, expected {expected}");
            let id = field.ids.first().copied().unwrap_or_default();
            self.fault(&pointer, id, message, expected, actual);
            contents.attributes[i] = Some(pair());
        }
        contents
    }

    /// The field that an element with a wrong name, namespace or form is meant for; a fault is noted.
    fn misplaced_element(&mut self, child: XmlNodeId, fields: &[Field], at: &str) -> Option<usize> {
        let (local, _) = self.document.name(child);
        let i = fields.iter().position(|field| {
            let mut tags = field.tags.iter().chain(field.element_tags());
            let has_name = field.name == local || tags.any(|tag| tag.local == local);
            has_name && !matches!(field.form, Form::Undetermined)
        })?;
        let field = &fields[i];
        let expected = match &field.form {
            Form::Attribute => format!("the attribute {}", shown(&field.tags)),
            Form::Text => "the text of the enclosing element".to_owned(),
            _ => format!("the element {}", shown(field.element_tags())),
        };
        let actual = format!("the element {}", self.shown(child));
        let pointer = format!("{at}/{}", escape_pointer(&field.name));
        let message = format!("{actual} is sent, expected {expected}");
        let id = field.ids.first().copied().unwrap_or_default();
        self.places
            .insert(pointer.clone(), XmlPlace::Element(child));
        self.fault(&pointer, id, message, expected, actual);
        Some(i)
    }

    /// Notes a fault where an element of described elements has text beside them.
    fn refuse_text(&mut self, element: XmlNodeId, parts: &[Part<'_>], fields: &[Field], at: &str) {
        let is_about_elements = !fields.is_empty()
            && !fields
                .iter()
                .any(|field| matches!(field.form, Form::Text | Form::Undetermined));
        let text = self.document.text(element);
        if let (Some(part), true, false) =
            (parts.first(), is_about_elements, text.trim().is_empty())
        {
            let text = crate::text::cut(text.trim(), 60);
            let actual = Value::String(text).to_string();
            let message = format!("the text {actual} is beside elements, expected only elements");
            let expected = "only elements".to_owned();
            self.fault(at, part.id, message, expected, actual);
        }
    }

    /// The name of an element in messages.
    fn shown(&self, element: XmlNodeId) -> String {
        let (local, namespace) = self.document.name(element);
        shown(&[XmlTag {
            local: local.to_owned(),
            namespace: namespace.map(str::to_owned),
        }])
    }
}

/// The schemas of a property that is not named under `properties`.
fn further(parts: &[Part<'_>], name: &str) -> Vec<NodeId> {
    let mut found = Vec::new();
    for part in parts {
        let before = found.len();
        found.extend(part.keywords.patterned(name));
        if found.len() == before {
            found.extend(&part.keywords.further);
        }
    }
    found
}
