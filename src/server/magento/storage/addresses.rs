//! Addresses as rows. Main type: [`Address`].

use rusqlite::{Connection, OptionalExtension, Result, Row};

/// A stored address. Required fields are optional here, so that drafts can be checked by the same rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// 0 until inserted.
    pub id: i64,
    pub customer_id: i64,
    /// The region's name as sent; the directory's name has precedence.
    pub region: Option<String>,
    /// The number in the directory; 0 for a region with only a name, `None` for no region.
    pub region_id: Option<i64>,
    pub country_id: Option<String>,
    pub street: Vec<String>,
    pub company: Option<String>,
    pub telephone: Option<String>,
    pub fax: Option<String>,
    pub postcode: Option<String>,
    pub city: Option<String>,
    pub firstname: Option<String>,
    pub lastname: Option<String>,
    pub middlename: Option<String>,
    pub prefix: Option<String>,
    pub suffix: Option<String>,
    pub vat_id: Option<String>,
}

/// The address with this id.
pub fn find(connection: &Connection, id: i64) -> Result<Option<Address>> {
    connection
        .prepare_cached("SELECT * FROM address WHERE id = ?1")?
        .query_row([id], read)
        .optional()
}

/// A customer's addresses in the order in which they were created.
pub fn of_customer(connection: &Connection, customer: i64) -> Result<Vec<Address>> {
    connection
        .prepare_cached("SELECT * FROM address WHERE customer_id = ?1 ORDER BY id")?
        .query_map([customer], read)?
        .collect()
}

/// Inserts the address and returns its new id.
pub fn insert(connection: &Connection, address: &Address) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO address (customer_id, region, region_id, country_id, street, company, telephone, fax, postcode, city,
                firstname, lastname, middlename, prefix, suffix, vat_id)
             VALUES (:customer_id, :region, :region_id, :country_id, :street, :company, :telephone, :fax, :postcode, :city,
                :firstname, :lastname, :middlename, :prefix, :suffix, :vat_id)",
        )?
        .execute(&columns(address, &address.street.join("\n").as_str())[1..])?;
    Ok(connection.last_insert_rowid())
}

/// Writes all columns of an existing address.
pub fn update(connection: &Connection, address: &Address) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE address SET customer_id = :customer_id, region = :region, region_id = :region_id, country_id = :country_id,
                street = :street, company = :company, telephone = :telephone, fax = :fax, postcode = :postcode, city = :city,
                firstname = :firstname, lastname = :lastname, middlename = :middlename, prefix = :prefix, suffix = :suffix,
                vat_id = :vat_id
             WHERE id = :id",
        )?
        .execute(&columns(address, &address.street.join("\n").as_str())[..])
        .map(drop)
}

/// Deletes the address, also where it is a customer's default address.
pub fn delete(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM address WHERE id = ?1")?
        .execute([id])?;
    connection
        .prepare_cached(
            "UPDATE customer SET default_billing = nullif(default_billing, ?1), default_shipping = nullif(default_shipping, ?1)
             WHERE default_billing = ?1 OR default_shipping = ?1",
        )?
        .execute([id])
        .map(drop)
}

/// All columns by name, the id first. Every field must be listed here.
fn columns<'a>(
    address: &'a Address,
    // `str` cannot be used as a trait object.
    lines: &'a &'a str,
) -> [(&'static str, &'a dyn rusqlite::ToSql); 17] {
    let Address {
        id,
        customer_id,
        region,
        region_id,
        country_id,
        street: _,
        company,
        telephone,
        fax,
        postcode,
        city,
        firstname,
        lastname,
        middlename,
        prefix,
        suffix,
        vat_id,
    } = address;
    [
        (":id", id),
        (":customer_id", customer_id),
        (":region", region),
        (":region_id", region_id),
        (":country_id", country_id),
        (":street", lines),
        (":company", company),
        (":telephone", telephone),
        (":fax", fax),
        (":postcode", postcode),
        (":city", city),
        (":firstname", firstname),
        (":lastname", lastname),
        (":middlename", middlename),
        (":prefix", prefix),
        (":suffix", suffix),
        (":vat_id", vat_id),
    ]
}

fn read(row: &Row<'_>) -> Result<Address> {
    let lines: String = row.get("street")?;
    Ok(Address {
        id: row.get("id")?,
        customer_id: row.get("customer_id")?,
        region: row.get("region")?,
        region_id: row.get("region_id")?,
        country_id: row.get("country_id")?,
        street: lines.split('\n').map(str::to_owned).collect(),
        company: row.get("company")?,
        telephone: row.get("telephone")?,
        fax: row.get("fax")?,
        postcode: row.get("postcode")?,
        city: row.get("city")?,
        firstname: row.get("firstname")?,
        lastname: row.get("lastname")?,
        middlename: row.get("middlename")?,
        prefix: row.get("prefix")?,
        suffix: row.get("suffix")?,
        vat_id: row.get("vat_id")?,
    })
}
