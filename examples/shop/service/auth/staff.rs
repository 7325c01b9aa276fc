//! Staff: bearer tokens that the token endpoint issued, with the scopes `shop:read` and `shop:write`.

use std::time::Instant;

use super::super::call::Call;
use super::super::faults::Fault;
use super::super::reply::Problem;
use super::super::state::{Shop, Token};
use super::session;

const CHALLENGE: &str = "Bearer realm=\"shop\"";

/// Which scope an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Read,
    Write,
}

/// Who reads an order or a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    Staff,
    Customer(String),
}

/// Checks that the request has a valid token with this scope.
pub fn require(shop: &Shop, call: &Call, scope: Scope) -> Result<(), Problem> {
    require_without(shop, call, scope, None)
}

/// The same, with the check that this fault leaves out.
pub fn require_without(
    shop: &Shop,
    call: &Call,
    scope: Scope,
    fault: Option<Fault>,
) -> Result<(), Problem> {
    let fault = fault.filter(|fault| shop.has(*fault));
    let Some(text) = token(call) else {
        return Err(Problem::unauthorized(CHALLENGE));
    };
    let found = shop.state().tokens.get(text).cloned();
    let Some(Token { may_write, expires }) = found else {
        return match fault {
            Some(Fault::AnyTokenAccepted) => Ok(()),
            _ => Err(Problem::unauthorized(CHALLENGE)),
        };
    };
    if Instant::now() >= expires && fault != Some(Fault::ExpiredTokenAccepted) {
        let challenge = format!("{CHALLENGE}, error=\"invalid_token\"");
        return Err(Problem::unauthorized(&challenge));
    }
    if scope == Scope::Write && !may_write && fault != Some(Fault::RoleIgnored) {
        return Err(Problem::forbidden("the token may only read"));
    }
    Ok(())
}

/// Staff that may read, or the customer of the session.
pub fn reader(shop: &Shop, call: &Call) -> Result<Reader, Problem> {
    if call.header("authorization").is_some() {
        require(shop, call, Scope::Read)?;
        return Ok(Reader::Staff);
    }
    session::customer(&shop.state(), call).map(Reader::Customer)
}

fn token(call: &Call) -> Option<&str> {
    let (scheme, token) = call.header("authorization")?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
