//! Reads `call:` and `send:` into a [`Call`].

use http::Method;

use super::context::Context;
use crate::case::{Call, Template};
use crate::contract::Operation;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::document::Fields;
use crate::source::{Place, Span, Spanned};

/// Methods worth suggesting (RFC 9110, section 9.3; RFC 5789; OpenAPI 3.2 for `QUERY`).
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY",
];

/// What the step calls, and the place of its `call:` or `send:` text. `None`, with diagnostics, where that is missing or wrong.
pub(super) fn read(
    fields: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(Call, Place)> {
    let source = context.source;
    let (call, send) = (fields.entry("call"), fields.entry("send"));
    match (call, send) {
        (Some(call), Some(send)) => {
            diagnostics.push(
                Diagnostic::error(
                    "call-and-send",
                    "`send` beside `call`: a step sends only one request",
                    source.place(send.key_span),
                )
                .with_related(source.place(call.key_span), "the other request")
                .with_advice(
                    "keep `call` for an operation of the contract, `send` for anything else",
                ),
            );
            None
        }
        (None, None) => {
            diagnostics.push(
                Diagnostic::error(
                    "missing-field",
                    "neither `call` nor `send` here",
                    source.place(fields.span()),
                )
                .with_advice("say which request to send: `call: GET /V1/customers/me`"),
            );
            None
        }
        (Some(_), None) => {
            let text = fields.string("call", diagnostics)?;
            let (method, path) = split("call", &text, context, diagnostics)?;
            let call = operation(&method, &path, &text, context, diagnostics)?;
            Some((call, text.place))
        }
        (None, Some(_)) => {
            let text = fields.string("send", diagnostics)?;
            let (method, path) = split("send", &text, context, diagnostics)?;
            let path = Template::parse_text(&path.value, &path.place, diagnostics);
            let contracts = context.contracts.to_vec();
            Some((
                Call::Raw {
                    method,
                    path,
                    contracts,
                },
                text.place,
            ))
        }
    }
}

/// The names in braces of a path template, in order.
pub(super) fn path_names(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}

/// Splits `METHOD /path`. A method is in capitals, or one that a contract writes in another way.
fn split(
    field: &str,
    text: &Spanned<String>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(Method, Spanned<String>)> {
    let shape = |message: String, advice: String| {
        Diagnostic::error("bad-call", message, text.place.clone()).with_advice(advice)
    };
    let Some((method, path)) = text.value.split_once(' ') else {
        diagnostics.push(shape(
            format!("`{field}` must be a method and a path"),
            format!("write `{field}: GET /V1/customers/me`"),
        ));
        return None;
    };
    let path = path.trim();
    if method.contains("{{") {
        diagnostics.push(shape(
            "the method cannot be a template".to_owned(),
            "write one case for each method".to_owned(),
        ));
        return None;
    }
    let upper = !method.is_empty()
        && method
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '-' || c == '_');
    let documented = |method: &Method| {
        let mut contracts = context.contracts.iter();
        contracts.any(|contract| {
            contract
                .operations
                .iter()
                .any(|known| known.method == *method)
        })
    };
    let parsed = Method::from_bytes(method.as_bytes())
        .ok()
        .filter(|method| upper || documented(method));
    let Some(parsed) = parsed else {
        let advice = match nearest(method, METHODS) {
            Some(near) => format!("did you mean `{near}`? methods are written in capitals"),
            None => format!("methods: {}", METHODS.join(", ")),
        };
        diagnostics.push(shape(format!("`{method}` is not a method"), advice));
        return None;
    };
    if !(path.starts_with('/') || (field == "send" && path.starts_with("{{"))) {
        diagnostics.push(shape(
            format!("the path of `{field}` must begin with `/`"),
            "write the path below the base path of the contract, without scheme and host"
                .to_owned(),
        ));
        return None;
    }
    let place = match text.place.text().find(path) {
        Some(at) => {
            let start = text.place.span.start + at;
            text.place
                .source
                .place(Span::new(start, start + path.len()))
        }
        None => text.place.clone(),
    };
    Some((parsed, Spanned::new(path.to_owned(), place)))
}

fn operation(
    method: &Method,
    path: &Spanned<String>,
    text: &Spanned<String>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Call> {
    let found = context.contracts.iter().find_map(|contract| {
        contract
            .operation(method, &path.value)
            .map(|operation| (contract, operation))
    });
    if let Some((contract, operation)) = found {
        return Some(Call::Operation {
            contract: contract.clone(),
            operation: operation.clone(),
        });
    }
    if !context.incomplete {
        let searched: Vec<&str> = context
            .contracts
            .iter()
            .map(|contract| contract.name.as_str())
            .collect();
        let label = match searched.is_empty() {
            true => "no contract is given".to_owned(),
            false => format!("not in {}", searched.join(", ")),
        };
        diagnostics.push(
            Diagnostic::error(
                "unknown-operation",
                format!("unknown operation `{method} {}`", path.value),
                text.place.clone(),
            )
            .with_label(label)
            .with_advice(advice(method, &path.value, context)),
        );
    }
    None
}

/// The advice: the same path as documented, else the nearest operation.
fn advice(method: &Method, path: &str, context: Context<'_>) -> String {
    let operations = || {
        context
            .contracts
            .iter()
            .flat_map(|contract| contract.operations.iter())
    };
    let same: Vec<&str> = operations()
        .filter(|operation| operation.path == path)
        .map(|operation| operation.method.as_str())
        .collect();
    if !same.is_empty() {
        let methods = same.join(", ");
        return format!(
            "this path is documented for {methods}; to send an undocumented request write `send: {method} {path}`"
        );
    }
    for contract in context.contracts {
        if let Some(below) = path.strip_prefix(contract.base_path.as_str())
            && !contract.base_path.is_empty()
            && contract.operation(method, below).is_some()
        {
            return format!("leave out the base path: `{method} {below}`");
        }
    }
    if let Some(template) =
        operations().find(|operation| operation.method == *method && fills(operation, path))
    {
        let names: Vec<String> = path_names(&template.path)
            .iter()
            .map(|name| format!("{name}: …"))
            .collect();
        return format!(
            "write `call: {}` and `path: {{ {} }}`",
            template.name(),
            names.join(", ")
        );
    }
    let names: Vec<String> = operations()
        .map(|operation| operation.name().to_string())
        .collect();
    match nearest(
        &format!("{method} {path}"),
        names.iter().map(String::as_str),
    ) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`call` needs an operation of the contract; to send anything else write `send`"
            .to_owned(),
    }
}

/// Whether `path` is the operation's path with its variables filled in.
fn fills(operation: &Operation, path: &str) -> bool {
    let (template, given): (Vec<_>, Vec<_>) = (
        operation.path.split('/').collect(),
        path.split('/').collect(),
    );
    template.len() == given.len()
        && template
            .iter()
            .zip(&given)
            .all(|(documented, part)| documented == part || documented.starts_with('{'))
}
