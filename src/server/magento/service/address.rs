//! Single addresses.

use serde_json::Value;

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::output;
use super::super::storage::{self, Customer};
use crate::server::fault::Weakness;

/// The customer's default billing address; `[]` if there is none.
pub fn billing(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    default(call, |customer| customer.default_billing)
}

/// The customer's default shipping address; `[]` if there is none.
pub fn shipping(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    default(call, |customer| customer.default_shipping)
}

fn default(call: &ServiceCall<'_>, which: fn(&Customer) -> Option<i64>) -> Result<Value, Failure> {
    let owner = super::customer::find(call, call.arguments.int("customerId").unwrap_or_default())
        .map_err(Failure::with_session)?;
    let Some(id) = which(&owner) else {
        return Ok(Value::Array(Vec::new()));
    };
    let found = call
        .magento
        .database
        .read(|c| storage::address::find(c, id))?;
    let own = found.filter(|address| address.customer_id == owner.id);
    Ok(own.map_or(Value::Array(Vec::new()), |address| {
        output::address(&address, &owner)
    }))
}

/// `GET /V1/customers/addresses/{addressId}`.
pub fn get(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let address = find(call)?;
    let owner = super::customer::find(call, address.customer_id)?;
    Ok(output::address(&address, &owner))
}

/// `DELETE /V1/addresses/{addressId}`: `true`.
pub fn delete(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let address = find(call)?;
    if call.is_weak(Weakness::KeepsDeleted) {
        return Ok(Value::Bool(true));
    }
    call.magento
        .database
        .write(|tx| storage::address::delete(tx, address.id))?;
    Ok(Value::Bool(true))
}

fn find(call: &ServiceCall<'_>) -> Result<storage::Address, Failure> {
    let id = call.arguments.int("addressId").unwrap_or_default();
    let found = call
        .magento
        .database
        .read(|c| storage::address::find(c, id))?;
    found.ok_or_else(|| Failure::no_such("addressId", id))
}
