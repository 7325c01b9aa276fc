//! Tokens for user name and password, with protection against guessing.

use serde_json::Value;

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::rules::{date, lock};
use super::super::storage::{self, Failures};
use super::super::token::UserType;
use crate::server::fault::Weakness;
use crate::server::hashing;

/// `POST /V1/integration/customer/token`: the token as a text. A sign-in unlocks the account, a wrong password is counted.
pub fn customer(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    sign_in(call, UserType::Customer, |email, password| {
        let database = &call.magento.database;
        let found = database.read(|c| storage::customer::find_by_email(c, email, 1))?;
        let Some(customer) = found else {
            return Ok(None);
        };
        if lock::is_locked(customer.failures, date::now_in_seconds()) {
            return Ok(None);
        }
        let hash = customer.password_hash.as_deref().unwrap_or_default();
        if !matches(call, password, hash) {
            super::password::count_failure(call, customer.id)?;
            return Ok(None);
        }
        if customer.failures != Failures::default() {
            database.write(|tx| {
                storage::customer::set_failures(tx, customer.id, Failures::default())
            })?;
        }
        Ok(Some(customer.id))
    })
}

/// `POST /V1/integration/admin/token`: the token as a text.
pub fn administrator(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    sign_in(call, UserType::Administrator, |name, password| {
        let database = &call.magento.database;
        let found = database.read(|c| storage::sign_in::administrator(c, name))?;
        Ok(found
            .filter(|(_, hash)| matches(call, password, hash))
            .map(|(id, _)| id))
    })
}

/// `POST /V1/customers/{customerId}/token`: a token of the customer, without a password; 404 if the customer does not exist.
pub fn for_customer(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let id = call.arguments.int("customerId").unwrap_or_default();
    let customer = super::customer::find(call, id)?;
    Ok(token(call, UserType::Customer, customer.id))
}

/// A token for the user that `find` returns for name and password. Rejects empty values (400), then wrong credentials and names with too
/// many failures (401, with the same message).
fn sign_in(
    call: &ServiceCall<'_>,
    kind: UserType,
    find: impl Fn(&str, &str) -> Result<Option<i64>, Failure>,
) -> Result<Value, Failure> {
    let name = call.arguments.text("username").unwrap_or_default();
    let password = call.arguments.text("password").unwrap_or_default();
    let empty = [("username", name), ("password", password)]
        .into_iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(field, _)| Failure::required(field))
        .collect();
    if let Some(failure) = Failure::all(empty) {
        return Err(failure.with_session());
    }
    let database = &call.magento.database;
    let now = date::now_in_seconds();
    let (failures, last) = database.read(|c| storage::sign_in::failures(c, kind as i64, name))?;
    if lock::is_throttled(failures, last, now) {
        return Err(refused());
    }
    let Some(id) = find(name, password)? else {
        database.write(|tx| storage::sign_in::count_failure(tx, kind as i64, name, now))?;
        return Err(refused());
    };
    if failures > 0 {
        database.write(|tx| storage::sign_in::forget_failures(tx, kind as i64, name))?;
    }
    Ok(token(call, kind, id))
}

fn matches(call: &ServiceCall<'_>, password: &str, hash: &str) -> bool {
    call.is_weak(Weakness::AcceptsAnyPassword) || hashing::matches(password, hash)
}

fn token(call: &ServiceCall<'_>, kind: UserType, id: i64) -> Value {
    let tokens = &call.magento.tokens;
    Value::String(tokens.issue(kind, id, date::now_in_seconds()))
}

fn refused() -> Failure {
    Failure::new(
        401,
        "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.",
    )
    .with_session()
}
