//! Searches with conditions, sorting and pages. Main type: [`Search`].

use rusqlite::types::Value;
use rusqlite::{Connection, Result, Row, params_from_iter};

use super::{Customer, CustomerGroup, customers, groups};

/// A search. Columns and operators consist of fixed texts, values are bound.
#[derive(Debug, Default)]
pub struct Search {
    groups: Vec<String>,
    values: Vec<Value>,
    order: Vec<String>,
    /// Size and offset; `None` for all.
    pub page: Option<(i64, i64)>,
}

impl Search {
    /// Adds a group of conditions with their values, combined with OR.
    pub fn add_group(&mut self, alternatives: Vec<(String, Vec<Value>)>) {
        let (conditions, values): (Vec<_>, Vec<_>) = alternatives.into_iter().unzip();
        self.groups.push(format!("({})", conditions.join(" OR ")));
        self.values.extend(values.into_iter().flatten());
    }

    /// For a fault: all records match.
    pub fn drop_filters(&mut self) {
        self.groups.clear();
        self.values.clear();
    }

    /// For a fault: sorted only by id.
    pub fn drop_order(&mut self) {
        self.order.clear();
    }

    /// Adds a column to sort by, after the previous columns.
    pub fn order_by(&mut self, column: &str, descending: bool) {
        self.order.push(format!(
            "{column} {}",
            if descending { "DESC" } else { "ASC" }
        ));
    }
}

/// The customers of the page, by default sorted by id, and the number of all matches.
pub fn customers(connection: &Connection, search: &Search) -> Result<(Vec<Customer>, i64)> {
    run(connection, search, "customer", customers::read)
}

/// The groups of the page, by default sorted by id, and the number of all matches.
pub fn groups(connection: &Connection, search: &Search) -> Result<(Vec<CustomerGroup>, i64)> {
    let (found, total) = run(connection, search, "named_group", groups::read)?;
    let complete = found
        .into_iter()
        .map(|group| groups::with_excluded(connection, group))
        .collect::<Result<_>>()?;
    Ok((complete, total))
}

fn run<T>(
    connection: &Connection,
    search: &Search,
    table: &'static str,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<(Vec<T>, i64)> {
    let conditions = match search.groups.join(" AND ") {
        none if none.is_empty() => String::new(),
        some => format!(" WHERE {some}"),
    };
    let total = connection
        .prepare(&format!("SELECT count(*) FROM {table}{conditions}"))?
        .query_row(params_from_iter(&search.values), |row| row.get(0))?;
    let mut order = search.order.join(", ");
    if !order.is_empty() {
        order.push_str(", ");
    }
    let (size, offset) = search.page.unwrap_or((-1, 0));
    let records = connection
        .prepare(&format!(
            "SELECT * FROM {table}{conditions} ORDER BY {order}id LIMIT {size} OFFSET {offset}"
        ))?
        .query_map(params_from_iter(&search.values), read)?
        .collect::<Result<Vec<_>>>()?;
    Ok((records, total))
}
