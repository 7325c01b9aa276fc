//! Coverage of the contracts, measured by the program: what it counts, what it shows, and when it fails. Nothing leaves the loopback
//! interface.

mod counted;
mod document;
mod gates;
mod large;
pub mod project;
mod shipped;
mod table;
