//! Changing and resetting passwords, and revoking tokens. No mails are sent.

use serde_json::{Value, json};

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::rules::{date, lock, password};
use super::super::storage::{self, Customer, Failures};
use crate::server::fault::Weakness;
use crate::server::hashing;

/// The templates of mails about passwords, in the order of the error message.
const TEMPLATES: [&str; 2] = ["email_reminder", "email_reset"];

/// `PUT /V1/customers/me/password`: `true`. Rejects a wrong current password (401), then a weak new password (400).
///
/// The tenth consecutive wrong password locks the account. Magento tests the lock on the customer as read before it counts, so the
/// eleventh wrong password is the first whose error says so.
pub fn change(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let customer =
        super::customer::find(call, call.arguments.int("customerId").unwrap_or_default())?;
    let current = call.arguments.text("currentPassword").unwrap_or_default();
    let kept = customer.password_hash.as_deref().unwrap_or_default();
    if !hashing::matches(current, kept) && !call.is_weak(Weakness::AcceptsAnyPassword) {
        count_failure(call, customer.id)?;
        let known = if call.is_weak(Weakness::ReportsLocksEarly) {
            super::customer::find(call, customer.id)?
        } else {
            customer
        };
        let message = if lock::is_locked(known.failures, date::now_in_seconds()) {
            "The account is locked."
        } else {
            "The password doesn't match this account. Verify the password and try again."
        };
        return Err(Failure::new(401, message).with_session());
    }
    set(call, &customer)
}

/// Counts a wrong password; the tenth locks the account.
pub fn count_failure(call: &ServiceCall<'_>, customer: i64) -> Result<(), Failure> {
    let now = date::now_in_seconds();
    call.magento.database.write(|tx| {
        let Some(known) = storage::customer::find(tx, customer)? else {
            return Ok(());
        };
        let failures = lock::count(known.failures, now);
        Ok(storage::customer::set_failures(tx, customer, failures)?)
    })
}

/// `PUT /V1/customers/password`: `true`, and stores a token for resetting. Rejects an unknown address (404), then an unknown template (400).
pub fn start_reset(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let website = call.arguments.int("websiteId");
    let customer = by_email(call, website)?;
    let template = call.arguments.text("template").unwrap_or_default();
    if !TEMPLATES.contains(&template) {
        return Err(Failure::new(
            400,
            "Invalid value of \"%value\" provided for the %fieldName field. Possible values: %template1 or %template2.",
        )
        .with_parameters(json!({
            "value": template,
            "fieldName": "template",
            "template1": TEMPLATES[0],
            "template2": TEMPLATES[1],
        }))
        .with_session());
    }
    call.magento
        .database
        .write(|tx| storage::customer::make_reset_token(tx, customer.id, date::now_in_seconds()))?;
    Ok(Value::Bool(true))
}

/// `POST /V1/customers/resetPassword`: `true`; consumes the token and unlocks the account. Rejects an unknown address (404), a wrong or
/// expired token (400), a weak password (400).
pub fn reset(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    if call.arguments.text("email") == Some("") {
        return Err(Failure::required("email").with_session());
    }
    let customer = by_email(call, None)?;
    check_token(
        call,
        &customer,
        call.arguments.text("resetToken").unwrap_or_default(),
    )?;
    let done = set(call, &customer)?;
    call.magento.database.write(|tx| {
        if !call.is_weak(Weakness::KeepsUsedKeys) {
            storage::customer::clear_reset_token(tx, customer.id)?;
        }
        storage::customer::set_failures(tx, customer.id, Failures::default())
    })?;
    Ok(done)
}

/// `GET /V1/customers/{customerId}/password/resetLinkToken/{resetPasswordLinkToken}`: `true` for the right token.
pub fn check_reset(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let id = call.arguments.int("customerId").unwrap_or_default();
    if id <= 0 {
        return Err(Failure::new(
            400,
            "Invalid value of \"%value\" provided for the %fieldName field.",
        )
        .with_parameters(json!({ "value": id, "fieldName": "customerId" }))
        .with_session());
    }
    let customer = super::customer::find(call, id).map_err(Failure::with_session)?;
    check_token(
        call,
        &customer,
        call.arguments
            .text("resetPasswordLinkToken")
            .unwrap_or_default(),
    )?;
    Ok(Value::Bool(true))
}

/// `POST /V1/integration/customer/revoke-customer-token`: `true`, and all tokens of the customer are void.
pub fn revoke_tokens(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let id = call.arguments.int("customerId").unwrap_or_default();
    if call.is_weak(Weakness::KeepsUsedKeys) {
        return Ok(Value::Bool(true));
    }
    let now = date::now_in_seconds();
    call.magento
        .database
        .write(|tx| storage::customer::void_tokens(tx, id, now))?;
    Ok(Value::Bool(true))
}

fn set(call: &ServiceCall<'_>, customer: &Customer) -> Result<Value, Failure> {
    let new = call.arguments.text("newPassword").unwrap_or_default();
    password::check_differs(new, Some(&customer.email))?;
    password::check(new)?;
    if call.is_weak(Weakness::LosesUpdates) {
        return Ok(Value::Bool(true));
    }
    let hash = call
        .magento
        .hashing
        .hash(new)
        .ok_or_else(Failure::internal)?;
    call.magento
        .database
        .write(|tx| storage::customer::set_password(tx, customer.id, &hash))?;
    Ok(Value::Bool(true))
}

/// The customer of the argument `email`, in the website if it was sent; the error repeats the website as sent. A website that does not exist
/// has no customers.
pub fn by_email(call: &ServiceCall<'_>, website: Option<i64>) -> Result<Customer, Failure> {
    let email = call.arguments.text("email").unwrap_or_default();
    call.magento
        .database
        .read(|c| -> Result<Customer, Failure> {
            let found = storage::customer::find_by_email(c, email, website.unwrap_or(1))?;
            let shown = website.map_or_else(|| json!("1"), Value::from);
            found.ok_or_else(|| Failure::no_such_email(&json!(email), shown))
        })
}

/// Rejects a token that is empty, not the customer's, or expired.
fn check_token(call: &ServiceCall<'_>, customer: &Customer, token: &str) -> Result<(), Failure> {
    if token.is_empty() {
        return Err(Failure::required("resetPasswordLinkToken").with_session());
    }
    if call.is_weak(Weakness::AcceptsAnyKey) {
        return Ok(());
    }
    if customer.reset_token.as_deref() != Some(token) {
        return Err(Failure::new(
            400,
            "The password token is mismatched. Reset and try again.",
        )
        .with_session());
    }
    if password::is_token_expired(customer.reset_token_at, date::now_in_seconds()) {
        return Err(
            Failure::new(400, "The password token is expired. Reset and try again.").with_session(),
        );
    }
    Ok(())
}
