//! The one place where environment variables are read. Main type: [`Environment`].

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::target::credential_variable;

/// The environment as it was when the program started.
#[derive(Clone, Default)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Environment {
    /// The variables of this process. Those that are not Unicode are left out: none of them can be ours.
    pub(super) fn read() -> Self {
        Environment::of(std::env::vars_os())
    }

    fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Environment { variables }
    }

    /// These variables and no others, for tests.
    #[cfg(test)]
    pub(super) fn with(variables: &[(&str, &str)]) -> Self {
        Environment::of(
            variables
                .iter()
                .map(|(name, value)| (OsString::from(name), OsString::from(value))),
        )
    }

    /// A variable's value; an empty one counts as not set, because CI files pass undefined secrets as empty values.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// `COUNTERPART_TARGET`: a URL or a name of `[targets]`.
    pub(super) fn target(&self) -> Option<&str> {
        self.get("COUNTERPART_TARGET")
    }

    /// `COUNTERPART_SYSTEM`: names, separated by commas.
    pub(super) fn systems(&self) -> Vec<String> {
        let names = self.get("COUNTERPART_SYSTEM").unwrap_or_default();
        let names = names.split(',').map(str::trim);
        names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// `COUNTERPART_CONTRACT`, as written.
    pub(super) fn contract(&self) -> Option<&str> {
        self.get("COUNTERPART_CONTRACT")
    }

    /// `COUNTERPART_TARGET_VERSION`, as written.
    pub(super) fn target_version(&self) -> Option<&str> {
        self.get("COUNTERPART_TARGET_VERSION")
    }

    /// `COUNTERPART_JOBS`, as written.
    pub(super) fn jobs(&self) -> Option<&str> {
        self.get("COUNTERPART_JOBS")
    }

    /// `COUNTERPART_SEED`, as written.
    pub(super) fn seed(&self) -> Option<&str> {
        self.get("COUNTERPART_SEED")
    }

    /// `COUNTERPART_CONFIG`: path of the configuration file.
    pub(super) fn config(&self) -> Option<&str> {
        self.get("COUNTERPART_CONFIG")
    }

    /// The value of [`credential_variable`].
    pub(super) fn credential(&self, profile: &str, key: &str) -> Option<&str> {
        self.get(&credential_variable(profile, key))
    }

    /// Every variable with its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.variables.iter();
        variables.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `NO_COLOR` is set to anything (<https://no-color.org>).
    pub(super) fn no_color(&self) -> bool {
        self.get("NO_COLOR").is_some()
    }

    /// `CLICOLOR_FORCE` is set to anything but `0` (<https://bixense.com/clicolors>).
    pub(super) fn force_color(&self) -> bool {
        self.get("CLICOLOR_FORCE").is_some_and(|value| value != "0")
    }
}

/// Whether a text can be the name of an environment variable (POSIX: letters, digits, `_`, no digit first).
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_looked_up_by_profile_and_key() {
        let environment = Environment::with(&[("COUNTERPART_AUTH_NUWEB_ADMIN_COMPANY_ID", "7")]);
        assert_eq!(
            environment.credential("nuweb-admin", "company_id"),
            Some("7")
        );
        assert_eq!(environment.credential("nuweb-admin", "bearer"), None);
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let environment = Environment::with(&[("NO_COLOR", ""), ("CLICOLOR_FORCE", "0")]);
        assert!(!environment.no_color());
        assert!(!environment.force_color());
    }

    #[test]
    fn systems_are_separated_by_commas() {
        let environment = Environment::with(&[("COUNTERPART_SYSTEM", "magento, nuweb,")]);
        assert_eq!(environment.systems(), ["magento", "nuweb"]);
    }

    #[test]
    fn debug_hides_values() {
        let environment = Environment::with(&[("TOKEN", "s3cret")]);
        assert_eq!(format!("{environment:?}"), "{\"TOKEN\"}");
    }

    #[test]
    fn names_are_posix_names() {
        assert!(is_name("SHOP_PASSWORD2") && is_name("_x"));
        assert!(!is_name("") && !is_name("2X") && !is_name("a-b") && !is_name("s3cret!"));
    }
}
