//! Protection: an operation that the contract protects must not serve a caller who did not identify himself.
//! Code: `auth-ignored`.

use http::header::{AUTHORIZATION, COOKIE};

use super::answer::{CheckedResponse, status_line};
use super::{Caller, Check};
use crate::contract::{ContractPlace, Security};
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::AuthIgnored],
    judge,
};

/// Whether a protected operation answered with success though it had to refuse. A guest whose step sets `Authorization` or
/// `Cookie` by hand is not taken for a guest.
pub(super) fn is_ignored(answer: &CheckedResponse<'_>) -> bool {
    let protected = answer
        .operation()
        .is_some_and(|operation| operation.security == Security::Protected);
    let headers = &answer.exchange.request.headers;
    let must_refuse = match answer.asked.caller {
        Caller::Unauthenticated => {
            !headers.contains_key(AUTHORIZATION) && !headers.contains_key(COOKIE)
        }
        Caller::Refused => true,
        Caller::Authenticated => false,
    };
    protected && must_refuse && answer.response().status.is_success()
}

fn judge(answer: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some(operation) = answer.operation().filter(|_| is_ignored(answer)) else {
        return Vec::new();
    };
    let who = match answer.asked.caller {
        Caller::Refused => "a token that must be refused",
        _ => "a request without credentials",
    };
    let status = status_line(answer.response().status);
    let message = format!(
        "{} is protected, but {who} was answered with {status}",
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
