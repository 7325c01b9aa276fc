//! The systems that can be served, with their names on the command line and base paths. Main type: [`System`].

use std::fmt;
use std::str::FromStr;

use super::seed::{ADMIN_PASSWORD, ADMIN_USER, NUWEB_TOKEN};

/// A reference server that this crate carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// The customer area of Magento Open Source 2.4.7: `POST /V1/customers` registers a customer without authentication.
    Magento,
    /// The same area as another publisher documents it: an administrator creates or updates customers with `POST /V1/customers`.
    MagentoAdminSave,
    /// NuWeb's `POST /v1/customers/update`.
    Nuweb,
}

impl System {
    /// All systems, in the order in which they are listed.
    pub const ALL: [System; 3] = [System::Magento, System::MagentoAdminSave, System::Nuweb];

    /// The name on the command line and of the folders of contracts and cases: `magento`, `magento-admin-save`, `nuweb`.
    pub fn name(self) -> &'static str {
        match self {
            System::Magento => "magento",
            System::MagentoAdminSave => "magento-admin-save",
            System::Nuweb => "nuweb",
        }
    }

    /// The base path of all operations, without a slash at the end: a contract's path is appended to it.
    pub fn base_path(self) -> &'static str {
        match self {
            System::Magento | System::MagentoAdminSave => "/rest/default",
            System::Nuweb => "/v1",
        }
    }

    /// The credentials for a new instance: auth profile, key and value, for the profiles of the shipped cases.
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

/// A name that is not in [`System::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("unknown embedded system `{0}`; use magento, magento-admin-save or nuweb")]
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
