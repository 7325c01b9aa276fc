//! Values of parameters as they are written into a request: the table "Style Examples" of OpenAPI 3.0.4 and 3.1.1, after RFC 6570.
//!
//! What these leave open is decided here. `null` is the table's column `undefined`, as is, in a path, an empty list or mapping; in a
//! query an empty list or mapping sends nothing (OpenAPI 3.1.1, appendix C), except the empty text with `allowEmptyValue`. Within a
//! list or mapping, `null` is left out (RFC 6570, section 2.3). `deepObject` nests as PHP and Rails read it, `filter[items][0][id]`; in
//! other styles a list or mapping within another one is written as JSON. Headers and cookies of the style `cookie` are not
//! percent-encoded, and the pairs of a cookie parameter are separated by `; ` in every style (appendix D).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::style::{ParameterFormat, ParameterStyle};

/// Everything outside RFC 3986's unreserved characters.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In names of a query brackets are not encoded, as in `searchCriteria[pageSize]`: that is how such names are written and recorded.
const QUERY_NAME: &AsciiSet = &COMPONENT.remove(b'[').remove(b']');

impl ParameterFormat {
    /// The text in place of `{name}` in a path, percent-encoded.
    pub fn path_text(&self, name: &str, value: &Value) -> String {
        let (style, explode, escape) = match self {
            ParameterFormat::Content(_) => return Escape::All.apply(&self.content_text(value)),
            ParameterFormat::Styled {
                style,
                explode,
                reserved,
            } => {
                let escape = match reserved {
                    true => Escape::PathEnds,
                    false => Escape::All,
                };
                (*style, *explode, escape)
            }
        };
        let members = Members::of(value);
        match style {
            ParameterStyle::Label => {
                let separator = if explode { "." } else { "," };
                format!(".{}", members.joined(explode, separator, escape))
            }
            ParameterStyle::Matrix => {
                let name = escape.apply(name);
                let pairs = match members {
                    Members::Null | Members::Empty => vec![(name, String::new())],
                    members => members.pairs(&name, explode, ",", escape),
                };
                let parameter = |(name, text): (String, String)| match text.is_empty() {
                    true => format!(";{name}"),
                    false => format!(";{name}={text}"),
                };
                pairs.into_iter().map(parameter).collect()
            }
            _ => members.joined(explode, &style.separator_in_url(), escape),
        }
    }

    /// The `name=value` pairs of a query, percent-encoded. `allow_empty`: the parameter's `allowEmptyValue`.
    pub fn query_pairs(&self, name: &str, value: &Value, allow_empty: bool) -> Vec<String> {
        let encoded = utf8_percent_encode(name, QUERY_NAME).to_string();
        let (style, explode, escape) = match self {
            ParameterFormat::Content(_) => {
                let text = Escape::All.apply(&self.content_text(value));
                return vec![format!("{encoded}={text}")];
            }
            ParameterFormat::Styled {
                style,
                explode,
                reserved,
            } => {
                let escape = match reserved {
                    true => Escape::Unreservable,
                    false => Escape::All,
                };
                (*style, *explode, escape)
            }
        };
        let members = Members::of(value);
        let pairs = match (style, members) {
            (ParameterStyle::DeepObject, Members::List(_) | Members::Pairs(_)) => {
                nested_pairs(encoded, value, ["%5B", "%5D"], escape)
            }
            (ParameterStyle::Form, Members::Empty) if allow_empty => {
                vec![(encoded, String::new())]
            }
            (style, members) => members.pairs(&encoded, explode, &style.separator_in_url(), escape),
        };
        pairs.into_iter().map(assigned).collect()
    }

