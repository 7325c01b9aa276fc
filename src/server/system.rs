//! The systems that can be served, each a name on the command line and a base path in the URL. Main type: [`System`].

use std::fmt;
use std::str::FromStr;

use super::seed::{ADMIN_PASSWORD, ADMIN_USER, NUWEB_TOKEN};

/// A reference server that this crate carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// The customer area of Magento Open Source 2.4.7: `POST /V1/customers` registers, anonymously.
    Magento,
    /// The same area as another publisher documents it: `POST /V1/customers` creates or updates, by an administrator.
    MagentoAdminSave,
    /// NuWeb's `POST /v1/customers/update`.
    Nuweb,
}

impl System {
    /// All systems, in the order in which they are listed to people.
    pub const ALL: [System; 3] = [System::Magento, System::MagentoAdminSave, System::Nuweb];

    /// The name on the command line and of the folders of contracts and cases: `magento`, `magento-admin-save`, `nuweb`.
    pub fn name(self) -> &'static str {
        match self {
            System::Magento => "magento",
            System::MagentoAdminSave => "magento-admin-save",
            System::Nuweb => "nuweb",
        }
    }

    /// The path before every operation's own path, without a slash at the end: a contract's path is appended to it.
    pub fn base_path(self) -> &'static str {
        match self {
            System::Magento | System::MagentoAdminSave => "/rest/default",
            System::Nuweb => "/v1",
        }
    }

    /// What a client of a new instance may sign in with: auth profile, key and value, for the profiles of the shipped cases.
    pub fn credentials(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            System::Magento | System::MagentoAdminSave => &[
                ("admin", "username", ADMIN_USER),
                ("admin", "password", ADMIN_PASSWORD),
            ],
            System::Nuweb => &[
                ("nuweb-admin", "bearer", NUWEB_TOKEN),
                ("nuweb-admin", "company_id", "1"),
                ("nuweb-admin", "customer_id", "1"),
            ],
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for System {
    type Err = UnknownSystem;

    fn from_str(text: &str) -> Result<Self, UnknownSystem> {
        System::ALL
            .into_iter()
            .find(|system| system.name() == text)
            .ok_or_else(|| UnknownSystem(text.to_owned()))
    }
}

/// A name that is none of [`System::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("no embedded system is named `{0}`; there are magento, magento-admin-save and nuweb")]
pub struct UnknownSystem(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for system in System::ALL {
            assert_eq!(system.name().parse::<System>().unwrap(), system);
        }
        assert!("Magento".parse::<System>().is_err());
    }
}
