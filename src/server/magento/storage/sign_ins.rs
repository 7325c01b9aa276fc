//! Administrators, and consecutive failed sign-ins.

use rusqlite::{Connection, OptionalExtension, Result};

/// Id and password hash of an administrator.
pub fn administrator(connection: &Connection, user_name: &str) -> Result<Option<(i64, String)>> {
    connection
        .prepare_cached("SELECT id, password_hash FROM administrator WHERE user_name = ?1")?
        .query_row([user_name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Fails on a second administrator with the name.
pub fn insert_administrator(
    connection: &Connection,
    user_name: &str,
    password_hash: &str,
) -> Result<()> {
    connection
        .execute(
            "INSERT INTO administrator (user_name, password_hash) VALUES (?1, ?2)",
            [user_name, password_hash],
        )
        .map(drop)
}

/// The number of consecutive failed sign-ins, and the time of the last one (seconds since 1970). `kind` is the user type in tokens.
pub fn failures(connection: &Connection, kind: i64, user_name: &str) -> Result<(i64, i64)> {
    let found = connection
        .prepare_cached(
            "SELECT times, last_at FROM sign_in_failure WHERE kind = ?1 AND user_name = ?2",
        )?
        .query_row((kind, user_name), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.unwrap_or((0, 0)))
}

/// Counts a failure at this second since 1970.
pub fn count_failure(connection: &Connection, kind: i64, user_name: &str, at: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO sign_in_failure (kind, user_name, times, last_at) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT DO UPDATE SET times = times + 1, last_at = excluded.last_at",
        )?
        .execute((kind, user_name, at))
        .map(drop)
}

/// Resets the count.
pub fn forget_failures(connection: &Connection, kind: i64, user_name: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sign_in_failure WHERE kind = ?1 AND user_name = ?2")?
        .execute((kind, user_name))
        .map(drop)
}