    /// The whole query, percent-encoded, of a parameter that has this value (OpenAPI 3.2, `querystring`). A mapping for a form becomes a
    /// pair for each entry; `null` sends nothing.
    pub fn query_text(&self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Null) => String::new(),
            (ParameterFormat::Content(_), Value::Object(entries)) if !self.is_json() => {
                let form = ParameterFormat::styled(ParameterStyle::Form);
                let pairs = entries
                    .iter()
                    .flat_map(|(name, value)| form.query_pairs(name, value, true));
                pairs.collect::<Vec<_>>().join("&")
            }
            _ => Escape::All.apply(&self.content_text(value)),
        }
    }

    /// The value of a header, not encoded.
    pub fn header_text(&self, value: &Value) -> String {
        match self {
            ParameterFormat::Content(_) => self.content_text(value),
            ParameterFormat::Styled { style, explode, .. } => {
                Members::of(value).joined(*explode, style.separator(), Escape::Nothing)
            }
        }
    }

    /// The `name=value` pairs of a `Cookie` header.
    pub fn cookie_pairs(&self, name: &str, value: &Value) -> Vec<String> {
        let pairs = match self {
            ParameterFormat::Content(_) => {
                let text = Escape::All.apply(&self.content_text(value));
                vec![(name.to_owned(), text)]
            }
            ParameterFormat::Styled { style, explode, .. } => {
                let escape = match style {
                    ParameterStyle::Cookie => Escape::Nothing,
                    _ => Escape::All,
                };
                Members::of(value).pairs(name, *explode, style.separator(), escape)
            }
        };
        pairs.into_iter().map(assigned).collect()
    }

    /// The fields of a form, not encoded. A mapping is a JSON text (OpenAPI 3.1.1, "Encoding Object").
    pub fn form_pairs(&self, name: &str, value: &Value) -> Vec<(String, String)> {
        match (self, Members::of(value)) {
            (ParameterFormat::Content(_), _) | (_, Members::Pairs(_)) => {
                vec![(name.to_owned(), self.content_text(value))]
            }
            (ParameterFormat::Styled { style, explode, .. }, members) => {
                members.pairs(name, *explode, style.separator(), Escape::Nothing)
            }
        }
    }

    /// A text of the media type: JSON for JSON, else a text as it is.
    fn content_text(&self, value: &Value) -> String {
        match self.is_json() {
            true => value.to_string(),
            false => text(value),
        }
    }
}

/// The pairs of a query that writes a list or mapping by names with brackets, as in `searchCriteria[filterGroups][0][field]`, where the
/// contract declares such names one by one.
pub fn bracketed_pairs(name: &str, value: &Value) -> Vec<String> {
    let encoded = utf8_percent_encode(name, QUERY_NAME).to_string();
    let pairs = nested_pairs(encoded, value, ["[", "]"], Escape::All);
    pairs.into_iter().map(assigned).collect()
}

/// The fields of a form, not encoded, that write a list or mapping by names with brackets: `a[b]`, `a[0][b]`.
pub fn nested_fields(name: &str, value: &Value) -> Vec<(String, String)> {
    nested_pairs(name.to_owned(), value, ["[", "]"], Escape::Nothing)
}

/// The fields of a form, not encoded, in a style that the contract states for them (OpenAPI 3.1.1, "Encoding Object").
pub fn styled_fields(name: &str, value: &Value, format: &ParameterFormat) -> Vec<(String, String)> {
    let ParameterFormat::Styled { style, explode, .. } = format else {
        return format.form_pairs(name, value);
    };
    match (style, Members::of(value)) {
        (ParameterStyle::DeepObject, Members::List(_) | Members::Pairs(_)) => {
            nested_fields(name, value)
        }
        (style, members) => members.pairs(name, *explode, style.separator(), Escape::Nothing),
    }
}

impl ParameterStyle {
    /// What is between the items of a list that is written as one text.
    fn separator(self) -> &'static str {
        match self {
            ParameterStyle::SpaceDelimited => " ",
            ParameterStyle::TabDelimited => "\t",
            ParameterStyle::PipeDelimited => "|",
            _ => ",",
        }
    }

    /// The separator in a path or query, where only the comma is allowed as it is (OpenAPI 3.1.1, appendix E).
    fn separator_in_url(self) -> String {
        match self.separator() {
            "," => ",".to_owned(),
            other => Escape::All.apply(other),
        }
    }
}

/// Which characters are percent-encoded.
#[derive(Debug, Clone, Copy)]
enum Escape {
    /// All but the unreserved ones (RFC 6570, section 3.2.2).
    All,
    /// Only those that are neither reserved nor unreserved, nor part of a percent-encoded triple (RFC 6570, section 3.2.3).
    Unreservable,
    /// The same, and what would end a segment of the path: `/`, `?` and `#` (OpenAPI 3.2, "Path Templating").
    PathEnds,
    Nothing,
}

