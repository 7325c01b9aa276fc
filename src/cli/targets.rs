//! The target of a run, and the settings for its requests. Main types: [`NamedTarget`], [`ResolvedTarget`].

use http::HeaderValue;
use url::Url;

use super::args::{AuthArg, RunArgs};
pub(super) use super::config::EMBEDDED;
use super::config::{Config, ConfiguredLimits, ExchangeSettings, TargetConfig, parse_url};
use super::environment::Environment;
use super::precedence::{first, parsed};
use super::target_files;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::source::Spanned;
use crate::target::{Limits, Redirects, Target, credential_variable};
use crate::version::Version;

/// The requested target as typed, and where it was set.
#[derive(Debug, Clone)]
pub(super) enum RequestedTarget {
    Flag(String),
    Environment(String),
    File(Spanned<String>),
}

impl RequestedTarget {
    /// The URL or name.
    pub(super) fn word(&self) -> &str {
        match self {
            RequestedTarget::Flag(word) | RequestedTarget::Environment(word) => word,
            RequestedTarget::File(word) => word,
        }
    }

    /// Where it was set, for messages.
    pub(super) fn origin(&self) -> &'static str {
        match self {
            RequestedTarget::Flag(_) => "--target",
            RequestedTarget::Environment(_) => "COUNTERPART_TARGET",
            RequestedTarget::File(_) => "default-target",
        }
    }
}

/// The requested target.
#[derive(Debug)]
pub(super) enum NamedTarget<'c> {
    Url(Url),
    Named(&'c TargetConfig),
}

impl NamedTarget<'_> {
    /// Its name in the configuration, else its URL.
    pub(super) fn name(&self) -> String {
        match self {
            NamedTarget::Url(url) => Target::new(url.clone()).name,
            NamedTarget::Named(config) => config.name.value.clone(),
        }
    }

    /// Its table in the configuration.
    pub(super) fn config(&self) -> Option<&TargetConfig> {
        match self {
            NamedTarget::Url(_) => None,
            NamedTarget::Named(config) => Some(config),
        }
    }

    /// The systems that it serves according to the configuration.
    pub(super) fn systems(&self) -> Option<&[crate::source::Spanned<String>]> {
        self.config()?.systems.as_deref()
    }
}

/// The target that the cases of a system are sent to.
#[derive(Debug, Clone)]
pub(super) enum ResolvedTarget {
    /// An embedded server that has to be started, with its settings.
    Embedded(Box<ServerSettings>),
    /// A server that is already running.
    Running(Box<Target>),
}

/// All settings of a target except its address: the address of an embedded server is not known before it runs.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerSettings {
    /// In order of precedence: command line, target, file.
    layers: Vec<SettingsLayer>,
    /// The version of the target, if set; an embedded server knows its own.
    version: Option<Version>,
    secrets: crate::text::SecretNames,
}

/// One layer with its variables replaced.
#[derive(Debug, Clone, Default)]
struct SettingsLayer {
    headers: http::HeaderMap,
    limits: ConfiguredLimits,
    redirects: Option<Redirects>,
    severities: crate::target::Severities,
}

/// The requested target: a URL, or a table of the configuration. `None`, with a diagnostic, if it is neither.
pub(super) fn find<'c>(
    requested: &RequestedTarget,
    config: Option<&'c Config>,
    diagnostics: &mut Diagnostics,
) -> Option<NamedTarget<'c>> {
    let word = requested.word();
    if let Some(named) = config.and_then(|config| config.target(word)) {
        return Some(NamedTarget::Named(named));
    }
    // A misspelt name in the file was reported when the file was read.
    if let RequestedTarget::File(_) = requested {
        return None;
    }
    let names = || {
        let targets = config.map_or(&[][..], |config| &config.targets);
        targets.iter().map(|target| target.name.value.as_str())
    };
    if word.contains("://") {
        return match parse_url(word) {
            Ok(url) => Some(NamedTarget::Url(url)),
            Err(reason) => {
                diagnostics.push(Diagnostic::without_place(
                    "bad-url",
                    format!("{}: {reason}", requested.origin()),
                ));
                None
            }
        };
    }
    let message = format!(
        "{}: `{word}` is neither a URL nor the name of a target",
        requested.origin()
    );
    let diagnostic = Diagnostic::without_place("unknown-target", message);
    let is_host = word.contains(['.', ':', '/']) || word == "localhost";
    diagnostics.push(match nearest(word, names()) {
        Some(near) => diagnostic.with_advice(format!("did you mean `{near}`?")),
        None if is_host => diagnostic.with_advice(format!(
            "a URL begins with its scheme: `https://{word}` or `http://{word}`"
        )),
        None if config.is_none() => diagnostic.with_advice(format!(
            "give a URL, as in `https://shop.example`, or describe it in counterpart.toml under [targets.{word}]"
        )),
        None => diagnostic
            .with_advice(format!("describe it in counterpart.toml under [targets.{word}]"))
            .with_nearest(word, names()),
    });
    None
}

