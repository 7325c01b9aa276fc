//! Values within a case: texts, JSON, templates.

use serde_json::Value;

use crate::case::Template;
use crate::case::template::written_literal;
use crate::document::{MAX_DEPTH, YamlLayout, YamlValue};

/// Entries of a mapping, in the order written.
pub(in crate::case) type Entries = Vec<(String, YamlValue)>;

pub(in crate::case) fn entry(key: &str, value: YamlValue) -> (String, YamlValue) {
    (key.to_owned(), value)
}

/// Why something cannot be expressed in a case file: a fragment.
#[derive(Debug)]
pub(in crate::case) struct Inexpressible(pub(in crate::case) String);

impl Inexpressible {
    pub(in crate::case) fn new(reason: impl Into<String>) -> Self {
        Inexpressible(reason.into())
    }

    pub(in crate::case) fn too_deep() -> Self {
        Inexpressible(format!("a value is nested deeper than {MAX_DEPTH} levels"))
    }
}

/// A text that the reader takes literally.
pub(in crate::case) fn text(text: impl Into<String>) -> YamlValue {
    YamlValue::Text(text.into())
}

pub(in crate::case) fn texts(texts: &[String]) -> YamlValue {
    YamlValue::Sequence(YamlLayout::OneLine, texts.iter().map(text).collect())
}

pub(in crate::case) fn one_line_mapping(entries: Entries) -> YamlValue {
    YamlValue::Mapping(YamlLayout::OneLine, entries)
}

/// The entries of named values, each written by `write`.
pub(in crate::case) fn names<T>(
    values: &[(String, T)],
    write: impl Fn(&T) -> Result<YamlValue, Inexpressible>,
) -> Result<Entries, Inexpressible> {
    let entries = values
        .iter()
        .map(|(name, value)| Ok((name.clone(), write(value)?)));
    entries.collect()
}

/// A value in which the reader looks for templates, and which contains none.
pub(in crate::case) fn literal(value: &Value) -> Result<YamlValue, Inexpressible> {
    json(value, &|text| written_literal(text, false), MAX_DEPTH)
}

/// A value that the reader takes literally.
pub(in crate::case) fn raw(value: &Value) -> Result<YamlValue, Inexpressible> {
    json(value, &str::to_owned, MAX_DEPTH)
}

fn json(
    value: &Value,
    written: &dyn Fn(&str) -> String,
    depth: usize,
) -> Result<YamlValue, Inexpressible> {
    let depth = depth.checked_sub(1).ok_or_else(Inexpressible::too_deep)?;
    Ok(match value {
        Value::Null => YamlValue::Null,
        Value::Bool(value) => YamlValue::Bool(*value),
        Value::Number(number) => YamlValue::Number(number.clone()),
        Value::String(text) => YamlValue::Text(written(text)),
        Value::Array(items) => {
            let items = items.iter().map(|item| json(item, written, depth));
            YamlValue::Sequence(YamlLayout::OneLine, items.collect::<Result<_, _>>()?)
        }
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), json(value, written, depth)?)));
            one_line_mapping(entries.collect::<Result<_, _>>()?)
        }
    })
}

pub(in crate::case) fn template(template: &Template) -> Result<YamlValue, Inexpressible> {
    nested_template(template, MAX_DEPTH)
}

fn nested_template(template: &Template, depth: usize) -> Result<YamlValue, Inexpressible> {
    let depth = depth.checked_sub(1).ok_or_else(Inexpressible::too_deep)?;
    match template {
        Template::Literal(value) => literal(value),
        Template::Sequence(items) => {
            let items = items.iter().map(|item| nested_template(item, depth));
            let items = items.collect::<Result<_, _>>()?;
            Ok(YamlValue::Sequence(YamlLayout::OneLine, items))
        }
        Template::Mapping(entries) => {
            names(entries, |value| nested_template(value, depth)).map(one_line_mapping)
        }
        Template::Expression(_) | Template::Text(_) => string(template),
    }
}

/// A template that yields text, where the reader accepts only text.
pub(in crate::case) fn string(template: &Template) -> Result<YamlValue, Inexpressible> {
    match template.written() {
        Some(written) => Ok(YamlValue::Text(written)),
        None => Err(Inexpressible::new(
            "a value is not text where text is required",
        )),
    }
}
