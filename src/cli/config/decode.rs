//! From the tree of a `counterpart.toml` to [`Config`]: every key is taken here, with its kind and its range.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use url::Url;

use super::quantity::parse_size;
use super::{Asking, Config, LimitsGiven, TargetConfig, Text};
use crate::contract::Reading;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::document::{
    Document, Entry, Fields, MAX_DEPTH, Node, Value, called, expect_mapping, expect_sequence,
    expect_string, wrong_type,
};
use crate::duration::parse_duration;
use crate::finding::{Code, Severity};
use crate::source::{Source, Spanned};
use crate::target::{Redirects, SecretNames, Severities};
use crate::version::Version;

/// The whole file. `None` only where it is no table at all.
pub(super) fn config(
    document: &Document,
    folder: PathBuf,
    diagnostics: &mut Diagnostics,
) -> Option<Config> {
    let reader = &mut Reader {
        source: &document.source,
        diagnostics,
    };
    let mut fields = reader.fields("the configuration", &document.root)?;
    let config = Config {
        path: document.source.name().into(),
        folder,
        schemas: fields.string("schemas", reader.diagnostics),
        cases: fields.string("cases", reader.diagnostics),
        waivers: fields.string("waivers", reader.diagnostics),
        jobs: fields
            .get("jobs")
            .and_then(|node| reader.whole("jobs", node, 1..=10_000))
            .and_then(|jobs| NonZeroUsize::new(jobs as usize)),
        seed: fields
            .get("seed")
            .and_then(|node| reader.whole("seed", node, 0..=u64::MAX)),
        contract: fields
            .get("contract")
            .and_then(|node| reader.parsed("contract", node, "bad-contract", Reading::parse)),
        default_target: fields.string("default-target", reader.diagnostics),
        asking: reader.asking(&mut fields),
        secrets: fields
            .get("secrets")
            .and_then(|node| reader.secrets(node))
            .unwrap_or_default(),
        targets: fields
            .get("targets")
            .map(|node| reader.targets(node))
            .unwrap_or_default(),
    };
    fields.finish(reader.diagnostics);
    if let Some(wanted) = &config.default_target
        && config.target(wanted).is_none()
    {
        let names = config
            .targets
            .iter()
            .map(|target| target.name.value.as_str());
        reader.diagnostics.push(
            Diagnostic::error(
                "unknown-target",
                format!("no target is named `{}`", wanted.value),
                wanted.place.clone(),
            )
            .with_advice(format!("add the table [targets.{}]", wanted.value))
            .with_nearest(&wanted.value, names),
        );
    }
    Some(config)
}

