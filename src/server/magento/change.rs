//! The differences between later versions of Magento and 2.4.7, in a table. Main type: [`VersionChange`].
//!
//! Operations that a version adds are in the table of `routes`.

use crate::server::version::ReleaseLine;

/// A change of behaviour that applies from a version on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionChange {
    /// A registration without an e-mail address is rejected with a specific message (400) before the password is checked. Earlier: an
    /// internal error with a password, another message without.
    EmailIsCheckedFirst,
    /// Dates of birth in the future are rejected. Earlier: stored.
    BirthIsInThePast,
    /// A missing field of an address is named by its label (`"%1" is a required value.`). Earlier: by its field name.
    AddressFieldsByLabel,
    /// The default address of a stored customer must be one of the customer's own. Earlier: any number is stored.
    DefaultsMustBeOwn,
    /// A text with a script element is rejected while the arguments are built. Earlier: the rules of each field apply.
    ScriptsAreRefused,
    /// A statement that the database rejects is a bad request, with the message of an internal error. Earlier: an internal error.
    DatabaseRefusalsAreBadRequests,
    /// Two or more invalid attributes are also listed under `errors`. Earlier: only as lines of the message.
    AttributeErrorsAreListed,
}

/// The first version with each change.
const CHANGES: &[(VersionChange, ReleaseLine)] = &[
    (VersionChange::EmailIsCheckedFirst, ReleaseLine::V2_4_8),
    (VersionChange::BirthIsInThePast, ReleaseLine::V2_4_8),
    (VersionChange::AddressFieldsByLabel, ReleaseLine::V2_4_8),
    (VersionChange::DefaultsMustBeOwn, ReleaseLine::V2_4_8),
    (VersionChange::ScriptsAreRefused, ReleaseLine::V2_4_8),
    (
        VersionChange::DatabaseRefusalsAreBadRequests,
        ReleaseLine::V2_4_8,
    ),
    (VersionChange::AttributeErrorsAreListed, ReleaseLine::V2_4_9),
];

impl VersionChange {
    /// Whether `version` has the change.
    pub fn is_in(self, version: ReleaseLine) -> bool {
        CHANGES
            .iter()
            .any(|(change, since)| *change == self && version >= *since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_version_has_no_change_and_the_newest_all() {
        for (change, since) in CHANGES {
            assert!(!change.is_in(ReleaseLine::V2_4_7), "{change:?}");
            assert!(
                change.is_in(*since) && change.is_in(ReleaseLine::V2_4_9),
                "{change:?}"
            );
        }
    }
}
