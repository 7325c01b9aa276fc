//! What is read from a system's folder. Main type: [`Suite`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{CaseFile, Fixture};
use super::profile::Profile;
use super::template::Template;
use crate::contract::Contract;

/// All case files of one system, with what they share.
#[derive(Debug)]
pub struct Suite {
    /// The folder's name below `cases/`: `magento`.
    pub system: String,
    pub description: Option<String>,
    /// The auth profiles, by the name used in `as:`. `guest` always exists.
    pub profiles: BTreeMap<String, Arc<Profile>>,
    /// Sent with every step (logins, fixtures and cleanup included) that does not set the same header; a `None` value removes a header that
    /// the client sends by default.
    pub headers: Vec<(String, Option<Template>)>,
    /// The fixtures that `system.yaml` provides to every case file, by name.
    pub fixtures: BTreeMap<String, Arc<Fixture>>,
    pub files: Vec<CaseFile>,
}

impl Suite {
    /// The contracts that its files name, file by file; a contract of several files is repeated.
    pub fn contracts(&self) -> impl Iterator<Item = &Arc<Contract>> {
        self.files.iter().flat_map(|file| &file.contracts)
    }
}
