//! Error messages with placeholders, and the parameters for them. Code: `error-template`.
//!
//! The contract states which objects hold such a message ([`MessageTemplate`]); this file defines what a placeholder is.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Check;
use super::excerpt::{short_json, short_text};
use super::response::{CheckedResponse, ResponseBody};
use crate::contract::{DocumentedMediaType, MessageTemplate};
use crate::document::escape_pointer;
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::ErrorTemplate],
    judge,
};

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let ResponseBody::Json { value, .. } = &response.body else {
        return Vec::new();
    };
    if !response.is_meant_as_json() {
        return Vec::new();
    }
    templates(response.media, value)
        .iter()
        .flat_map(|template| faults(template, value))
        .collect()
}

fn templates(media: Option<&DocumentedMediaType>, body: &Value) -> Vec<MessageTemplate> {
    let schema = media.and_then(|media| media.schema.as_ref());
    schema.map_or_else(Vec::new, |schema| schema.message_templates(body))
}

/// What is wrong with one message. A message that is not a text, and parameters that are neither object nor list, are left to the
/// schema.
fn faults(template: &MessageTemplate, body: &Value) -> Vec<Finding> {
    let object = body.pointer(&template.object).and_then(Value::as_object);
    let Some((object, message)) =
        object.and_then(|object| Some((object, object.get(&template.message)?.as_str()?)))
    else {
        return Vec::new();
    };
    let given = object.get(&template.parameters);
    let Some(parameters) = Parameters::of(given) else {
        return Vec::new();
    };
    let used = placeholders(message, &parameters);
    let pointer = |name: &str| format!("{}/{}", template.object, escape_pointer(name));
    let report = |at: String, message: String| {
        Finding::new(Code::ErrorTemplate, Location::Body(at), message)
            .with_contract(Some(template.place.clone()))
    };
    let mut findings = Vec::new();
    let mut reported: Vec<&str> = Vec::new();
    for name in used.iter().map(|placeholder| placeholder.name) {
        if parameters.get(name).is_some() || reported.contains(&name) {
            continue;
        }
        reported.push(name);
        let at = pointer(&template.message);
        let text =
            format!("`{at}` has the placeholder `%{name}`, but there is no parameter for it");
        findings.push(
            report(at, text)
                .with_expected(format!("a parameter for `%{name}`"))
                .with_actual(given.map_or_else(|| "no parameters".to_owned(), short_json)),
        );
    }
    for (name, key, value) in parameters.all() {
        let is_used = used.iter().any(|placeholder| placeholder.name == name);
        if is_used || template.unused.contains(&name) {
            continue;
        }
        let at = format!("{}/{}", pointer(&template.parameters), escape_pointer(&key));
        let text = format!("`{at}` is not used by any placeholder of the message");
        findings.push(
            report(at, text)
                .with_expected(format!("`%{name}` in {}", short_text(message)))
                .with_actual(short_json(value)),
        );
    }
    findings
}

/// The message of a body with its parameters filled in. The contract states which properties hold message and parameters; by
/// default they are `message` and `parameters`. `None` if there is no message that is a text.
pub(super) fn rendered(media: Option<&DocumentedMediaType>, body: &Value) -> Option<Message> {
    let template = templates(media, body)
        .into_iter()
        .find(|template| template.object.is_empty());
    let (message, parameters) = match &template {
        Some(template) => (template.message.as_str(), template.parameters.as_str()),
        None => ("message", "parameters"),
    };
    let text = body.get(message)?.as_str()?;
    let parameters = Parameters::of(body.get(parameters)).unwrap_or(Parameters::None);
    Some(Message {
        pointer: format!("/{}", escape_pointer(message)),
        text: render(text, &parameters),
    })
}

/// A message with its parameters filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// JSON pointer of the message in the body.
    pub(super) pointer: String,
    pub(super) text: String,
}

