//! Composes the request of a step from its templates. Main type: [`Composed`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;
use url::Url;

use super::address;
use super::body::body;
use super::parameters::{StepParameters, header_value};
use crate::case::{Body, Call, RenderError, Scope, Step, Suite, Template};
use crate::exchange::{Credential, CredentialPlace, Request, SignError};
use crate::finding::{ErrorKind, RunError};
use crate::source::Place;
use crate::target::Target;

/// A request that is not signed yet.
#[derive(Debug, Clone)]
pub(super) struct Composed {
    request: Request,
    /// The places that the step itself sets (or removes, of a header): no credential replaces them.
    kept: Vec<CredentialPlace>,
    /// Whether the request goes to another origin: it is then not signed.
    is_foreign: bool,
}

impl Composed {
    /// The request as it is sent. What the step itself sets has priority over the credential.
    ///
    /// Fails if the credential cannot be in its place.
    pub(super) fn signed(self, credential: &Credential, step: &Step) -> Result<Request, RunError> {
        let Composed {
            mut request,
            kept,
            is_foreign,
        } = self;
        if !is_foreign {
            let signed = credential.sign(&mut request, &kept);
            signed.map_err(|error| not_signed(&error, step.place.as_ref()))?;
        }
        Ok(request)
    }

    /// The request as it is sent, signed wherever it goes: for credentials that belong to this very request.
    pub(super) fn signed_by_client(
        self,
        credential: &Credential,
        step: &Step,
    ) -> Result<Request, RunError> {
        let own = Composed {
            is_foreign: false,
            ..self
        };
        own.signed(credential, step)
    }

    /// The request without credentials.
    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// A key of the request for caching what is obtained with it: URL and body.
    pub(super) fn key(&self) -> String {
        let Request { url, body, .. } = &self.request;
        format!("{url} {}", String::from_utf8_lossy(body))
    }
}

/// The error of a request that cannot be signed.
fn not_signed(error: &SignError, place: Option<&Place>) -> RunError {
    let kind = match error {
        SignError::NoForm { .. } => ErrorKind::NotSent,
        _ => ErrorKind::ValueMissing,
    };
    let unsigned = RunError::new(kind, error.to_string()).at(place);
    match error {
        SignError::NoForm { .. } => {
            unsigned.with_advice("send a form, or let the profile send it in a header (`send_in`)")
        }
        _ => unsigned,
    }
}

/// The places of a request that a step sets itself. The header `Cookie` means all cookies.
fn set_by(step: &Step) -> Vec<CredentialPlace> {
    let header = |name: &String| HeaderName::from_bytes(name.as_bytes()).ok();
    let mut places: Vec<CredentialPlace> = step
        .headers
        .iter()
        .filter_map(|(name, _)| header(name).map(CredentialPlace::Header))
        .collect();
    let names = |fields: &[(String, Template)], place: fn(String) -> CredentialPlace| {
        let names = fields.iter().map(|(name, _)| place(name.clone()));
        names.collect::<Vec<_>>()
    };
    places.extend(names(&step.query, CredentialPlace::Query));
    places.extend(names(&step.cookies, CredentialPlace::Cookie));
    if let Some(Body::Form { fields, .. }) = &step.body {
        places.extend(names(fields, CredentialPlace::Form));
    }
    places
}

/// The request of a step: the URL where its operation is ([`address`]) and the step's path, query, headers and
/// body. Priority of headers: the step's, the credential that signs it later, the system's, the target's, user name and password
/// in the target's URL. A request to another origin has only the step's headers: all others are meant for the target.
///
/// Fails if a template has no value, if its value is invalid in its place (a line break in a header), if the operation is on a server
/// for which the target has no URL, or if the step has the URL of an origin that the target does not allow.
pub(super) fn request(
    step: &Step,
    scope: &Scope,
    suite: &Suite,
    target: &Target,
) -> Result<Composed, RunError> {
    let parameters = StepParameters::of(step, scope);
    let destination = Destination::of(step, &parameters, target)?;
    request_to(destination, step, &parameters, suite, target).map_err(|error| value_missing(&error))
}

