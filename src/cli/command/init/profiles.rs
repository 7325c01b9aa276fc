//! Auth profiles for the security schemes of a contract, and the file `system.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::case::{AuthMethod, Profile};
use crate::contract::{Contract, DeclaredScheme, Operation, Security, SecurityScheme};
use crate::document::{YamlLayout, YamlValue, yaml_text};

/// The profiles of a contract: one for each scheme.
pub(super) struct ProfileNames {
    schemes: Vec<DeclaredScheme>,
}

impl ProfileNames {
    pub(super) fn of(contract: &Contract) -> Self {
        ProfileNames {
            schemes: contract.security_schemes(),
        }
    }

    /// The profiles by name, without their methods: for writing cases that name them.
    pub(super) fn placeholders(&self) -> BTreeMap<String, Arc<Profile>> {
        let names = self.schemes.iter().map(profile_name);
        names
            .map(|name| (name.clone(), Arc::new(Profile::new(name, AuthMethod::None))))
            .collect()
    }

    /// The profile that an operation needs: that of the first alternative with one scheme. `None`: no credentials. Fails, with what is
    /// to be done, where several schemes are needed together or none is declared.
    pub(super) fn of_operation(
        &self,
        contract: &Contract,
        operation: &Operation,
    ) -> Result<Option<String>, String> {
        if operation.security != Security::Protected {
            return Ok(None);
        }
        let alternatives = contract.required_schemes(operation);
        let known = |name: &String| self.schemes.iter().find(|scheme| scheme.name == *name);
        let single = alternatives
            .iter()
            .find_map(|names| match names.as_slice() {
                [name] => known(name),
                _ => None,
            });
        match (single, alternatives.first()) {
            (Some(scheme), _) => Ok(Some(profile_name(scheme))),
            (None, Some(names)) => Err(format!("send the credentials of {}", names.join(" and "))),
            (None, None) => Ok(None),
        }
    }

    /// The keys of the credentials of each profile.
    pub(super) fn credentials(&self) -> Vec<(String, Vec<&'static str>)> {
        let schemes = self.schemes.iter();
        schemes
            .map(|scheme| (profile_name(scheme), credentials(scheme)))
            .collect()
    }
}

/// The scheme's name without spaces. `guest` is taken.
fn profile_name(scheme: &DeclaredScheme) -> String {
    let name: String = scheme
        .name
        .chars()
        .map(|c| {
            if c.is_whitespace() || c == ':' {
                '-'
            } else {
                c
            }
        })
        .collect();
    match name.as_str() {
        "guest" => "guest-scheme".to_owned(),
        _ => name,
    }
}

fn credentials(scheme: &DeclaredScheme) -> Vec<&'static str> {
    match &scheme.carrier {
        SecurityScheme::Header(_) | SecurityScheme::Query(_) | SecurityScheme::Cookie(_) => {
            vec!["api_key"]
        }
        _ if scheme.is_basic => vec!["username", "password"],
        _ => vec!["bearer"],
    }
}

/// The text of `system.yaml`.
pub(super) fn system_file(contract: &Contract, path: &str, profiles: &ProfileNames) -> String {
    let text = |text: &str| YamlValue::Text(text.to_owned());
    let mut auth = vec![("guest".to_owned(), text("none"))];
    for scheme in &profiles.schemes {
        auth.push((profile_name(scheme), method(scheme)));
    }
    let root = [
        ("description".to_owned(), text(contract.title.trim())),
        ("contract".to_owned(), text(path)),
        (
            "auth".to_owned(),
            YamlValue::Mapping(YamlLayout::Block, auth),
        ),
    ];
    let head = "yaml-language-server: $schema=../../schemas/system-file.schema.json";
    yaml_text(Some(head), &root)
}

/// How a profile gets its credential. A token is the simplest form of every flow: it is set for a run.
fn method(scheme: &DeclaredScheme) -> YamlValue {
    let text = |text: &str| YamlValue::Text(text.to_owned());
    let one =
        |key: &str, value| YamlValue::Mapping(YamlLayout::OneLine, vec![(key.to_owned(), value)]);
    match &scheme.carrier {
        SecurityScheme::Header(name) => one("api_key", one("header", text(name))),
        SecurityScheme::Query(name) => one("api_key", one("query", text(name))),
        SecurityScheme::Cookie(name) => one("api_key", one("cookie", text(name))),
        _ if scheme.is_basic => text("basic"),
        _ => one("bearer", text("{{ credentials.bearer }}")),
    }
}
