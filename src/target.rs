//! Where requests are sent and within which limits: [`Target`], made by the configuration, a test, or an embedded server.

mod tls;

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderMap;

use crate::finding::{Code, Severity};
use crate::text::{InvalidText, SecretNames};
use crate::version::Version;

pub use tls::{CertificateAuthorities, ClientIdentity, SigningCommand, TlsSettings};

/// A server under test.
///
/// ```
/// use counterpart::target::Target;
///
/// let target = Target::parse("https://staging.example")?
///     .with_version("2.4.7")?
///     .with_credential("admin", "bearer", "secret");
/// assert_eq!(target.version.map(|version| version.to_string()).as_deref(), Some("2.4.7"));
/// assert!(Target::parse("staging.example").is_err());
/// # Ok::<(), counterpart::text::InvalidText>(())
/// ```
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name in reports: the name in the configuration, else its URL without credentials.
    pub name: String,
    /// Scheme, host and port; a path given here replaces the contract's base path.
    pub url: url::Url,
    /// The URLs of further servers that contracts name for single operations, by the name or the URL that is written there.
    pub servers: BTreeMap<String, url::Url>,
    /// Values of the variables in the URLs of a contract's servers; their defaults apply to the others.
    pub server_variables: BTreeMap<String, String>,
    /// The version of the API it serves; `None`: unknown, and everything in contracts and cases applies. (Default.)
    pub version: Option<Version>,
    /// Credentials by auth profile.
    pub auth: BTreeMap<String, Credentials>,
    /// Sent with every request unless the step or the system sets the same header.
    pub headers: HeaderMap,
    pub limits: Limits,
    /// Whose certificates are trusted.
    pub tls: TlsSettings,
    /// Whether redirects are followed. (Default: no.)
    pub redirects: Redirects,
    /// Other origins that a `send:` with an absolute URL may go to. They get nothing of the target's credentials and headers.
    pub allowed_origins: Vec<url::Origin>,
    /// An embedded server, or one that the user marked as disposable: cases tagged `disruptive` run.
    pub disposable: bool,
    pub severities: Severities,
    /// Names of further headers and JSON properties whose values are never shown.
    pub secrets: SecretNames,
}

/// The credentials that a target's configuration has for an auth profile: `username`, `password`, `bearer`, or any other key,
/// available in cases as `credentials.KEY`. Values never appear in reports; `Debug` hides them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    pub values: BTreeMap<String, String>,
    /// The certificate of all connections of the profile, its logins included.
    pub identity: Option<ClientIdentity>,
    /// The program of a profile with the method `command`.
    pub command: Option<SigningCommand>,
}

impl Credentials {
    /// Whether there is a value for a key; `certificate` and `command` are a file and a program.
    pub fn has(&self, key: &str) -> bool {
        match key {
            "certificate" if self.identity.is_some() => true,
            "command" if self.command.is_some() => true,
            key => self.values.contains_key(key),
        }
    }

    /// Each key with its value.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let values = self.values.iter();
        values.map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// The limits of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time to connect. (Default: 5 s.)
    pub connect: Duration,
    /// Time to the last byte of the response. (Default: 30 s.)
    pub total: Duration,
    /// Bytes of a response body, counted after decompression. (Default: 16 MiB.)
    pub body: usize,
    /// Nesting depth of a JSON body. (Default: 100.)
    pub depth: usize,
    /// How long all pauses together may be that a server requires by `Retry-After` before a request is sent again; zero: it is not sent
    /// again. (Default: 10 s.)
    pub retry_after: Duration,
    /// Requests a second over all workers; `None`: no limit. (Default.)
    pub rate: Option<std::num::NonZeroU32>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            body: 16 * 1024 * 1024,
            depth: 100,
            retry_after: Duration::from_secs(10),
            rate: None,
        }
    }
}

/// What happens on a 3xx response with a `Location`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redirects {
    /// The 3xx response is the result.
    #[default]
    Stop,
    /// Followed on the same host, at most this many times.
    Follow(usize),
}

/// The severity of each code, where the configuration changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Severities {
    pub overrides: BTreeMap<Code, Severity>,
}

impl Severities {
    /// The configured severity of a code, else its default.
    pub fn of(&self, code: Code) -> Severity {
        self.overrides
            .get(&code)
            .copied()
            .unwrap_or(code.default_severity())
    }
}

impl Target {
    /// A target at `url` with the default limits and no other settings.
    pub fn new(url: url::Url) -> Self {
        Target {
            name: without_credentials(&url),
            url,
            servers: BTreeMap::new(),
            server_variables: BTreeMap::new(),
            version: None,
            auth: BTreeMap::new(),
            headers: HeaderMap::new(),
            limits: Limits::default(),
            tls: TlsSettings::default(),
            redirects: Redirects::default(),
            allowed_origins: Vec::new(),
            disposable: false,
            severities: Severities::default(),
            secrets: SecretNames::default(),
        }
    }

