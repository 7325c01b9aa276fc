//! Confirmation of accounts. The store does not require confirmation, but an administrator can set a key that does.

use serde_json::{Value, json};

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::storage::{self, Customer};
use super::customer;
use crate::server::fault::Weakness;

/// `PUT /V1/customers/me/activate`: the customer, without extension attributes.
pub fn activate_own(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let own = customer::find(call, call.arguments.int("customerId").unwrap_or_default())?;
    activate(call, own)
}

/// `PUT /V1/customers/{email}/activate` by an administrator, `POST /V1/customers/activate` without authentication: the customer.
pub fn activate_by_email(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    activate(call, super::password::by_email(call, None)?)
}

/// Rejects an account that is already active, then a wrong key.
fn activate(call: &ServiceCall<'_>, customer: Customer) -> Result<Value, Failure> {
    let key = call.arguments.text("confirmationKey").unwrap_or_default();
    match customer.confirmation.as_deref() {
        None => return Err(Failure::new(400, "The account is already active.").with_session()),
        Some(kept) if kept != key && !call.is_weak(Weakness::AcceptsAnyKey) => {
            return Err(Failure::new(
                400,
                "The confirmation token is invalid. Verify the token and try again.",
            )
            .with_session());
        }
        Some(_) => {}
    }
    let id = customer.id;
    call.magento
        .database
        .write(|tx| storage::customer::clear_confirmation(tx, id))?;
    customer::view_without(call, id, "extension_attributes")
}

/// `GET /V1/customers/{customerId}/confirm`: the name of the state.
pub fn status(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    customer::find(call, call.arguments.int("customerId").unwrap_or_default())
        .map_err(Failure::with_session)?;
    Ok(json!("account_confirmation_not_required"))
}

/// `POST /V1/customers/confirm`: `true`, although no mail is sent.
pub fn resend(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let customer = super::password::by_email(call, call.arguments.int("websiteId"))?;
    match customer.confirmation {
        Some(_) => Ok(Value::Bool(true)),
        None => Err(Failure::new(400, "Confirmation isn't needed.").with_session()),
    }
}
