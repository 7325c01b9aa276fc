//! The form that a property has in XML, by the `xml` of its schemas. Main type: [`Field`].

use serde_json::Value;

use super::Mapper;
use super::view::{Part, Reach, SchemaView};
use crate::contract::NodeId;
use crate::xml::{XmlDocument, XmlNodeId};

/// A property of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) ids: Vec<NodeId>,
    pub(super) form: Form,
    /// The names that its element or attribute may have, the likeliest first.
    pub(super) tags: Vec<XmlTag>,
}

#[derive(Debug)]
pub(super) enum Form {
    Attribute,
    /// The text of the object's element.
    Text,
    Element,
    List {
        /// Whether the items are in an element of their own.
        wrapped: bool,
        /// The names that the items' elements may have.
        items: Vec<XmlTag>,
        /// Whether the value may be something else than a list.
        or_one: bool,
    },
    Undetermined,
}

/// A name, and the namespace where the schema says one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct XmlTag {
    pub(super) local: String,
    pub(super) namespace: Option<String>,
}

impl Field {
    fn is_text(&self) -> bool {
        matches!(self.form, Form::Text)
    }

    /// The names of the elements that belong to it directly.
    pub(super) fn element_tags(&self) -> &[XmlTag] {
        match &self.form {
            Form::List {
                wrapped: false,
                items,
                ..
            } => items,
            Form::Attribute | Form::Text | Form::Undetermined => &[],
            Form::List { .. } | Form::Element => &self.tags,
        }
    }
}

impl XmlTag {
    /// Whether an element's name is this one; the namespace counts where the schema says one.
    pub(super) fn is_name_of(&self, document: &XmlDocument, element: XmlNodeId) -> bool {
        let (local, namespace) = document.name(element);
        self.is(local, namespace)
    }

    pub(super) fn is(&self, local: &str, namespace: Option<&str>) -> bool {
        self.local == local && (self.namespace.is_none() || self.namespace.as_deref() == namespace)
    }
}

/// `` `a` `` or `` `a` in the namespace `urn:x` ``, several with "or".
pub(super) fn shown(tags: &[XmlTag]) -> String {
    let texts = tags.iter().map(|tag| match &tag.namespace {
        Some(namespace) => format!("`{}` in the namespace `{namespace}`", tag.local),
        None => format!("`{}`", tag.local),
    });
    texts.collect::<Vec<_>>().join(" or ")
}

impl Mapper<'_> {
    /// The properties that some schemas name, in their order.
    pub(super) fn fields(&self, parts: &[Part<'_>]) -> Vec<Field> {
        let mut named: Vec<(String, Vec<NodeId>)> = Vec::new();
        for part in parts {
            for (name, &id) in &part.keywords.properties {
                match named.iter_mut().find(|(known, _)| known == name) {
                    Some((_, ids)) => ids.push(id),
                    None => named.push((name.clone(), vec![id])),
                }
            }
        }
        let fields = named.into_iter();
        fields
            .map(|(name, ids)| field(&self.view, name, ids))
            .collect()
    }

    /// Whether a property is the text of the object's element.
    pub(super) fn has_text_field(&self, parts: &[Part<'_>]) -> bool {
        self.fields(parts).iter().any(Field::is_text)
    }

    /// The schemas of the items of a list.
    pub(super) fn items_of(&self, ids: &[NodeId]) -> Vec<NodeId> {
        let parts = self.view.parts(ids, Reach::Possible);
        let items = parts.iter().filter_map(|part| part.keywords.items);
        items.collect()
    }

    /// The names that the items of a list may have: their own, else those of the list.
    pub(super) fn item_tags(&self, items: &[NodeId], outer: &[XmlTag]) -> Vec<XmlTag> {
        item_tags(&self.view, &self.view.parts(items, Reach::Possible), outer)
    }
}

fn field(view: &SchemaView<'_>, name: String, ids: Vec<NodeId>) -> Field {
    let parts = view.parts(&ids, Reach::Possible);
    let tags = tags(view, &name, &parts);
    let form = form(view, &name, &parts, &tags);
    Field {
        name,
        ids,
        form,
        tags,
    }
}

fn form(view: &SchemaView<'_>, name: &str, parts: &[Part<'_>], tags: &[XmlTag]) -> Form {
    // A reference with a node of its own has another one inside (OpenAPI 3.2, "XML Node Types").
    let nests = |part: &Part<'_>| {
        part.written.contains_key("$ref")
            && part.hint("nodeType").and_then(Value::as_str) == Some("element")
    };
    let node = node_type(parts);
    if parts.iter().any(nests) {
        return Form::Undetermined;
    }
    let lists: Vec<&Part<'_>> = parts.iter().filter(|part| part.describes_list()).collect();
    if lists.is_empty() {
        return match node {
            Some("attribute") => Form::Attribute,
            Some("text" | "cdata") => Form::Text,
            Some("none") => Form::Undetermined,
            _ => Form::Element,
        };
    }
    let item_ids: Vec<NodeId> = lists
        .iter()
        .filter_map(|part| part.keywords.items)
        .collect();
    let items = view.parts(&item_ids, Reach::Possible);
    let has_order = lists.iter().any(|part| !part.keywords.prefix.is_empty());
    let items_are_bare = match node_type(&items) {
        Some("element") => false,
        Some(_) => true,
        None => items.iter().any(Part::describes_list),
    };
    let wrapped = match node {
        Some("element") => true,
        Some("none") | None => false,
        Some(_) => return Form::Undetermined,
    };
    if has_order || items_are_bare {
        return Form::Undetermined;
    }
    let outer: Vec<XmlTag> = match wrapped {
        true => tags.to_vec(),
        // The name of a list without an element has no effect; generators write it as that of the items all the same.
        false => {
            let own = XmlTag {
                local: name.to_owned(),
                namespace: None,
            };
            let mut all = vec![own];
            all.extend(tags.iter().filter(|tag| tag.local != name).cloned());
            all
        }
    };
    Form::List {
        wrapped,
        items: item_tags(view, &items, &outer),
        or_one: parts.iter().any(is_no_list),
    }
}

