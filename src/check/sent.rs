//! Which parameters a request has. Main function: [`is_sent`].

use crate::contract::{Parameter, ParameterLocation};
use crate::exchange::Request;
use crate::multipart;

/// Whether the request has the parameter: its name, or, where the contract spreads a mapping, the name of one of its properties.
pub(crate) fn is_sent(parameter: &Parameter, request: &Request) -> bool {
    let name = parameter.name.as_str();
    let spread = parameter
        .schema
        .as_ref()
        .filter(|_| parameter.format.spreads_mappings());
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
        ParameterLocation::Form => {
            let content_type = request.headers.get(http::header::CONTENT_TYPE);
            let content_type = content_type.map(http::HeaderValue::as_bytes);
            match multipart::read(content_type, &request.body) {
                Some(parts) => parts.iter().any(|part| is_meant(&part.name)),
                None => url::form_urlencoded::parse(&request.body).any(|(key, _)| is_meant(&key)),
            }
        }
    }
}

/// Whether the harness sets a header itself: such a parameter has no effect (OpenAPI 3.1, "Parameter Object").
pub(crate) fn is_ours(parameter: &Parameter) -> bool {
    let ours = ["Accept", "Content-Type", "Authorization"];
    parameter.location == ParameterLocation::Header
        && ours
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&parameter.name))
}
