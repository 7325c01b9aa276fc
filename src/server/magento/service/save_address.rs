//! Saving an address of a customer. Main function: [`save`].

use rusqlite::Connection;
use serde_json::json;

use super::super::call::ServiceCall;
use super::super::change::VersionChange;
use super::super::error::Failure;
use super::super::input::Object;
use super::super::php;
use super::super::rules::address::{self, Naming};
use super::super::storage::{self, Address};
use crate::server::fault::Weakness;

/// Maximum number of characters of most columns.
const TEXT: usize = 255;
/// Approximate maximum number of characters of the street's column.
const MULTILINE: usize = 65_535;

/// Which ids a sent address may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The customer is new: ids are ignored.
    New,
    /// An id must be that of one of the customer's addresses, which is changed.
    Known,
}

/// Saves an address and returns its id. An address with an id is merged with the stored one, an address without an id is new.
///
/// Rejects an id that does not exist (404) or is another customer's (400), and everything that the rules reject.
pub fn save(
    call: &ServiceCall<'_>,
    tx: &Connection,
    customer: i64,
    given: &Object,
    owner: Owner,
) -> Result<i64, Failure> {
    let id = given
        .int("id")
        .filter(|id| owner == Owner::Known && *id != 0);
    let mut kept = match id {
        None => Address {
            customer_id: customer,
            ..Address::default()
        },
        Some(id) => {
            let known = storage::address::find(tx, id)?;
            known.ok_or_else(|| Failure::no_such("addressId", id).with_session())?
        }
    };
    if call.is_weak(Weakness::TakesForeignAddresses) {
        kept.customer_id = customer;
    }
    if kept.customer_id != customer {
        return Err(Failure::new(
            400,
            "Provided customer ID \"%customer_id\" isn't related to current customer address.",
        )
        .with_parameters(json!({ "customer_id": customer }))
        .with_session());
    }
    fill(&mut kept, given);
    // Only merging with a stored address writes a number for no region.
    if kept.id != 0 && kept.region_id.is_none() {
        kept.region_id = Some(0);
    }
    let naming = if call.magento.has(VersionChange::AddressFieldsByLabel) {
        Naming::Label
    } else {
        Naming::Field
    };
    address::check(&kept, naming)?;
    if kept.id == 0 {
        kept.id = storage::address::insert(tx, &kept)?;
    } else {
        storage::address::update(tx, &kept)?;
    }
    set_defaults(tx, customer, &kept, given)?;
    Ok(kept.id)
}

/// Applies the sent fields to the address; null and missing fields leave a field unchanged.
fn fill(kept: &mut Address, given: &Object) {
    if let Some(region) = given.object("region") {
        kept.region = region.text("region").map(|name| php::stored(name, TEXT));
        // A region with a name but without a number has the number 0.
        kept.region_id = Some(region.int("region_id").unwrap_or(0));
    }
    if let Some(id) = given.int("region_id") {
        kept.region_id = Some(id);
    }
    if let Some(street) = given.texts("street") {
        kept.street = street
            .iter()
            .map(|line| php::stored(line, MULTILINE))
            .collect();
    }
    for (field, characters, kept) in [
        ("country_id", TEXT, &mut kept.country_id),
        ("company", TEXT, &mut kept.company),
        ("telephone", TEXT, &mut kept.telephone),
        ("fax", TEXT, &mut kept.fax),
        ("postcode", TEXT, &mut kept.postcode),
        ("city", TEXT, &mut kept.city),
        ("firstname", TEXT, &mut kept.firstname),
        ("lastname", TEXT, &mut kept.lastname),
        ("middlename", TEXT, &mut kept.middlename),
        ("prefix", 40, &mut kept.prefix),
        ("suffix", 40, &mut kept.suffix),
        ("vat_id", TEXT, &mut kept.vat_id),
    ] {
        if let Some(text) = given.text(field) {
            *kept = Some(php::stored(text, characters)).filter(|text| !text.is_empty());
        }
    }
}

/// The flags of an address decide whether it is a default address; a stored default that is sent without its flag loses it.
fn set_defaults(
    tx: &Connection,
    customer: i64,
    address: &Address,
    given: &Object,
) -> Result<(), Failure> {
    let Some(mut owner) = storage::customer::find(tx, customer)? else {
        return Ok(());
    };
    for (flag, default) in [
        ("default_billing", &mut owner.default_billing),
        ("default_shipping", &mut owner.default_shipping),
    ] {
        if given.flag(flag) == Some(true) {
            *default = Some(address.id);
        } else if *default == Some(address.id) {
            *default = None;
        }
    }
    storage::customer::update(tx, &owner)?;
    Ok(())
}
