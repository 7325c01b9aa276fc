//! Decodes the tree of a `counterpart.toml` to [`Config`]: every key, with its type and its range.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use url::{Origin, Url};

use super::quantity::parse_size;
use super::{
    CommandConfig, Config, ConfigText, ConfiguredLimits, EMBEDDED, ExchangeSettings, TargetConfig,
};
use crate::contract::Reading;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::document::{Decoder, Document, Fields, MAX_DEPTH, Mapping, MappingEntry, Node, Value};
use crate::duration::parse_duration;
use crate::finding::{Code, Severity};
use crate::source::Spanned;
use crate::target::{Redirects, Severities, parse_origin};
use crate::text::SecretNames;
use crate::version::Version;

/// The whole file. `None` only if it is not a table.
pub(super) fn config(
    document: &Document,
    folder: PathBuf,
    diagnostics: &mut Diagnostics,
) -> Option<Config> {
    let reader = &mut ConfigDecoder {
        decoder: Decoder::new(&document.source, diagnostics),
    };
    let mut fields = reader.decoder.fields("the configuration", &document.root)?;
    let config = Config {
        path: document.source.name().into(),
        folder,
        schemas: fields.string("schemas", reader.decoder.diagnostics),
        cases: fields.string("cases", reader.decoder.diagnostics),
        waivers: fields.string("waivers", reader.decoder.diagnostics),
        jobs: fields
            .get("jobs")
            .and_then(|node| reader.decoder.whole_number("jobs", node, 1..=10_000))
            .and_then(|jobs| NonZeroUsize::new(jobs as usize)),
        seed: fields
            .get("seed")
            .and_then(|node| reader.decoder.whole_number("seed", node, 0..=u64::MAX)),
        contract: fields.get("contract").and_then(|node| {
            reader
                .decoder
                .parsed("contract", node, "bad-contract", Reading::parse)
        }),
        strict_contracts: fields
            .bool("strict-contracts", reader.decoder.diagnostics)
            .unwrap_or(false),
        strict_nullable: fields
            .bool("strict-nullable", reader.decoder.diagnostics)
            .unwrap_or(false),
        default_target: fields.string("default-target", reader.decoder.diagnostics),
        exchange: reader.exchange_settings(&mut fields),
        secrets: fields
            .get("secrets")
            .and_then(|node| reader.secrets(node))
            .unwrap_or_default(),
        targets: fields
            .get("targets")
            .map(|node| reader.targets(node))
            .unwrap_or_default(),
    };
    fields.finish(reader.decoder.diagnostics);
    if let Some(default_target) = &config.default_target
        && config.target(default_target).is_none()
        && default_target.value != EMBEDDED
    {
        let names = config
            .targets
            .iter()
            .map(|target| target.name.value.as_str());
        reader.decoder.diagnostics.push(
            Diagnostic::error(
                "unknown-target",
                format!("no target is named `{}`", default_target.value),
                default_target.place.clone(),
            )
            .with_advice(format!("add the table [targets.{}]", default_target.value))
            .with_nearest(&default_target.value, names),
        );
    }
    Some(config)
}

/// Decodes the value types of the configuration.
struct ConfigDecoder<'a> {
    decoder: Decoder<'a>,
}

