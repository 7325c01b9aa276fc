//! Where something is written in a contract.

use crate::source::Place;

/// A place in a contract, by keyword.
#[derive(Debug, Clone)]
pub struct ContractPlace {
    pub place: Place,
    /// JSON pointer of the keyword in its document, such as `/components/schemas/Customer/properties/id/type`.
    pub pointer: String,
}
