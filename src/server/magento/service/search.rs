//! `GET /V1/customers/search` and `GET /V1/customerGroups/search`: items, the criteria as they were sent, the number of all.

use serde_json::{Value, json};

use super::super::call::ServiceCall;
use super::super::error::Failure;
use super::super::input::Object;
use super::super::output;
use super::super::storage::{self, search::Search};
use super::criteria::{self, SearchFields};
use crate::server::fault::Weakness;

/// The attributes of customers. Sorting by an unknown attribute is ignored.
const CUSTOMERS: SearchFields = SearchFields {
    texts: &[
        ("email", "email"),
        ("firstname", "firstname"),
        ("lastname", "lastname"),
        ("middlename", "middlename"),
        ("prefix", "prefix"),
        ("suffix", "suffix"),
        ("dob", "dob"),
        ("taxvat", "taxvat"),
        ("confirmation", "confirmation"),
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
        ("created_in", "created_in"),
    ],
    numbers: &[
        ("entity_id", "id"),
        ("gender", "gender"),
        ("group_id", "group_id"),
        ("store_id", "store_id"),
        ("website_id", "website_id"),
        ("default_billing", "default_billing"),
        ("default_shipping", "default_shipping"),
        ("disable_auto_group_change", "disable_auto_group_change"),
    ],
    unknown_filter: |field| {
        Failure::new(
            400,
            "The \"%1\" attribute name is invalid. Reset the name and try again.",
        )
        .with_parameters(json!([field]))
    },
    unknown_order: None,
};

/// The fields of groups, with the names in the API and in the table. An unknown field causes a database error.
const GROUPS: SearchFields = SearchFields {
    texts: &[
        ("code", "code"),
        ("customer_group_code", "code"),
        ("tax_class_name", "tax_class_name"),
        ("class_name", "tax_class_name"),
    ],
    numbers: &[
        ("id", "id"),
        ("customer_group_id", "id"),
        ("tax_class_id", "tax_class_id"),
    ],
    unknown_filter: |_| Failure::of_database(),
    unknown_order: Some(|_| Failure::of_database()),
};

/// `GET /V1/customers/search`.
pub fn customers(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let criteria = call.arguments.object("searchCriteria");
    let search = read(call, &criteria, &CUSTOMERS)?;
    let found = call
        .magento
        .database
        .read(|c| -> Result<_, rusqlite::Error> {
            let (customers, total) = storage::search::customers(c, &search)?;
            let items = customers
                .iter()
                .map(|customer| {
                    Ok(output::customer(
                        customer,
                        &storage::address::of_customer(c, customer.id)?,
                    ))
                })
                .collect::<Result<Vec<_>, rusqlite::Error>>()?;
            Ok((items, total))
        });
    let (items, total) = found?;
    Ok(results(items, &criteria, total))
}

/// `GET /V1/customerGroups/search`: sorted by id by default.
pub fn groups(call: &ServiceCall<'_>) -> Result<Value, Failure> {
    let criteria = call.arguments.object("searchCriteria");
    let search = read(call, &criteria, &GROUPS)?;
    let (groups, total) = call
        .magento
        .database
        .read(|c| storage::search::groups(c, &search))?;
    let items = groups.iter().map(output::group).collect();
    Ok(results(items, &criteria, total))
}

/// The search result, with Magento's order of members.
fn results(items: Vec<Value>, criteria: &Object, total: i64) -> Value {
    json!({ "items": items, "search_criteria": criteria::echo(criteria), "total_count": total })
}

/// The search, changed by faults.
fn read(
    call: &ServiceCall<'_>,
    criteria: &Object,
    fields: &SearchFields,
) -> Result<Search, Failure> {
    let mut search = criteria::read(criteria, fields)?;
    if call.is_weak(Weakness::IgnoresFilters) {
        search.drop_filters();
    }
    if call.is_weak(Weakness::IgnoresOrder) {
        search.drop_order();
    }
    if call.is_weak(Weakness::IgnoresPages) {
        search.page = search.page.map(|(size, _)| (size, 0));
    }
    Ok(search)
}