/// The target (without a requested one, an embedded server) with its settings. Missing variables and invalid headers are diagnostics.
pub(super) fn resolve(
    found: Option<&NamedTarget<'_>>,
    args: &RunArgs,
    environment: &Environment,
    config: Option<&Config>,
    diagnostics: &mut Diagnostics,
) -> ResolvedTarget {
    let settings = server_settings(found, args, environment, config, diagnostics);
    let Some(found) = found else {
        return ResolvedTarget::Embedded(Box::new(settings));
    };
    let url = match found {
        NamedTarget::Url(url) => Some(url.clone()),
        NamedTarget::Named(named) => {
            let text = named.url.resolve(environment, diagnostics);
            text.and_then(|text| match parse_url(&text) {
                Ok(url) => Some(url),
                Err(reason) => {
                    let place = named.url.place.clone();
                    diagnostics.push(Diagnostic::error("bad-url", reason, place));
                    None
                }
            })
        }
    };
    let Some(url) = url else {
        // The fault is reported; nothing will be sent.
        return ResolvedTarget::Embedded(Box::new(settings));
    };
    let mut target = Target::new(url);
    settings.apply(&mut target);
    if let Some(named) = found.config() {
        target.name = named.name.value.clone();
        target.disposable = named.disposable;
        target.allowed_origins = named.allowed_origins.clone();
        add_servers(&mut target, named, environment, diagnostics);
        if let Some(config) = config {
            target_files::add(&mut target, named, config, environment, diagnostics);
        }
        for (profile, values) in &named.auth {
            for (key, text) in values {
                if let Some(value) = environment.credential(profile, key) {
                    target = target.with_credential(profile, key, value);
                    continue;
                }
                // A variable in the file need not be set if a flag gives the value.
                let flags = &args.selection.auth;
                let by_flag = |given: &AuthArg| given.profile == *profile && given.key == *key;
                if !flags.iter().any(by_flag)
                    && let Some(value) = text.resolve(environment, diagnostics)
                {
                    target = target.with_credential(profile, key, value);
                }
            }
        }
    }
    target.tls.insecure |= args.insecure;
    if let Some(path) = &args.ca {
        target.tls.ca = target_files::authorities(path, None, diagnostics);
    }
    target.disposable |= args.selection.disposable;
    ResolvedTarget::Running(Box::new(target))
}

/// The URLs of further servers, and the variables in those of the contract.
fn add_servers(
    target: &mut Target,
    named: &TargetConfig,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) {
    for (server, text) in &named.servers {
        let Some(resolved) = text.resolve(environment, diagnostics) else {
            continue;
        };
        match parse_url(&resolved) {
            Ok(url) => {
                target.servers.insert(server.clone(), url);
            }
            Err(reason) => {
                let place = text.place.clone();
                diagnostics.push(Diagnostic::error("bad-url", reason, place));
            }
        }
    }
    for (name, text) in &named.variables {
        if let Some(value) = text.resolve(environment, diagnostics) {
            target.server_variables.insert(name.clone(), value);
        }
    }
}

