//! The catalogue.

pub mod bulk;
pub mod image;
pub mod list;
pub mod model;
pub mod paths;
pub mod read;
pub mod search;
pub mod write;
