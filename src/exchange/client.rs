//! One HTTP client for one target: sends a [`Request`] and enforces the limits. Main type: [`Client`].

use std::error::Error as StdError;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, RANGE};
use http::{HeaderMap, HeaderValue};

use super::connection;
use super::decoding::{ACCEPTED_CODINGS, DecodedBody, decoded};
use super::proxy::is_loopback;
use super::stream::{StreamLimit, StreamReader};
use super::{Exchange, Request, Response, Transfer};
use crate::finding::{ErrorKind, RunError};
use crate::target::{ClientIdentity, Limits, Redirects, Target};

/// Why there is no HTTP client: a sentence fragment. The system's TLS certificates are unreadable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(String);

/// Whether a request may be sent a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// Where a kept connection ended before a response.
    WhereBroken,
    /// Not for any reason.
    Never,
}

/// Sends requests to one target.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    /// Keeps no connection.
    unkept: OnceLock<Result<reqwest::Client, ClientError>>,
    target: Box<Target>,
    limits: Limits,
    identity: Option<ClientIdentity>,
    rate: Option<Arc<DefaultDirectRateLimiter>>,
}

impl Resend {
    /// As the step says (`once`).
    pub fn of_once(once: bool) -> Self {
        match once {
            true => Resend::Never,
            false => Resend::WhereBroken,
        }
    }
}

impl Client {
    /// A client with the target's limits. Fails when the system's TLS certificates cannot be read (https only).
    pub fn new(target: &Target) -> Result<Self, ClientError> {
        let http = http_client(target, None, Connections::Kept)?;
        let rate = target
            .limits
            .rate
            .map(|rate: NonZeroU32| Arc::new(RateLimiter::direct(Quota::per_second(rate))));
        Ok(Client {
            http,
            unkept: OnceLock::new(),
            target: Box::new(target.clone()),
            limits: target.limits,
            identity: None,
            rate,
        })
    }

    /// A client for the same target that shows a certificate; both together keep the limit of requests a second. Fails where the
    /// certificate or its key cannot be read.
    pub fn with_identity(&self, identity: ClientIdentity) -> Result<Self, ClientError> {
        Ok(Client {
            http: http_client(&self.target, Some(&identity), Connections::Kept)?,
            unkept: OnceLock::new(),
            target: self.target.clone(),
            limits: self.limits,
            identity: Some(identity),
            rate: self.rate.clone(),
        })
    }

    /// The client for requests that need a connection of their own, made when the first of them is sent.
    fn unkept(&self) -> Result<&reqwest::Client, RunError> {
        let client = self
            .unkept
            .get_or_init(|| http_client(&self.target, self.identity.as_ref(), Connections::One));
        let reason = |error: &ClientError| RunError::new(ErrorKind::NotSent, error.to_string());
        client.as_ref().map_err(reason)
    }

    /// Sends one request and reads the whole response. `total` overrides the target's limit where a step sets its own.
    /// A body that breaks off is an exchange with [`Transfer::CutShort`]; everything else without a response is an error.
    ///
    /// With `stream`, the body is read up to that limit, which is not a fault ([`Transfer::Stopped`]).
    pub async fn send(
        &self,
        request: Request,
        total: Option<Duration>,
        resend: Resend,
        stream: Option<StreamLimit>,
    ) -> Result<Exchange, RunError> {
        if let Some(rate) = &self.rate {
            rate.until_ready().await;
        }
        let total = total.unwrap_or(self.limits.total);
        let within = stream.and_then(|stream| stream.within);
        let reading = StreamReading {
            limit: stream,
            deadline: Instant::now() + within.unwrap_or(total),
            is_endless: AtomicBool::new(false),
        };
        // The deadline of a stream ends its body, not the exchange.
        let longest = match stream {
            Some(_) => total.max(within.unwrap_or(total)) + Duration::from_secs(1),
            None => total,
        };
        match tokio::time::timeout(longest, self.exchange(request, resend, &reading)).await {
            Ok(result) => result,
            Err(_) => {
                let advice = match reading.is_endless.into_inner() {
                    true => {
                        "a stream may not end by itself: say how much of it is read with the step's `stream`, as in `stream: { events: 5, within: 10s }`"
                    }
                    false => {
                        "raise `limits.total` (or the step's `timeout`) if the server may take that long"
                    }
                };
                let message = format!("no complete response within {total:?}");
                Err(RunError::new(ErrorKind::Timeout, message).with_advice(advice))
            }
        }
    }