impl ConfigDecoder<'_> {
    /// The fields a target shares with the file as a whole.
    fn exchange_settings(&mut self, fields: &mut Fields<'_>) -> ExchangeSettings {
        ExchangeSettings {
            headers: fields
                .get("headers")
                .map(|node| self.headers(node))
                .unwrap_or_default(),
            limits: fields
                .get("limits")
                .and_then(|node| self.limits(node))
                .unwrap_or_default(),
            redirects: fields
                .get("redirects")
                .and_then(|node| self.redirects(node)),
            severities: fields
                .get("severities")
                .map(|node| self.severities(node))
                .unwrap_or_default(),
        }
    }

    fn targets(&mut self, node: &Node) -> Vec<TargetConfig> {
        let targets = self.decoder.mapping("targets", node);
        let targets = targets.into_iter().flatten();
        targets
            .filter_map(|(name, entry)| self.target(name, entry))
            .collect()
    }

    fn target(&mut self, name: &str, entry: &MappingEntry) -> Option<TargetConfig> {
        if name == EMBEDDED {
            self.decoder.diagnostics.push(
                Diagnostic::error(
                    "reserved-name",
                    format!("`{EMBEDDED}` is the name of the embedded servers"),
                    self.decoder.source.place(entry.key_span),
                )
                .with_advice("give the target another name"),
            );
        }
        let mut fields = self.decoder.fields("a target", &entry.value)?;
        let url = match fields.get("url") {
            Some(node) => self.text("url", node),
            None => {
                self.decoder.diagnostics.push(
                    Diagnostic::error(
                        "missing-field",
                        format!("the target `{name}` has no `url`"),
                        self.decoder.source.place(entry.key_span),
                    )
                    .with_advice("add `url = \"https://…\"` to its table"),
                );
                None
            }
        };
        if let Some(text) = &url
            && let Some(literal) = text.literal()
            && let Err(reason) = parse_url(literal)
        {
            self.decoder
                .diagnostics
                .push(Diagnostic::error("bad-url", reason, text.place.clone()));
        }
        let systems = fields.get("systems").map(|node| self.systems(node));
        let version = fields.get("version").and_then(|node| {
            self.decoder
                .parsed("version", node, "bad-version", Version::parse)
        });
        let exchange = self.exchange_settings(&mut fields);
        let allowed_origins = fields
            .get("allowed-origins")
            .map(|node| self.origins(node))
            .unwrap_or_default();
        let disposable = fields
            .bool("disposable", self.decoder.diagnostics)
            .unwrap_or(false);
        let servers = fields
            .get("servers")
            .map(|node| self.texts("servers", node))
            .unwrap_or_default();
        for text in servers.values() {
            if let Some(literal) = text.literal()
                && let Err(reason) = parse_url(literal)
            {
                self.decoder.diagnostics.push(Diagnostic::error(
                    "bad-url",
                    reason,
                    text.place.clone(),
                ));
            }
        }
        let variables = fields
            .get("variables")
            .map(|node| self.texts("variables", node))
            .unwrap_or_default();
        let ca = fields.get("ca").and_then(|node| self.text("ca", node));
        let insecure = fields
            .bool("insecure", self.decoder.diagnostics)
            .unwrap_or(false);
        let mut commands = BTreeMap::new();
        let auth = fields
            .get("auth")
            .map(|node| self.auth(node, &mut commands))
            .unwrap_or_default();
        fields.finish(self.decoder.diagnostics);
        Some(TargetConfig {
            name: Spanned::new(name.to_owned(), self.decoder.source.place(entry.key_span)),
            url: url?,
            systems,
            version,
            exchange,
            allowed_origins,
            disposable,
            servers,
            variables,
            ca,
            insecure,
            auth,
            commands,
        })
    }

    fn origins(&mut self, node: &Node) -> Vec<Origin> {
        let written = self.decoder.strings("allowed-origins", node);
        let origins = written.into_iter().filter_map(|text| {
            let origin = parse_origin(&text.value);
            origin
                .map_err(|reason| {
                    self.decoder.diagnostics.push(Diagnostic::error(
                        "bad-url",
                        format!("`{}` is not an origin: {reason}", text.value),
                        text.place,
                    ));
                })
                .ok()
        });
        origins.collect()
    }

    /// Texts by name.
    fn texts(&mut self, what: &str, node: &Node) -> BTreeMap<String, ConfigText> {
        let entries = self.decoder.mapping(what, node);
        let entries = entries.into_iter().flatten();
        entries
            .filter_map(|(name, entry)| Some((name.clone(), self.text(name, &entry.value)?)))
            .collect()
    }

    fn systems(&mut self, node: &Node) -> Vec<Spanned<String>> {
        let names = self.decoder.strings("systems", node);
        if node.as_sequence().is_some_and(<[Node]>::is_empty) {
            self.decoder.diagnostics.push(
                Diagnostic::error(
                    "empty-list",
                    "a target without systems cannot be used",
                    self.decoder.source.place(node.span),
                )
                .with_advice("name the systems it serves, or leave `systems` out"),
            );
        }
        names
    }

    /// The credentials; those that are lists are `commands`.
    fn auth(
        &mut self,
        node: &Node,
        commands: &mut BTreeMap<String, CommandConfig>,
    ) -> BTreeMap<String, BTreeMap<String, ConfigText>> {
        let profiles = self.decoder.mapping("auth", node);
        let mut auth = BTreeMap::new();
        for (profile, entry) in profiles.into_iter().flatten() {
            let what = format!("the auth profile `{profile}`");
            let values = self.decoder.mapping(&what, &entry.value);
            let mut credentials = BTreeMap::new();
            let command = values.and_then(|values| self.command(values));
            let has_command = command.is_some();
            commands.extend(command.map(|command| (profile.clone(), command)));
            for (key, entry) in values.into_iter().flatten() {
                if has_command && matches!(key.as_str(), "command" | "timeout") {
                    continue;
                }
                // A company's id may be written as a number; in a request every credential is text.
                let text = match &entry.value.value {
                    Value::Number(number) => {
                        let place = self.decoder.source.place(entry.value.span);
                        ConfigText::parse(
                            Spanned::new(number.to_string(), place),
                            self.decoder.diagnostics,
                        )
                    }
                    _ => self.text(key, &entry.value),
                };
                if let Some(text) = text {
                    credentials.insert(key.clone(), text);
                }
            }
            auth.insert(profile.clone(), credentials);
        }
        auth
    }

    /// `command = ["./sign", "--v4"]`, `timeout = "5s"`; `None` where there is no list of this name.
    fn command(&mut self, values: &Mapping) -> Option<CommandConfig> {
        let node = &values.get("command")?.value;
        let items = node.as_sequence()?;
        if items.is_empty() {
            let place = self.decoder.source.place(node.span);
            self.decoder.diagnostics.push(
                Diagnostic::error("empty-list", "a command without a program", place)
                    .with_advice("name the program and its arguments: `command = [\"./sign\"]`"),
            );
        }
        let words = items.iter().filter_map(|item| self.text("command", item));
        let words = words.collect();
        let timeout = values
            .get("timeout")
            .and_then(|entry| self.duration("timeout", &entry.value));
        Some(CommandConfig { words, timeout })
    }

    fn headers(&mut self, node: &Node) -> Vec<(HeaderName, ConfigText)> {
        let entries = self.decoder.mapping("headers", node);
        let mut headers: Vec<(HeaderName, ConfigText)> = Vec::new();
        for (name, entry) in entries.into_iter().flatten() {
            let value = self.text(name, &entry.value);
            let Ok(parsed) = name.parse::<HeaderName>() else {
                self.decoder.diagnostics.push(
                    Diagnostic::error(
                        "bad-header",
                        format!("`{name}` is not a header name"),
                        self.decoder.source.place(entry.key_span),
                    )
                    .with_advice("write letters, digits and `-`, as in `X-Trace`"),
                );
                continue;
            };
            if headers.iter().any(|(other, _)| *other == parsed) {
                self.decoder.diagnostics.push(
                    Diagnostic::error(
                        "duplicate-header",
                        format!("the header `{parsed}` is given twice"),
                        self.decoder.source.place(entry.key_span),
                    )
                    .with_advice("keep one of the two: header names are case-insensitive"),
                );
            }
            headers.extend(value.map(|value| (parsed, value)));
        }
        headers
    }

    fn limits(&mut self, node: &Node) -> Option<ConfiguredLimits> {
        let mut fields = self.decoder.fields("`limits`", node)?;
        let given = ConfiguredLimits {
            connect: fields
                .get("connect")
                .and_then(|node| self.duration("connect", node)),
            total: fields
                .get("total")
                .and_then(|node| self.duration("total", node)),
            body: fields.get("body").and_then(|node| self.size("body", node)),
            depth: fields
                .get("depth")
                .and_then(|node| {
                    self.decoder
                        .whole_number("depth", node, 1..=MAX_DEPTH as u64)
                })
                .map(|depth| depth as usize),
            retry_after: fields
                .get("retry-after")
                .and_then(|node| match node.as_str() {
                    Some("0" | "0s") => Some(Duration::ZERO),
                    _ => self.duration("retry-after", node),
                }),
            rate: fields
                .get("rate")
                .and_then(|node| {
                    self.decoder
                        .whole_number("rate", node, 1..=u64::from(u32::MAX))
                })
                .and_then(|rate| NonZeroU32::new(rate as u32)),
        };
        fields.finish(self.decoder.diagnostics);
        Some(given)
    }

    fn redirects(&mut self, node: &Node) -> Option<Redirects> {
        let mut fields = self.decoder.fields("`redirects`", node)?;
        let follow = fields
            .get("follow")
            .and_then(|node| self.decoder.whole_number("follow", node, 0..=100));
        fields.finish(self.decoder.diagnostics);
        follow.map(|times| match times {
            0 => Redirects::Stop,
            times => Redirects::Follow(times as usize),
        })
    }

    fn severities(&mut self, node: &Node) -> Severities {
        let entries = self.decoder.mapping("severities", node);
        let mut severities = Severities::default();
        for (name, entry) in entries.into_iter().flatten() {
            let code = Code::parse(name);
            if code.is_none() {
                let near = nearest(name, Code::ALL.iter().map(|code| code.as_str()));
                self.decoder.diagnostics.push(
                    Diagnostic::error(
                        "unknown-code",
                        format!("no finding has the code `{name}`"),
                        self.decoder.source.place(entry.key_span),
                    )
                    .with_advice(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`counterpart explain` lists all codes".to_owned(),
                    }),
                );
            }
            let word = self.decoder.string(name, &entry.value);
            let Some(word) = word else { continue };
            let severity = Severity::parse(&word);
            if severity.is_none() {
                self.decoder.diagnostics.push(
                    Diagnostic::error(
                        "unknown-severity",
                        format!("`{}` is not a severity", word.value),
                        word.place.clone(),
                    )
                    .with_advice("write \"off\", \"warning\" or \"error\""),
                );
            }
            if let (Some(code), Some(severity)) = (code, severity) {
                severities.overrides.insert(code, severity);
            }
        }
        severities
    }

    fn secrets(&mut self, node: &Node) -> Option<SecretNames> {
        let mut fields = self.decoder.fields("`secrets`", node)?;
        let mut secrets = SecretNames::default();
        let headers = fields
            .get("headers")
            .map(|node| self.decoder.strings("headers", node));
        for name in headers.into_iter().flatten() {
            match name.parse::<HeaderName>() {
                Ok(header) => secrets.headers.push(header),
                Err(_) => self.decoder.diagnostics.push(
                    Diagnostic::error(
                        "bad-header",
                        format!("`{}` is not a header name", name.value),
                        name.place,
                    )
                    .with_advice("write letters, digits and `-`, as in `X-Trace`"),
                ),
            }
        }
        let properties = fields
            .get("properties")
            .map(|node| self.decoder.strings("properties", node));
        let properties = properties.into_iter().flatten();
        secrets.properties = properties.map(|name| name.value).collect();
        fields.finish(self.decoder.diagnostics);
        Some(secrets)
    }

    fn text(&mut self, what: &str, node: &Node) -> Option<ConfigText> {
        let written = self.decoder.string(what, node)?;
        ConfigText::parse(written, self.decoder.diagnostics)
    }

    fn duration(&mut self, what: &str, node: &Node) -> Option<Duration> {
        self.decoder
            .parsed(what, node, "bad-duration", parse_duration)
    }

    fn size(&mut self, what: &str, node: &Node) -> Option<usize> {
        if let Value::Number(_) = node.value {
            let bytes = self.decoder.whole_number(what, node, 1..=u64::MAX)?;
            return usize::try_from(bytes).ok();
        }
        let written = self.decoder.string(what, node)?;
        match parse_size(&written) {
            Ok(size) => Some(size),
            Err(reason) => {
                self.decoder
                    .diagnostics
                    .push(Diagnostic::error("bad-size", reason, written.place));
                None
            }
        }
    }
}

/// The base URL of a target. Fails, with a sentence fragment that says what is expected, if it is not an absolute http or
/// https URL with a host and without query and fragment.
pub(in crate::cli) fn parse_url(text: &str) -> Result<Url, String> {
    // User and password of a URL are not shown.
    let shown = match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    };
    let host = text.rsplit("://").next().unwrap_or(text);
    let host = host.rsplit('@').next().unwrap_or(host);
    let Ok(url) = Url::parse(text) else {
        return Err(format!(
            "`{shown}` is not a URL; write scheme and host, as in `https://shop.example`"
        ));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "`{shown}` is not an http or https URL; write scheme and host, as in `https://{host}`"
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "the base URL `{shown}` must end with its path; remove what follows `?` or `#`"
        ));
    }
    Ok(url)
}
