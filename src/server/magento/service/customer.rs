//! Reading, changing and deleting existing customers.

use serde_json::Value;

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::input::Object;
use super::super::output;
use super::super::storage::{self, Customer};
use super::save_address::{self, Owner};
use super::save_customer::{self, Draft};
use crate::server::fault::Weakness;

/// The customer of the argument `customerId`, which for `me` is the caller's id; 404 if it does not exist.
pub fn get(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    view(call, call.arguments.int("customerId").unwrap_or_default())
}

/// `PUT /V1/customers/{customerId}`: merges the sent fields with the stored customer and returns it.
///
/// An id inside the body has precedence over the path. A path without a number means no id: the customer is saved as sent, which creates a
/// new customer if the body has no id either.
pub fn update(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let given = call.arguments.object("customer");
    let in_path = call.path_int("customerId");
    if in_path == 0 {
        return save(call, &given, given.int("id").filter(|id| *id != 0), false);
    }
    find(call, in_path)?;
    save(
        call,
        &given,
        Some(given.int("id").filter(|id| *id != 0).unwrap_or(in_path)),
        true,
    )
}

/// `PUT /V1/customers/me`: the argument already has the caller's id, group, website and store. Required fields must be sent. An
/// administrator has no id, and so creates a new customer.
pub fn update_own(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let given = call.arguments.object("customer");
    save(call, &given, given.int("id"), false)
}

/// `POST /V1/customers` of the system where administrators save customers: merges with the customer of the id, or creates a new customer, in
/// the default website if the body has none.
pub fn create_or_update(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let given = call.arguments.object("customer");
    save(call, &given, given.int("id").filter(|id| *id != 0), true)
}

/// `DELETE /V1/customers/{customerId}`: `true`; 404 if the customer does not exist.
pub fn delete(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let id = call.arguments.int("customerId").unwrap_or_default();
    if call.is_weak(Weakness::KeepsDeleted) {
        return find(call, id).map(|_| Value::Bool(true));
    }
    let was_there = call
        .magento
        .database
        .write(|tx| storage::customer::delete(tx, id))?;
    if was_there {
        Ok(Value::Bool(true))
    } else {
        Err(Failure::no_such("customerId", id).with_session())
    }
}

/// A customer as the API returns it; 404 if no customer has this id.
pub fn view(call: &ServiceCall<'_>, id: i64) -> Result<Value, Failure> {
    let found = call.magento.database.read(|c| -> Result<_, Failure> {
        let Some(customer) = storage::customer::find(c, id)? else {
            return Ok(None);
        };
        Ok(Some((storage::address::of_customer(c, id)?, customer)))
    })?;
    let (addresses, customer) = found.ok_or_else(|| Failure::no_such("customerId", id))?;
    Ok(output::customer(&customer, &addresses))
}

/// [`view`] without one of its fields, which some operations leave out.
pub fn view_without(call: &ServiceCall<'_>, id: i64, field: &str) -> Result<Value, Failure> {
    let mut shown = view(call, id)?;
    if let Value::Object(fields) = &mut shown {
        fields.shift_remove(field);
    }
    Ok(shown)
}

/// The customer with this id; 404 if it does not exist.
pub fn find(call: &ServiceCall<'_>, id: i64) -> Result<Customer, Failure> {
    let found = call
        .magento
        .database
        .read(|c| storage::customer::find(c, id))?;
    found.ok_or_else(|| Failure::no_such("customerId", id))
}

/// Saves the customer, then its addresses one by one. If an address is rejected, everything saved before it stays saved.
fn save(
    call: &ServiceCall<'_>,
    given: &Object,
    id: Option<i64>,
    merges: bool,
) -> Result<Value, Failure> {
    let database = &call.magento.database;
    let before = match id {
        Some(id) => Some((find(call, id)?, view(call, id)?)),
        None => None,
    };
    let mut draft = Draft {
        merges,
        ..Draft::new(given)
    };
    draft.password_hash = call.arguments.text("passwordHash").map(str::to_owned);
    if merges && id.is_none() {
        draft.website_id = Some(given.int("website_id").unwrap_or(1));
    }
    let id = database.write(|tx| -> Result<i64, Failure> {
        let Some(id) = id else {
            return save_customer::insert(call, tx, &draft);
        };
        // Read again inside the transaction, so that concurrent changes do not undo each other.
        let known = storage::customer::find(tx, id)?;
        let known = known.ok_or_else(|| Failure::no_such("customerId", id))?;
        save_customer::update(call, tx, &known, &draft).map(|()| id)
    })?;
    if let Some(addresses) = given.objects("addresses") {
        replace_addresses(call, id, addresses)?;
    }
    let after = view(call, id)?;
    let Some((known, shown)) = before else {
        return Ok(after);
    };
    if call.is_weak(Weakness::LosesUpdates) {
        database.write(|tx| storage::customer::update(tx, &known))?;
    }
    Ok(if call.is_weak(Weakness::ReturnsOldValues) {
        shown
    } else {
        after
    })
}

/// Saves the addresses in order, then deletes the customer's other addresses.
fn replace_addresses(
    call: &ServiceCall<'_>,
    customer: i64,
    given: &[Object],
) -> Result<(), Failure> {
    let database = &call.magento.database;
    let existing = database.read(|c| storage::address::of_customer(c, customer))?;
    let mut saved = Vec::with_capacity(given.len());
    for address in given {
        saved.push(
            database.write(|tx| save_address::save(call, tx, customer, address, Owner::Known))?,
        );
    }
    database.write(|tx| {
        existing
            .iter()
            .filter(|address| !saved.contains(&address.id))
            .try_for_each(|address| storage::address::delete(tx, address.id))
    })?;
    Ok(())
}