    /// A kept connection that ends before the first byte of a response was most likely closed by the server while idle. The request is
    /// then sent once more, as curl and browsers do, unless `resend` forbids it: then a connection of its own is made for it. A server that
    /// breaks off on purpose does so again.
    async fn exchange(
        &self,
        request: Request,
        resend: Resend,
        reading: &StreamReading,
    ) -> Result<Exchange, RunError> {
        let http = match resend {
            Resend::WhereBroken => &self.http,
            Resend::Never => self.unkept()?,
        };
        let started = Instant::now();
        let is_stream = reading.limit.is_some();
        let (mut result, reused) =
            connection::watched(http.execute(to_be_sent(&request, is_stream))).await;
        if let (Err(error), true) = (&result, reused)
            && is_broken_off(error)
        {
            result = self.http.execute(to_be_sent(&request, is_stream)).await;
        }
        let mut received = result.map_err(|error| self.classify(&error))?;
        let (status, version, headers) = (
            received.status(),
            received.version(),
            received.headers().clone(),
        );
        let mut body = BytesMut::new();
        let mut items = reading.items(&headers);
        let transfer = loop {
            let chunk = match reading.limit {
                None => received.chunk().await,
                Some(_) => {
                    let deadline = tokio::time::Instant::from_std(reading.deadline);
                    match tokio::time::timeout_at(deadline, received.chunk()).await {
                        Ok(chunk) => chunk,
                        Err(_) => break Transfer::Stopped,
                    }
                }
            };
            match chunk {
                Ok(Some(chunk)) => {
                    if body.len() + chunk.len() > self.limits.body {
                        return Err(self.too_large());
                    }
                    body.extend_from_slice(&chunk);
                    if let Some(items) = &mut items {
                        items.push(&chunk);
                        if reading.is_enough(items.len()) {
                            break Transfer::Stopped;
                        }
                    }
                }
                Ok(None) => break Transfer::Complete,
                Err(error) => break Transfer::CutShort(innermost(&error)),
            }
        };
        let elapsed = started.elapsed();
        let (body, transfer) = match decoded(&headers, body.freeze(), self.limits.body) {
            DecodedBody::Complete(body) => (body, transfer),
            // What is cut short cannot be decoded to its end, and that is not the cause.
            DecodedBody::Broken(start, reason) => match transfer {
                Transfer::Complete => {
                    let reason = format!("the body cannot be decompressed: {reason}");
                    (start, Transfer::CutShort(reason))
                }
                cut => (start, cut),
            },
            DecodedBody::TooLarge => return Err(self.too_large()),
        };
        let response = Response {
            status,
            version,
            headers,
            body,
            transfer,
        };
        Ok(Exchange {
            request,
            response,
            elapsed,
        })
    }

    fn too_large(&self) -> RunError {
        let limit = self.limits.body;
        RunError::new(
            ErrorKind::ResponseTooLarge,
            format!("the body is larger than {limit} bytes (after decompression)"),
        )
        .with_advice("raise `limits.body` if responses of this size are expected")
    }

    fn classify(&self, error: &reqwest::Error) -> RunError {
        let text = innermost(error);
        if error.is_redirect() {
            return RunError::new(ErrorKind::RedirectLimit, text).with_advice(
                "raise `redirects.follow`, or set it to 0 to look at the redirect itself",
            );
        }
        if error.is_connect() {
            let kind = if error.is_timeout() {
                ErrorKind::ConnectTimeout
            } else if caused_by_tls(error) {
                ErrorKind::TlsFailed
            } else {
                ErrorKind::ConnectFailed
            };
            let message = match kind {
                ErrorKind::ConnectTimeout => {
                    format!("no connection within {:?}", self.limits.connect)
                }
                _ => text,
            };
            let advice = match kind {
                ErrorKind::ConnectTimeout => {
                    "check host, port and firewall, or raise `limits.connect`"
                }
                ErrorKind::TlsFailed => {
                    "check the server's certificate, and that this port uses TLS"
                }
                _ => "check that the server is running and that the address is correct",
            };
            return RunError::new(kind, message).with_advice(advice);
        }
        RunError::new(
            ErrorKind::ConnectionBroken,
            format!("the connection broke off before a response: {text}"),
        )
        .with_advice("check the server's log: it may have failed on this request")
    }
}

/// What becomes of a connection after its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connections {
    /// It is kept for later requests.
    Kept,
    /// It is closed.
    One,
}

