//! Read-only checks about customers.

use serde_json::{Value, json};

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::storage;
use crate::server::fault::Weakness;

/// `POST /V1/customers/isEmailAvailable`: `true`, even for an address that is taken. This is the default of stores, so that the response
/// does not expose who is registered. Rejects an unknown website (404).
pub fn is_email_available(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    if let Some(website) = call.arguments.int("websiteId") {
        let exists = call
            .magento
            .database
            .read(|c| storage::store::website_exists(c, website))?;
        if !exists {
            return Err(super::account::no_website(website));
        }
    }
    Ok(Value::Bool(true))
}

/// `GET /V1/customers/{customerId}/permissions/readonly`: `false` for every customer.
pub fn is_read_only(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    super::customer::find(call, call.arguments.int("customerId").unwrap_or_default())
        .map_err(Failure::with_session)?;
    Ok(Value::Bool(false))
}

/// `PUT /V1/customers/validate`: which required attributes are empty. The format of values is not checked.
pub fn validate(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let customer = call.arguments.object("customer");
    let is_empty_text = |field| customer.text(field).unwrap_or_default().is_empty();
    let messages: Vec<String> = [
        ("Associate to Website", customer.int("website_id").is_none()),
        ("Group", customer.int("group_id").is_none()),
        ("First Name", is_empty_text("firstname")),
        ("Last Name", is_empty_text("lastname")),
        ("Email", is_empty_text("email")),
    ]
    .into_iter()
    .filter(|(_, is_empty)| *is_empty)
    .map(|(label, _)| {
        format!("The \"{label}\" attribute value is empty. Set the attribute and try again.")
    })
    .collect();
    let messages = if call.is_weak(Weakness::AcceptsInvalidValues) {
        Vec::new()
    } else {
        messages
    };
    Ok(json!({ "valid": messages.is_empty(), "messages": messages }))
}
