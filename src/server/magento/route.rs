//! The type [`Route`]; `routes` has the table of all routes, and finds the route of a request.

use serde_json::Value;

use super::call::ServiceCall;
use super::error::Failure;
use super::input::Argument;
use crate::server::system::System;
use crate::server::version::ReleaseLine;

/// An operation of the API.
pub struct Route {
    pub method: &'static str,
    /// A segment that starts with a colon is a variable.
    pub path: &'static str,
    /// Method and path with braces around variables, as in the contracts.
    pub operation: &'static str,
    pub access: Access,
    pub arguments: &'static [Argument],
    /// Arguments that the caller's identity overrides.
    pub forced: Forced,
    pub serve: fn(&ServiceCall<'_>) -> Result<Value, Failure>,
    /// The systems that have the operation.
    pub(super) systems: &'static [System],
    /// The first version that has it.
    pub(super) since: ReleaseLine,
    /// Whether it opens a session, so that every successful response sets its cookie.
    pub opens_session: bool,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anonymous,
    /// The customer of the token. Administrators also have access, but have no customer.
    OwnAccount,
    /// Administrators with this resource. The seeded administrator has all resources.
    Resource(&'static str),
}

/// Arguments taken from the caller's identity, or from the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    Nothing,
    /// The argument `customerId`.
    CustomerId,
    /// Id, group, website and store inside the argument `customer`.
    CustomerFields,
    /// The id inside the argument `group` is the id of the path.
    GroupId,
}

impl Route {
    /// A route of [`System::Magento`] alone, of every version, with nothing forced.
    pub const fn new(
        method: &'static str,
        path: &'static str,
        operation: &'static str,
        access: Access,
        arguments: &'static [Argument],
        serve: fn(&ServiceCall<'_>) -> Result<Value, Failure>,
    ) -> Self {
        let systems = &[System::Magento];
        Route {
            method,
            path,
            operation,
            access,
            arguments,
            forced: Forced::Nothing,
            serve,
            systems,
            since: ReleaseLine::V2_4_7,
            opens_session: true,
        }
    }

    /// Sets the arguments that are taken from the caller's identity.
    pub const fn with_forced(mut self, forced: Forced) -> Self {
        self.forced = forced;
        self
    }

    /// Restricts it to this version and later.
    pub const fn since(mut self, version: ReleaseLine) -> Self {
        self.since = version;
        self
    }

    /// Served without a session.
    pub const fn without_session(mut self) -> Self {
        self.opens_session = false;
        self
    }

    /// Sets the systems.
    pub const fn with_systems(mut self, systems: &'static [System]) -> Self {
        self.systems = systems;
        self
    }
}
