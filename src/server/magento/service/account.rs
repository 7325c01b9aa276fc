//! Registration: `POST /V1/customers` of Magento, without authentication.

use rusqlite::Transaction;
use serde_json::{Value, json};

use super::super::call::{Requester, ServiceCall};
use super::super::change::VersionChange;
use super::super::error::Failure;
use super::super::input::Object;
use super::super::rules::{date, directory, password};
use super::super::storage;
use super::save_address::{self, Owner};
use super::save_customer::{self, Draft};
use crate::server::fault::Weakness;

/// Registers a customer, with or without a password, and returns it. Either everything is stored or nothing.
///
/// Rejects, in this order: a group from a caller who may not choose one (401), a weak password (400), an id (404, or 400 if the address is
/// taken), an unknown website or store (404, 400), then everything that saving rejects.
pub fn create(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let customer = call.arguments.object("customer");
    let is_administrator = matches!(call.caller, Requester::Administrator);
    if customer.int("group_id").is_some() && !is_administrator {
        return Err(Failure::unauthorized("Magento_Customer::manage").with_session());
    }
    if customer.text("email").is_none() && call.magento.has(VersionChange::EmailIsCheckedFirst) {
        return Err(Failure::new(
            400,
            "The email address is required to create a customer account.",
        )
        .with_session());
    }
    let password_hash = match call.arguments.text("password") {
        Some(new) => Some(hash_password(call, new, customer.text("email"))?),
        None => None,
    };
    let id = call.magento.database.write(|tx| -> Result<i64, Failure> {
        let (website, store) = home(tx, &customer)?;
        let draft = Draft {
            website_id: Some(website),
            store_id: Some(store),
            password_hash,
            ..Draft::new(&customer)
        };
        let id = save_customer::insert(call, tx, &draft)?;
        for address in customer.objects("addresses").unwrap_or_default() {
            // An address in an unknown country is silently dropped.
            if address
                .text("country_id")
                .is_some_and(directory::is_country)
            {
                save_address::save(call, tx, id, address, Owner::New)?;
            }
        }
        storage::customer::make_reset_token(tx, id, date::now_in_seconds())?;
        Ok(id)
    })?;
    // The key of the confirmation is stored, but only later responses show it.
    super::customer::view_without(call, id, "confirmation")
}

fn hash_password(
    call: &ServiceCall<'_>,
    new: &str,
    email: Option<&str>,
) -> Result<String, Failure> {
    if !call.is_weak(Weakness::AcceptsWeakPasswords) {
        password::check(new)?;
    }
    password::check_differs(new, email)?;
    call.magento.hashing.hash(new).ok_or_else(Failure::internal)
}

/// Website and store of a new customer: 0 and null mean the current ones.
fn home(tx: &Transaction<'_>, customer: &Object) -> Result<(i64, i64), Failure> {
    let chosen = |field| customer.int(field).filter(|id| *id != 0);
    let no_store = || {
        Failure::new(
            404,
            "The store that was requested wasn't found. Verify the store and try again.",
        )
        .with_session()
    };
    if chosen("id").is_some() {
        // For adding a known customer to another store: the lookup uses the address, not this id.
        let email = customer.text("email").unwrap_or_default();
        return match storage::customer::find_by_email(tx, email, 1)? {
            Some(_) => {
                Err(Failure::new(400, "This customer already exists in this store.").with_session())
            }
            None => Err(Failure::no_such_email(
                &customer.text_or_null("email"),
                json!("1"),
            )),
        };
    }
    let website = chosen("website_id");
    if let Some(website) = website
        && !storage::store::website_exists(tx, website)?
    {
        return Err(no_website(website));
    }
    let store = match (chosen("store_id"), website) {
        (Some(store), _) => store,
        (None, Some(website)) => {
            storage::store::default_store(tx, website)?.ok_or_else(no_store)?
        }
        (None, None) => 1,
    };
    let website_of_store = storage::store::website_of(tx, store)?;
    match (website, website_of_store) {
        (None, Some(website)) => Ok((website, store)),
        (None, None) => Err(no_store()),
        (Some(website), Some(of_store)) if website == of_store => Ok((website, store)),
        (Some(_), _) => Err(
            Failure::new(400, "The store view is not in the associated website.").with_session(),
        ),
    }
}

/// 404: the website does not exist.
pub fn no_website(website: i64) -> Failure {
    Failure::new(
        404,
        format!("The website with id {website} that was requested wasn't found. Verify the website and try again."),
    )
    .with_session()
}
