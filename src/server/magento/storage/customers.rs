//! Customers as rows. Main type: [`Customer`].

use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::email_key::key;

/// A stored customer; optional fields are `None` if they were never set or were cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    /// 0 until inserted.
    pub id: i64,
    pub website_id: i64,
    pub store_id: i64,
    pub group_id: i64,
    pub email: String,
    pub firstname: String,
    pub lastname: String,
    pub middlename: Option<String>,
    pub prefix: Option<String>,
    pub suffix: Option<String>,
    /// `YYYY-MM-DD`.
    pub dob: Option<String>,
    pub gender: Option<i64>,
    pub taxvat: Option<String>,
    pub confirmation: Option<String>,
    /// `YYYY-MM-DD HH:MM:SS`, UTC, like all times in this type.
    pub created_at: String,
    pub updated_at: String,
    /// The name of the store view.
    pub created_in: String,
    /// The id of an address, which may not exist.
    pub default_billing: Option<i64>,
    pub default_shipping: Option<i64>,
    pub disable_auto_group_change: i64,
    pub is_subscribed: bool,
    /// The PHC text of the hash, or the text that a caller sent as a hash.
    pub password_hash: Option<String>,
    /// Tokens issued up to this second (since 1970) are invalid.
    pub tokens_void_until: Option<i64>,
    pub reset_token: Option<String>,
    /// When the token was created (seconds since 1970).
    pub reset_token_at: Option<i64>,
    /// Consecutive wrong passwords.
    pub failures: Failures,
}

/// Consecutive wrong passwords of an account. Times are in seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    pub times: i64,
    pub first_at: Option<i64>,
    pub locked_until: Option<i64>,
}

/// The customer with this id.
pub fn find(connection: &Connection, id: i64) -> Result<Option<Customer>> {
    connection
        .prepare_cached("SELECT * FROM customer WHERE id = ?1")?
        .query_row([id], read)
        .optional()
}

/// The customer with this address in the website; case and accents are ignored.
pub fn find_by_email(
    connection: &Connection,
    email: &str,
    website: i64,
) -> Result<Option<Customer>> {
    connection
        .prepare_cached("SELECT * FROM customer WHERE email_key = ?1 AND website_id = ?2")?
        .query_row((key(email), website), read)
        .optional()
}

/// Inserts the customer and returns its new id. Fails on a second customer with the address in the website.
pub fn insert(connection: &Connection, customer: &Customer) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO customer (website_id, store_id, group_id, email, email_key, firstname, lastname, middlename, prefix, suffix,
                dob, gender, taxvat, confirmation, created_at, updated_at, created_in, default_billing, default_shipping,
                disable_auto_group_change, is_subscribed, password_hash, tokens_void_until, reset_token, reset_token_at,
                password_failures, first_failure_at, locked_until)
             VALUES (:website_id, :store_id, :group_id, :email, :email_key, :firstname, :lastname, :middlename, :prefix, :suffix,
                :dob, :gender, :taxvat, :confirmation, :created_at, :updated_at, :created_in, :default_billing, :default_shipping,
                :disable_auto_group_change, :is_subscribed, :password_hash, :tokens_void_until, :reset_token, :reset_token_at,
                :password_failures, :first_failure_at, :locked_until)",
        )?
        .execute(&columns(customer, &key(&customer.email).as_str())[1..])?;
    Ok(connection.last_insert_rowid())
}

/// Writes all columns of an existing customer.
pub fn update(connection: &Connection, customer: &Customer) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE customer SET website_id = :website_id, store_id = :store_id, group_id = :group_id, email = :email, email_key = :email_key,
                firstname = :firstname, lastname = :lastname, middlename = :middlename, prefix = :prefix, suffix = :suffix,
                dob = :dob, gender = :gender, taxvat = :taxvat, confirmation = :confirmation, created_at = :created_at,
                updated_at = :updated_at, created_in = :created_in, default_billing = :default_billing,
                default_shipping = :default_shipping, disable_auto_group_change = :disable_auto_group_change,
                is_subscribed = :is_subscribed, password_hash = :password_hash, tokens_void_until = :tokens_void_until,
                reset_token = :reset_token, reset_token_at = :reset_token_at, password_failures = :password_failures,
                first_failure_at = :first_failure_at, locked_until = :locked_until
             WHERE id = :id",
        )?
        .execute(&columns(customer, &key(&customer.email).as_str())[..])
        .map(drop)
}

/// The customer with the lowest id, if there is any.
pub fn first(connection: &Connection) -> Result<Option<Customer>> {
    connection
        .prepare_cached("SELECT * FROM customer ORDER BY id LIMIT 1")?
        .query_row([], read)
        .optional()
}

/// Deletes the customer and its addresses, and returns whether it existed.
pub fn delete(connection: &Connection, id: i64) -> Result<bool> {
    Ok(connection
        .prepare_cached("DELETE FROM customer WHERE id = ?1")?
        .execute([id])?
        > 0)
}

