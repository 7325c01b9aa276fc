//! Customer groups, tax classes, and the default group of new customers. Main type: [`CustomerGroup`].

use rusqlite::{Connection, OptionalExtension, Result, Row};

/// A group of customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerGroup {
    /// 0 until inserted, and for the group of guests.
    pub id: i64,
    pub code: String,
    pub tax_class_id: i64,
    /// From the tax class; not written.
    pub tax_class_name: String,
    /// Websites whose customers cannot be in the group.
    pub excluded_websites: Vec<i64>,
}

/// Whether the group exists.
pub fn exists(connection: &Connection, id: i64) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM customer_group WHERE id = ?1")?
        .exists([id])
}

/// The group with this id.
pub fn find(connection: &Connection, id: i64) -> Result<Option<CustomerGroup>> {
    let found = connection
        .prepare_cached("SELECT * FROM named_group WHERE id = ?1")?
        .query_row([id], read)
        .optional()?;
    match found {
        Some(group) => with_excluded(connection, group).map(Some),
        None => Ok(None),
    }
}

/// The id of the group with the code; case is ignored.
pub fn id_of_code(connection: &Connection, code: &str) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM customer_group WHERE code = ?1")?
        .query_row([code], |row| row.get(0))
        .optional()
}

/// Inserts the group and returns its new id. Fails on a second group with the code.
pub fn insert(connection: &Connection, group: &CustomerGroup) -> Result<i64> {
    connection
        .prepare_cached("INSERT INTO customer_group (code, tax_class_id) VALUES (?1, ?2)")?
        .execute((&group.code, group.tax_class_id))?;
    let id = connection.last_insert_rowid();
    exclude_websites(connection, id, &group.excluded_websites)?;
    Ok(id)
}

/// Writes all columns of an existing group.
pub fn update(connection: &Connection, group: &CustomerGroup) -> Result<()> {
    connection
        .prepare_cached("UPDATE customer_group SET code = ?2, tax_class_id = ?3 WHERE id = ?1")?
        .execute((group.id, &group.code, group.tax_class_id))?;
    exclude_websites(connection, group.id, &group.excluded_websites)
}

/// Deletes the group, and moves its customers to the group `heir`.
pub fn delete(connection: &Connection, id: i64, heir: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE customer SET group_id = ?2 WHERE group_id = ?1")?
        .execute((id, heir))?;
    connection
        .prepare_cached("DELETE FROM customer_group WHERE id = ?1")?
        .execute([id])
        .map(drop)
}

/// The default group of new customers.
pub fn default(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT default_group_id FROM setting")?
        .query_row([], |row| row.get(0))
}

/// Sets the default group of new customers.
pub fn set_default(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE setting SET default_group_id = ?1")?
        .execute([id])
        .map(drop)
}

/// Whether the tax class exists and is for customers.
pub fn is_tax_class(connection: &Connection, id: i64) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM tax_class WHERE id = ?1 AND kind = 'CUSTOMER'")?
        .exists([id])
}

/// The group with the websites that it excludes.
pub fn with_excluded(connection: &Connection, mut group: CustomerGroup) -> Result<CustomerGroup> {
    group.excluded_websites = connection
        .prepare_cached(
            "SELECT website_id FROM excluded_website WHERE group_id = ?1 ORDER BY website_id",
        )?
        .query_map([group.id], |row| row.get(0))?
        .collect::<Result<_>>()?;
    Ok(group)
}

fn exclude_websites(connection: &Connection, id: i64, websites: &[i64]) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM excluded_website WHERE group_id = ?1")?
        .execute([id])?;
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO excluded_website (group_id, website_id) VALUES (?1, ?2)",
    )?;
    for website in websites {
        insert.execute((id, website))?;
    }
    Ok(())
}

/// A row of `named_group`, without the websites.
pub(super) fn read(row: &Row<'_>) -> Result<CustomerGroup> {
    Ok(CustomerGroup {
        id: row.get("id")?,
        code: row.get("code")?,
        tax_class_id: row.get("tax_class_id")?,
        tax_class_name: row.get("tax_class_name")?,
        excluded_websites: Vec::new(),
    })
}
