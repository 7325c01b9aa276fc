//! Customer groups: reading, saving, deleting, and the default group of new customers.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::input::Object;
use super::super::output;
use super::super::php;
use super::super::storage::{self, CustomerGroup};
use crate::server::fault::Weakness;

/// The group of unauthenticated customers (Magento's guests), which cannot be deleted.
const GUESTS: i64 = 0;
/// The default tax class of a group.
const DEFAULT_TAX_CLASS: i64 = 3;
/// Maximum number of stored characters of a code.
const MAX_CODE: usize = 32;

/// `GET /V1/customerGroups/{id}`: the group; 404 if it does not exist.
pub fn get(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let group = call.magento.database.read(|c| find(c, id(call)))?;
    Ok(output::group(&group))
}

/// `GET /V1/customerGroups/default` and `…/default/{storeId}`: the group of new customers; 404 for an unknown store.
pub fn default(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let group = call.magento.database.read(|c| -> Result<_, Failure> {
        if let Some(store) = call.arguments.int("storeId")
            && storage::store::name(c, store)?.is_none()
        {
            return Err(Failure::no_such("storeId", store));
        }
        find(c, storage::group::default(c)?)
    })?;
    Ok(output::group(&group))
}

/// `PUT /V1/customerGroups/default/{id}`: the id, which becomes the group of new customers; 404 if the group does not exist.
pub fn set_default(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let group = call.magento.database.write(|tx| {
        let group = find(tx, id(call))?;
        if !call.is_weak(Weakness::LosesUpdates) {
            storage::group::set_default(tx, group.id)?;
        }
        Ok::<_, Failure>(group)
    })?;
    Ok(json!(group.id))
}

/// `GET /V1/customerGroups/{id}/permissions`: whether the group is read-only, like the guests' group and the default group.
pub fn is_read_only(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let id = id(call);
    call.magento.database.read(|c| {
        if !storage::group::exists(c, id)? {
            return Err(Failure::no_such("groupId", id));
        }
        Ok(json!(id == GUESTS || id == storage::group::default(c)?))
    })
}

/// `POST /V1/customerGroups` and `PUT /V1/customerGroups/{id}`, which has the id in its path: saves the group and returns it.
///
/// Rejects, in this order: a missing code (400), a tax class that is unknown or for products (400), an unknown id (404), a code that is
/// taken (400).
pub fn save(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let given = call.arguments.object("group");
    let code = given.text("code").unwrap_or_default();
    if code.is_empty() {
        return Err(Failure::required("code"));
    }
    let saved = call.magento.database.write(|tx| -> Result<_, Failure> {
        let mut group = match given.int("id") {
            // An update must have a tax class, because null is not a valid one.
            Some(id) => {
                check_tax_class(tx, given.int("tax_class_id"), &given)?;
                find(tx, id)?
            }
            None => CustomerGroup::default(),
        };
        let tax_class = given.int("tax_class_id").filter(|id| *id != 0);
        group.tax_class_id = tax_class.unwrap_or(DEFAULT_TAX_CLASS);
        check_tax_class(tx, Some(group.tax_class_id), &given)?;
        group.code = php::stored(code, MAX_CODE);
        if let Some(websites) = excluded_websites(&given) {
            group.excluded_websites = websites;
        }
        let holder = storage::group::id_of_code(tx, &group.code)?;
        if holder.is_some_and(|holder| given.int("id") != Some(holder)) {
            if !call.is_weak(Weakness::AcceptsDuplicates) {
                return Err(Failure::new(400, "Customer Group already exists."));
            }
            group.code.push('\'');
        }
        match given.int("id") {
            Some(_) if call.is_weak(Weakness::LosesUpdates) => return Ok(group),
            Some(_) => storage::group::update(tx, &group)?,
            None => group.id = storage::group::insert(tx, &group)?,
        }
        find(tx, group.id)
    })?;
    Ok(output::group(&saved))
}

/// `DELETE /V1/customerGroups/{id}`: `true`; its customers get the default group. Rejects an unknown group (404), then the guests' group and
/// the default group (400).
pub fn delete(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    call.magento.database.write(|tx| {
        let group = find(tx, id(call))?;
        let default = storage::group::default(tx)?;
        if group.id <= GUESTS || group.id == default {
            return if call.is_weak(Weakness::DeletesWhatIsUsed) {
                Ok(json!(true))
            } else {
                Err(Failure::new(400, "Cannot delete group."))
            };
        }
        if !call.is_weak(Weakness::KeepsDeleted) {
            storage::group::delete(tx, group.id, default)?;
        }
        Ok(json!(true))
    })
}

fn id(call: &ServiceCall<'_>) -> i64 {
    call.arguments.int("id").unwrap_or_default()
}

fn find(connection: &Connection, id: i64) -> Result<CustomerGroup, Failure> {
    storage::group::find(connection, id)?.ok_or_else(|| Failure::no_such("id", id))
}

fn check_tax_class(tx: &Connection, id: Option<i64>, given: &Object) -> Result<(), Failure> {
    let is_known = match id {
        Some(id) => storage::group::is_tax_class(tx, id)?,
        None => false,
    };
    if is_known {
        return Ok(());
    }
    let sent = given.int("tax_class_id").map_or(Value::Null, Value::from);
    Err(Failure::invalid_value("taxClassId", sent))
}

/// `None` if the websites were not sent: they stay unchanged.
fn excluded_websites(given: &Object) -> Option<Vec<i64>> {
    let sent = given.object("extension_attributes")?;
    sent.ints("exclude_website_ids").map(<[i64]>::to_vec)
}
