//! Deviations as reports show them. Main type: [`FindingRecord`].

use serde::{Deserialize, Serialize};

use super::place::{LocationRecord, PlaceRecord};
use crate::contract::ContractPlace;
use crate::document::escape_pointer;
use crate::finding::{Code, Named, Severity, ValueClass};
use crate::text::{MaskedText, Redactor};

/// A deviation (see [`crate::finding::Finding`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    pub code: Named<Code>,
    pub severity: Named<Severity>,
    pub message: MaskedText,
    pub at: LocationRecord,
    pub contract: Option<ContractRecord>,
    pub case: Option<PlaceRecord>,
    pub expected: Option<MaskedText>,
    pub actual: Option<MaskedText>,
    pub diff: Option<DiffRecord>,
    /// The kind of the actual value: `null`, `integer`, `missing`, `status 404`, …
    #[serde(default, with = "value_class")]
    pub found: Option<ValueClass>,
    /// The schema keyword that was violated, if the finding refers to a schema.
    #[serde(default)]
    pub keyword: Option<String>,
    /// The required property that the object at `at` does not have.
    #[serde(default)]
    pub missing: Option<MaskedText>,
    /// The waiver that covers it: it does not fail its subject.
    #[serde(default)]
    pub waived: Option<WaiverRecord>,
    /// A waiver that was written for it but does not cover it or has expired: the finding counts.
    #[serde(default)]
    pub outdated: Option<OutdatedRecord>,
}

impl FindingRecord {
    /// Whether it fails its subject: neither a warning nor waived.
    pub fn fails(&self) -> bool {
        self.severity != Severity::Warning && self.waived.is_none()
    }

    /// Whether it is an unwaived warning: shown without failing its subject.
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning && self.waived.is_none()
    }

    /// The exact place of the fault: `at`, or for a missing property the place where it should be.
    pub fn subject(&self) -> LocationRecord {
        match (&self.at, &self.missing) {
            (LocationRecord::Body(pointer), Some(name)) => {
                let name = escape_pointer(name.unescaped());
                LocationRecord::Body(pointer.with_text(format!("{}/{name}", pointer.unescaped())))
            }
            (at, _) => at.clone(),
        }
    }
}

/// A [`ValueClass`] as its text. A class of a later version is read as `None`.
mod value_class {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::finding::ValueClass;

    pub(super) fn serialize<S: Serializer>(
        class: &Option<ValueClass>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match class {
            Some(class) => serializer.collect_str(class),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ValueClass>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| ValueClass::parse(&text)))
    }
}

/// A line of the waiver file (see [`crate::waiver::Waiver`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaiverRecord {
    /// Where it is written.
    pub place: PlaceRecord,
    pub code: String,
    pub operation: String,
    pub at: String,
    pub reason: String,
    pub ticket: Option<String>,
    pub owner: Option<String>,
    /// The last day it is valid, `2026-12-31`.
    pub until: String,
}

/// Why a waiver does not cover a finding that it was written for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutdatedRecord {
    pub waiver: WaiverRecord,
    /// To be read after the waiver's name: `expired on 2026-01-31`.
    pub why: MaskedText,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// JSON pointer of the keyword.
    pub pointer: String,
    pub place: PlaceRecord,
    /// The overlay's reason, if the keyword comes from an overlay.
    #[serde(default)]
    pub correction: Option<String>,
}

impl ContractRecord {
    /// The record of a place in a contract, with secrets in its line masked.
    pub fn of(contract: &ContractPlace, redactor: &Redactor) -> Self {
        ContractRecord {
            pointer: contract.pointer.clone(),
            place: PlaceRecord::of(&contract.place, redactor),
            correction: contract.place.note().map(str::to_owned),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffRecord {
    pub expected: MaskedText,
    pub actual: MaskedText,
}
