//! An XML document as the JSON value that a schema describes (OpenAPI 3.2, "XML Object" and "XML Modeling"; 3.0 and 3.1, "XML Object").
//!
//! Main type: [`XmlTree`]. What is mapped how:
//!
//! - An element becomes an object where the schema describes one, a list where it describes one, else its text: a number or a boolean
//!   where the schema has that type (in the notation of XML Schema), null where `xsi:nil` says so.
//! - Elements and attributes become properties by their local names, or by `xml.name` where that is given; where a `namespace` is given,
//!   it must be that one. A schema that `$ref` names may say another name than the property: both are accepted.
//! - The items of a list are repeated elements, below an element of their own where the list is `wrapped` (or `nodeType: element`).
//!   A list without elements is empty where it is required, else absent.
//! - What the schema does not describe becomes a property all the same, so that `additionalProperties: false` and the like apply.
//!   Attributes of elements that are no objects are ignored.
//!
//! Where alternatives (`oneOf`, `anyOf`) map a document differently, it counts as the first that it satisfies. Where the mapping is
//! not determined (`prefixItems`, lists in lists without a wrapper, `nodeType: none` on an object), nothing is said about that part.

mod form;
mod object;
mod scalar;
mod view;

use std::collections::HashMap;

use serde_json::Value;

use self::view::{Reach, SchemaView, types};
use crate::contract::{NodeId, Schema, Violation};
use crate::xml::{XmlDocument, XmlNodeId};

/// A document as a value, with its places.
#[derive(Debug)]
pub(in crate::check) struct XmlTree {
    pub(in crate::check) value: Value,
    /// Where the document is not what the schema's `xml` says.
    pub(in crate::check) faults: Vec<Violation>,
    /// By JSON pointer.
    places: HashMap<String, XmlPlace>,
    /// JSON pointers of values whose mapping is not determined.
    uncertain: Vec<String>,
    /// JSON pointers of values for which one of several mappings was chosen.
    chosen: Vec<String>,
}

#[derive(Debug)]
enum XmlPlace {
    Element(XmlNodeId),
    Attribute(XmlNodeId, String),
}

/// Keywords that say something about a value as a whole, whose parts may be uncertain.
const ABOUT_PARTS: [&str; 9] = [
    "oneOf",
    "anyOf",
    "not",
    "if",
    "contains",
    "const",
    "enum",
    "uniqueItems",
    "dependentSchemas",
];

impl XmlTree {
    /// The value of a document by a schema. `None` where the contract has no such schema, or its alternatives are too many to try.
    pub(in crate::check) fn of(document: &XmlDocument, schema: &Schema) -> Option<XmlTree> {
        schema.with_shape(|shape, root| {
            let view = SchemaView { schema, shape };
            let mut mapper = Mapper {
                document,
                view,
                places: HashMap::new(),
                notes: Notes::default(),
                left: document.len() * 20 + 10_000,
            };
            mapper.check_root(root);
            let value = mapper.element(document.root(), &[root], "");
            (mapper.left > 0).then_some(XmlTree {
                value,
                faults: mapper.notes.faults,
                places: mapper.places,
                uncertain: mapper.notes.uncertain,
                chosen: mapper.notes.chosen,
            })
        })?
    }

    /// The XPath of the value at a JSON pointer, or of the nearest value that encloses it.
    pub(in crate::check) fn path(&self, document: &XmlDocument, pointer: &str) -> String {
        let mut pointer = pointer;
        loop {
            match (self.places.get(pointer), pointer.rsplit_once('/')) {
                (Some(XmlPlace::Element(element)), _) => return document.path(*element),
                (Some(XmlPlace::Attribute(element, name)), _) => {
                    return format!("{}/@{name}", document.path(*element));
                }
                (None, Some((outer, _))) => pointer = outer,
                (None, None) => return "/".to_owned(),
            }
        }
    }

    /// Whether a violation of the value is one of the document, however its uncertain parts are mapped.
    pub(in crate::check) fn is_certain(&self, violation: &Violation) -> bool {
        let instance = violation.instance.as_str();
        let keyword = violation.keyword.as_str();
        let is_within = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let concerns = |uncertain: &String| {
            is_within(instance, uncertain)
                || ABOUT_PARTS.contains(&keyword) && is_within(uncertain, instance)
        };
        // The value was mapped for one of the alternatives: that it satisfies another one as well says nothing about the document.
        let satisfies_several =
            keyword == "oneOf" && self.chosen.iter().any(|chosen| chosen == instance);
        !satisfies_several && !self.uncertain.iter().any(concerns)
    }