/// The values for the placeholders.
#[derive(Debug, Clone, Copy)]
enum Parameters<'b> {
    None,
    /// By name.
    Named(&'b Map<String, Value>),
    /// By position; the first is `1`.
    Listed(&'b [Value]),
}

impl<'b> Parameters<'b> {
    fn of(given: Option<&'b Value>) -> Option<Self> {
        match given {
            None | Some(Value::Null) => Some(Parameters::None),
            Some(Value::Object(named)) => Some(Parameters::Named(named)),
            Some(Value::Array(items)) => Some(Parameters::Listed(items)),
            Some(_) => None,
        }
    }

    fn get(&self, name: &str) -> Option<&'b Value> {
        match self {
            Parameters::None => None,
            Parameters::Named(named) => named.get(name),
            Parameters::Listed(items) => {
                let index = name.parse::<usize>().ok()?.checked_sub(1)?;
                items.get(index)
            }
        }
    }

    /// Each parameter: the name of its placeholder, its key or index, and its value.
    fn all(&self) -> Vec<(String, String, &'b Value)> {
        match self {
            Parameters::None => Vec::new(),
            Parameters::Named(named) => named
                .iter()
                .map(|(name, value)| (name.clone(), name.clone(), value))
                .collect(),
            Parameters::Listed(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| ((index + 1).to_string(), index.to_string(), value))
                .collect(),
        }
    }
}

/// A placeholder in a message.
#[derive(Debug, PartialEq, Eq)]
struct Placeholder<'m> {
    /// Without the percent sign.
    name: &'m str,
    /// Position of the percent sign.
    start: usize,
}

/// The placeholders of a message, in order. Text that may also be percent-encoding (RFC 3986, section 2.1) is a placeholder only
/// if a parameter has its name. That is: two hexadecimal digits that begin with a letter, and a number if the message does not
/// contain `%1`.
fn placeholders<'m>(message: &'m str, parameters: &Parameters<'_>) -> Vec<Placeholder<'m>> {
    let mut found = Vec::new();
    for (start, _) in message.match_indices('%') {
        let rest = &message[start + 1..];
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = match rest.bytes().next() {
            Some(b'1'..=b'9') => rest.find(|c: char| !c.is_ascii_digit()),
            Some(byte) if byte.is_ascii_alphabetic() => rest.find(|c| !is_word(c)),
            _ => continue,
        };
        let name = &rest[..length.unwrap_or(rest.len())];
        found.push(Placeholder { name, start });
    }
    let counted = found.iter().any(|placeholder| placeholder.name == "1");
    found.retain(|placeholder| {
        let encoded = match placeholder.name.as_bytes() {
            [first, ..] if first.is_ascii_digit() => !counted,
            [first, second] => first.is_ascii_hexdigit() && second.is_ascii_hexdigit(),
            _ => false,
        };
        !encoded || parameters.get(placeholder.name).is_some()
    });
    found
}

fn render(message: &str, parameters: &Parameters<'_>) -> String {
    let mut text = String::with_capacity(message.len());
    let mut at = 0;
    for Placeholder { name, start } in placeholders(message, parameters) {
        // A placeholder without a parameter stays as it is, as it does for a client.
        let Some(value) = parameters.get(name) else {
            continue;
        };
        text.push_str(&message[at..start]);
        text.push_str(&shown(value));
        at = start + 1 + name.len();
    }
    text.push_str(&message[at..]);
    text
}