impl Escape {
    fn apply(self, text: &str) -> String {
        match self {
            Escape::All => utf8_percent_encode(text, COMPONENT).to_string(),
            Escape::Unreservable => reserved_expansion(text),
            Escape::PathEnds => reserved_expansion(text)
                .replace('/', "%2F")
                .replace('?', "%3F")
                .replace('#', "%23"),
            Escape::Nothing => text.to_owned(),
        }
    }
}

fn reserved_expansion(text: &str) -> String {
    /// RFC 3986, section 2.2.
    const RESERVED: &str = ":/?#[]@!$&'()*+,;=";
    let mut expanded = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        let begins_triple = || {
            let digits = text.as_bytes().get(index + 1..index + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let stays = RESERVED.contains(character) || (character == '%' && begins_triple());
        match stays {
            true => expanded.push(character),
            false => {
                let mut bytes = [0; 4];
                let encoded = character.encode_utf8(&mut bytes);
                expanded.extend(utf8_percent_encode(encoded, COMPONENT));
            }
        }
    }
    expanded
}

/// A value as RFC 6570 sees it: texts, a list of texts, pairs of texts. No list is empty.
enum Members {
    Null,
    /// A list or mapping in which nothing has a value.
    Empty,
    One(String),
    List(Vec<String>),
    Pairs(Vec<(String, String)>),
}

impl Members {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Members::Null,
            Value::Array(items) => {
                let items = items.iter().filter(|item| !item.is_null());
                let texts: Vec<String> = items.map(text).collect();
                match texts.is_empty() {
                    true => Members::Empty,
                    false => Members::List(texts),
                }
            }
            Value::Object(entries) => {
                let entries = entries.iter().filter(|(_, item)| !item.is_null());
                let pairs: Vec<(String, String)> = entries
                    .map(|(key, item)| (key.clone(), text(item)))
                    .collect();
                match pairs.is_empty() {
                    true => Members::Empty,
                    false => Members::Pairs(pairs),
                }
            }
            scalar => Members::One(text(scalar)),
        }
    }

    /// One text without the parameter's name.
    fn joined(self, explode: bool, separator: &str, escape: Escape) -> String {
        let between = if explode { "=" } else { separator };
        match self {
            Members::Null | Members::Empty => String::new(),
            Members::One(text) => escape.apply(&text),
            Members::List(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| escape.apply(text)).collect();
                texts.join(separator)
            }
            Members::Pairs(pairs) => {
                let pairs = pairs.iter().map(|(key, text)| {
                    format!("{}{between}{}", escape.apply(key), escape.apply(text))
                });
                pairs.collect::<Vec<_>>().join(separator)
            }
        }
    }

    /// Names and texts, under the parameter's name except where the entries of a mapping have their own.
    fn pairs(
        self,
        name: &str,
        explode: bool,
        separator: &str,
        escape: Escape,
    ) -> Vec<(String, String)> {
        match self {
            Members::Empty => Vec::new(),
            Members::List(texts) if explode => texts
                .iter()
                .map(|text| (name.to_owned(), escape.apply(text)))
                .collect(),
            Members::Pairs(pairs) if explode => pairs
                .iter()
                .map(|(key, text)| (escape.apply(key), escape.apply(text)))
                .collect(),
            other => vec![(name.to_owned(), other.joined(false, separator, escape))],
        }
    }
}

/// The pairs of `deepObject` and its nested form: items of a list have their index as key.
fn nested_pairs(
    name: String,
    value: &Value,
    [open, close]: [&str; 2],
    escape: Escape,
) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut waiting = vec![(name, value)];
    while let Some((name, value)) = waiting.pop() {
        let below = |key: &str| format!("{name}{open}{}{close}", escape.apply(key));
        match value {
            // The last to be added is the next to be written.
            Value::Object(entries) => {
                waiting.extend(entries.iter().rev().map(|(key, entry)| (below(key), entry)));
            }
            Value::Array(items) => {
                let items = items.iter().enumerate().rev();
                waiting.extend(items.map(|(index, item)| (below(&index.to_string()), item)));
            }
            Value::Null => {}
            scalar => pairs.push((name, escape.apply(&text(scalar)))),
        }
    }
    pairs
}

