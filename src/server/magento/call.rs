//! A call that reached its service, and its caller. Main types: [`ServiceCall`], [`Requester`].

use super::input::Arguments;
use super::{Magento, php, storage};
use crate::server::fault::{Weakness, Weaknesses};

/// A call that reached its service.
pub struct ServiceCall<'a> {
    pub magento: &'a Magento,
    pub caller: Requester,
    pub arguments: Arguments,
    pub(super) path: Vec<(&'static str, String)>,
    pub(super) operation: &'static str,
    pub(super) weaknesses: Weaknesses<'a>,
}

impl ServiceCall<'_> {
    /// A variable of the path as PHP's `(int)` reads it: 0 for a text without a number.
    pub fn path_int(&self, name: &str) -> i64 {
        self.path
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(0, |(_, value)| php::int(value))
    }

    /// Whether a fault gives this operation the weakness.
    pub fn is_weak(&self, weakness: Weakness) -> bool {
        self.weaknesses.has(weakness, self.operation)
    }
}

/// The caller of an operation.
#[derive(Debug, Clone)]
pub enum Requester {
    /// Unauthenticated: no token, or an invalid token.
    Guest,
    /// A registered customer, as stored.
    Customer(Box<storage::Customer>),
    Administrator,
}
