//! Embedded reference servers: small, correct implementations of the shipped contracts that can be given deliberate faults.
//!
//! [`start`] serves a [`System`] on a listener of the caller and returns a [`Running`]; [`app`] is the same as a plain axum router.
//! A [`Fault`] is one deviation from the contract, to test whether a harness detects it.
//!
//! The path of a request: `gate` (axum in, axum out) -> `request` -> `magento` or `nuweb` -> `response` -> `fault` -> `gate`.

mod database;
mod hashing;

mod request;
mod response;

mod seed;
mod system;
mod version;

mod fault;

mod magento;
mod nuweb;

mod gate;
mod running;
mod state;

#[cfg(test)]
mod tests;

pub use fault::{FAULTS, Fault, fault, nearest_fault};
pub use gate::app;
pub use hashing::Hashing;
pub use running::{Running, start};
pub use seed::{
    ADMIN_PASSWORD, ADMIN_USER, CUSTOMER_EMAIL, CUSTOMER_PASSWORD, CUSTOMER_PASSWORD_HASH,
    NUWEB_COMPANY_ID, NUWEB_TOKEN,
};
pub use state::{Instance, InstanceOptions, StartError};
pub use system::{System, UnknownSystem};
pub use version::{ReleaseLine, UnknownVersion};
