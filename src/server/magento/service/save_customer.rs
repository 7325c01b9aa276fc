//! Saving a customer's own fields like Magento's customer repository. The caller saves the addresses afterwards.
//! Main type: [`Draft`].

use rusqlite::Connection;
use serde_json::json;

use super::super::call::ServiceCall;
use super::super::change::VersionChange;
use super::super::error::Failure;
use super::super::input::Object;
use super::super::php;
use super::super::rules::{date, email, name};
use super::super::storage::{self, Customer};
use crate::server::fault::Weakness;

/// A customer to be saved: the fields as sent, with values that the operation overrides.
pub struct Draft<'a> {
    pub given: &'a Object,
    /// `None`: as sent.
    pub website_id: Option<i64>,
    /// `None`: as sent.
    pub store_id: Option<i64>,
    /// `None`: the password stays as it is.
    pub password_hash: Option<String>,
    /// Fields that were not sent keep their values, even if saving would otherwise reset or reject them.
    pub merges: bool,
}

impl<'a> Draft<'a> {
    /// Only the fields as sent, without merging.
    pub fn new(given: &'a Object) -> Self {
        Draft {
            given,
            website_id: None,
            store_id: None,
            password_hash: None,
            merges: false,
        }
    }
}

/// Inserts a new customer and returns its id.
///
/// Rejects, in this order: an unknown group, an invalid date, a missing e-mail address, an address that is taken, invalid values.
pub fn insert(call: &ServiceCall<'_>, tx: &Connection, draft: &Draft<'_>) -> Result<i64, Failure> {
    let now = date::now();
    let mut customer = Customer {
        group_id: storage::group::default(tx)?,
        created_at: now.clone(),
        updated_at: now,
        ..Customer::default()
    };
    if let Some(created_at) = draft.given.text("created_at") {
        customer.created_at =
            date::stamp(created_at).ok_or_else(|| Failure::internal().with_session())?;
    }
    check_day(call, draft.given)?;
    fill(tx, &mut customer, draft)?;
    customer.created_in = storage::store::name(tx, customer.store_id)?.unwrap_or_default();
    if call.is_weak(Weakness::ChangesEmailCase) {
        customer.email = customer.email.to_ascii_uppercase();
    }
    if call.is_weak(Weakness::AcceptsDuplicates) {
        make_room(tx, &customer, |_| true)?;
    }
    if call.is_weak(Weakness::DistinguishesAccents) {
        let email = customer.email.to_lowercase();
        make_room(tx, &customer, |same| same.email.to_lowercase() != email)?;
    }
    check(call, tx, &customer)?;
    storage::customer::insert(tx, &customer).map_err(refused)
}

/// Changes the customer `known`; rejects the same as [`insert`].
pub fn update(
    call: &ServiceCall<'_>,
    tx: &Connection,
    known: &Customer,
    draft: &Draft<'_>,
) -> Result<(), Failure> {
    if call.magento.has(VersionChange::DefaultsMustBeOwn) {
        check_defaults(tx, known, draft.given)?;
    }
    if draft.merges {
        check_replaced_defaults(known, draft.given)?;
    }
    check_day(call, draft.given)?;
    let mut customer = Customer {
        updated_at: date::now(),
        ..known.clone()
    };
    fill(tx, &mut customer, draft)?;
    if call.is_weak(Weakness::SetsDefaultsByNumber)
        && let Some(number) = draft.given.text("default_billing")
    {
        customer.default_billing = Some(php::int(number));
    }
    check(call, tx, &customer)?;
    storage::customer::update(tx, &customer).map_err(refused)
}

/// For a fault: rejects a day of birth that is not stored as sent.
fn check_day(call: &ServiceCall<'_>, given: &Object) -> Result<(), Failure> {
    let sent = given.text("dob").filter(|sent| !sent.is_empty());
    let is_rolled = sent.is_some_and(|sent| date::day(sent).as_deref() != Some(sent));
    if is_rolled && call.is_weak(Weakness::RefusesRolledDays) {
        return Err(invalid_date());
    }
    Ok(())
}

fn invalid_date() -> Failure {
    Failure::new(400, "Invalid date").with_session()
}

fn refused(error: rusqlite::Error) -> Failure {
    if storage::is_duplicate(&error) {
        email_is_taken()
    } else {
        Failure::from(error)
    }
}

