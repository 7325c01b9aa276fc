//! What later versions of Magento do differently from 2.4.7: one table of all. Main type: [`VersionChange`].
//!
//! Operations that a version adds are in the table of `routes`.

use crate::server::version::ReleaseLine;

/// A difference of behaviour, kept by every version from its own on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionChange {
    /// A registration without an e-mail address is refused in its own words (400) before the password is looked at. Earlier: an
    /// internal error with a password, another message without.
    EmailIsAskedForFirst,
    /// Dates of birth in the future are refused. Earlier: kept.
    BirthIsInThePast,
    /// What an address lacks is named by its label (`"%1" is a required value.`). Earlier: by its field.
    AddressFieldsByLabel,
    /// The default address of a stored customer must be one of his. Earlier: any number is kept.
    DefaultsMustBeOwn,
    /// A text with a script element is refused while the arguments are built. Earlier: each field's own rules decide.
    ScriptsAreRefused,
    /// What the database refuses is a bad request, in the words of an internal error. Earlier: an internal error.
    DatabaseRefusalsAreBadRequests,
    /// Two or more invalid attributes are listed under `errors` as well. Earlier: only as lines of the message.
    AttributeErrorsAreListed,
}

/// Since when each change holds.
const CHANGES: &[(VersionChange, ReleaseLine)] = &[
    (VersionChange::EmailIsAskedForFirst, ReleaseLine::V2_4_8),
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