/// A parameter as it is inserted into a message: a text without quotation marks, null as an empty text, anything else as JSON.
fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(message: &str, parameters: &Value) -> Vec<String> {
        let parameters = Parameters::of(Some(parameters)).unwrap();
        let found = placeholders(message, &parameters);
        found
            .into_iter()
            .map(|placeholder| placeholder.name.to_owned())
            .collect()
    }

    #[test]
    fn placeholders_are_words_and_numbers_and_other_percent_signs_are_text() {
        let none = json!(null);
        assert_eq!(
            names("%fieldName = %field2Value, %customer_id.", &none),
            ["fieldName", "field2Value", "customer_id"]
        );
        assert_eq!(names("%1 or %2, %10%", &none), ["1", "2", "10"]);
        for text in [
            "",
            "%",
            "100%",
            "100 % sure",
            "%%",
            "%_a",
            "%-d",
            "%0",
            "%é",
        ] {
            assert_eq!(names(text, &none), [""; 0], "{text}");
        }
    }

    #[test]
    fn percent_encoding_is_text_unless_a_parameter_has_its_name() {
        let none = json!(null);
        assert_eq!(names("no file a%20b%C3%A9%2F", &none), [""; 0]);
        assert_eq!(names("a%20b", &json!({"20": 1})), ["20"]);
        assert_eq!(names("%ab", &json!({"ab": 1})), ["ab"]);
        // Counted placeholders begin with the first.
        assert_eq!(names("%1 %20", &none), ["1", "20"]);
        assert_eq!(names("only %2", &json!(["a", "b"])), ["2"]);
    }

    #[test]
    fn a_message_is_rendered_with_its_parameters() {
        let of = |message: &str, parameters: Value| {
            let body = json!({ "message": message, "parameters": parameters });
            rendered(None, &body).unwrap().text
        };
        assert_eq!(
            of(
                "No such entity with %fieldName = %fieldValue",
                json!({"fieldName": "customerId", "fieldValue": 5})
            ),
            "No such entity with customerId = 5"
        );
        assert_eq!(of("%1 or %2; %1", json!(["ASC", 7])), "ASC or 7; ASC");
        assert_eq!(
            of("\"%value\" is %odd", json!({"value": null})),
            "\"\" is %odd"
        );
        assert_eq!(
            of("%a", json!({"a": "%b", "b": "x"})),
            "%b",
            "inserted text is not parsed again"
        );
        assert_eq!(of("%a%a", json!({"a": [true]})), "[true][true]");
        assert_eq!(of("é%a é", json!({"a": "ü"})), "éü é");
        assert_eq!(rendered(None, &json!({"message": 1})), None);
        assert_eq!(rendered(None, &json!([])), None);
    }

    /// The faults of a body and of every object in its `errors`.
    fn all_faults(body: &Value) -> Vec<String> {
        let template = |object: String| MessageTemplate {
            object,
            message: "message".to_owned(),
            parameters: "parameters".to_owned(),
            unused: Vec::new(),
            place: crate::contract::ContractPlace {
                place: crate::source::Source::new("", "").place(crate::source::Span::default()),
                pointer: String::new(),
            },
        };
        let errors = body
            .get("errors")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let inner = (0..errors).map(|index| template(format!("/errors/{index}")));
        let all = std::iter::once(template(String::new())).chain(inner);
        all.flat_map(|template| faults(&template, body))
            .map(|finding| finding.message)
            .collect()
    }

    /// The recorded errors of a Magento 2.4.7 satisfy the rule; with one parameter more or less they do not.
    #[test]
    fn recorded_errors_satisfy_the_rule_and_planted_faults_do_not() {
        let shared = std::env::var_os("COUNTERPART_SHARED")
            .map_or_else(|| "../shared".into(), std::path::PathBuf::from);
        let Ok(text) = std::fs::read_to_string(shared.join("magento/recorded-2.4.7.har")) else {
            #[expect(clippy::print_stdout, reason = "a skipped test reports that")]
            {
                println!("skipped: there is no recording in the shared folder");
            }
            return;
        };
        let recording: Value = serde_json::from_str(&text).unwrap();
        let entries = recording["log"]["entries"].as_array().unwrap();
        let bodies = entries
            .iter()
            .filter_map(|entry| entry["response"]["content"]["text"].as_str())
            .filter_map(|text| serde_json::from_str::<Value>(text).ok())
            .filter(|body| body["message"].is_string());
        let (mut errors, mut planted) = (0, 0);
        for body in bodies {
            errors += 1;
            assert_eq!(all_faults(&body), [""; 0], "{body}");
            let mut less = body.clone();
            let mut more = body.clone();
            match (&mut less["parameters"], &mut more["parameters"]) {
                (Value::Object(less), Value::Object(more)) => {
                    let first = less.keys().next().unwrap().clone();
                    less.shift_remove(&first);
                    more.insert("leftOver".to_owned(), json!("x"));
                }
                (Value::Array(less), Value::Array(more)) => {
                    less.pop();
                    more.push(json!("x"));
                }
                _ => continue,
            }
            planted += 1;
            assert_eq!(all_faults(&less).len(), 1, "{less}");
            assert_eq!(all_faults(&more).len(), 1, "{more}");
        }
        assert!(
            errors >= 300 && planted >= 100,
            "{errors} errors, {planted} with parameters"
        );
    }
}