/// Whether a schema describes values that are neither lists nor null.
fn is_no_list(part: &Part<'_>) -> bool {
    let types = super::view::types(std::slice::from_ref(part));
    let has_other = types.is_some_and(|types| {
        let mut types = types.iter();
        types.any(|name| !["array", "null"].contains(name))
    });
    has_other || !part.keywords.properties.is_empty()
}

/// `nodeType`, or what `attribute` and `wrapped` say of it; of the nearest schema that says one.
fn node_type<'p>(parts: &'p [Part<'_>]) -> Option<&'p str> {
    let of_part = |part: &'p Part<'_>| {
        let is_set = |name| part.hint(name).and_then(Value::as_bool) == Some(true);
        let stated = part.hint("nodeType").and_then(Value::as_str);
        stated.or(match (is_set("attribute"), is_set("wrapped")) {
            (true, _) => Some("attribute"),
            (_, true) if part.describes_list() => Some("element"),
            _ => None,
        })
    };
    let own = parts.iter().filter(|part| !part.referred).find_map(of_part);
    own.or_else(|| parts.iter().find_map(of_part))
}

/// The names of a property's element or attribute.
fn tags(view: &SchemaView<'_>, name: &str, parts: &[Part<'_>]) -> Vec<XmlTag> {
    let own = XmlTag {
        local: name.to_owned(),
        namespace: None,
    };
    item_tags(view, parts, std::slice::from_ref(&own))
}

/// The name that the schemas themselves say; without it one of `outer`, and also that of a schema that a `$ref` names: until OpenAPI 3.2
/// no version says which one counts.
fn item_tags(view: &SchemaView<'_>, parts: &[Part<'_>], outer: &[XmlTag]) -> Vec<XmlTag> {
    let hint = |part: &Part<'_>, name| {
        let text = part.hint(name).and_then(Value::as_str);
        text.map(str::to_owned)
    };
    let namespace = |part: &Part<'_>| hint(part, "namespace").filter(|uri| !uri.is_empty());
    let own = || parts.iter().filter(|part| !part.referred);
    let own_namespace = own().find_map(namespace);
    if let Some(name) = own().find_map(|part| hint(part, "name")) {
        return vec![XmlTag {
            local: local(&name),
            namespace: own_namespace,
        }];
    }
    let referred = || parts.iter().filter(|part| part.referred);
    let namespace = own_namespace.or_else(|| referred().find_map(namespace));
    let components = referred().filter_map(|part| view.component(part.id));
    let names = referred().filter_map(|part| hint(part, "name"));
    let mut found: Vec<XmlTag> = Vec::new();
    let outer = outer.iter().map(|tag| tag.local.clone());
    for name in outer.chain(names).chain(components) {
        let tag = XmlTag {
            local: local(&name),
            namespace: namespace.clone(),
        };
        if !found.contains(&tag) {
            found.push(tag);
        }
    }
    found
}

/// A name without the prefix that some documents write into it.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}
