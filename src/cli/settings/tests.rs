use std::path::Path;
use std::time::Duration;

use clap::Parser;

use super::*;
use crate::cli::args::{Args, Command};
use crate::contract::Reading;
use crate::diagnostic::Style;
use crate::finding::{Code, Severity};
use crate::source::Source;
use crate::target::{Limits, Redirects, Target};

const FILE: &str = r#"
jobs = 3
seed = 3
contract = "documented"
default-target = "file"
[limits]
connect = "3s"
total = "3s"
[redirects]
follow = 3
[headers]
X-All = "file"
X-Both = "file"
X-Flag = "file"
[severities]
body-schema = "warning"
body-format = "warning"
[secrets]
properties = ["pin"]
[targets.file]
url = "http://file.example"
systems = ["nuweb"]
version = "3"
[targets.flag]
url = "http://flag.example/rest"
systems = ["magento"]
version = "3"
[targets.flag.limits]
total = "2s"
[targets.flag.headers]
X-Both = "target"
X-Flag = "target"
[targets.flag.severities]
body-schema = "off"
[targets.flag.auth.admin]
username = "file"
password = "${NEVER_SET}"
[targets.environment]
url = "http://${HOST}"
systems = ["magento"]
disposable = true
"#;

/// The table of precedence, row by row: flag, environment, file, default.
#[test]
fn the_first_layer_that_is_set_wins() {
    let variables = [
        ("COUNTERPART_JOBS", "2"),
        ("COUNTERPART_SEED", "2"),
        ("COUNTERPART_CONTRACT", "real"),
        ("COUNTERPART_TARGET_VERSION", "2"),
        ("COUNTERPART_TARGET", "environment"),
        ("HOST", "environment.example"),
    ];
    let flags = [
        "--jobs=1",
        "--seed=1",
        "--target=flag",
        "--contract=documented",
        "--target-version=1",
    ];
    struct Row<'a> {
        flags: &'a [&'a str],
        variables: &'a [(&'a str, &'a str)],
        file: &'a str,
        jobs: usize,
        seed: Option<u64>,
        url: Option<&'a str>,
        reading: Reading,
        version: Option<&'a str>,
    }
    let rows = [
        Row {
            flags: &flags,
            variables: &variables,
            file: FILE,
            jobs: 1,
            seed: Some(1),
            url: Some("http://flag.example/rest"),
            reading: Reading::Documented,
            version: Some("1"),
        },
        Row {
            flags: &[],
            variables: &variables,
            file: FILE,
            jobs: 2,
            seed: Some(2),
            url: Some("http://environment.example/"),
            reading: Reading::Corrected,
            version: Some("2"),
        },
        Row {
            flags: &[],
            variables: &[],
            file: FILE,
            jobs: 3,
            seed: Some(3),
            url: Some("http://file.example/"),
            reading: Reading::Documented,
            version: Some("3"),
        },
        Row {
            flags: &[],
            variables: &[],
            file: "",
            jobs: 8,
            seed: None,
            url: None,
            reading: Reading::Corrected,
            version: None,
        },
    ];
    for row in rows {
        let file = match row.flags.is_empty() {
            true => row.file.to_owned(),
            false => row.file.replace("${NEVER_SET}", "set"),
        };
        let settings = settings(row.flags, row.variables, &file);
        assert_eq!(settings.jobs.get(), row.jobs);
        if let Some(seed) = row.seed {
            assert_eq!(settings.seed, seed);
        }
        assert_eq!(settings.reading, row.reading);
        let (url, version) = match &settings.systems[0].target {
            ResolvedTarget::Running(target) => (Some(target.url.as_str()), target.version.as_ref()),
            ResolvedTarget::Embedded(_) => (None, None),
        };
        assert_eq!(url, row.url);
        let version = version.map(ToString::to_string);
        assert_eq!(version.as_deref(), row.version);
    }
}

#[test]
fn every_run_has_another_seed() {
    assert_ne!(settings(&[], &[], "").seed, settings(&[], &[], "").seed);
}

