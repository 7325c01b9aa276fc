//! What a route is. Main type: [`Route`]; the table of all, and which one a request takes, is in `routes`.

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
    /// As the contracts write it: method and path with braces around variables.
    pub operation: &'static str,
    pub access: Access,
    pub arguments: &'static [Argument],
    /// What the caller's identity puts in the place of whatever the client sent.
    pub forced: Forced,
    pub serve: fn(&ServiceCall<'_>) -> Result<Value, Failure>,
    /// The systems that have the operation.
    pub(super) systems: &'static [System],
    /// The first version that has it.
    pub(super) since: ReleaseLine,
    /// Whether serving it opens a session, whose cookie comes with every success.
    pub opens_session: bool,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anonymous,
    /// The customer whose token it is; administrators pass as well, without being one.
    Themselves,
    /// Administrators with this resource. The seeded one has all.
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
    /// The id inside the argument `group` is that of the path.
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

    /// With arguments taken from the caller's identity.
    pub const fn with_forced(mut self, forced: Forced) -> Self {
        self.forced = forced;
        self
    }

    /// In this version and later ones only.
    pub const fn since(mut self, version: ReleaseLine) -> Self {
        self.since = version;
        self
    }

    /// Served without a session.
    pub const fn without_session(mut self) -> Self {
        self.opens_session = false;
        self
    }

    /// Of these systems instead.
    pub const fn with_systems(mut self, systems: &'static [System]) -> Self {
        self.systems = systems;
        self
    }
}
