//! The files and programs that the configuration of a target names: certificates, and what signs requests.

use std::path::{Path, PathBuf};

use super::config::{CommandConfig, Config, TargetConfig};
use super::environment::Environment;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::target::{CertificateAuthorities, ClientIdentity, SigningCommand, Target};

/// Adds to a target what its table names. Paths are relative to the folder of the configuration. A file that cannot be read is a
/// diagnostic.
pub(super) fn add(
    target: &mut Target,
    named: &TargetConfig,
    config: &Config,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) {
    target.tls.insecure = named.insecure;
    if let Some(text) = &named.ca
        && let Some(path) = text.resolve(environment, diagnostics)
    {
        let path = config.folder.join(path);
        target.tls.ca = authorities(&path, Some(&text.place), diagnostics);
    }
    for (profile, values) in &named.auth {
        if environment.credential(profile, "certificate").is_some() {
            continue;
        }
        let path_of = |key: &str, diagnostics: &mut Diagnostics| {
            let text = values.get(key)?;
            let path = text.resolve(environment, diagnostics)?;
            Some((config.folder.join(path), text.place.clone()))
        };
        let Some((certificate, place)) = path_of("certificate", diagnostics) else {
            continue;
        };
        let key = path_of("key", diagnostics).map(|(path, place)| (path, Some(place)));
        let credentials = target.auth.entry(profile.clone()).or_default();
        credentials.identity = identity(&certificate, Some(&place), key, diagnostics);
    }
    for (profile, command) in &named.commands {
        let resolved = signing_command(command, &config.folder, environment, diagnostics);
        target.auth.entry(profile.clone()).or_default().command = resolved;
    }
}

/// Adds the certificates that environment variables and flags name, by paths of the current folder.
pub(super) fn add_given(target: &mut Target, diagnostics: &mut Diagnostics) {
    for credentials in target.auth.values_mut() {
        let Some(certificate) = credentials.values.get("certificate") else {
            continue;
        };
        // The configuration has read its own, or reported why not.
        if credentials.identity.is_some() || diagnostics.has_errors() {
            continue;
        }
        let key = credentials.values.get("key");
        let key = key.map(|key| (PathBuf::from(key), None));
        credentials.identity = identity(Path::new(certificate), None, key, diagnostics);
    }
}

/// The certificates in a file.
pub(super) fn authorities(
    path: &Path,
    place: Option<&Place>,
    diagnostics: &mut Diagnostics,
) -> Option<CertificateAuthorities> {
    Some(CertificateAuthorities {
        name: path.display().to_string(),
        pem: read(path, place, diagnostics)?,
    })
}

/// A certificate and its key, which may be in the same file.
fn identity(
    certificate: &Path,
    place: Option<&Place>,
    key: Option<(PathBuf, Option<Place>)>,
    diagnostics: &mut Diagnostics,
) -> Option<ClientIdentity> {
    let mut pem = read(certificate, place, diagnostics)?;
    if let Some((path, place)) = key {
        pem.push(b'\n');
        pem.extend(read(&path, place.as_ref(), diagnostics)?);
    }
    Some(ClientIdentity {
        name: certificate.display().to_string(),
        pem,
    })
}

fn signing_command(
    command: &CommandConfig,
    folder: &Path,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Option<SigningCommand> {
    let words = command.words.iter();
    let words: Vec<Option<String>> = words
        .map(|word| word.resolve(environment, diagnostics))
        .collect();
    let folder = match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder.to_owned(),
    };
    Some(SigningCommand {
        words: words.into_iter().collect::<Option<_>>()?,
        folder: folder.canonicalize().unwrap_or(folder),
        timeout: command.timeout.unwrap_or(SigningCommand::TIMEOUT),
    })
}

/// A file in PEM.
fn read(path: &Path, place: Option<&Place>, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
    let fault = match std::fs::read(path) {
        Ok(pem) if String::from_utf8_lossy(&pem).contains("-----BEGIN ") => return Some(pem),
        Ok(_) => format!("{} has no certificate or key in PEM", path.display()),
        Err(error) => format!("cannot read {}: {error}", path.display()),
    };
    let advice =
        "name a file that begins with `-----BEGIN`, relative to the folder of the configuration";
    diagnostics.push(match place {
        Some(place) => {
            Diagnostic::error("unreadable-certificate", fault, place.clone()).with_advice(advice)
        }
        None => Diagnostic::without_place("unreadable-certificate", fault)
            .with_advice("name a file that begins with `-----BEGIN`"),
    });
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// What is added to the target `t` of a configuration in a folder with `good.pem` and `junk.pem`; and the rendered diagnostics.
    fn added(table: &str, variables: &[(&str, &str)]) -> (Target, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let good = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
        std::fs::write(folder.path().join("good.pem"), good).unwrap();
        std::fs::write(folder.path().join("junk.pem"), "junk").unwrap();
        let text = format!("[targets.t]\nurl = \"https://shop.example\"\n{table}");
        let mut diagnostics = Diagnostics::new();
        let source = Source::new("counterpart.toml", text.as_str());
        let config = Config::decode(source, folder.path().to_owned(), &mut diagnostics).unwrap();
        let mut target = Target::parse("https://shop.example").unwrap();
        let environment = Environment::with(variables);
        let named = config.target("t").unwrap();
        add(&mut target, named, &config, &environment, &mut diagnostics);
        let path = format!("{}/", folder.path().display());
        let messages = diagnostics.iter().map(|fault| {
            let place = fault.place.as_ref().map(ToString::to_string);
            format!(
                "{} {}",
                place.unwrap_or_default(),
                fault.message.to_string().replace(&path, "")
            )
        });
        let messages = messages.collect();
        (target, messages)
    }

    #[test]
    fn files_and_programs_are_those_of_the_folder() {
        let (target, faults) = added(
            "ca = \"good.pem\"\ninsecure = true\n[targets.t.auth.device]\ncertificate = \"${CERT}\"\nkey = \"good.pem\"\n\
             [targets.t.auth.signer]\ncommand = [\"./sign\", \"--v4\"]\ntimeout = \"5s\"\n",
            &[("CERT", "good.pem")],
        );
        assert_eq!(faults, Vec::<String>::new());
        assert!(target.tls.insecure && target.tls.ca.is_some());
        assert!(target.auth["device"].has("certificate"));
        let pem = &target.auth["device"].identity.as_ref().unwrap().pem;
        assert_eq!(String::from_utf8_lossy(pem).matches("BEGIN").count(), 2);
        let command = target.auth["signer"].command.as_ref().unwrap();
        assert_eq!(command.words, ["./sign", "--v4"]);
        assert_eq!(command.timeout.as_secs(), 5);
        assert!(target.auth["signer"].has("command") && !target.auth["device"].has("command"));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_reported_at_its_place() {
        let (_, faults) = added(
            "ca = \"none.pem\"\n[targets.t.auth.device]\ncertificate = \"junk.pem\"\n",
            &[],
        );
        assert_eq!(
            faults,
            [
                "counterpart.toml:3:6 cannot read none.pem: No such file or directory (os error 2)",
                "counterpart.toml:5:15 junk.pem has no certificate or key in PEM"
            ]
        );
    }

    #[test]
    fn a_variable_of_the_environment_has_priority() {
        let (target, faults) = added(
            "[targets.t.auth.device]\ncertificate = \"none.pem\"\n",
            &[("COUNTERPART_AUTH_DEVICE_CERTIFICATE", "other.pem")],
        );
        assert_eq!(faults, Vec::<String>::new());
        assert!(!target.auth.contains_key("device"));
    }
}
