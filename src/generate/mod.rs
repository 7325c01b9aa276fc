//! Values made from schemas: the smallest that a schema accepts, after the examples it gives.
//!
//! Main function: [`value_for`].

mod number;
mod pattern;
mod text;
mod value;

pub use value::{Purpose, value_for};
