//! The configuration file `counterpart.toml`: finds it, and decodes it into [`Config`], reporting all its faults at once.
//!
//! Every key is explained in the commented [`DEFAULT_FILE`], which `init` writes.

mod decode;
mod quantity;
mod text;

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderName;

use crate::contract::Reading;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Document;
use crate::source::{Source, Spanned, read_file};
use crate::target::{Redirects, Severities};
use crate::text::SecretNames;
use crate::version::Version;

pub(super) use decode::parse_url;
pub(super) use text::ConfigText;

/// The file's name.
pub(super) const FILE_NAME: &str = "counterpart.toml";

/// The name of the embedded servers as a target: no table can have it.
pub(super) const EMBEDDED: &str = "embedded";

/// Every key with its meaning and default.
pub(super) const DEFAULT_FILE: &str = include_str!("../counterpart.default.toml");

/// The content of a configuration file. `None` and empty lists: not set.
#[derive(Debug, Clone)]
pub(super) struct Config {
    /// The display path of the file.
    pub(super) path: PathBuf,
    /// The folder of the file: its paths are relative to it.
    pub(super) folder: PathBuf,
    /// Folder of the contracts. (Default: `schemas`.)
    pub(super) schemas: Option<Spanned<String>>,
    /// Folder of the cases. (Default: `cases`.)
    pub(super) cases: Option<Spanned<String>>,
    /// File of accepted findings. (Default: `waivers.yaml`, if it exists.)
    pub(super) waivers: Option<Spanned<String>>,
    pub(super) jobs: Option<NonZeroUsize>,
    pub(super) seed: Option<u64>,
    /// Whether overlays are applied to the contracts.
    pub(super) contract: Option<Reading>,
    /// Whether `nullable` is read by the letter.
    pub(super) strict_nullable: bool,
    /// Whether nothing is sent if a contract has a fault. (Default: no, the fault blocks the operations it touches.)
    pub(super) strict_contracts: bool,
    /// The target of a run without `--target`.
    pub(super) default_target: Option<Spanned<String>>,
    /// For every target, including embedded ones.
    pub(super) exchange: ExchangeSettings,
    pub(super) secrets: SecretNames,
    /// In the order of their names.
    pub(super) targets: Vec<TargetConfig>,
}

/// `[targets.NAME]`.
#[derive(Debug, Clone)]
pub(super) struct TargetConfig {
    /// The name, with its place.
    pub(super) name: Spanned<String>,
    pub(super) url: ConfigText,
    /// The systems it serves; `None`: the file does not say.
    pub(super) systems: Option<Vec<Spanned<String>>>,
    /// The version of the API it serves.
    pub(super) version: Option<Version>,
    /// What differs from the settings for all targets.
    pub(super) exchange: ExchangeSettings,
    /// Other origins that requests may go to.
    pub(super) allowed_origins: Vec<url::Origin>,
    /// Whether cases tagged `disruptive` run. (Default: no.)
    pub(super) disposable: bool,
    /// URLs of the servers that contracts name for single operations, by the name or the URL written there.
    pub(super) servers: BTreeMap<String, ConfigText>,
    /// Values of the variables in the URLs of servers.
    pub(super) variables: BTreeMap<String, ConfigText>,
    /// The file with the certificates of authorities that are trusted besides those of the system.
    pub(super) ca: Option<ConfigText>,
    /// Whether any certificate of the server is accepted. (Default: no.)
    pub(super) insecure: bool,
    /// Credentials by auth profile and key.
    pub(super) auth: BTreeMap<String, BTreeMap<String, ConfigText>>,
    /// Programs that return headers, by auth profile.
    pub(super) commands: BTreeMap<String, CommandConfig>,
}

/// `command` and `timeout` of an auth profile.
#[derive(Debug, Clone)]
pub(super) struct CommandConfig {
    /// The program and its arguments.
    pub(super) words: Vec<ConfigText>,
    /// `None`: the default.
    pub(super) timeout: Option<Duration>,
}

/// How requests are sent to a target: from the command line, from `[targets.NAME]`, or for all targets.
#[derive(Debug, Clone, Default)]
pub(super) struct ExchangeSettings {
    pub(super) headers: Vec<(HeaderName, ConfigText)>,
    pub(super) limits: ConfiguredLimits,
    pub(super) redirects: Option<Redirects>,
    pub(super) severities: Severities,
}

/// `[limits]`: the limits that are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ConfiguredLimits {
    pub(super) connect: Option<Duration>,
    pub(super) total: Option<Duration>,
    pub(super) body: Option<usize>,
    pub(super) depth: Option<usize>,
    pub(super) retry_after: Option<Duration>,
    pub(super) rate: Option<NonZeroU32>,
}

impl Config {
    /// Reads the file at `path`. Every fault is a diagnostic; `None` if nothing can be decoded.
    pub(super) fn read(path: &Path, diagnostics: &mut Diagnostics) -> Option<Config> {
        if path.extension().is_none_or(|extension| extension != "toml") {
            diagnostics.push(
                Diagnostic::without_place(
                    "unreadable-config",
                    format!("the configuration {} is not a TOML file", path.display()),
                )
                .with_advice(format!("its name must end in `.toml`, as in `{FILE_NAME}`")),
            );
            return None;
        }
        match read_file(path) {
            Ok(source) => {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                Config::decode(source, folder, diagnostics)
            }
            Err(reason) => {
                diagnostics.push(
                    Diagnostic::without_place(
                        "unreadable-config",
                        format!("cannot read the configuration {}: {reason}", path.display()),
                    )
                    .with_advice("correct --config or COUNTERPART_CONFIG, or leave it out"),
                );
                None
            }
        }
    }

    /// Decodes the text of a configuration file that is (or would be) in `folder`.
    pub(super) fn decode(
        source: Source,
        folder: PathBuf,
        diagnostics: &mut Diagnostics,
    ) -> Option<Config> {
        let document = Document::parse(source, diagnostics)?;
        decode::config(&document, folder, diagnostics)
    }

    /// The target of this name.
    pub(super) fn target(&self, name: &str) -> Option<&TargetConfig> {
        self.targets.iter().find(|target| target.name.value == name)
    }

    /// The folder of the contracts.
    pub(super) fn schemas_folder(&self) -> PathBuf {
        self.folder.join(written_or(&self.schemas, "schemas"))
    }

    /// The folder of the cases.
    pub(super) fn cases_folder(&self) -> PathBuf {
        self.folder.join(written_or(&self.cases, "cases"))
    }
}

impl ConfiguredLimits {
    /// These limits; `others` for those that are not set.
    pub(super) fn or(self, others: ConfiguredLimits) -> ConfiguredLimits {
        ConfiguredLimits {
            connect: self.connect.or(others.connect),
            total: self.total.or(others.total),
            body: self.body.or(others.body),
            depth: self.depth.or(others.depth),
            retry_after: self.retry_after.or(others.retry_after),
            rate: self.rate.or(others.rate),
        }
    }
}

/// The configuration file for a folder: the nearest one, upward to the root of the file system. `None` if there is none.
pub(super) fn find(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join(FILE_NAME))
        .find(|path| path.is_file())
}

fn written_or<'a>(written: &'a Option<Spanned<String>>, default: &'a str) -> &'a str {
    written
        .as_ref()
        .map_or(default, |folder| folder.value.as_str())
}

#[cfg(test)]
mod tests;
