//! Websites and store views, which are all seeded.

use rusqlite::{Connection, OptionalExtension, Result};

/// The website of a store view; `None` if the view does not exist.
pub fn website_of(connection: &Connection, store: i64) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT website_id FROM store WHERE id = ?1")?
        .query_row([store], |row| row.get(0))
        .optional()
}

/// The name of a store view; `None` if the view does not exist.
pub fn name(connection: &Connection, store: i64) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT name FROM store WHERE id = ?1")?
        .query_row([store], |row| row.get(0))
        .optional()
}

/// Whether the website exists.
pub fn website_exists(connection: &Connection, website: i64) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM website WHERE id = ?1")?
        .exists([website])
}

/// The first store view of a website.
pub fn default_store(connection: &Connection, website: i64) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT min(id) FROM store WHERE website_id = ?1")?
        .query_row([website], |row| row.get(0))
}