    /// A target at the URL `text`. Fails, with a sentence fragment, when that is not an http or https URL with a host.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let url = url::Url::parse(text)
            .map_err(|error| InvalidText(format!("`{text}` is not a URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidText(format!(
                "`{text}` is not an http:// or https:// URL"
            )));
        }
        Ok(Target::new(url))
    }

    /// Sets the version of the API it serves. Fails, with a fragment, when `text` is not a version.
    pub fn with_version(mut self, text: &str) -> Result<Self, InvalidText> {
        self.version = Some(Version::parse(text)?);
        Ok(self)
    }

    /// Allows requests to another origin. Fails like [`parse_origin`].
    pub fn with_allowed_origin(mut self, text: &str) -> Result<Self, InvalidText> {
        self.allowed_origins.push(parse_origin(text)?);
        Ok(self)
    }

    /// Whether requests may go to a URL: it has the target's origin, or one of those allowed.
    pub fn allows(&self, url: &url::Url) -> bool {
        self.owns(url) || self.allowed_origins.contains(&url.origin())
    }

    /// Whether a URL has the target's own origin: scheme, host and port (RFC 6454, section 4).
    pub fn owns(&self, url: &url::Url) -> bool {
        self.url.origin() == url.origin()
    }

    /// Sets the URL of a server that a contract names for single operations: by the name or the URL that is written there.
    #[must_use]
    pub fn with_server(mut self, server: impl Into<String>, url: url::Url) -> Self {
        self.servers.insert(server.into(), url);
        self
    }

    /// Sets a variable in the URLs of a contract's servers.
    #[must_use]
    pub fn with_server_variable(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.server_variables.insert(name.into(), value.into());
        self
    }

    /// Sets the certificate of an auth profile's connections.
    #[must_use]
    pub fn with_identity(mut self, profile: &str, identity: ClientIdentity) -> Self {
        self.auth.entry(profile.to_owned()).or_default().identity = Some(identity);
        self
    }

    /// Sets the program of an auth profile with the method `command`.
    #[must_use]
    pub fn with_command(mut self, profile: &str, command: SigningCommand) -> Self {
        self.auth.entry(profile.to_owned()).or_default().command = Some(command);
        self
    }

    /// Adds one credential of an auth profile: `.with_credential("admin", "bearer", token)`.
    #[must_use]
    pub fn with_credential(mut self, profile: &str, key: &str, value: impl Into<String>) -> Self {
        let credentials = self.auth.entry(profile.to_owned()).or_default();
        credentials.values.insert(key.to_owned(), value.into());
        self
    }

    /// Adds the credentials that environment variables have for an auth profile: each of `variables` that begins with
    /// `COUNTERPART_AUTH_<PROFILE>_`; the rest of its name in lower case is the key. An empty variable counts as not set, because CI files
    /// pass undefined secrets as empty text. Where one profile's name begins with another's, the shorter one gets additional keys that are
    /// never used.
    #[must_use]
    pub fn with_credentials_from<'v>(
        mut self,
        profile: &str,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Self {
        let prefix = credential_variable(profile, "");
        for (name, value) in variables {
            if let Some(key) = name.strip_prefix(&prefix)
                && !key.is_empty()
                && !value.is_empty()
            {
                self = self.with_credential(profile, &key.to_ascii_lowercase(), value);
            }
        }
        self
    }
}

/// The origin `scheme://host:port`. Fails, with a sentence fragment, when `text` is something else, or has a path, a query or a user.
pub fn parse_origin(text: &str) -> Result<url::Origin, InvalidText> {
    let url = url::Url::parse(text).ok().filter(|url| {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let has_user = !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && !has_user
    });
    match url {
        Some(url) => Ok(url.origin()),
        None => Err(InvalidText(
            "an origin is scheme, host and port, as in `https://files.example`".to_owned(),
        )),
    }
}

/// The variable of a credential: `COUNTERPART_AUTH_<PROFILE>_<KEY>`, in upper case, every character except letters and digits
/// replaced by `_`. Variables are looked up by the names of existing profiles and never parsed:
/// `COUNTERPART_AUTH_NUWEB_ADMIN_COMPANY_ID` is the `company_id` of `nuweb-admin`.
pub fn credential_variable(profile: &str, key: &str) -> String {
    let part = |text: &str| -> String {
        text.chars()
            .map(|c| match c.is_ascii_alphanumeric() {
                true => c.to_ascii_uppercase(),
                false => '_',
            })
            .collect()
    };
    format!("COUNTERPART_AUTH_{}_{}", part(profile), part(key))
}

/// The path below a base path, where it is below it: `/customers` of `/V1/customers` below `/V1`.
pub fn contract_path<'p>(path: &'p str, base_path: &str) -> Option<&'p str> {
    path.strip_prefix(base_path)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A URL as it may be shown: no user name, no password, no trailing slash.
pub fn without_credentials(url: &url::Url) -> String {
    let mut shown = url.clone();
    // A URL without authority cannot contain credentials.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_nothing_behind_its_host() {
        let target = Target::parse("http://shop.example/rest").unwrap();
        let target = target
            .with_allowed_origin("https://files.example:8443/")
            .unwrap();
        let allows = |url: &str| target.allows(&url.parse().unwrap());
        assert!(allows("http://shop.example:80/other?x=1"));
        assert!(allows("https://files.example:8443/a"));
        for other in [
            "https://shop.example/rest",
            "http://shop.example:8080/rest",
            "https://files.example/a",
            "http://shop.example.evil.example/rest",
        ] {
            assert!(!allows(other), "{other}");
        }
        for wrong in [
            "files.example",
            "ftp://files.example",
            "https://files.example/a",
            "https://files.example?a",
            "https://me@files.example",
            "",
        ] {
            assert!(parse_origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn credentials_come_from_the_variables_of_their_profile() {
        let target = Target::parse("http://shop.example").unwrap();
        let target = target.with_credentials_from(
            "nuweb-admin",
            [
                ("COUNTERPART_AUTH_NUWEB_ADMIN_COMPANY_ID", "7"),
                ("COUNTERPART_AUTH_NUWEB_ADMIN_BEARER", ""),
                ("COUNTERPART_AUTH_NUWEB_ADMIN_", "no key"),
                ("COUNTERPART_AUTH_ADMIN_PASSWORD", "another's"),
                ("HOME", "/"),
            ],
        );
        let given: Vec<_> = target.auth["nuweb-admin"].values.iter().collect();
        assert_eq!(given, [(&"company_id".to_owned(), &"7".to_owned())]);
        assert_eq!(target.auth.len(), 1);
    }
}
