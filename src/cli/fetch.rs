//! Downloads a contract's text from a URL.

use std::time::Duration;

use http::header::ACCEPT_ENCODING;
use url::Url;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::exchange::{ACCEPTED_CODINGS, DecodedBody, decoded};
use crate::source::{Source, decode};
use crate::target::Limits;

/// The largest contract that is read. The complete one of Magento has about 1 MB.
const LARGEST: usize = 64 * 1024 * 1024;

/// The text at a URL, with the default time limits of a target. Up to five redirects are followed, because the response is not checked.
/// A failure is a diagnostic.
pub(super) fn fetch(url: &Url, diagnostics: &mut Diagnostics) -> Option<Source> {
    match download(url) {
        Ok(text) => Some(Source::new(url.as_str(), text)),
        Err(reason) => {
            diagnostics.push(
                Diagnostic::without_place("unreadable", format!("cannot read {url}: {reason}"))
                    .with_advice("check that the server is up and that the URL opens in a browser"),
            );
            None
        }
    }
}

fn download(url: &Url) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let Limits { connect, total, .. } = Limits::default();
        let client = client(connect, total)?;
        let mut response = client
            .get(url.clone())
            .header(
                "Accept",
                "application/json, application/yaml;q=0.9, */*;q=0.5",
            )
            .header(ACCEPT_ENCODING, ACCEPTED_CODINGS)
            .send()
            .await
            .map_err(|error| root(&error))?;
        if !response.status().is_success() {
            return Err(format!("the server responded with {}", response.status()));
        }
        let headers = response.headers().clone();
        let too_large = || format!("it is larger than {} MiB", LARGEST >> 20);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| root(&error))? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        let bytes = match decoded(&headers, bytes.into(), LARGEST) {
            DecodedBody::Complete(bytes) => bytes,
            DecodedBody::Broken(_, reason) => {
                return Err(format!("it cannot be decompressed: {reason}"));
            }
            DecodedBody::TooLarge => return Err(too_large()),
        };
        decode(bytes.into()).map_err(|error| error.to_string())
    })
}

fn client(connect: Duration, total: Duration) -> Result<reqwest::Client, String> {
    // Fails if another part of the program has installed a provider; then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(connect)
        .timeout(total)
        .redirect(reqwest::redirect::Policy::limited(5))
        .build()
        .map_err(|error| root(&error))
}

/// The innermost cause: the outer errors of reqwest repeat the URL, which the message already has.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}