/// The error of a template without a value.
pub(super) fn value_missing(error: &RenderError) -> RunError {
    RunError::new(ErrorKind::ValueMissing, error.message.clone()).at(error.place.as_ref())
}

fn request_to(
    destination: Destination,
    step: &Step,
    parameters: &StepParameters<'_>,
    suite: &Suite,
    target: &Target,
) -> Result<Composed, RenderError> {
    let Destination { mut url, own } = destination;
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
    if let Some(own) = &own {
        if let Some(basic) = basic(own) {
            headers.insert(
                AUTHORIZATION,
                header_value(AUTHORIZATION.as_str(), &basic, step.place.as_ref())?,
            );
        }
        headers.extend(target.headers.clone());
        parameters.set_headers(&mut headers, &suite.headers)?;
    }
    let (body, content_type) = body(step, parameters)?;
    if let Some(content_type) = content_type {
        headers.insert(
            CONTENT_TYPE,
            header_value(CONTENT_TYPE.as_str(), &content_type, step.place.as_ref())?,
        );
    }
    parameters.set_headers(&mut headers, &step.headers)?;
    parameters.add_cookies(&mut headers, &step.cookies)?;
    Ok(Composed {
        request: Request {
            method: step.method().clone(),
            url,
            headers,
            body,
        },
        kept: set_by(step),
        is_foreign: own.is_none(),
    })
}

/// The `Authorization` value for user name and password of a URL (RFC 7617).
fn basic(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = decoded(url.username());
    pair.push(b':');
    pair.extend(decoded(url.password().unwrap_or_default()));
    Some(format!("Basic {}", STANDARD.encode(pair)))
}

/// Where a step is sent.
struct Destination {
    /// With the query that the step's path has, without credentials and fragment.
    url: Url,
    /// The URL of the target's configuration that it belongs to; `None`: another origin, which gets nothing that is meant for the target.
    own: Option<Url>,
}

impl Destination {
    /// The place of the step's operation on the target, or the absolute URL in its `send:`.
    fn of(step: &Step, parameters: &StepParameters<'_>, target: &Target) -> Result<Self, RunError> {
        let no_server =
            |message| RunError::new(ErrorKind::NotSent, message).at(step.place.as_ref());
        let value_missing = |error: RenderError| value_missing(&error);
        match &step.call {
            Call::Operation {
                contract,
                operation,
            } => {
                let base = address::of_operation(target, contract, operation).map_err(no_server)?;
                let path = parameters.path(&operation.path, &step.path);
                let path = below(&base, &path.map_err(value_missing)?);
                Ok(Destination::on(base, &path))
            }
            Call::Raw {
                path, contracts, ..
            } => {
                let path = path.render_text(parameters.scope).map_err(value_missing)?;
                if is_absolute(&path) {
                    return Destination::absolute(&path, target);
                }
                let first = contracts.first().map(AsRef::as_ref);
                let base = address::base_url(target, first).map_err(no_server)?;
                let path = match path.strip_prefix("//") {
                    Some(from_root) => format!("/{from_root}"),
                    None => below(&base, &path),
                };
                Ok(Destination::on(base, &path))
            }
        }
    }

    /// A path and query on the host of one of the target's URLs.
    fn on(base: Url, path_and_query: &str) -> Self {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let mut url = base.clone();
        url.set_path(path);
        url.set_query((!query.is_empty()).then_some(query));
        Destination {
            url: bare(url),
            own: Some(base),
        }
    }

    /// Fails for a URL of an origin that the target does not allow.
    fn absolute(text: &str, target: &Target) -> Result<Self, RunError> {
        let url = allowed(text, target)?;
        let own = target.owns(&url).then(|| target.url.clone());
        Ok(Destination {
            url: bare(url),
            own,
        })
    }
}

fn below(base: &Url, path: &str) -> String {
    base.path().trim_end_matches('/').to_owned() + path
}

/// Credentials are sent in a header, not in the URL.
fn bare(mut url: Url) -> Url {
    // A URL without authority has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    url
}

/// Whether a text begins with a scheme and a host (RFC 3986, section 3). A path begins with a slash.
fn is_absolute(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
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
