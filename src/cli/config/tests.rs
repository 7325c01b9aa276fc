use std::path::Path;

use super::*;
use crate::diagnostic::Style;
use crate::finding::{Code, Severity};

/// Every broken configuration is a pair of files: the text, and the exact output.
/// (`SNAPSHOTS=overwrite` writes the current output; read it before you keep it.)
#[test]
fn broken_files_report_every_fault_at_its_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut diagnostics = Diagnostics::new();
        let _ = Config::decode(Source::new(name, text), PathBuf::new(), &mut diagnostics);
        diagnostics.sort();
        assert!(diagnostics.has_errors(), "{name}");
        let shown = diagnostics.render(Style::Plain) + "\n";
        snapbox::assert_data_eq!(
            shown,
            snapbox::Data::read_from(&path.with_extension("txt"), None).raw()
        );
    }
    assert!(seen >= 8, "{seen} fixtures");
}

#[test]
fn every_key_is_read() {
    let text = r#"
schemas = "contracts"
cases = "suite"
jobs = 4
seed = 9
default-target = "live"
[limits]
connect = "1s"
total = "2s"
body = "1KiB"
depth = 7
retry-after = "3s"
rate = 10
[redirects]
follow = 3
[headers]
X-Trace = "${TRACE}"
[severities]
body-schema = "warning"
[secrets]
headers = ["X-Token"]
properties = ["pin"]
[targets.live]
url = "https://${HOST}/rest"
systems = ["magento", "nuweb"]
disposable = true
allowed-origins = ["https://files.example"]
[targets.live.headers]
X-Shop = "de"
[targets.live.limits]
body = 12
[targets.live.redirects]
follow = 0
[targets.live.severities]
body-schema = "off"
[targets.live.auth.admin]
username = "boss"
password = "${PW}"
company = 7
"#;
    let config = decode(text);
    assert_eq!(config.schemas_folder(), Path::new("/shop/contracts"));
    assert_eq!(config.cases_folder(), Path::new("/shop/suite"));
    assert_eq!(config.jobs, NonZeroUsize::new(4));
    assert_eq!(config.seed, Some(9));
    assert_eq!(config.default_target.as_deref(), Some(&"live".to_owned()));
    let all = ConfiguredLimits {
        connect: Some(Duration::from_secs(1)),
        total: Some(Duration::from_secs(2)),
        body: Some(1024),
        depth: Some(7),
        retry_after: Some(Duration::from_secs(3)),
        rate: NonZeroU32::new(10),
    };
    assert_eq!(config.exchange.limits, all);
    assert_eq!(config.exchange.redirects, Some(Redirects::Follow(3)));
    assert_eq!(config.exchange.headers[0].0, "x-trace");
    let severity = |exchange: &ExchangeSettings| exchange.severities.of(Code::BodySchema);
    assert_eq!(severity(&config.exchange), Severity::Warning);
    assert_eq!(config.secrets.headers, ["x-token"]);
    assert_eq!(config.secrets.properties, ["pin"]);
    let live = config.target("live").unwrap();
    assert!(live.disposable);
    let origins: Vec<String> = live
        .allowed_origins
        .iter()
        .map(url::Origin::ascii_serialization)
        .collect();
    assert_eq!(origins, ["https://files.example"]);
    assert_eq!(live.exchange.redirects, Some(Redirects::Stop));
    assert_eq!(live.exchange.limits.body, Some(12));
    assert_eq!(live.exchange.limits.total, None);
    assert_eq!(severity(&live.exchange), Severity::Off);
    assert_eq!(live.auth["admin"]["company"].literal(), Some("7"));
    assert_eq!(live.auth["admin"]["password"].literal(), None);
    let systems: Vec<&str> = live.systems.iter().flatten().map(|s| s.as_str()).collect();
    assert_eq!(systems, ["magento", "nuweb"]);
}

#[test]
fn the_default_file_equals_an_empty_one() {
    assert_eq!(
        format!("{:?}", decode(DEFAULT_FILE)),
        format!("{:?}", decode(""))
    );
}

/// The commented keys of the default file must be valid, and have the default values.
#[test]
fn the_commented_keys_of_the_default_file_are_valid_and_the_defaults() {
    let is_key = |line: &str| {
        let line = line.trim_start_matches("# ");
        line.starts_with('[')
            || line
                .split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '))
    };
    let text: Vec<&str> = DEFAULT_FILE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if is_key(key) => key,
            _ => line,
        })
        .collect();
    let config = decode(&text.join("\n"));
    let limits = crate::target::Limits::default();
    assert_eq!(config.exchange.limits.connect, Some(limits.connect));
    assert_eq!(config.exchange.limits.total, Some(limits.total));
    assert_eq!(config.exchange.limits.body, Some(limits.body));
    assert_eq!(config.exchange.limits.depth, Some(limits.depth));
    assert_eq!(config.exchange.limits.retry_after, Some(limits.retry_after));
    assert_eq!(config.exchange.redirects, Some(Redirects::default()));
    for (code, severity) in &config.exchange.severities.overrides {
        assert_eq!(*severity, code.default_severity());
    }
    assert_eq!(config.jobs, Some(crate::cli::settings::DEFAULT_JOBS));
    assert_eq!(config.schemas_folder(), decode("").schemas_folder());
    assert_eq!(config.cases_folder(), decode("").cases_folder());
    assert!(!config.target("staging").unwrap().disposable);
}

#[test]
fn the_file_is_found_upward_past_a_repository() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("project/.git/../api/tests");
    std::fs::create_dir_all(root.path().join("project/.git")).unwrap();
    std::fs::create_dir_all(root.path().join("project/api/tests")).unwrap();
    let deep = deep.canonicalize().unwrap();
    let written = root.path().canonicalize().unwrap().join(FILE_NAME);
    std::fs::write(&written, "").unwrap();
    assert_eq!(find(&deep), Some(written));
    let nearer = deep.join(FILE_NAME);
    std::fs::write(&nearer, "").unwrap();
    assert_eq!(find(&deep), Some(nearer));
}

fn decode(text: &str) -> Config {
    let mut diagnostics = Diagnostics::new();
    let source = Source::new(FILE_NAME, text);
    let config = Config::decode(source, PathBuf::from("/shop"), &mut diagnostics);
    assert!(
        diagnostics.is_empty(),
        "{}",
        diagnostics.render(Style::Plain)
    );
    config.unwrap()
}