#[test]
fn target_settings_come_from_flag_then_target_then_file() {
    let password = ("COUNTERPART_AUTH_ADMIN_PASSWORD", "given");
    let flags = [
        "--target=flag",
        "--timeout=1s",
        "--header=X-Flag: flag",
        "--disposable",
    ];
    let target = target(&flags, &[password], FILE);
    assert_eq!(target.name, "flag");
    assert_eq!(target.limits.total, Duration::from_secs(1));
    assert_eq!(target.limits.connect, Duration::from_secs(3));
    assert_eq!(target.limits.body, Limits::default().body);
    assert_eq!(target.redirects, Redirects::Follow(3));
    assert_eq!(target.headers["x-flag"], "flag");
    assert_eq!(target.headers["x-both"], "target");
    assert_eq!(target.headers["x-all"], "file");
    assert_eq!(target.severities.of(Code::BodySchema), Severity::Off);
    assert_eq!(target.severities.of(Code::BodyFormat), Severity::Warning);
    assert_eq!(target.secrets.properties, ["pin"]);
    assert!(target.disposable);
    assert_eq!(target.auth["admin"].values["username"], "file");
}

#[test]
fn without_flags_the_target_then_the_file_count() {
    let target = target(&["--target=flag"], &[], &FILE.replace("${NEVER_SET}", "x"));
    assert_eq!(target.limits.total, Duration::from_secs(2));
    assert_eq!(target.headers["x-flag"], "target");
    assert!(!target.disposable);
}

#[test]
fn credentials_come_from_flag_then_environment_then_file() {
    let file = FILE.replace("${NEVER_SET}", "file");
    let variables = [
        ("COUNTERPART_AUTH_ADMIN_PASSWORD", "environment"),
        ("PW", "flag"),
    ];
    let password = |flags: &[&str], variables: &[(&str, &str)]| {
        let flags = [&["--target=flag"], flags].concat();
        target(&flags, variables, &file).auth["admin"].values["password"].clone()
    };
    assert_eq!(password(&["--auth=admin.password=PW"], &variables), "flag");
    assert_eq!(password(&[], &variables), "environment");
    assert_eq!(password(&[], &[]), "file");
}

#[test]
fn only_the_target_in_use_needs_its_variables() {
    let text = refused(&["--target=flag"], &[], FILE);
    assert!(
        text.contains("the environment variable NEVER_SET is not set"),
        "{text}"
    );
    assert!(!text.contains("HOST"), "{text}");
    assert!(text.contains("counterpart.toml:37:13"), "{text}");
    let text = refused(&["--target=flag", "--auth=admin.password=PW"], &[], FILE);
    assert!(
        text.contains("--auth admin.password: the environment variable PW is not set"),
        "{text}"
    );
}

#[test]
fn an_unknown_target_is_reported_with_advice() {
    for (word, expected) in [
        ("flagg", "did you mean `flag`?"),
        (
            "shop.example",
            "a URL begins with its scheme: `https://shop.example`",
        ),
        ("localhost:8080", "`http://localhost:8080`"),
        ("ftp://shop.example", "not an http or https URL"),
        ("https://", "is not a URL"),
        ("https://shop.example/?a=b", "must end with its path"),
        ("qwertyuiop", "known here: `environment`, `file`, `flag`"),
    ] {
        let text = refused(&[&format!("--target={word}")], &[], FILE);
        assert!(text.contains("--target: "), "{text}");
        assert!(text.contains(expected), "{word}: {text}");
    }
    let text = refused(&[], &[("COUNTERPART_TARGET", "prod")], "");
    assert!(
        text.contains("COUNTERPART_TARGET: `prod` is neither"),
        "{text}"
    );
    assert!(text.contains("[targets.prod]"), "{text}");
}

#[test]
fn systems_are_named_by_flag_then_environment_then_target() {
    let names = |flags: &[&str], variables: &[(&str, &str)], file: &str| -> Vec<String> {
        let settings = settings(flags, variables, file);
        let systems = settings.systems.into_iter();
        systems.map(|system| system.files.system).collect()
    };
    let environment = [("COUNTERPART_SYSTEM", "nuweb,magento")];
    assert_eq!(names(&["--system=magento"], &environment, ""), ["magento"]);
    assert_eq!(names(&[], &environment, ""), ["nuweb", "magento"]);
    assert_eq!(names(&[], &[], FILE), ["nuweb"]);
    let all = names(&[], &[], "");
    assert!(
        all.len() > 1 && all.contains(&"magento".to_owned()),
        "{all:?}"
    );
}

#[test]
fn a_named_target_requires_named_systems() {
    let text = refused(&["--target=http://x.example"], &[], "");
    assert!(
        text.contains("which system does http://x.example serve?"),
        "{text}"
    );
    assert!(text.contains("--system NAME"), "{text}");
    let file = "[targets.live]\nurl = \"http://x.example\"\n";
    let text = refused(&["--target=live"], &[], file);
    assert!(text.contains("which system does live serve?"), "{text}");
    assert!(text.contains("[targets.live]"), "{text}");
    let text = refused(&["--system=magento"], &[], FILE);
    assert!(
        text.contains("the target `file` does not serve the system `magento`"),
        "{text}"
    );
    let text = refused(&["--system=magneto"], &[], "");
    assert!(text.contains("did you mean `magento`?"), "{text}");
}

