//! Orders: placed from a cart, moved by staff, cancelled by customers.

pub mod change;
pub mod document;
pub mod events;
pub mod place;
pub mod read;
