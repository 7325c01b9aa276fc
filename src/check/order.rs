//! The order of findings in a response. Main function: [`place_order`].

use crate::document::split_pointer;
use crate::finding::Location;

/// The sort key of a place: pointers token by token, indices as numbers; headers by name. Other places are equal.
pub(super) fn place_order(at: &Location) -> Vec<(Option<usize>, String)> {
    match at {
        Location::Body(pointer) => {
            let tokens = split_pointer(pointer).unwrap_or_default();
            let keyed = |token: String| (token.parse().ok(), token);
            tokens.into_iter().map(keyed).collect()
        }
        Location::Header(name) => vec![(None, name.clone())],
        Location::Status | Location::Time => Vec::new(),
    }
}
