//! Whom a run asks: the target that was named, and how it is asked. Main types: [`NamedTarget`], [`ResolvedTarget`].

use http::HeaderValue;
use url::Url;

use super::args::{AuthArg, RunArgs};
use super::config::{Config, ConfiguredLimits, ExchangeSettings, TargetConfig, parse_url};
use super::environment::Environment;
use super::precedence::{first, parsed};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::source::Spanned;
use crate::target::{Limits, Redirects, Target, credential_variable};
use crate::version::Version;

/// The name of embedded servers as targets.
pub(super) const EMBEDDED: &str = "embedded";

/// The word by which a target was asked for, and who said it.
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

    /// Who said it, for messages.
    pub(super) fn origin(&self) -> &'static str {
        match self {
            RequestedTarget::Flag(_) => "--target",
            RequestedTarget::Environment(_) => "COUNTERPART_TARGET",
            RequestedTarget::File(_) => "default-target",
        }
    }
}

/// The target that was asked for.
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

    /// The systems it is said to serve.
    pub(super) fn systems(&self) -> Option<&[crate::source::Spanned<String>]> {
        self.config()?.systems.as_deref()
    }
}

/// Whom a system's cases are sent to.
#[derive(Debug, Clone)]
pub(super) enum ResolvedTarget {
    /// An embedded server, to be started; it is asked as these settings say.
    Embedded(Box<ServerSettings>),
    /// A server that runs already.
    Running(Box<Target>),
}

/// Everything about asking but the address: what an embedded server, whose address is not known before it runs, is asked with.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerSettings {
    /// From the nearest to the farthest: command line, target, file.
    layers: Vec<SettingsLayer>,
    /// The version the target is said to be; an embedded server says it of itself.
    version: Option<Version>,
    secrets: crate::text::SecretNames,
}

/// One layer with its texts filled in.
#[derive(Debug, Clone, Default)]
struct SettingsLayer {
    headers: http::HeaderMap,
    limits: ConfiguredLimits,
    redirects: Option<Redirects>,
    severities: crate::target::Severities,
}

/// The target a word names: a URL, or a table of the configuration. `None`, with a diagnostic, when it is neither.
pub(super) fn find<'c>(
    wanted: &RequestedTarget,
    config: Option<&'c Config>,
    diagnostics: &mut Diagnostics,
) -> Option<NamedTarget<'c>> {
    let word = wanted.word();
    if let Some(named) = config.and_then(|config| config.target(word)) {
        return Some(NamedTarget::Named(named));
    }
    // A misspelt name in the file itself was told when the file was read.
    if let RequestedTarget::File(_) = wanted {
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
                    format!("{}: {reason}", wanted.origin()),
                ));
                None
            }
        };
    }
    let message = format!(
        "{}: `{word}` is neither a URL nor the name of a target",
        wanted.origin()
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

/// How the target (or, without one, an embedded server) is asked. Variables that are missing and headers that cannot be sent
/// are diagnostics.
pub(super) fn ask(
    found: Option<&NamedTarget<'_>>,
    args: &RunArgs,
    environment: &Environment,
    config: Option<&Config>,
    diagnostics: &mut Diagnostics,
) -> ResolvedTarget {
    let manner = manner(found, args, environment, config, diagnostics);
    let Some(found) = found else {
        return ResolvedTarget::Embedded(Box::new(manner));
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
        // The fault is told; nothing will be asked.
        return ResolvedTarget::Embedded(Box::new(manner));
    };
    let mut target = Target::new(url);
    manner.apply(&mut target);
    if let Some(named) = found.config() {
        target.name = named.name.value.clone();
        target.disposable = named.disposable;
        for (profile, values) in &named.auth {
            for (key, text) in values {
                if let Some(value) = environment.credential(profile, key) {
                    target = target.with_credential(profile, key, value);
                    continue;
                }
                // What a flag gives need not be found in a variable the file names as well.
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
    target.disposable |= args.selection.disposable;
    ResolvedTarget::Running(Box::new(target))
}

/// Adds to a target the credentials that environment and flags give: for each of the profiles `COUNTERPART_AUTH_<PROFILE>_<KEY>`,
/// and over that what `--auth` names. A variable named by `--auth` that is not set is a diagnostic.
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
    target
}

impl ServerSettings {
    /// The version that the target was said to be.
    #[cfg(feature = "server")]
    pub(super) fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Sets everything about `target` but its address, its name, its credentials and whether it may be harmed; its version where
    /// one was stated.
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

fn manner(
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
        .map(|named| &named.asking);
    let file = config.map(|config| &config.asking);
    let mut layers = vec![flags];
    for asking in [named, file].into_iter().flatten() {
        layers.push(layer(asking, environment, diagnostics));
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
    asking: &ExchangeSettings,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> SettingsLayer {
    let ExchangeSettings {
        headers,
        limits,
        redirects,
        severities,
    } = asking;
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
                    format!("the value of `{name}` has characters that no header may hold"),
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
