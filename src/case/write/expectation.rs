//! What is expected of a response: `expect:` and its matchers.

use super::value::{Entries, Inexpressible, entry, one_line_mapping, raw, string, text, texts};
use crate::case::matcher::notation;
use crate::case::{
    AppliedRules, BinaryExpectation, Expectation, HeaderExpectation, StatusPattern, Template,
};
use crate::document::{YamlLayout, YamlValue};
use crate::duration::duration_text;
use crate::xml::XPath;

/// The fields of `expect:`; empty where only the contract is expected.
pub(super) fn fields(expectation: &Expectation<Template>) -> Result<Entries, Inexpressible> {
    let Expectation {
        status,
        headers,
        body,
        schema,
        absent,
        message,
        text: raw_text,
        binary,
        xml,
        // Written as a field of the step.
        stream: _,
        events,
        within,
        rules,
        place: _,
    } = expectation;
    let mut entries = Entries::new();
    match &status[..] {
        [] => {}
        [only] => entries.push(entry("status", status_pattern(only.value))),
        several => {
            let patterns = several.iter().map(|pattern| status_pattern(pattern.value));
            let patterns = YamlValue::Sequence(YamlLayout::OneLine, patterns.collect());
            entries.push(entry("status", patterns));
        }
    }
    if *rules == AppliedRules::GeneralOnly {
        entries.push(entry("undocumented", YamlValue::Bool(true)));
    }
    if !headers.is_empty() {
        let headers = headers
            .iter()
            .map(|HeaderExpectation { name, value }| Ok((name.clone(), notation::write(value)?)));
        let headers = headers.collect::<Result<_, Inexpressible>>()?;
        entries.push(entry("headers", one_line_mapping(headers)));
    }
    for (key, value) in [
        ("body", body),
        ("message", message),
        ("text", raw_text),
        ("events", events),
    ] {
        if let Some(value) = value {
            entries.push(entry(key, notation::write(value)?));
        }
    }
    if let Some(binary) = binary {
        entries.push(entry("binary", self::binary(binary)?));
    }
    if let Some(first) = xml.first() {
        entries.extend(namespaces(&first.path.value));
        let paths = xml.iter().map(|expectation| {
            let path = expectation.path.value.to_string();
            Ok((path, notation::write(&expectation.value)?))
        });
        let paths = paths.collect::<Result<_, Inexpressible>>()?;
        entries.push(entry("xml", one_line_mapping(paths)));
    }
    if let Some(schema) = schema {
        entries.push(entry("schema", raw(schema.value.written())?));
    }
    if !absent.is_empty() {
        let pointers: Vec<String> = absent.iter().map(|pointer| pointer.value.clone()).collect();
        entries.push(entry("absent", texts(&pointers)));
    }
    if let Some(within) = within {
        let written = duration_text(within.value).ok_or_else(|| {
            Inexpressible::new(format!(
                "{:?} cannot be written as a time limit",
                within.value
            ))
        })?;
        entries.push(entry("within", text(written)));
    }
    Ok(entries)
}

fn binary(binary: &BinaryExpectation<Template>) -> Result<YamlValue, Inexpressible> {
    let BinaryExpectation {
        size,
        media_type,
        sha256,
        file,
        place: _,
    } = binary;
    let mut entries = Entries::new();
    for (key, matcher) in [("size", size), ("media_type", media_type)] {
        if let Some(matcher) = matcher {
            entries.push(entry(key, notation::write(matcher)?));
        }
    }
    if let Some(hash) = sha256 {
        entries.push(entry("sha256", string(hash)?));
    }
    if let Some(file) = file {
        entries.push(entry("file", text(&file.path)));
    }
    Ok(one_line_mapping(entries))
}

/// The prefixes that an XPath may use.
pub(super) fn namespaces(path: &XPath) -> Option<(String, YamlValue)> {
    let all = path.namespaces().iter();
    let written: Entries = all
        .map(|(prefix, uri)| entry(prefix, text(uri.as_str())))
        .collect();
    (!written.is_empty()).then(|| entry("namespaces", one_line_mapping(written)))
}

fn status_pattern(pattern: StatusPattern) -> YamlValue {
    match pattern {
        StatusPattern::Exact(code) => YamlValue::Number(code.into()),
        StatusPattern::Range(_) => text(pattern.to_string()),
    }
}
