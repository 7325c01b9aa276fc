//! Composes the request of a step from its templates. Main type: [`Composed`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use url::Url;

use super::parameters::{StepParameters, header_value, unfit_header};
use crate::case::{Body, Call, RenderError, Scope, Step, Suite};
use crate::exchange::{Credential, Request};
use crate::finding::{ErrorKind, RunError};
use crate::target::Target;

/// A request that is not signed yet.
#[derive(Debug)]
pub(super) struct Composed {
    request: Request,
    /// Whether the step itself sets or removes `Authorization`, or the request goes to another origin: it is then not signed.
    keeps_authorization: bool,
}

impl Composed {
    /// The request as it is sent. An `Authorization` that the step sets has priority over the credential.
    ///
    /// Fails if the credential is not a valid header value.
    pub(super) fn signed(self, credential: &Credential, step: &Step) -> Result<Request, RunError> {
        let Composed {
            mut request,
            keeps_authorization,
        } = self;
        if !keeps_authorization {
            credential.sign(&mut request).map_err(|_| {
                value_missing(&unfit_header(AUTHORIZATION.as_str(), step.place.as_ref()))
            })?;
        }
        Ok(request)
    }

    /// A key of the request for caching what is obtained with it: URL and body.
    pub(super) fn key(&self) -> String {
        let Request { url, body, .. } = &self.request;
        format!("{url} {}", String::from_utf8_lossy(body))
    }
}

/// The request of a step: base path of the target (or, if it has none, of the contract) and the step's path, query, headers and
/// body. Priority of headers: the step's, the credential that signs it later, the system's, the target's, user name and password
/// in the target's URL. A request to another origin has only the step's headers: all others are meant for the target.
///
/// Fails if a template has no value, if its value is invalid in its place (a line break in a header), or if it is the URL of an origin
/// that the target does not allow.
pub(super) fn request(
    step: &Step,
    scope: &Scope,
    suite: &Suite,
    target: &Target,
) -> Result<Composed, RunError> {
    let parameters = StepParameters::of(step, scope);
    let destination = destination(step, &parameters, target);
    let destination = destination.map_err(|error| value_missing(&error))?;
    let url = url(&destination, target)?;
    request_to(url, step, &parameters, suite, target).map_err(|error| value_missing(&error))
}

/// The error of a template without a value.
pub(super) fn value_missing(error: &RenderError) -> RunError {
    RunError::new(ErrorKind::ValueMissing, error.message.clone()).at(error.place.as_ref())
}

/// The request to a URL, which has the query of the step's path.
fn request_to(
    mut url: Url,
    step: &Step,
    parameters: &StepParameters<'_>,
    suite: &Suite,
    target: &Target,
) -> Result<Composed, RenderError> {
    let query = [
        url.query().unwrap_or_default(),
        &parameters.query(&step.query)?,
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join("&");
    url.set_query((!query.is_empty()).then_some(query.as_str()));

    let mut headers = HeaderMap::new();
    let is_foreign = !target.owns(&url);
    if !is_foreign {
        if let Some(basic) = basic(&target.url) {
            headers.insert(
                AUTHORIZATION,
                header_value(AUTHORIZATION.as_str(), &basic, step.place.as_ref())?,
            );
        }
        headers.extend(target.headers.clone());
        parameters.set_headers(&mut headers, &suite.headers)?;
    }
    let (body, content_type) = body(step.body.as_ref(), parameters)?;
    if let Some(content_type) = content_type {
        headers.insert(
            CONTENT_TYPE,
            header_value(CONTENT_TYPE.as_str(), &content_type, step.place.as_ref())?,
        );
    }
    parameters.set_headers(&mut headers, &step.headers)?;
    parameters.add_cookies(&mut headers, &step.cookies)?;
    let sets_authorization = step
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
    Ok(Composed {
        request: Request {
            method: step.method().clone(),
            url,
            headers,
            body,
        },
        keeps_authorization: sets_authorization || is_foreign,
    })
}

/// The path below the base path, without query, to find the operation that a raw call matches. `None` if the call is outside the
/// base path, or goes to another origin.
pub(super) fn contract_path<'p>(
    request: &'p Request,
    base_path: &str,
    target: &Target,
) -> Option<&'p str> {
    let path = target.owns(&request.url).then(|| request.url.path())?;
    crate::target::contract_path(path, &self::base_path(target, base_path))
}

