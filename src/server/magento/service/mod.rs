//! The operations, each a function from a [`ServiceCall`](super::call::ServiceCall) to a value or an error.

pub mod account;
pub mod address;
pub mod confirmation;
pub mod customer;
pub mod group;
pub mod inquiry;
pub mod password;
pub mod search;
pub mod sign_in;

mod criteria;
mod save_address;
mod save_customer;
