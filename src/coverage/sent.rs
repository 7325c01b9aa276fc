//! Which parameters a request has. Main function: [`is_sent`].

use crate::contract::{Parameter, ParameterLocation};
use crate::exchange::Exchange;

/// Whether the request has the parameter: its name, or, where the contract spreads a mapping, the name of one of its properties.
pub(super) fn is_sent(parameter: &Parameter, exchange: &Exchange) -> bool {
    let name = parameter.name.as_str();
    let spread = parameter
        .schema
        .as_ref()
        .filter(|_| parameter.format.spreads_mappings());
    let request = &exchange.request;
    // `ids` is also sent as `ids[]`, `filter` as `filter[status]`.
    let is_meant = |key: &str| {
        key.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            || spread.is_some_and(|schema| schema.has_property(key))
    };
    match parameter.location {
        // A request without it does not match the operation.
        ParameterLocation::Path => true,
        ParameterLocation::Query => request.url.query_pairs().any(|(key, _)| is_meant(&key)),
        ParameterLocation::QueryString => {
            request.url.query().is_some_and(|query| !query.is_empty())
        }
        ParameterLocation::Header => request.headers.contains_key(name),
        ParameterLocation::Cookie => {
            let cookies = request.headers.get_all(http::header::COOKIE);
            let mut pairs = cookies
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(';'));
            pairs.any(|pair| pair.trim().split('=').next().is_some_and(is_meant))
        }
        ParameterLocation::Form if is_multipart(&request.headers) => {
            has_part(&request.body, is_meant)
        }
        ParameterLocation::Form => {
            url::form_urlencoded::parse(&request.body).any(|(key, _)| is_meant(&key))
        }
    }
}

/// Whether the harness sets a header itself: such a parameter has no effect (OpenAPI 3.1, "Parameter Object").
pub(super) fn is_ours(parameter: &Parameter) -> bool {
    let ours = ["Accept", "Content-Type", "Authorization"];
    parameter.location == ParameterLocation::Header
        && ours
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&parameter.name))
}

fn is_multipart(headers: &http::HeaderMap) -> bool {
    let declared = headers.get(http::header::CONTENT_TYPE);
    let declared = declared.and_then(|value| value.to_str().ok());
    declared.is_some_and(|value| {
        value
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("multipart/")
    })
}

/// Whether a part of a form has that name. Headers of parts are short: they are looked for line by line.
fn has_part(body: &[u8], is_meant: impl Fn(&str) -> bool) -> bool {
    let lines = body.split(|byte| *byte == b'\n');
    let mut heads = lines
        .filter_map(|line| std::str::from_utf8(line).ok())
        .filter(|line| {
            let start = line.get(.."content-disposition:".len());
            start.is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
        });
    heads.any(|line| {
        let name = line
            .split(';')
            .find_map(|field| field.trim().strip_prefix("name="));
        name.is_some_and(|name| is_meant(name.trim_matches('"')))
    })
}
