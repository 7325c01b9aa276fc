//! What is wrong with a request. Main function: [`faults`].

use http::StatusCode;
use http::header::CONTENT_TYPE;
use mime::Mime;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::check::{is_sent, missing_credentials};
use crate::contract::{
    Contract, DocumentedMediaType, Operation, Parameter, ParameterFormat, ParameterLocation,
    ParameterStyle, is_json,
};
use crate::document::parse_plain_json;
use crate::exchange::{Request, sent_cookies};
use crate::source::Place;

/// How deep a body may be nested.
const MAX_DEPTH: usize = 200;

/// Why a request is refused.
#[derive(Debug, Clone)]
pub struct RequestFault {
    /// The status that names the reason.
    pub status: StatusCode,
    pub message: String,
    /// What the contract states, where it does.
    pub place: Option<Place>,
}

impl RequestFault {
    fn bad_request(message: String, place: Place) -> Self {
        RequestFault {
            status: StatusCode::BAD_REQUEST,
            message,
            place: Some(place),
        }
    }
}

/// The faults of a request: credentials first, then parameters, then the body. Values of parameters are checked where each is one text or
/// a list of repeated ones; how other styles are read is left to servers.
pub(super) fn faults(
    operation: &Operation,
    contract: &Contract,
    request: &Request,
) -> Vec<RequestFault> {
    if let Some(fault) = missing_credentials(operation, request) {
        return vec![RequestFault {
            status: StatusCode::UNAUTHORIZED,
            message: format!("{} is protected, and this is {fault}", operation.name()),
            place: Some(operation.place.clone()),
        }];
    }
    let mut faults: Vec<RequestFault> = operation
        .parameters
        .iter()
        .filter_map(|parameter| of_parameter(parameter, operation, contract, request))
        .collect();
    faults.extend(of_query_names(operation, request));
    faults.extend(of_body(operation, request));
    faults
}

fn of_parameter(
    parameter: &Parameter,
    operation: &Operation,
    contract: &Contract,
    request: &Request,
) -> Option<RequestFault> {
    let place = || parameter.place.clone();
    let described = format!(
        "{} parameter `{}`",
        kind(parameter.location),
        parameter.name
    );
    if !is_sent(parameter, request) {
        return parameter.required.then(|| {
            RequestFault::bad_request(format!("the required {described} is missing"), place())
        });
    }
    let value = value_of(parameter, operation, contract, request)?;
    let mut violation = parameter.violation(&value)?;
    // One text may be a list of one; then its item is to blame.
    let of_list = parameter.violation(&Value::Array(vec![value]));
    if let Some(of_item) = of_list.filter(|of_item| !of_item.instance.is_empty()) {
        violation = of_item;
    }
    let message = format!("the {described}: {}", violation.message);
    Some(RequestFault::bad_request(message, place()))
}

fn kind(location: ParameterLocation) -> &'static str {
    match location {
        ParameterLocation::Path => "path",
        ParameterLocation::Query | ParameterLocation::QueryString => "query",
        ParameterLocation::Header => "header",
        ParameterLocation::Cookie => "cookie",
        ParameterLocation::Form => "form",
    }
}

/// The value of a parameter as it was sent; `None` where its style is not read.
fn value_of(
    parameter: &Parameter,
    operation: &Operation,
    contract: &Contract,
    request: &Request,
) -> Option<Value> {
    if parameter.may_spread() {
        return None;
    }
    let name = parameter.name.as_str();
    let texts: Vec<String> = match parameter.location {
        ParameterLocation::Path => vec![path_value(name, operation, contract, request)?],
        ParameterLocation::Query => {
            let pairs = request.url.query_pairs();
            let found = pairs.filter(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned()).collect()
        }
        ParameterLocation::Header => {
            let values = request.headers.get_all(name).iter();
            values
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect()
        }
        ParameterLocation::Cookie => {
            let cookies = sent_cookies(&request.headers).into_iter();
            let found = cookies.filter(|(known, _)| known == name);
            found.map(|(_, value)| value).collect()
        }
        ParameterLocation::QueryString | ParameterLocation::Form => return None,
    };
    match (&parameter.format, texts.as_slice()) {
        (ParameterFormat::Content(_), [text]) if parameter.format.is_json() => {
            Some(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())))
        }
        (
            ParameterFormat::Styled {
                style: ParameterStyle::Simple | ParameterStyle::Form,
                ..
            },
            [text],
        ) => Some(Value::from(text.as_str())),
        (ParameterFormat::Styled { explode: true, .. }, [_, _, ..]) => {
            Some(texts.into_iter().map(Value::from).collect())
        }
        _ => None,
    }
}

