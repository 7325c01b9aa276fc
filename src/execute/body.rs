//! Composes the body of a request. Main function: [`body`].

use bytes::Bytes;
use serde_json::Value;

use super::parameters::{StepParameters, header_value};
use crate::case::{
    BYTES, Body, PartContent, PartData, PartValue, RenderError, SentFile, Step, Template,
    URL_ENCODED, decoded_base64,
};
use crate::contract::{FieldFormat, PropertyEncoding, essence, nested_fields, styled_fields};
use crate::multipart::{self, FormPart};

/// The bytes of a step's body, and its `Content-Type`. Fails if a template has no value, or one that cannot be sent in its place.
pub(super) fn body(
    step: &Step,
    parameters: &StepParameters<'_>,
) -> Result<(Bytes, Option<String>), RenderError> {
    let Some(body) = &step.body else {
        return Ok((Bytes::new(), None));
    };
    let scope = parameters.scope;
    let content_type = body.content_type().map(str::to_owned);
    let bytes = match body {
        Body::Json { value, .. } => Bytes::from(value.render(scope)?.to_string()),
        Body::Text { text, .. } => Bytes::from(text.render_text(scope)?),
        Body::Form { fields, .. } => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(form_pairs(fields, content_type.as_deref(), parameters)?);
            Bytes::from(form.finish())
        }
        Body::Multipart { parts, .. } => {
            let parts = PartWriter {
                parameters,
                content_type: content_type.as_deref().unwrap_or("multipart/form-data"),
            }
            .parts(parts)?;
            return Ok(with_boundary(&parts, content_type));
        }
        Body::File { file, .. } => file.bytes.clone(),
        Body::Base64 { text, .. } => base64(text, parameters)?,
        Body::JsonLines { items, .. } => json_lines(items, content_type.as_deref(), parameters)?,
    };
    Ok((bytes, content_type))
}

/// The fields of a form: as the contract states; where it states nothing, a mapping is JSON if the contract declares the field, and has
/// names with brackets if not.
fn form_pairs(
    fields: &[(String, Template)],
    content_type: Option<&str>,
    parameters: &StepParameters<'_>,
) -> Result<Vec<(String, String)>, RenderError> {
    let content_type = content_type.unwrap_or(URL_ENCODED);
    let mut pairs = Vec::new();
    for (name, template) in fields {
        let value = template.render(parameters.scope)?;
        pairs.extend(match parameters.field_format(content_type, name) {
            FieldFormat::Stated(format) => styled_fields(name, &value, &format),
            FieldFormat::Unknown if holds_mapping(&value) => nested_fields(name, &value),
            FieldFormat::Declared | FieldFormat::Unknown => declared_pairs(name, &value),
        });
    }
    Ok(pairs)
}

/// A list repeats the name; a mapping is JSON (OpenAPI 3.1.1, "Encoding Object", `contentType`).
fn declared_pairs(name: &str, value: &Value) -> Vec<(String, String)> {
    let texts: Vec<String> = match value {
        Value::Array(items) => {
            let items = items.iter().filter(|item| !item.is_null());
            items.map(text).collect()
        }
        other => vec![text(other)],
    };
    let texts = texts.into_iter();
    texts.map(|text| (name.to_owned(), text)).collect()
}

fn holds_mapping(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items
            .iter()
            .any(|item| matches!(item, Value::Object(_) | Value::Array(_))),
        _ => false,
    }
}

/// A scalar as it is, a list or mapping as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn base64(text: &Template, parameters: &StepParameters<'_>) -> Result<Bytes, RenderError> {
    let text = text.render_text(parameters.scope)?;
    let bytes = decoded_base64(&text);
    bytes
        .map(Bytes::from)
        .map_err(|reason| parameters.unfit(format!("the value of `base64` is {reason}")))
}

fn json_lines(
    items: &Template,
    content_type: Option<&str>,
    parameters: &StepParameters<'_>,
) -> Result<Bytes, RenderError> {
    let Value::Array(items) = items.render(parameters.scope)? else {
        return Err(parameters.unfit("the value of `ndjson` is not a list".to_owned()));
    };
    let is_sequence = content_type.is_some_and(|name| essence(name).ends_with("json-seq"));
    let separator = if is_sequence { "\u{1e}" } else { "" };
    let lines = items.iter().map(|item| format!("{separator}{item}\n"));
    Ok(Bytes::from(lines.collect::<String>()))
}