fn http_client(
    target: &Target,
    identity: Option<&ClientIdentity>,
    connections: Connections,
) -> Result<reqwest::Client, ClientError> {
    let urls = || std::iter::once(&target.url).chain(target.servers.values());
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("counterpart/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(target.limits.connect)
        // Servers close idle connections after a few seconds; a request sent on such a connection would cause a false alarm.
        .pool_idle_timeout(Duration::from_secs(2))
        .connector_layer(connection::Watch)
        .redirect(redirect_policy(target.redirects))
        .retry(reqwest::retry::never());
    if is_loopback(target) {
        builder = builder.no_proxy();
    }
    // Installing fails only where a provider is installed already, and that one works as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut origins = urls()
        .map(url::Url::origin)
        .chain(target.allowed_origins.iter().cloned());
    if origins.all(|origin| matches!(origin, url::Origin::Tuple(scheme, ..) if scheme == "http")) {
        // Reading the system's certificates takes longer than the rest of the start, and plain http does not need them.
        builder = builder.tls_certs_only(Vec::<reqwest::Certificate>::new());
    }
    if target.tls.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    } else if let Some(ca) = &target.tls.ca {
        let unreadable = |reason: &str| ClientError(format!("{} {reason}", ca.name));
        let certificates = reqwest::Certificate::from_pem_bundle(&ca.pem)
            .map_err(|error| unreadable(&format!("has no certificates: {}", chain(&error))))?;
        if certificates.is_empty() {
            return Err(unreadable("has no certificates in PEM"));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(identity) = identity {
        let read = reqwest::Identity::from_pem(&identity.pem).map_err(|error| {
            let (name, reason) = (&identity.name, chain(&error));
            ClientError(format!(
                "{name} and its key are not a client certificate: {reason}"
            ))
        })?;
        builder = builder.identity(read);
    }
    if connections == Connections::One {
        builder = builder.pool_max_idle_per_host(0);
    }
    builder.build().map_err(|error| ClientError(chain(&error)))
}

/// How the body of one response is read.
struct StreamReading {
    limit: Option<StreamLimit>,
    deadline: Instant,
    /// Whether the response turned out to be a stream.
    is_endless: AtomicBool,
}

impl StreamReading {
    /// The reader of the items of a response with these headers, if it is a stream.
    fn items(&self, headers: &HeaderMap) -> Option<StreamReader> {
        let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let reader = StreamReader::of(&value.parse().ok()?)?;
        self.is_endless.store(true, Ordering::Relaxed);
        self.limit.map(|_| reader)
    }

    fn is_enough(&self, items: usize) -> bool {
        let events = self.limit.and_then(|limit| limit.events);
        events.is_some_and(|events| items >= events)
    }
}

/// The request as the client takes it. It offers the known content codings, unless it states others, or is for a part of a body, whose
/// bytes would be those of the encoded one (RFC 9110, section 14). A stream is not encoded: its events are counted as they arrive.
fn to_be_sent(request: &Request, is_stream: bool) -> reqwest::Request {
    let mut sent = reqwest::Request::new(request.method.clone(), request.url.clone());
    let headers = sent.headers_mut();
    *headers = request.headers.clone();
    if !headers.contains_key(ACCEPT_ENCODING) && !headers.contains_key(RANGE) {
        let codings = match is_stream {
            true => HeaderValue::from_static("identity"),
            false => ACCEPTED_CODINGS,
        };
        headers.insert(ACCEPT_ENCODING, codings);
    }
    if !request.body.is_empty() {
        *sent.body_mut() = Some(request.body.clone().into());
    }
    sent
}

/// Follows redirects on the same origin only: credentials are never sent to a host that the user did not name.
fn redirect_policy(redirects: Redirects) -> reqwest::redirect::Policy {
    let Redirects::Follow(most) = redirects else {
        return reqwest::redirect::Policy::none();
    };
    reqwest::redirect::Policy::custom(move |attempt| {
        let same_origin = attempt
            .previous()
            .last()
            .is_some_and(|last| last.origin() == attempt.url().origin());
        if !same_origin {
            attempt.stop()
        } else if attempt.previous().len() > most {
            attempt.error(format!("more than {most} redirects"))
        } else {
            attempt.follow()
        }
    })
}

/// Whether the connection ended without a response: not refused, not timed out, not redirected too often.
fn is_broken_off(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_connect() && !error.is_timeout() && !error.is_redirect()
}

fn caused_by_tls(error: &reqwest::Error) -> bool {
    sources(error).any(is_of_tls)
}

/// Whether it is an error of TLS, however many errors of I/O are around it.
fn is_of_tls(error: &(dyn StdError + 'static)) -> bool {
    let inner = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| is_of_tls(inner))
}

/// The innermost cause, which is the specific one ("Connection refused (os error 111)").
fn innermost(error: &reqwest::Error) -> String {
    let text = sources(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

fn chain(error: &reqwest::Error) -> String {
    let texts: Vec<String> = sources(error).map(ToString::to_string).collect();
    texts.join(": ")
}

fn sources<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |&error| {
        error.source()
    })
}