/// Adds to a target the credentials of environment and flags: for each of the profiles `COUNTERPART_AUTH_<PROFILE>_<KEY>`, then
/// `--auth`, which wins. A variable named by `--auth` that is not set is a diagnostic.
pub(super) fn with_credentials<'n>(
    mut target: Target,
    profiles: impl IntoIterator<Item = &'n str>,
    args: &RunArgs,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Target {
    for profile in profiles {
        target = target.with_credentials_from(profile, environment.all());
    }
    for given in &args.selection.auth {
        match environment.get(&given.variable) {
            Some(value) => target = target.with_credential(&given.profile, &given.key, value),
            None => diagnostics.push(
                Diagnostic::without_place(
                    "variable-not-set",
                    format!(
                        "--auth {}.{}: the environment variable {} is not set",
                        given.profile, given.key, given.variable
                    ),
                )
                .with_advice(format!(
                    "set it, or set {}, which needs no flag",
                    credential_variable(&given.profile, &given.key)
                )),
            ),
        }
    }
    target_files::add_given(&mut target, diagnostics);
    target
}

impl ServerSettings {
    /// The version of the target, if set.
    #[cfg(feature = "server")]
    pub(super) fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Applies all settings to `target`: everything except its address, its name, its credentials and `disposable`; its version only if
    /// it is set.
    pub(super) fn apply(&self, target: &mut Target) {
        let defaults = Limits::default();
        let mut given = ConfiguredLimits::default();
        for layer in &self.layers {
            given = given.or(layer.limits);
        }
        target.limits = Limits {
            connect: given.connect.unwrap_or(defaults.connect),
            total: given.total.unwrap_or(defaults.total),
            body: given.body.unwrap_or(defaults.body),
            depth: given.depth.unwrap_or(defaults.depth),
            retry_after: given.retry_after.unwrap_or(defaults.retry_after),
            rate: given.rate.or(defaults.rate),
        };
        target.redirects = self
            .layers
            .iter()
            .find_map(|layer| layer.redirects)
            .unwrap_or_default();
        for layer in self.layers.iter().rev() {
            for (name, value) in &layer.headers {
                target.headers.insert(name, value.clone());
            }
            let overrides = &layer.severities.overrides;
            target
                .severities
                .overrides
                .extend(overrides.iter().map(|(code, severity)| (*code, *severity)));
        }
        target.secrets = self.secrets.clone();
        if self.version.is_some() {
            target.version = self.version.clone();
        }
    }
}

fn server_settings(
    found: Option<&NamedTarget<'_>>,
    args: &RunArgs,
    environment: &Environment,
    config: Option<&Config>,
    diagnostics: &mut Diagnostics,
) -> ServerSettings {
    let flags = SettingsLayer {
        headers: args.headers.iter().cloned().collect(),
        limits: ConfiguredLimits {
            total: args.timeout,
            ..ConfiguredLimits::default()
        },
        redirects: args.follow_redirects.map(|times| match times {
            0 => Redirects::Stop,
            times => Redirects::Follow(times),
        }),
        severities: crate::target::Severities::default(),
    };
    let named = found
        .and_then(NamedTarget::config)
        .map(|named| &named.exchange);
    let file = config.map(|config| &config.exchange);
    let mut layers = vec![flags];
    for exchange in [named, file].into_iter().flatten() {
        layers.push(layer(exchange, environment, diagnostics));
    }
    let version = first(
        args.target_version.clone(),
        parsed(
            "COUNTERPART_TARGET_VERSION",
            environment.target_version(),
            Version::parse,
            diagnostics,
        ),
        found
            .and_then(NamedTarget::config)
            .and_then(|named| named.version.clone()),
    );
    ServerSettings {
        layers,
        version,
        secrets: config
            .map(|config| config.secrets.clone())
            .unwrap_or_default(),
    }
}

fn layer(
    exchange: &ExchangeSettings,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> SettingsLayer {
    let ExchangeSettings {
        headers,
        limits,
        redirects,
        severities,
    } = exchange;
    let mut filled = http::HeaderMap::new();
    for (name, text) in headers {
        let Some(value) = text.resolve(environment, diagnostics) else {
            continue;
        };
        match HeaderValue::from_str(&value) {
            Ok(value) => {
                filled.insert(name.clone(), value);
            }
            Err(_) => diagnostics.push(
                Diagnostic::error(
                    "bad-header",
                    format!(
                        "the value of `{name}` has characters that are not allowed in a header"
                    ),
                    text.place.clone(),
                )
                .with_advice("write visible ASCII characters"),
            ),
        }
    }
    SettingsLayer {
        headers: filled,
        limits: *limits,
        redirects: *redirects,
        severities: severities.clone(),
    }
}
