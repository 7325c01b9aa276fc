//! The versions of Magento Open Source that can be served. Main type: [`ReleaseLine`]; `magento/change.rs` lists the differences.

use std::fmt;
use std::str::FromStr;

/// A release line of Magento Open Source. Later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ReleaseLine {
    /// The observed behaviour of 2.4.7-p3. The default.
    #[default]
    V2_4_7,
    /// 2.4.7 with the changes in the sources and documents of later versions.
    V2_4_8,
    /// With the operations that the document of 2.4.9 adds.
    V2_4_9,
}

impl ReleaseLine {
    /// All versions, the oldest first.
    pub const ALL: [ReleaseLine; 3] = [
        ReleaseLine::V2_4_7,
        ReleaseLine::V2_4_8,
        ReleaseLine::V2_4_9,
    ];

    /// Its usual name: `2.4.7`.
    pub fn name(self) -> &'static str {
        match self {
            ReleaseLine::V2_4_7 => "2.4.7",
            ReleaseLine::V2_4_8 => "2.4.8",
            ReleaseLine::V2_4_9 => "2.4.9",
        }
    }
}

impl fmt::Display for ReleaseLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ReleaseLine {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        ReleaseLine::ALL
            .into_iter()
            .find(|version| version.name() == text)
            .ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

/// A text that is not in [`ReleaseLine::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("Magento `{0}` is not embedded; use 2.4.7, 2.4.8 or 2.4.9")]
pub struct UnknownVersion(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_read_back_and_they_are_ordered() {
        for version in ReleaseLine::ALL {
            assert_eq!(version.to_string().parse::<ReleaseLine>().unwrap(), version);
        }
        assert!("2.4.6".parse::<ReleaseLine>().is_err());
        assert!(
            ReleaseLine::V2_4_7 < ReleaseLine::V2_4_8 && ReleaseLine::V2_4_8 < ReleaseLine::V2_4_9
        );
    }
}