/// What every decoding function needs: the text that is decoded, and where its faults go.
struct Reader<'a> {
    source: &'a Source,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Reader<'a> {
    fn fields<'n>(&mut self, what: &'static str, node: &'n Node) -> Option<Fields<'n>>
    where
        'a: 'n,
    {
        Fields::of(what, node, self.source, self.diagnostics)
    }

    /// The fields a target shares with the file as a whole.
    fn asking(&mut self, fields: &mut Fields<'_>) -> Asking {
        Asking {
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
        let targets = expect_mapping("targets", node, self.source, self.diagnostics);
        let targets = targets.into_iter().flatten();
        targets
            .filter_map(|(name, entry)| self.target(name, entry))
            .collect()
    }

    fn target(&mut self, name: &str, entry: &Entry) -> Option<TargetConfig> {
        let mut fields = self.fields("a target", &entry.value)?;
        let url = match fields.get("url") {
            Some(node) => self.text("url", node),
            None => {
                self.diagnostics.push(
                    Diagnostic::error(
                        "missing-field",
                        format!("the target `{name}` has no `url`"),
                        self.source.place(entry.key_span),
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
            self.diagnostics
                .push(Diagnostic::error("bad-url", reason, text.place.clone()));
        }
        let systems = fields.get("systems").map(|node| self.systems(node));
        let version = fields
            .get("version")
            .and_then(|node| self.parsed("version", node, "bad-version", Version::parse));
        let asking = self.asking(&mut fields);
        let disposable = fields.bool("disposable", self.diagnostics).unwrap_or(false);
        let auth = fields
            .get("auth")
            .map(|node| self.auth(node))
            .unwrap_or_default();
        fields.finish(self.diagnostics);
        Some(TargetConfig {
            name: Spanned::new(name.to_owned(), self.source.place(entry.key_span)),
            url: url?,
            systems,
            version,
            asking,
            disposable,
            auth,
        })
    }

    fn systems(&mut self, node: &Node) -> Vec<Spanned<String>> {
        let names = self.strings("systems", node);
        if node.as_sequence().is_some_and(<[Node]>::is_empty) {
            self.diagnostics.push(
                Diagnostic::error(
                    "empty-list",
                    "a target that serves no system can never be asked",
                    self.source.place(node.span),
                )
                .with_advice("name the systems it serves, or leave `systems` out"),
            );
        }
        names
    }

    fn auth(&mut self, node: &Node) -> BTreeMap<String, BTreeMap<String, Text>> {
        let profiles = expect_mapping("auth", node, self.source, self.diagnostics);
        let mut auth = BTreeMap::new();
        for (profile, entry) in profiles.into_iter().flatten() {
            let what = format!("the auth profile `{profile}`");
            let values = expect_mapping(&what, &entry.value, self.source, self.diagnostics);
            let mut credentials = BTreeMap::new();
            for (key, entry) in values.into_iter().flatten() {
                // A company's id is a number to those who write it; in a request every credential is text.
                let text = match &entry.value.value {
                    Value::Number(number) => {
                        let place = self.source.place(entry.value.span);
                        Text::parse(Spanned::new(number.to_string(), place), self.diagnostics)
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

    fn headers(&mut self, node: &Node) -> Vec<(HeaderName, Text)> {
        let entries = expect_mapping("headers", node, self.source, self.diagnostics);
        let mut headers: Vec<(HeaderName, Text)> = Vec::new();
        for (name, entry) in entries.into_iter().flatten() {
            let value = self.text(name, &entry.value);
            let Ok(parsed) = name.parse::<HeaderName>() else {
                self.diagnostics.push(
                    Diagnostic::error(
                        "bad-header",
                        format!("`{name}` is no header name"),
                        self.source.place(entry.key_span),
                    )
                    .with_advice("write letters, digits and `-`, as in `X-Trace`"),
                );
                continue;
            };
            if headers.iter().any(|(other, _)| *other == parsed) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "duplicate-header",
                        format!("the header `{parsed}` is given twice"),
                        self.source.place(entry.key_span),
                    )
                    .with_advice("keep one of the two: names of headers compare without case"),
                );
            }
            headers.extend(value.map(|value| (parsed, value)));
        }
        headers
    }

    fn limits(&mut self, node: &Node) -> Option<LimitsGiven> {
        let mut fields = self.fields("`limits`", node)?;
        let given = LimitsGiven {
            connect: fields
                .get("connect")
                .and_then(|node| self.duration("connect", node)),
            total: fields
                .get("total")
                .and_then(|node| self.duration("total", node)),
            body: fields.get("body").and_then(|node| self.size("body", node)),
            depth: fields
                .get("depth")
                .and_then(|node| self.whole("depth", node, 1..=MAX_DEPTH as u64))
                .map(|depth| depth as usize),
            rate: fields
                .get("rate")
                .and_then(|node| self.whole("rate", node, 1..=u64::from(u32::MAX)))
                .and_then(|rate| NonZeroU32::new(rate as u32)),
        };
        fields.finish(self.diagnostics);
        Some(given)
    }

    fn redirects(&mut self, node: &Node) -> Option<Redirects> {
        let mut fields = self.fields("`redirects`", node)?;
        let follow = fields
            .get("follow")
            .and_then(|node| self.whole("follow", node, 0..=100));
        fields.finish(self.diagnostics);
        follow.map(|times| match times {
            0 => Redirects::Stop,
            times => Redirects::Follow(times as usize),
        })
    }

    fn severities(&mut self, node: &Node) -> Severities {
        let entries = expect_mapping("severities", node, self.source, self.diagnostics);
        let mut severities = Severities::default();
        for (name, entry) in entries.into_iter().flatten() {
            let code = Code::parse(name);
            if code.is_none() {
                let near = nearest(name, Code::ALL.iter().map(|code| code.as_str()));
                self.diagnostics.push(
                    Diagnostic::error(
                        "unknown-code",
                        format!("no finding has the code `{name}`"),
                        self.source.place(entry.key_span),
                    )
                    .with_advice(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`counterpart explain` lists all codes".to_owned(),
                    }),
                );
            }
            let word = expect_string(name, &entry.value, self.source, self.diagnostics);
            let Some(word) = word else { continue };
            let severity = Severity::parse(&word);
            if severity.is_none() {
                self.diagnostics.push(
                    Diagnostic::error(
                        "unknown-severity",
                        format!("`{}` is no severity", word.value),
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
        let mut fields = self.fields("`secrets`", node)?;
        let mut secrets = SecretNames::default();
        let headers = fields
            .get("headers")
            .map(|node| self.strings("headers", node));
        for name in headers.into_iter().flatten() {
            match name.parse::<HeaderName>() {
                Ok(header) => secrets.headers.push(header),
                Err(_) => self.diagnostics.push(
                    Diagnostic::error(
                        "bad-header",
                        format!("`{}` is no header name", name.value),
                        name.place,
                    )
                    .with_advice("write letters, digits and `-`, as in `X-Trace`"),
                ),
            }
        }
        let properties = fields
            .get("properties")
            .map(|node| self.strings("properties", node));
        let properties = properties.into_iter().flatten();
        secrets.properties = properties.map(|name| name.value).collect();
        fields.finish(self.diagnostics);
        Some(secrets)
    }

    fn strings(&mut self, what: &str, node: &Node) -> Vec<Spanned<String>> {
        let items = expect_sequence(what, node, self.source, self.diagnostics);
        let what = format!("an item of `{what}`");
        items
            .into_iter()
            .flatten()
            .filter_map(|item| expect_string(&what, item, self.source, self.diagnostics))
            .collect()
    }

    fn text(&mut self, what: &str, node: &Node) -> Option<Text> {
        let written = expect_string(what, node, self.source, self.diagnostics)?;
        Text::parse(written, self.diagnostics)
    }

    fn duration(&mut self, what: &str, node: &Node) -> Option<Duration> {
        self.parsed(what, node, "bad-duration", parse_duration)
    }

    /// A string as `parse` reads it; a diagnostic with its words when it does not.
    fn parsed<T>(
        &mut self,
        what: &str,
        node: &Node,
        code: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let written = expect_string(what, node, self.source, self.diagnostics)?;
        match parse(&written) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.diagnostics
                    .push(Diagnostic::error(code, reason, written.place));
                None
            }
        }
    }

    fn size(&mut self, what: &str, node: &Node) -> Option<usize> {
        if let Value::Number(_) = node.value {
            let bytes = self.whole(what, node, 1..=u64::MAX)?;
            return usize::try_from(bytes).ok();
        }
        let written = expect_string(what, node, self.source, self.diagnostics)?;
        match parse_size(&written) {
            Ok(size) => Some(size),
            Err(reason) => {
                self.diagnostics
                    .push(Diagnostic::error("bad-size", reason, written.place));
                None
            }
        }
    }

    /// A whole number within a range.
    fn whole(
        &mut self,
        what: &str,
        node: &Node,
        range: std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let Value::Number(number) = &node.value else {
            self.diagnostics
                .push(wrong_type(what, "a whole number", node, self.source));
            return None;
        };
        let value = number.as_u64().filter(|value| range.contains(value));
        if value.is_none() {
            let bound = match *range.end() {
                u64::MAX => format!("from {} on", range.start()),
                end => format!("from {} to {end}", range.start()),
            };
            self.diagnostics.push(Diagnostic::error(
                "out-of-range",
                format!(
                    "{} must be a whole number {bound}, not {number}",
                    called(what)
                ),
                self.source.place(node.span),
            ));
        }
        value
    }
}

/// The base URL of a target. Fails, with a sentence fragment that says what is expected, unless it is an absolute http or
/// https URL with a host and without query and fragment.
pub(in crate::cli) fn parse_url(text: &str) -> Result<Url, String> {
    // User and password of a URL are not repeated.
    let shown = match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    };
    let host = text.rsplit("://").next().unwrap_or(text);
    let host = host.rsplit('@').next().unwrap_or(host);
    let Ok(url) = Url::parse(text) else {
        return Err(format!(
            "`{shown}` is no URL; write scheme and host, as in `https://shop.example`"
        ));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "`{shown}` is no http or https URL; write scheme and host, as in `https://{host}`"
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "the base URL `{shown}` must end with its path; remove what follows `?` or `#`"
        ));
    }
    Ok(url)
}
