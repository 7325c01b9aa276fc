//! Recordings: exchanges read from files that browsers, proxies and other tools write.
//!
//! Main types: [`Recording`], [`Entry`]; main function: [`har::read`].

mod entry;
pub mod har;

pub use entry::{Entry, Recording};
