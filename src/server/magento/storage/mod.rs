//! The tables as records, without validation. Main types: [`Customer`], [`Address`], [`CustomerGroup`].
//!
//! Functions take the connection or transaction of their caller, which decides what belongs to a transaction.

mod addresses;
mod customers;
mod email_key;
mod groups;
mod searches;
mod sign_ins;
mod stores;

pub use addresses::Address;
pub use customers::{Customer, Failures};
pub use groups::CustomerGroup;

pub mod address {
    pub use super::addresses::{delete, find, insert, of_customer, update};
}

pub mod customer {
    pub use super::customers::{
        clear_confirmation, clear_reset_token, delete, find, find_by_email, first, insert,
        make_reset_token, set_failures, set_password, update, void_tokens,
    };
}

pub mod group {
    pub use super::groups::{
        default, delete, exists, find, id_of_code, insert, is_tax_class, set_default, update,
    };
}

pub mod search {
    pub use super::searches::{Search, customers, groups};
}

pub mod sign_in {
    pub use super::sign_ins::{
        administrator, count_failure, failures, forget_failures, insert_administrator,
    };
}

pub mod store {
    pub use super::stores::{default_store, name, website_exists, website_of};
}

/// The tables and the initial rows of every instance.
pub const SCHEMA: &str = include_str!("schema.sql");

/// Whether the database rejected a duplicate of a unique value.
pub fn is_duplicate(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
}
