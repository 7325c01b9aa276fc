//! Search criteria for every kind of record: filters, sorting, pages. Main function: [`read`].

use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};

use super::super::error::Failure;
use super::super::input::Object;
use super::super::storage::search::Search;

/// The fields by which a kind of record can be searched and sorted.
#[derive(Debug)]
pub struct SearchFields {
    /// Field and column.
    pub texts: &'static [(&'static str, &'static str)],
    /// Field and column.
    pub numbers: &'static [(&'static str, &'static str)],
    /// The error for a filter by a field that does not exist.
    pub unknown_filter: fn(&str) -> Failure,
    /// The error for sorting by a field that does not exist; `None` if that is ignored.
    pub unknown_order: Option<fn(&str) -> Failure>,
}

/// The search for the given criteria.
///
/// The filters of a group are combined with OR, the groups with AND. Comparisons of texts ignore case. Rejects an unknown direction and
/// restricted characters in a field to sort by (400), and unknown fields as `fields` specifies.
pub fn read(criteria: &Object, fields: &SearchFields) -> Result<Search, Failure> {
    let mut search = Search::default();
    for order in criteria.objects("sort_orders").unwrap_or_default() {
        let field = order.text("field").unwrap_or_default();
        if !field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(
                Failure::new(400, "Sort order field %1 contains restricted symbols")
                    .with_parameters(json!([field])),
            );
        }
        is_descending(order)?;
    }
    for group in criteria.objects("filter_groups").unwrap_or_default() {
        let filters = group.objects("filters").unwrap_or_default();
        if !filters.is_empty() {
            let alternatives = filters
                .iter()
                .map(|filter| condition(filter, fields))
                .collect::<Result<Vec<_>, _>>()?;
            search.add_group(alternatives);
        }
    }
    for order in criteria.objects("sort_orders").unwrap_or_default() {
        let field = order.text("field").unwrap_or_default();
        match (column(field, fields), fields.unknown_order) {
            (Some(column), _) => search.order_by(&column, is_descending(order)?),
            (None, Some(refuse)) => return Err(refuse(field)),
            (None, None) => {}
        }
    }
    // A page size of -1 gives one item and 0 gives all, like the MySQL limit that is built from it.
    let size = criteria
        .int("page_size")
        .map(i64::saturating_abs)
        .filter(|size| *size != 0);
    let page = criteria.int("current_page").unwrap_or(1).max(1);
    search.page = size.map(|size| (size, (page - 1).saturating_mul(size)));
    Ok(search)
}

/// The criteria as sent; `filter_groups` is always present, `condition_type` and `direction` have their effective values.
pub fn echo(criteria: &Object) -> Value {
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

/// The column of a field as SQL, for a text with its collation; `None` if the field is unknown.
fn column(field: &str, fields: &SearchFields) -> Option<String> {
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, column)| *column)
    };
    find(fields.texts)
        .map(|column| format!("{column} COLLATE NOCASE"))
        .or_else(|| find(fields.numbers).map(str::to_owned))
}

/// A filter as SQL with one placeholder for each value. An unknown condition counts as `eq`.
fn condition(filter: &Object, fields: &SearchFields) -> Result<(String, Vec<Sql>), Failure> {
    let field = filter.text("field").unwrap_or_default();
    let column = column(field, fields).ok_or_else(|| (fields.unknown_filter)(field))?;
    let value = filter.text("value").unwrap_or_default();
    let comparison = |operator: &str| {
        (
            format!("{column} {operator} ?"),
            vec![Sql::from(value.to_owned())],
        )
    };
    let like = |operator: &str| {
        let (condition, values) = comparison(operator);
        (format!("{condition} ESCAPE '\\'"), values)
    };
    let list = |operator: &str| {
        let values: Vec<Sql> = value
            .split(',')
            .map(|part| Sql::from(part.to_owned()))
            .collect();
        let places = vec!["?"; values.len()].join(", ");
        (format!("{column} {operator} ({places})"), values)
    };
    let in_set = |operator: &str| {
        (
            format!("instr(',' || {column} || ',', ',' || ? || ',') {operator} 0"),
            vec![Sql::from(value.to_owned())],
        )
    };
    Ok(match filter.text("condition_type").unwrap_or("eq") {
        "neq" => comparison("<>"),
        "like" => like("LIKE"),
        "nlike" => like("NOT LIKE"),
        "gt" => comparison(">"),
        "lt" => comparison("<"),
        "gteq" | "from" => comparison(">="),
        "lteq" | "to" => comparison("<="),
        "in" => list("IN"),
        "nin" => list("NOT IN"),
        "finset" => in_set(">"),
        "nfinset" => in_set("="),
        "null" => (format!("{column} IS NULL"), vec![]),
        "notnull" => (format!("{column} IS NOT NULL"), vec![]),
        _ => comparison("="),
    })
}

/// Whether the order is descending, as it is when no direction is given.
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
