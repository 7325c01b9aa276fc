//! Protection: an operation that the contract protects must not serve an unauthenticated client.
//! Code: `auth-ignored`.

use http::header::{AUTHORIZATION, COOKIE};

use super::response::{CheckedResponse, status_line};
use super::{Caller, Check};
use crate::contract::{ContractPlace, Security};
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::AuthIgnored],
    judge,
};

/// Whether a protected operation responded with success although it must refuse the request. A request whose step sets
/// `Authorization` or `Cookie` itself does not count as unauthenticated.
pub(super) fn is_ignored(response: &CheckedResponse<'_>) -> bool {
    let protected = response
        .operation()
        .is_some_and(|operation| operation.security == Security::Protected);
    let headers = &response.exchange.request.headers;
    let must_refuse = match response.context.caller {
        Caller::Unauthenticated => {
            !headers.contains_key(AUTHORIZATION) && !headers.contains_key(COOKIE)
        }
        Caller::Refused => true,
        Caller::Authenticated => false,
    };
    protected && must_refuse && response.raw().status.is_success()
}

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some(operation) = response.operation().filter(|_| is_ignored(response)) else {
        return Vec::new();
    };
    let credentials = match response.context.caller {
        Caller::Refused => "a token that must be refused",
        _ => "a request without credentials",
    };
    let status = status_line(response.raw().status);
    let message = format!(
        "{} is protected, but {credentials} got {status}",
        operation.name()
    );
    let place = ContractPlace {
        place: operation.place.clone(),
        pointer: operation.pointer.clone(),
    };
    let finding = Finding::new(Code::AuthIgnored, Location::Status, message)
        .with_contract(Some(place))
        .with_expected("401 or 403")
        .with_actual(status);
    vec![finding]
}
