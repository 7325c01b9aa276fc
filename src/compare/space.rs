//! Which resource a value identifies, from its place: `addresses[0].id`, `customer_id` and `/customers/7` name their space.

/// Members that wrap a resource or a list of them without naming it.
const WRAPPERS: [&str; 8] = [
    "data",
    "item",
    "items",
    "result",
    "results",
    "attributes",
    "value",
    "values",
];

/// The kind of identifier in a JSON member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SpaceRole {
    /// `id`: the identifier of the resource that contains it.
    Own(String),
    /// `customer_id`, `customerId`: the identifier of another resource.
    Reference(String),
}

/// The role of a member named `key` of an object that describes a `container` (a space's name).
pub(crate) fn role(key: &str, container: &str) -> Option<SpaceRole> {
    if matches!(key, "id" | "ID" | "Id" | "entity_id" | "entityId") {
        return (!container.is_empty()).then(|| SpaceRole::Own(container.to_owned()));
    }
    let stem = key
        .strip_suffix("_id")
        .or_else(|| key.strip_suffix("Id"))
        .or_else(|| key.strip_suffix("ID"))?;
    (!stem.is_empty()).then(|| SpaceRole::Reference(name(stem)))
}

/// The space of the value of member `key` of an object in `container`.
pub(crate) fn inside<'c>(key: &str, container: &'c str) -> std::borrow::Cow<'c, str> {
    if WRAPPERS.contains(&key) {
        std::borrow::Cow::Borrowed(container)
    } else {
        std::borrow::Cow::Owned(name(key))
    }
}

/// A space's name: the last word of a member's or a segment's name, in the singular and in lower case. `billingAddress`,
/// `addresses` and `address` are one space, `customerGroups` and the `group` of `group_id` another.
pub(crate) fn name(text: &str) -> String {
    let start = text
        .char_indices()
        .rev()
        .find(|&(_, c)| c.is_ascii_uppercase() || c == '_' || c == '-')
        .map_or(
            0,
            |(at, c)| if c.is_ascii_uppercase() { at } else { at + 1 },
        );
    singular(&text[start..].to_ascii_lowercase())
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && stem.len() > 1 => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// The space of the response to a request for `path`: the last word in the plural, else the last word; words are the segments
/// that are neither a version nor an identifier. `""` if the path has none.
pub(crate) fn of_path(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| is_word(segment)).collect();
    let plural = segments
        .iter()
        .rev()
        .find(|segment| segment.len() > 3 && segment.ends_with('s'));
    plural
        .or_else(|| segments.last())
        .map_or_else(String::new, |segment| name(segment))
}

/// Whether a path's segment is a word: not a version (`V1`), an identifier or percent-encoded text.
pub(crate) fn is_word(segment: &str) -> bool {
    !segment.is_empty()
        && segment
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_notations_have_one_name() {
        for (text, expected) in [
            ("addresses", "address"),
            ("billingAddress", "address"),
            ("customers", "customer"),
            ("customerGroups", "group"),
            ("categories", "category"),
            ("status", "statu"),
            ("parent_item", "item"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }

    #[test]
    fn roles_follow_from_name_and_container() {
        assert_eq!(
            role("id", "customer"),
            Some(SpaceRole::Own("customer".into()))
        );
        assert_eq!(
            role("customer_id", "address"),
            Some(SpaceRole::Reference("customer".into()))
        );
        assert_eq!(
            role("customerId", ""),
            Some(SpaceRole::Reference("customer".into()))
        );
        for other in ["paid", "valid", "identity", "_id", "grid", "email"] {
            assert_eq!(role(other, "customer"), None, "{other}");
        }
        assert_eq!(role("id", ""), None);
    }

    #[test]
    fn paths_name_the_space_of_their_response() {
        for (path, expected) in [
            ("/rest/default/V1/customers", "customer"),
            ("/rest/default/V1/customers/me", "customer"),
            ("/rest/default/V1/customers/5/billingAddress", "address"),
            ("/rest/default/V1/customers/addresses/1", "address"),
            ("/rest/V1/customerGroups/default", "group"),
            ("/v1/customers/update", "customer"),
            ("/", ""),
        ] {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }
}
