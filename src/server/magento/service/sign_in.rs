//! Tokens for user name and password, with a brake on guessing.

use serde_json::Value;

use super::super::error::Failure;
use super::super::pipeline::Call;
use super::super::storage;
use super::super::token::UserType;
use crate::server::fault::Weakness;
use crate::server::hashing;

/// After so many failures in a row even the right password is refused ...
const MAX_FAILURES: i64 = 6;
/// ... for so many seconds.
const PAUSE: i64 = 1800;

/// `POST /V1/integration/customer/token`: the token, a text.
pub fn customer(call: &Call<'_>) -> Result<Value, Failure> {
    sign_in(call, UserType::Customer, |email| {
        let found = call
            .magento
            .database
            .read(|c| storage::customer::find_by_email(c, email, 1))?;
        Ok(found.map(|customer| (customer.id, customer.password_hash.unwrap_or_default())))
    })
}

/// `POST /V1/integration/admin/token`: the token, a text.
pub fn administrator(call: &Call<'_>) -> Result<Value, Failure> {
    sign_in(call, UserType::Administrator, |name| {
        Ok(call
            .magento
            .database
            .read(|c| storage::sign_in::administrator(c, name))?)
    })
}

fn sign_in(
    call: &Call<'_>,
    kind: UserType,
    find: impl Fn(&str) -> Result<Option<(i64, String)>, Failure>,
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
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let (failures, last) = database.read(|c| storage::sign_in::failures(c, kind as i64, name))?;
    if failures >= MAX_FAILURES && now - last < PAUSE {
        return Err(refused());
    }
    let known = find(name)?.filter(|(_, hash)| {
        call.is_weak(Weakness::AcceptsAnyPassword) || hashing::matches(password, hash)
    });
    match known {
        Some((id, _)) => {
            if failures > 0 {
                database.write(|tx| storage::sign_in::forget_failures(tx, kind as i64, name))?;
            }
            let token = call
                .magento
                .tokens
                .issue(kind, id, now)
                .ok_or_else(Failure::internal)?;
            Ok(Value::String(token))
        }
        None => {
            database.write(|tx| storage::sign_in::count_failure(tx, kind as i64, name, now))?;
            Err(refused())
        }
    }
}

fn refused() -> Failure {
    Failure::new(
        401,
        "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.",
    )
    .with_session()
}
