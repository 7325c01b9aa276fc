//! A request that is sent with the credentials of its profile ([`SignedSending`]), and what these are ([`Authentication`]).

use super::store::Standing;
use crate::case::{Located, Scope, StatusPattern, Step};
use crate::event::StepRole;
use crate::exchange::{Caller, Credential};
use crate::execute::compose::Composed;

/// A request of a step that is sent with the credentials of its profile.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute) struct SignedSending<'r, 'p> {
    pub(in crate::execute) step: &'p Step,
    pub(in crate::execute) role: &'r StepRole,
    pub(in crate::execute) scope: &'r Scope,
    pub(in crate::execute) composed: &'r Composed,
    /// Statuses that are the result of the step, so that it is not sent again after them.
    pub(in crate::execute) expected: &'r [Located<StatusPattern>],
    /// Whether a 401 may be due to credentials that expired: the step does not expect it.
    pub(in crate::execute) may_renew: bool,
}

/// How the request of a step is authenticated.
#[derive(Debug)]
pub(in crate::execute) struct Authentication {
    pub(in crate::execute) caller: Caller,
    pub(in crate::execute) credential: Credential,
    /// What another login could replace; `None`: a 401 is final.
    pub(in crate::execute) renewal: Option<Renewal>,
}

/// A token or a session that a login can replace.
#[derive(Debug)]
pub(in crate::execute) struct Renewal {
    pub(in crate::execute) standing: Standing,
    /// Whether it was obtained for this request.
    pub(in crate::execute) is_new: bool,
}