#[test]
fn numbers_in_the_environment_are_numbers() {
    let variables = [("COUNTERPART_JOBS", "many"), ("COUNTERPART_SEED", "-1")];
    let text = refused(&[], &variables, "");
    assert!(
        text.contains("COUNTERPART_JOBS must be a whole number, not `many`"),
        "{text}"
    );
    assert!(
        text.contains("COUNTERPART_SEED must be a whole number, not `-1`"),
        "{text}"
    );
}

#[test]
fn the_embedded_servers_have_a_name() {
    let is_embedded = |flags: &[&str], variables: &[(&str, &str)], file: &str| {
        let settings = settings(flags, variables, file);
        let mut systems = settings.systems.iter();
        systems.all(|system| matches!(system.target, ResolvedTarget::Embedded(_)))
    };
    let file = FILE.replace("${NEVER_SET}", "set");
    assert!(is_embedded(&["--target=embedded"], &[], &file));
    assert!(is_embedded(
        &[],
        &[("COUNTERPART_TARGET", "embedded")],
        &file
    ));
    let by_default = file.replace("default-target = \"file\"", "default-target = \"embedded\"");
    assert!(is_embedded(&[], &[], &by_default));
    assert!(!is_embedded(&[], &[], &file));
    let reserved = "[targets.embedded]\nurl = \"http://shop.example\"\n";
    let message = refused(&[], &[], reserved);
    assert!(
        message.contains("`embedded` is the name of the embedded servers"),
        "{message}"
    );
}

#[test]
fn embedded_servers_use_the_settings_of_flags_and_file() {
    let file = "[limits]\nbody = 10\n[severities]\nbody-schema = \"off\"\n";
    let settings = settings(&["--timeout=1s"], &[], file);
    let ResolvedTarget::Embedded(server) = &settings.systems[0].target else {
        panic!("not embedded")
    };
    let mut target = Target::new("http://127.0.0.1:1".parse().unwrap());
    server.apply(&mut target);
    assert_eq!(target.limits.total, Duration::from_secs(1));
    assert_eq!(target.limits.body, 10);
    assert_eq!(target.severities.of(Code::BodySchema), Severity::Off);
}

/// The settings of a run in an empty folder with this configuration: the shipped systems.
fn settings(flags: &[&str], variables: &[(&str, &str)], file: &str) -> Settings {
    let mut diagnostics = Diagnostics::new();
    let settings = attempt(flags, variables, file, &mut diagnostics);
    settings.unwrap_or_else(|| panic!("{}", diagnostics.render(Style::Plain)))
}

fn refused(flags: &[&str], variables: &[(&str, &str)], file: &str) -> String {
    let mut diagnostics = Diagnostics::new();
    let settings = attempt(flags, variables, file, &mut diagnostics);
    if let Some(Settings { systems, .. }) = &settings {
        let args = run_args(flags);
        let environment = Environment::with(variables);
        if let ResolvedTarget::Running(target) = &systems[0].target {
            let target = (**target).clone();
            targets::with_credentials(target, [], &args, &environment, &mut diagnostics);
        }
    }
    assert!(diagnostics.has_errors());
    diagnostics.render(Style::Plain)
}

/// The target of the first system, with its credentials.
fn target(flags: &[&str], variables: &[(&str, &str)], file: &str) -> Target {
    let settings = settings(flags, variables, file);
    let ResolvedTarget::Running(target) = &settings.systems[0].target else {
        panic!("no target")
    };
    let mut diagnostics = Diagnostics::new();
    let target = targets::with_credentials(
        (**target).clone(),
        ["admin"],
        &run_args(flags),
        &Environment::with(variables),
        &mut diagnostics,
    );
    assert!(diagnostics.is_empty());
    target
}

fn attempt(
    flags: &[&str],
    variables: &[(&str, &str)],
    file: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Settings> {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::with(variables);
    let mut project = Project::find(folder.path(), None, &environment, diagnostics);
    let source = Source::new("counterpart.toml", file);
    project.config = Config::decode(source, Path::new("").into(), diagnostics);
    resolve(&run_args(flags), &environment, &project, diagnostics)
}

fn run_args(flags: &[&str]) -> RunArgs {
    let arguments = ["counterpart", "run"].iter().chain(flags);
    match Args::try_parse_from(arguments).unwrap().command {
        Command::Run(args) => *args,
        other => panic!("{other:?}"),
    }
}