/// The effective base path: the path of the target's URL if it has one, else the contract's.
pub(super) fn base_path(target: &Target, contract: &str) -> String {
    let given = target.url.path().trim_end_matches('/');
    if given.is_empty() {
        contract.trim_end_matches('/').to_owned()
    } else {
        given.to_owned()
    }
}

/// The `Authorization` value for user name and password of a URL (RFC 7617).
fn basic(url: &url::Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = decoded(url.username());
    pair.push(b':');
    pair.extend(decoded(url.password().unwrap_or_default()));
    Some(format!("Basic {}", STANDARD.encode(pair)))
}

/// Where a step is sent: a path with query on the target, or an absolute URL.
fn destination(
    step: &Step,
    parameters: &StepParameters<'_>,
    target: &Target,
) -> Result<String, RenderError> {
    match &step.call {
        Call::Operation {
            contract,
            operation,
        } => {
            let path = parameters.path(&operation.path, &step.path)?;
            Ok(base_path(target, &contract.base_path) + &path)
        }
        Call::Raw {
            path, contracts, ..
        } => {
            let path = path.render_text(parameters.scope)?;
            if is_absolute(&path) {
                return Ok(path);
            }
            Ok(match path.strip_prefix("//") {
                Some(from_root) => format!("/{from_root}"),
                None => {
                    let base = contracts
                        .first()
                        .map_or("", |contract| contract.base_path.as_str());
                    base_path(target, base) + &path
                }
            })
        }
    }
}

/// Whether a text begins with a scheme and a host (RFC 3986, section 3). A path begins with a slash.
fn is_absolute(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// The URL of a destination, without credentials and fragment. Fails for a URL of an origin that the target does not allow.
fn url(destination: &str, target: &Target) -> Result<Url, RunError> {
    let mut url = match is_absolute(destination) {
        true => allowed(destination, target)?,
        false => {
            let (path, query) = destination.split_once('?').unwrap_or((destination, ""));
            let mut url = target.url.clone();
            url.set_path(path);
            url.set_query((!query.is_empty()).then_some(query));
            url
        }
    };
    // Credentials are sent in a header, not in the URL. A URL without authority has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    Ok(url)
}

/// A URL that a response named may lead anywhere; only the target's own origin and those it allows get a request.
fn allowed(text: &str, target: &Target) -> Result<Url, RunError> {
    let url = Url::parse(text).map_err(|error| {
        RunError::new(
            ErrorKind::NotSent,
            format!("`{text}` is not a URL: {error}"),
        )
        .with_advice("check the value that the path of `send:` begins with")
    })?;
    if target.allows(&url) {
        return Ok(url);
    }
    let (other, own) = (url.origin(), target.url.origin());
    let other = match other.is_tuple() {
        true => other.ascii_serialization(),
        false => format!("{}:", url.scheme()),
    };
    let message = format!(
        "the URL leads to `{other}`, but the target is `{}`: nothing was sent",
        own.ascii_serialization()
    );
    Err(RunError::new(ErrorKind::NotSent, message).with_advice(
        "add the origin to `allowed-origins` of the target in counterpart.toml if requests may go there",
    ))
}

fn body(
    body: Option<&Body>,
    parameters: &StepParameters<'_>,
) -> Result<(Bytes, Option<String>), RenderError> {
    let scope = parameters.scope;
    Ok(match body {
        None => (Bytes::new(), None),
        Some(Body::Json {
            value,
            content_type,
        }) => (
            Bytes::from(value.render(scope)?.to_string()),
            content_type.clone(),
        ),
        Some(Body::Text { text, content_type }) => {
            (Bytes::from(text.render_text(scope)?), content_type.clone())
        }
        Some(Body::Form {
            fields,
            content_type,
        }) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(parameters.form(fields)?);
            (Bytes::from(form.finish()), content_type.clone())
        }
    })
}