/// The body, and the media type with its boundary: the one that it has, else one that follows from the parts.
fn with_boundary(parts: &[FormPart], content_type: Option<String>) -> (Bytes, Option<String>) {
    let own = content_type.as_deref().and_then(multipart::boundary_of);
    match own {
        Some(boundary) => (multipart::write(parts, &boundary), content_type),
        None => {
            let boundary = multipart::boundary(parts);
            let content_type = content_type.map(|name| format!("{name}; boundary={boundary}"));
            (multipart::write(parts, &boundary), content_type)
        }
    }
}

/// Writes the parts of one body.
struct PartWriter<'p> {
    parameters: &'p StepParameters<'p>,
    content_type: &'p str,
}

impl PartWriter<'_> {
    fn parts(&self, parts: &[(String, PartValue)]) -> Result<Vec<FormPart>, RenderError> {
        let mut written = Vec::new();
        for (name, values) in parts {
            for value in values.contents() {
                match value {
                    PartValue::Value(value) => {
                        let value = value.render(self.parameters.scope)?;
                        written.extend(self.of_value(name, &value));
                    }
                    PartValue::Content(content) => written.push(self.of_content(name, content)?),
                    // The reader makes no lists of lists.
                    PartValue::List(_) => {}
                }
            }
        }
        Ok(written)
    }

    /// A style makes text fields; a media type applies to the whole value if it is JSON, else to each item of a list.
    fn of_value(&self, name: &str, value: &Value) -> Vec<FormPart> {
        let typed = |text: String, content_type: Option<&str>| FormPart {
            content_type: content_type.map(str::to_owned),
            ..FormPart::text(name, text)
        };
        match self.parameters.field_format(self.content_type, name) {
            FieldFormat::Stated(format) if format.is_json() => {
                vec![typed(value.to_string(), format.media_type())]
            }
            FieldFormat::Stated(format) if format.media_type().is_some() => {
                let pairs = declared_pairs(name, value).into_iter();
                pairs
                    .map(|(_, text)| typed(text, format.media_type()))
                    .collect()
            }
            FieldFormat::Stated(format) => {
                let pairs = styled_fields(name, value, &format).into_iter();
                pairs
                    .map(|(name, text)| FormPart::text(name, text))
                    .collect()
            }
            FieldFormat::Declared | FieldFormat::Unknown => {
                let items = match value {
                    Value::Array(items) => items.as_slice(),
                    one => std::slice::from_ref(one),
                };
                let is_list = value.is_array();
                let items = items.iter().filter(|item| !is_list || !item.is_null());
                items
                    .map(|item| {
                        let is_json = matches!(item, Value::Object(_) | Value::Array(_));
                        typed(text(item), is_json.then_some("application/json"))
                    })
                    .collect()
            }
        }
    }

    fn of_content(&self, name: &str, content: &PartContent) -> Result<FormPart, RenderError> {
        let PartContent {
            data,
            filename,
            content_type,
            headers,
        } = content;
        let (parameters, scope) = (self.parameters, self.parameters.scope);
        let operation = parameters.operation;
        let encoding = operation
            .and_then(|operation| operation.request_media(self.content_type))
            .and_then(|media| media.encoding(name));
        let stated = content_type.clone();
        let (content, content_type) = match data {
            PartData::File(file) => (
                file.bytes.clone(),
                stated.or_else(|| Some(type_of_file(file, encoding))),
            ),
            PartData::Base64(text) => (
                base64(text, parameters)?,
                stated.or_else(|| Some(first_type(encoding).unwrap_or(BYTES).to_owned())),
            ),
            PartData::Text(text) => (
                Bytes::from(text.render_text(scope)?),
                stated.or_else(|| first_type(encoding).map(str::to_owned)),
            ),
        };
        let filename = filename.as_ref().map(|name| name.render_text(scope));
        let mut written = Vec::new();
        for (name, value) in headers {
            let value = value.render_text(scope)?;
            header_value(name, &value, parameters.place)?;
            written.push((name.clone(), value));
        }
        Ok(FormPart {
            name: name.to_owned(),
            filename: filename.transpose()?,
            content_type,
            headers: written,
            content,
        })
    }
}

/// The media type of a file's part: the only one of the contract, else what its name suggests, else the first of the contract.
fn type_of_file(file: &SentFile, encoding: Option<&PropertyEncoding>) -> String {
    let documented = encoding
        .map(PropertyEncoding::media_types)
        .unwrap_or_default();
    match documented[..] {
        [only] => only,
        _ => file
            .media_type()
            .or(documented.first().copied())
            .unwrap_or(BYTES),
    }
    .to_owned()
}

fn first_type(encoding: Option<&PropertyEncoding>) -> Option<&str> {
    encoding?.media_types().first().copied()
}
