//! Which proxy the environment names for a target (`HTTPS_PROXY`, `NO_PROXY`, …). Main function: [`proxy_of`].

use hyper_util::client::proxy::matcher::Matcher;

use crate::target::{Target, without_credentials};

/// The URL of the proxy that the client uses for the target's URL, without credentials; `None` where it connects directly, as it does to
/// the loopback.
pub fn proxy_of(target: &Target) -> Option<String> {
    if is_loopback(target) {
        return None;
    }
    let url = target.url.as_str().parse().ok()?;
    let proxy = Matcher::from_system().intercept(&url)?;
    let proxy = url::Url::parse(&proxy.uri().to_string()).ok()?;
    Some(without_credentials(&proxy))
}

/// Whether all servers of a target are on this machine: a proxy from the environment cannot reach them.
pub(super) fn is_loopback(target: &Target) -> bool {
    let mut urls = std::iter::once(&target.url).chain(target.servers.values());
    urls.all(|url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    })
}