fn email_is_taken() -> Failure {
    Failure::new(
        400,
        "A customer with the same email address already exists in an associated website.",
    )
    .with_session()
}

/// Applies the draft to the customer. An empty text clears an optional field, null leaves it unchanged.
fn fill(tx: &Connection, customer: &mut Customer, draft: &Draft<'_>) -> Result<(), Failure> {
    let Draft {
        given,
        website_id,
        store_id,
        password_hash,
        merges,
    } = draft;
    let (is_new, merges) = (customer.id == 0, *merges);
    if let Some(group) = given.int("group_id") {
        if !storage::group::exists(tx, group)? {
            return Err(
                Failure::new(400, "The specified customer group id does not exist.").with_session(),
            );
        }
        customer.group_id = group;
    }
    if let Some(website) = website_id.or(given.int("website_id")) {
        customer.website_id = website;
    }
    match store_id.or(given.int("store_id")) {
        Some(store) => customer.store_id = store,
        None if is_new => customer.store_id = 1,
        None => {}
    }
    for (field, kept) in [
        ("email", &mut customer.email),
        ("firstname", &mut customer.firstname),
        ("lastname", &mut customer.lastname),
    ] {
        // Unlike optional fields these are written even if they are null. A value that is too long is rejected below, so nothing is cut here.
        if given.has(field) || !merges {
            *kept = php::stored(given.text(field).unwrap_or_default(), usize::MAX);
        }
    }
    for (field, characters, kept) in [
        ("middlename", usize::MAX, &mut customer.middlename),
        ("prefix", 40, &mut customer.prefix),
        ("suffix", 40, &mut customer.suffix),
        ("taxvat", 50, &mut customer.taxvat),
    ] {
        if let Some(text) = given.text(field) {
            *kept = Some(php::stored(text, characters)).filter(|text| !text.is_empty());
        }
    }
    if merges && let Some(created_in) = given.text("created_in") {
        customer.created_in = php::stored(created_in, 255);
    }
    if (merges || is_new)
        && let Some(confirmation) = given.text("confirmation")
    {
        customer.confirmation = Some(php::stored(confirmation, 64)).filter(|text| !text.is_empty());
    }
    if let Some(dob) = given.text("dob") {
        customer.dob = match dob {
            "" => None,
            dob => Some(date::day(dob).ok_or_else(invalid_date)?),
        };
    }
    if let Some(gender) = given.int("gender") {
        customer.gender = Some(gender);
    }
    match given.int("disable_auto_group_change") {
        // The column is an unsigned two-byte integer.
        Some(number) => customer.disable_auto_group_change = number.clamp(0, 65_535),
        None if merges => {}
        None => customer.disable_auto_group_change = 0,
    }
    fill_defaults(customer, given, is_new, merges);
    let extension = given.object("extension_attributes");
    if let Some(is_subscribed) = extension.and_then(|extension| extension.flag("is_subscribed")) {
        customer.is_subscribed = is_subscribed;
    }
    if let Some(hash) = password_hash {
        customer.password_hash = Some(hash.clone());
    }
    Ok(())
}

/// The default addresses. A new customer gets the sent values. Later only the flags of the sent addresses set a default address: without
/// `addresses` the stored values stay, and `addresses`, even as null, clear them first, unless an administrator merges.
fn fill_defaults(customer: &mut Customer, given: &Object, is_new: bool, merges: bool) {
    for (field, kept) in [
        ("default_billing", &mut customer.default_billing),
        ("default_shipping", &mut customer.default_shipping),
    ] {
        let sent = given
            .text(field)
            .filter(|text| !text.is_empty())
            .map(php::int);
        if is_new {
            *kept = sent;
        } else if !merges && given.has("addresses") {
            // The flags of a list of addresses are read when they are saved.
            let is_list = given.objects("addresses").is_some();
            *kept = sent.filter(|id| !is_list && Some(*id) == *kept);
        }
    }
}

/// Rejects addresses that leave out a stored default address: they would delete it.
fn check_replaced_defaults(known: &Customer, given: &Object) -> Result<(), Failure> {
    let Some(addresses) = given.objects("addresses").filter(|list| !list.is_empty()) else {
        return Ok(());
    };
    for (field, stored) in [
        ("default_billing", known.default_billing),
        ("default_shipping", known.default_shipping),
    ] {
        let is_kept = |id| {
            addresses
                .iter()
                .any(|address| address.int("id") == Some(id) || address.flag(field) == Some(true))
        };
        if stored.is_some_and(|id| !is_kept(id)) {
            return Err(invalid_default(field));
        }
    }
    Ok(())
}