/// The value of a name in braces that is a whole segment of the path.
fn path_value(
    name: &str,
    operation: &Operation,
    contract: &Contract,
    request: &Request,
) -> Option<String> {
    let path = request.url.path();
    let path = path.strip_prefix(&contract.base_path).unwrap_or(path);
    let wanted = format!("{{{name}}}");
    let template = operation.path.trim_matches('/').split('/');
    let mut actual = path.trim_matches('/').split('/');
    let (_, text) = template
        .zip(actual.by_ref())
        .find(|(template, _)| *template == wanted)?;
    Some(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

fn of_query_names(operation: &Operation, request: &Request) -> Vec<RequestFault> {
    let mut unknown: Vec<String> = request
        .url
        .query_pairs()
        .filter(|(name, _)| !operation.knows_query_name(name))
        .map(|(name, _)| name.into_owned())
        .collect();
    unknown.dedup();
    unknown
        .into_iter()
        .map(|name| {
            let message = format!("{} declares no query parameter `{name}`", operation.name());
            RequestFault::bad_request(message, operation.place.clone())
        })
        .collect()
}

fn of_body(operation: &Operation, request: &Request) -> Vec<RequestFault> {
    let Some(documented) = &operation.request_body else {
        return Vec::new();
    };
    if request.body.is_empty() {
        let missing = documented.required.then(|| {
            let message = "the required body is missing".to_owned();
            RequestFault::bad_request(message, documented.place.clone())
        });
        return missing.into_iter().collect();
    }
    let declared = request.headers.get(CONTENT_TYPE);
    let declared = declared.and_then(|value| value.to_str().ok()).unwrap_or("");
    let Some(media) = documented_as(&documented.content, declared) else {
        let types: Vec<&str> = documented
            .content
            .iter()
            .map(|media| media.media_type.as_str())
            .collect();
        let message = format!(
            "the body has the Content-Type `{declared}`, but the contract documents {}",
            types.join(" or ")
        );
        return vec![RequestFault {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            message,
            place: Some(documented.place.clone()),
        }];
    };
    let Some(schema) = media.schema.as_ref().filter(|_| is_json(declared)) else {
        return Vec::new();
    };
    let Some(value) = parse_plain_json(&request.body, MAX_DEPTH) else {
        let message = "the body is not JSON".to_owned();
        return vec![RequestFault::bad_request(message, media.place.clone())];
    };
    schema
        .violations_in_request(&value)
        .into_iter()
        .map(|violation| {
            let at = match violation.instance.as_str() {
                "" => String::new(),
                pointer => format!(" at {pointer}"),
            };
            let message = format!("the body{at}: {}", violation.message);
            RequestFault::bad_request(message, violation.place.place)
        })
        .collect()
}

/// The documented media type that covers a Content-Type, exact ones before ranges.
fn documented_as<'d>(
    content: &'d [DocumentedMediaType],
    declared: &str,
) -> Option<&'d DocumentedMediaType> {
    let declared: Mime = declared.parse().ok()?;
    let covers = |media: &&DocumentedMediaType| match media.media_type.parse::<Mime>() {
        Ok(known) => {
            known.essence_str() == declared.essence_str()
                || known.type_() == mime::STAR
                || (known.subtype() == mime::STAR && known.type_() == declared.type_())
        }
        Err(_) => false,
    };
    let exact = content.iter().find(|media| {
        media
            .media_type
            .parse::<Mime>()
            .is_ok_and(|known| known.essence_str() == declared.essence_str())
    });
    exact.or_else(|| content.iter().find(covers))
}