fn assigned((name, text): (String, String)) -> String {
    format!("{name}={text}")
}

/// A scalar as it is written; a list or mapping as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn styled(style: ParameterStyle, explode: bool) -> ParameterFormat {
        ParameterFormat::Styled {
            style,
            explode,
            reserved: false,
        }
    }

    #[test]
    fn reserved_characters_and_triples_pass_where_they_are_allowed() {
        // RFC 6570, section 3.2.3, and OpenAPI 3.1.1, appendix C.
        for (text, expected) in [
            ("x/y", "x/y"),
            ("x%2By", "x%2By"),
            ("x^y", "x%5Ey"),
            ("50%", "50%25"),
            ("50%zz", "50%25zz"),
            ("Hello World!", "Hello%20World!"),
            ("/foo/bar?a=[b]&c", "/foo/bar?a=[b]&c"),
            ("é%e9", "%C3%A9%e9"),
            ("%4", "%254"),
        ] {
            assert_eq!(reserved_expansion(text), expected);
        }
    }

    #[test]
    fn reserved_characters_in_a_path_stay_within_their_segment() {
        let format = ParameterFormat::Styled {
            style: ParameterStyle::Simple,
            explode: false,
            reserved: true,
        };
        assert_eq!(
            format.path_text("id", &json!("a:b@c/d?e#f%2Fg h")),
            "a:b@c%2Fd%3Fe%23f%2Fg%20h"
        );
    }

    #[test]
    fn delimiters_within_a_value_are_encoded() {
        let simple = styled(ParameterStyle::Simple, false);
        assert_eq!(
            simple.path_text("id", &json!(["a,b", "c/d", "é"])),
            "a%2Cb,c%2Fd,%C3%A9"
        );
        let form = styled(ParameterStyle::Form, false);
        assert_eq!(
            form.query_pairs("id", &json!(["a,b", "c&d=e", " "]), false),
            ["id=a%2Cb,c%26d%3De,%20"]
        );
        let pipes = styled(ParameterStyle::PipeDelimited, false);
        assert_eq!(
            pipes.query_pairs("a b", &json!(["x", "y"]), false),
            ["a%20b=x%7Cy"]
        );
    }

    #[test]
    fn values_without_members_are_undefined() {
        let form = styled(ParameterStyle::Form, true);
        for empty in [json!([]), json!({}), json!([null]), json!({ "a": null })] {
            assert!(form.query_pairs("id", &empty, false).is_empty(), "{empty}");
            assert_eq!(form.query_pairs("id", &empty, true), ["id="], "{empty}");
            let matrix = styled(ParameterStyle::Matrix, true);
            assert_eq!(matrix.path_text("id", &empty), ";id", "{empty}");
        }
        assert_eq!(
            form.query_pairs("id", &json!({ "a": null, "b": "" }), false),
            ["b="]
        );
    }

    #[test]
    fn deep_objects_nest_in_the_order_written() {
        let deep = styled(ParameterStyle::DeepObject, true);
        let value = json!({ "b": { "z": 1, "a": [true, { "x y": "é" }] }, "a": null, "c": [] });
        assert_eq!(
            deep.query_pairs("f", &value, false),
            [
                "f%5Bb%5D%5Bz%5D=1",
                "f%5Bb%5D%5Ba%5D%5B0%5D=true",
                "f%5Bb%5D%5Ba%5D%5B1%5D%5Bx%20y%5D=%C3%A9",
            ]
        );
        assert_eq!(
            bracketed_pairs("f", &json!({ "a": [{ "b": "x" }] })),
            ["f[a][0][b]=x"]
        );
        assert_eq!(deep.query_pairs("f", &json!("x"), false), ["f=x"]);
    }

    #[test]
    fn what_a_style_does_not_define_is_json() {
        let form = styled(ParameterStyle::Form, true);
        assert_eq!(
            form.query_pairs("f", &json!([{ "a": 1 }, [2]]), false),
            ["f=%7B%22a%22%3A1%7D", "f=%5B2%5D"]
        );
    }
}