fn invalid_default(field: &str) -> Failure {
    Failure::new(
        400,
        "The %fieldName value is invalid. Set the correct value and try again.",
    )
    .with_parameters(json!({ "fieldName": field }))
    .with_session()
}

/// Rejects a default address that is not one of the customer's own.
fn check_defaults(tx: &Connection, known: &Customer, given: &Object) -> Result<(), Failure> {
    let own = storage::address::of_customer(tx, known.id)?;
    for field in ["default_billing", "default_shipping"] {
        let sent = given.text(field).filter(|text| !text.is_empty());
        if sent.is_some_and(|text| own.iter().all(|address| address.id != php::int(text))) {
            return Err(invalid_default(field));
        }
    }
    Ok(())
}

fn check(call: &ServiceCall<'_>, tx: &Connection, customer: &Customer) -> Result<(), Failure> {
    if customer.email.is_empty() {
        return Err(
            Failure::new(400, "The customer email is missing. Enter and try again.").with_session(),
        );
    }
    let same = storage::customer::find_by_email(tx, &customer.email, customer.website_id)?;
    if same.is_some_and(|same| same.id != customer.id) {
        return Err(email_is_taken());
    }
    let lines = invalid(customer, call.magento.has(VersionChange::BirthIsInThePast));
    if lines.is_empty() {
        return Ok(());
    }
    let listed = call.magento.has(VersionChange::AttributeErrorsAreListed);
    Err(Failure::invalid_attributes(lines, listed).with_session())
}

/// The errors in the values, one line each, in Magento's order of attributes; names are last.
fn invalid(customer: &Customer, birth_is_past: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if customer.website_id == 0 {
        lines.push("\"Associate to Website\" is a required value.".to_owned());
    }
    for (label, value) in [
        ("First Name", &customer.firstname),
        ("Last Name", &customer.lastname),
    ] {
        if value.is_empty() {
            lines.push(format!("\"{label}\" is a required value."));
        }
    }
    lines.extend(email::check(&customer.email));
    // The format makes the text order equal to the order of days.
    if birth_is_past && customer.dob.as_ref().is_some_and(|dob| *dob > date::now()) {
        lines.push("The Date of Birth should not be greater than today.".to_owned());
    }
    if let Some(gender) = customer.gender
        && !(0..=3).contains(&gender)
    {
        lines.push(format!(
            "Attribute gender does not contain option with Id {gender}"
        ));
    }
    for (label, value) in [
        ("First Name", Some(&customer.firstname)),
        ("Last Name", Some(&customer.lastname)),
        ("Middle Name", customer.middlename.as_ref()),
    ] {
        if value.is_some_and(|value| !name::is_valid(value)) {
            lines.push(format!("{label} is not valid!"));
        }
    }
    lines
}

/// For faults: changes the address of the customer who has it, if `is_other`, so that it can be used again.
fn make_room(
    tx: &Connection,
    customer: &Customer,
    is_other: impl Fn(&Customer) -> bool,
) -> Result<(), Failure> {
    let same = storage::customer::find_by_email(tx, &customer.email, customer.website_id)?;
    if let Some(mut same) = same.filter(is_other) {
        same.email = format!("{}.{}", same.email, same.id);
        storage::customer::update(tx, &same)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_values_are_reported_in_order() {
        let empty = Customer {
            email: "nope".to_owned(),
            gender: Some(99),
            ..Customer::default()
        };
        assert_eq!(
            invalid(&empty, false),
            [
                "\"Associate to Website\" is a required value.",
                "\"First Name\" is a required value.",
                "\"Last Name\" is a required value.",
                "\"Email\" is not a valid email address.",
                "Attribute gender does not contain option with Id 99",
            ]
        );
        let ada = Customer {
            website_id: 1,
            email: "ada@example.com".to_owned(),
            firstname: "A@B".to_owned(),
            lastname: "Lovelace".to_owned(),
            ..Customer::default()
        };
        assert_eq!(invalid(&ada, false), ["First Name is not valid!"]);
        assert!(
            invalid(
                &Customer {
                    firstname: "Ada".to_owned(),
                    ..ada
                },
                false
            )
            .is_empty()
        );
    }
}
