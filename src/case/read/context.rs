//! What a step may refer to while it is read: its file, its contracts, the auth profiles. Main type: [`Context`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attachment::Attachments;
use crate::case::Profile;
use crate::contract::Contract;
use crate::source::Source;

/// The auth profiles by name; `None` where its own text is wrong, which is reported there.
pub(super) type Profiles = BTreeMap<String, Option<Arc<Profile>>>;

/// What a step may refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) source: &'a Source,
    pub(super) contracts: &'a [Arc<Contract>],
    /// Whether `contracts` lacks a contract that could not be read: then an unknown operation is not reported.
    pub(super) incomplete: bool,
    pub(super) profiles: &'a Profiles,
    pub(super) attachments: Attachments<'a>,
}