/// Sets the hash, and the time of the last change as MySQL does for every change of a row.
pub fn set_password(connection: &Connection, id: i64, hash: &str) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE customer SET password_hash = ?2, updated_at = datetime('now') WHERE id = ?1",
        )?
        .execute((id, hash))
        .map(drop)
}

/// Stores the count of wrong passwords, and the resulting lock. This changes the time of the last change, too.
pub fn set_failures(connection: &Connection, id: i64, failures: Failures) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE customer SET password_failures = ?2, first_failure_at = ?3, locked_until = ?4, updated_at = datetime('now')
             WHERE id = ?1",
        )?
        .execute((
            id,
            failures.times,
            failures.first_at,
            failures.locked_until,
        ))
        .map(drop)
}

/// Stores a new random token for resetting the password, created at this second since 1970.
pub fn make_reset_token(connection: &Connection, id: i64, at: i64) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE customer SET reset_token = lower(hex(randomblob(16))), reset_token_at = ?2 WHERE id = ?1",
        )?
        .execute((id, at))
        .map(drop)
}

/// Removes the token for resetting.
pub fn clear_reset_token(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE customer SET reset_token = NULL, reset_token_at = NULL WHERE id = ?1",
        )?
        .execute([id])
        .map(drop)
}

/// Marks the account as confirmed.
pub fn clear_confirmation(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE customer SET confirmation = NULL WHERE id = ?1")?
        .execute([id])
        .map(drop)
}

/// Invalidates tokens issued up to `until` (seconds since 1970).
pub fn void_tokens(connection: &Connection, id: i64, until: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE customer SET tokens_void_until = ?2 WHERE id = ?1")?
        .execute((id, until))
        .map(drop)
}

/// All columns by name, the id first. Every field must be listed here.
fn columns<'a>(
    customer: &'a Customer,
    // `str` cannot be used as a trait object.
    email_key: &'a &'a str,
) -> [(&'static str, &'a dyn rusqlite::ToSql); 29] {
    let Customer {
        id,
        website_id,
        store_id,
        group_id,
        email,
        firstname,
        lastname,
        middlename,
        prefix,
        suffix,
        dob,
        gender,
        taxvat,
        confirmation,
        created_at,
        updated_at,
        created_in,
        default_billing,
        default_shipping,
        disable_auto_group_change,
        is_subscribed,
        password_hash,
        tokens_void_until,
        reset_token,
        reset_token_at,
        failures,
    } = customer;
    let Failures {
        times,
        first_at,
        locked_until,
    } = failures;
    [
        (":id", id),
        (":website_id", website_id),
        (":store_id", store_id),
        (":group_id", group_id),
        (":email", email),
        (":email_key", email_key),
        (":firstname", firstname),
        (":lastname", lastname),
        (":middlename", middlename),
        (":prefix", prefix),
        (":suffix", suffix),
        (":dob", dob),
        (":gender", gender),
        (":taxvat", taxvat),
        (":confirmation", confirmation),
        (":created_at", created_at),
        (":updated_at", updated_at),
        (":created_in", created_in),
        (":default_billing", default_billing),
        (":default_shipping", default_shipping),
        (":disable_auto_group_change", disable_auto_group_change),
        (":is_subscribed", is_subscribed),
        (":password_hash", password_hash),
        (":tokens_void_until", tokens_void_until),
        (":reset_token", reset_token),
        (":reset_token_at", reset_token_at),
        (":password_failures", times),
        (":first_failure_at", first_at),
        (":locked_until", locked_until),
    ]
}

pub(super) fn read(row: &Row<'_>) -> Result<Customer> {
    Ok(Customer {
        id: row.get("id")?,
        website_id: row.get("website_id")?,
        store_id: row.get("store_id")?,
        group_id: row.get("group_id")?,
        email: row.get("email")?,
        firstname: row.get("firstname")?,
        lastname: row.get("lastname")?,
        middlename: row.get("middlename")?,
        prefix: row.get("prefix")?,
        suffix: row.get("suffix")?,
        dob: row.get("dob")?,
        gender: row.get("gender")?,
        taxvat: row.get("taxvat")?,
        confirmation: row.get("confirmation")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        created_in: row.get("created_in")?,
        default_billing: row.get("default_billing")?,
        default_shipping: row.get("default_shipping")?,
        disable_auto_group_change: row.get("disable_auto_group_change")?,
        is_subscribed: row.get("is_subscribed")?,
        password_hash: row.get("password_hash")?,
        tokens_void_until: row.get("tokens_void_until")?,
        reset_token: row.get("reset_token")?,
        reset_token_at: row.get("reset_token_at")?,
        failures: Failures {
            times: row.get("password_failures")?,
            first_at: row.get("first_failure_at")?,
            locked_until: row.get("locked_until")?,
        },
    })
}
