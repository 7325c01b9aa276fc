//! `GET /V1/customers/search`: filters, sorting, pages.

use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};

use super::super::error::Failure;
use super::super::input::Object;
use super::super::output;
use super::super::pipeline::Call;
use super::super::storage::{self, search::Search};

/// The customers that the criteria want, the criteria as they were sent, and the number of all that match.
///
/// Filters of a group are alternatives, groups add up. Refuses an unknown direction and an attribute that does not exist to
/// filter by (400); one to sort by, and an unknown condition, do no harm: the second matches nothing.
pub fn customers(call: &Call<'_>) -> Result<Value, Failure> {
    let criteria = call.arguments.object("searchCriteria");
    let mut search = Search::default();
    for group in criteria.objects("filter_groups").unwrap_or_default() {
        let filters = group.objects("filters").unwrap_or_default();
        if !filters.is_empty() {
            let alternatives = filters
                .iter()
                .map(condition)
                .collect::<Result<Vec<_>, _>>()?;
            search.add_group(alternatives);
        }
    }
    for order in criteria.objects("sort_orders").unwrap_or_default() {
        let descending = is_descending(order)?;
        if let Some(column) = order.text("field").and_then(column) {
            search.order_by(column, descending);
        }
    }
    // A page of no or a negative size has one item for -1 and all for 0, as a MySQL limit built from it has.
    let size = criteria
        .int("page_size")
        .map(i64::saturating_abs)
        .filter(|size| *size != 0);
    let page = criteria.int("current_page").unwrap_or(1).max(1);
    search.page = size.map(|size| (size, (page - 1).saturating_mul(size)));
    let found = call
        .magento
        .database
        .read(|c| -> Result<_, rusqlite::Error> {
            let (customers, total) = storage::search::run(c, &search)?;
            let items = customers
                .iter()
                .map(|one| {
                    Ok(output::customer(
                        one,
                        &storage::address::of_customer(c, one.id)?,
                    ))
                })
                .collect::<Result<Vec<_>, rusqlite::Error>>()?;
            Ok((items, total))
        });
    let (items, total) = found?;
    Ok(json!({ "items": items, "search_criteria": echo(&criteria), "total_count": total }))
}

/// The column of an attribute; `None` if there is none to search by.
fn column(attribute: &str) -> Option<&'static str> {
    let columns = [
        ("entity_id", "id"),
        ("email", "email"),
        ("firstname", "firstname"),
        ("lastname", "lastname"),
        ("middlename", "middlename"),
        ("prefix", "prefix"),
        ("suffix", "suffix"),
        ("dob", "dob"),
        ("gender", "gender"),
        ("taxvat", "taxvat"),
        ("confirmation", "confirmation"),
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
        ("created_in", "created_in"),
        ("group_id", "group_id"),
        ("store_id", "store_id"),
        ("website_id", "website_id"),
        ("default_billing", "default_billing"),
        ("default_shipping", "default_shipping"),
        ("disable_auto_group_change", "disable_auto_group_change"),
    ];
    columns
        .iter()
        .find(|(name, _)| *name == attribute)
        .map(|(_, column)| *column)
}

/// A filter as SQL with one placeholder for each value.
fn condition(filter: &Object) -> Result<(String, Vec<Sql>), Failure> {
    let field = filter.text("field").unwrap_or_default();
    let column = column(field).ok_or_else(|| {
        Failure::new(
            400,
            "The \"%1\" attribute name is invalid. Reset the name and try again.",
        )
        .with_parameters(json!([field]))
        .with_session()
    })?;
    let value = filter.text("value").unwrap_or_default();
    let one = |operator: &str| {
        (
            format!("{column} {operator} ?"),
            vec![Sql::from(value.to_owned())],
        )
    };
    let list = |operator: &str| {
        let values: Vec<Sql> = value
            .split(',')
            .map(|one| Sql::from(one.to_owned()))
            .collect();
        (
            format!(
                "{column} {operator} ({})",
                vec!["?"; values.len()].join(", ")
            ),
            values,
        )
    };
    Ok(match filter.text("condition_type").unwrap_or("eq") {
        "eq" | "is" => one("="),
        "neq" => one("<>"),
        "like" => one("LIKE"),
        "nlike" => one("NOT LIKE"),
        "gt" => one(">"),
        "lt" => one("<"),
        "gteq" | "from" | "moreq" => one(">="),
        "lteq" | "to" => one("<="),
        "in" => list("IN"),
        "nin" => list("NOT IN"),
        "finset" => (
            format!("instr(',' || {column} || ',', ',' || ? || ',') > 0"),
            vec![Sql::from(value.to_owned())],
        ),
        "null" => (format!("{column} IS NULL"), vec![]),
        "notnull" => (format!("{column} IS NOT NULL"), vec![]),
        _ => ("0".to_owned(), vec![]),
    })
}

fn is_descending(order: &Object) -> Result<bool, Failure> {
    match order.text("direction").map(str::to_ascii_uppercase).as_deref() {
        None | Some("DESC") => Ok(true),
        Some("ASC") => Ok(false),
        Some(_) => Err(Failure::new(
            400,
            "The sort order has to be specified as %1 for ascending order or %2 for descending order.",
        )
        .with_parameters(json!(["ASC", "DESC"]))),
    }
}

/// What was sent; `filter_groups` is there in any case, `condition_type` and `direction` with what they count as.
fn echo(criteria: &Object) -> Value {
    let groups: Vec<Value> = criteria
        .objects("filter_groups")
        .unwrap_or_default()
        .iter()
        .map(|group| {
            let filters: Vec<Value> = group
                .objects("filters")
                .unwrap_or_default()
                .iter()
                .map(|filter| {
                    json!({
                        "field": filter.text_or_null("field"),
                        "value": filter.text_or_null("value"),
                        "condition_type": filter.text("condition_type").unwrap_or("eq"),
                    })
                })
                .collect();
            json!({ "filters": filters })
        })
        .collect();
    let mut echo = Map::new();
    echo.insert("filter_groups".to_owned(), Value::Array(groups));
    if let Some(orders) = criteria.objects("sort_orders") {
        let orders = orders.iter().map(|order| {
            let direction = order.text("direction").map(str::to_ascii_uppercase);
            json!({ "field": order.text_or_null("field"), "direction": direction })
        });
        echo.insert("sort_orders".to_owned(), orders.collect());
    }
    for field in ["page_size", "current_page"] {
        if let Some(number) = criteria.int(field) {
            echo.insert(field.to_owned(), json!(number));
        }
    }
    Value::Object(echo)
}
