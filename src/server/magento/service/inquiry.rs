//! Small questions about customers and groups, answered without changing anything.

use serde_json::{Value, json};

use super::super::error::Failure;
use super::super::pipeline::Call;
use super::super::storage;

/// `POST /V1/customers/isEmailAvailable`: `true`, also for an address that is taken, as stores have it by default; the answer
/// would tell strangers who is registered. Refuses an unknown website (404).
pub fn is_email_available(call: &Call<'_>) -> Result<Value, Failure> {
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
pub fn is_read_only(call: &Call<'_>) -> Result<Value, Failure> {
    super::customer::find(call, call.arguments.int("customerId").unwrap_or_default())?;
    Ok(Value::Bool(false))
}

/// `PUT /V1/customers/validate`: which required attributes are empty. The form of values is not looked at.
pub fn validate(call: &Call<'_>) -> Result<Value, Failure> {
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
    Ok(json!({ "valid": messages.is_empty(), "messages": messages }))
}

/// `GET /V1/customerGroups/{id}`: the group.
pub fn group(call: &Call<'_>) -> Result<Value, Failure> {
    let id = call.arguments.int("id").unwrap_or_default();
    group_with(call, id)
}

/// `GET /V1/customerGroups/default`: the group of new customers.
pub fn default_group(call: &Call<'_>) -> Result<Value, Failure> {
    group_with(call, 1)
}

fn group_with(call: &Call<'_>, id: i64) -> Result<Value, Failure> {
    let found = call
        .magento
        .database
        .read(|c| storage::store::group(c, id))?;
    let group = found.ok_or_else(|| Failure::no_such("id", id))?;
    Ok(json!({
        "id": group.id,
        "code": group.code,
        "tax_class_id": group.tax_class_id,
        "tax_class_name": group.tax_class_name,
    }))
}