    /// Whether the mapping of the value at a pointer is determined.
    pub(in crate::check) fn is_determined(&self, pointer: &str) -> bool {
        !self.uncertain.iter().any(|uncertain| {
            let rest = pointer.strip_prefix(uncertain.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// What is noted while a document is mapped.
#[derive(Debug, Default)]
struct Notes {
    faults: Vec<Violation>,
    uncertain: Vec<String>,
    chosen: Vec<String>,
}

struct Mapper<'s> {
    document: &'s XmlDocument,
    view: SchemaView<'s>,
    places: HashMap<String, XmlPlace>,
    notes: Notes,
    /// How many more elements may be mapped: alternatives within alternatives multiply.
    left: usize,
}

/// A group of alternatives: the schema that has it, and its number there.
type GroupKey = (NodeId, usize);

impl Mapper<'_> {
    /// The value of an element by the schemas that apply to it.
    fn element(&mut self, element: XmlNodeId, ids: &[NodeId], at: &str) -> Value {
        self.chosen(element, ids, &[], at)
    }

    /// As [`Mapper::element`], with the alternatives of the groups in `decided` among `ids`.
    fn chosen(
        &mut self,
        element: XmlNodeId,
        ids: &[NodeId],
        decided: &[GroupKey],
        at: &str,
    ) -> Value {
        self.places
            .insert(at.to_owned(), XmlPlace::Element(element));
        if self.document.is_nil(element) {
            return Value::Null;
        }
        if self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        let mut ids = ids.to_vec();
        for id in self.implied(element, &ids, at) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let groups = self.view.groups(&ids);
        let open = groups.into_iter().find(|(key, branches)| {
            !decided.contains(key) && !self.view.leads_to_one_of(branches, &ids)
        });
        let Some((key, branches)) = open else {
            return self.plain(element, &ids, at);
        };
        let decided: Vec<GroupKey> = decided.iter().copied().chain([key]).collect();
        let mut nearest: Option<(Value, Notes)> = None;
        for branch in branches {
            let with: Vec<NodeId> = ids.iter().copied().chain([branch]).collect();
            let tried = self.tried(|mapper| mapper.chosen(element, &with, &decided, at));
            if tried.1.faults.is_empty() && self.view.accept(&[branch], &tried.0) {
                self.notes.chosen.push(at.to_owned());
                return self.kept(tried);
            }
            let is_nearer = |(_, known): &(Value, Notes)| tried.1.faults.len() < known.faults.len();
            if nearest.as_ref().is_none_or(is_nearer) {
                nearest = Some(tried);
            }
        }
        // Whichever is meant, the document does not satisfy it.
        nearest.map_or(Value::Null, |nearest| self.kept(nearest))
    }

    /// The schemas that apply because of the value: by a discriminator, a condition, or a property that is there.
    fn implied(&mut self, element: XmlNodeId, ids: &[NodeId], at: &str) -> Vec<NodeId> {
        let parts = self.view.parts(ids, Reach::Certain);
        let depends = |part: &view::Part<'_>| {
            let keywords = part.keywords;
            keywords.dispatch.is_some()
                || keywords.condition.is_some()
                || !keywords.dependent.is_empty()
        };
        if !parts.iter().any(depends) {
            return Vec::new();
        }
        let (value, _) = self.tried(|mapper| mapper.plain(element, ids, at));
        let mut found = Vec::new();
        for part in &parts {
            let keywords = part.keywords;
            let named = keywords.dispatch.as_ref().and_then(|dispatch| {
                let name = value.get(&dispatch.property)?.as_str()?;
                dispatch.named(name)
            });
            found.extend(named);
            if let Some(condition) = &keywords.condition {
                found.extend(match self.view.accept(&[condition.when], &value) {
                    true => condition.then,
                    false => condition.otherwise,
                });
            }
            let present = keywords.dependent.iter();
            let present = present.filter(|(name, _)| value.get(name).is_some());
            found.extend(present.map(|(_, id)| *id));
        }
        found
    }

    /// The value by schemas without alternatives.
    fn plain(&mut self, element: XmlNodeId, ids: &[NodeId], at: &str) -> Value {
        let parts = self.view.parts(ids, Reach::Certain);
        let types = types(&parts);
        let has_elements = self.document.elements(element).next().is_some();
        let text = self.document.text(element);
        let is_blank = text.trim().is_empty();
        let describes_object = parts.iter().any(|part| {
            let keywords = part.keywords;
            !keywords.properties.is_empty()
                || !keywords.patterns.is_empty()
                || !keywords.further.is_empty()
        });
        let describes_list = parts.iter().any(view::Part::describes_list);
        let may_be = |name: &str, described: bool| match &types {
            Some(types) => types.contains(&name),
            None => described,
        };
        let mut kinds = Vec::new();
        let has_attributes = self.document.attributes(element).next().is_some();
        let has_text_field = || self.has_text_field(&parts);
        if may_be("object", describes_object)
            && (has_elements || is_blank || has_attributes || has_text_field())
        {
            kinds.push(Kind::Object);
        }
        if may_be("array", describes_list) && (has_elements || is_blank) {
            kinds.push(Kind::List);
            // Elements that are all called as the items are no properties.
            if kinds.len() > 1 && has_elements && self.has_only_items(element, ids) {
                kinds.swap(0, 1);
            }
        }
        let scalar = match &types {
            Some(types) => types.iter().any(|name| !["object", "array"].contains(name)),
            None => !describes_object && !describes_list,
        };
        if scalar && !has_elements {
            kinds.push(Kind::Scalar);
        }
        match kinds.as_slice() {
            // The type is not the one that is described.
            [] if has_elements => self.object(element, &parts, at),
            [] => Value::String(text),
            [kind] => self.of_kind(*kind, element, ids, at),
            several => {
                let mut first = None;
                for kind in several {
                    let tried = self.tried(|mapper| mapper.of_kind(*kind, element, ids, at));
                    if tried.1.faults.is_empty() && self.view.accept(ids, &tried.0) {
                        return self.kept(tried);
                    }
                    first.get_or_insert(tried);
                }
                first.map_or(Value::Null, |first| self.kept(first))
            }
        }
    }

    /// Whether the items of a list have a name of their own, and all elements in an element have it.
    fn has_only_items(&self, element: XmlNodeId, ids: &[NodeId]) -> bool {
        let items = self.items_of(ids);
        let parts = self.view.parts(&items, Reach::Possible);
        let is_named = parts.iter().any(|part| part.hint("name").is_some());
        let tags = self.item_tags(&items, &[]);
        let mut elements = self.document.elements(element);
        is_named && elements.all(|item| tags.iter().any(|tag| tag.is_name_of(self.document, item)))
    }

    fn of_kind(&mut self, kind: Kind, element: XmlNodeId, ids: &[NodeId], at: &str) -> Value {
        match kind {
            Kind::Object => {
                let parts = self.view.parts(ids, Reach::Certain);
                self.object(element, &parts, at)
            }
            Kind::List => self.list(element, ids, None, at),
            Kind::Scalar => self.scalar(&self.document.text(element), ids),
        }
    }

    /// The result of some mapping with what it noted, which is not kept.
    fn tried(&mut self, mapping: impl FnOnce(&mut Self) -> Value) -> (Value, Notes) {
        let before = std::mem::take(&mut self.notes);
        let value = mapping(self);
        let notes = std::mem::replace(&mut self.notes, before);
        (value, notes)
    }

    fn kept(&mut self, (value, notes): (Value, Notes)) -> Value {
        self.notes.faults.extend(notes.faults);
        self.notes.uncertain.extend(notes.uncertain);
        self.notes.chosen.extend(notes.chosen);
        value
    }

    /// Notes that the document is not what the `xml` of a schema says.
    fn fault(&mut self, at: &str, id: NodeId, message: String, expected: String, actual: String) {
        self.notes.faults.push(Violation {
            instance: at.to_owned(),
            keyword: "xml".to_owned(),
            place: self.view.place_of_hints(id),
            message,
            expected,
            actual,
            missing: None,
        });
    }
}

/// What an element may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
    Scalar,
}
