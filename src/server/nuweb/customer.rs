//! A customer: stored form, update, and representation. Main types: [`CompanyCustomer`], [`Update`].

use rusqlite::{Connection, OptionalExtension, named_params};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::refusal::Refusal;
use super::rules::{CheckedFields, Errors};
use crate::server::database::Database;
use crate::server::hashing::Hashing;

/// A stored customer.
#[derive(Debug, Clone)]
pub struct CompanyCustomer {
    id: i64,
    company: i64,
    name: String,
    email: String,
    phone: Option<String>,
    phone_code: Option<i64>,
    img: Option<String>,
    locale: Option<String>,
    /// `YYYY-MM-DD`.
    dob: Option<String>,
    address_line1: Option<String>,
    address_line2: Option<String>,
    postcode: Option<String>,
    city: Option<String>,
    region: Option<String>,
    country_id: Option<String>,
    password_hash: Option<String>,
    created_at: String,
    updated_at: String,
}

impl CompanyCustomer {
    /// The document of the response; `base` is scheme and host of its link.
    pub fn resource(&self, base: &str) -> Value {
        let full_phone = match (&self.phone, self.phone_code) {
            (Some(phone), Some(code)) => Some(format!("+{code}{phone}")),
            _ => None,
        };
        json!({
            "data": {
                "type": "customers",
                "id": self.id,
                "attributes": {
                    "name": self.name,
                    "email": self.email,
                    "phone": self.phone,
                    "phoneCode": self.phone_code,
                    "fullPhoneNumber": full_phone,
                    "img": self.img,
                    "locale": self.locale,
                    "dob": self.dob.as_ref().map(|day| format!("{day} 00:00:00")),
                    "addressLine1": self.address_line1,
                    "addressLine2": self.address_line2,
                    "postcode": self.postcode,
                    "createdAt": self.created_at,
                    "updatedAt": self.updated_at,
                },
                "links": { "self": format!("{base}/v1/customer?id={}", self.id) },
            }
        })
    }
}

/// A requested update.
pub struct Update<'a> {
    pub company: i64,
    pub body: &'a Map<String, Value>,
    pub hashing: Hashing,
    /// For a fault: invalid fields are ignored instead of rejected.
    pub takes_anything: bool,
}

impl Update<'_> {
    /// Changes the customer with the body's `id`, and returns the customer before and after. Fields that were not sent stay.
    ///
    /// Rejects a missing id (422), an id that the company has no customer for (404), invalid fields and a taken address (422).
    pub fn apply(
        &self,
        database: &Database,
    ) -> Result<(CompanyCustomer, CompanyCustomer), Refusal> {
        let mut fields = CheckedFields::new(self.body);
        let id = fields.required("id");
        let values = CustomerValues::read(&mut fields);
        let id = match id {
            Some(id) => id.to_owned(),
            None => return Err(Refusal::CheckedFields(fields.errors)),
        };
        let password_hash = values
            .password
            .and_then(|password| self.hashing.hash(password));
        database.write(|tx| {
            let before = find(tx, &id, self.company)?.ok_or_else(|| {
                Refusal::message(404, &format!("No query results for model [Customer] {id}"))
            })?;
            if !fields.errors.is_empty() && !self.takes_anything {
                return Err(Refusal::CheckedFields(fields.errors));
            }
            let mut after = before.clone();
            values.put(&mut after);
            after.password_hash = password_hash.or(after.password_hash);
            if is_taken(tx, &after)? {
                let text = "The email has already been taken.";
                return Err(Refusal::CheckedFields(Errors::one("email", text)));
            }
            after.updated_at = now();
            store(tx, &after)?;
            Ok((before, after))
        })
    }
}

/// The valid values that were sent.
struct CustomerValues<'a> {
    texts: Vec<(&'static str, &'a str)>,
    phone_code: Option<Option<i64>>,
    password: Option<&'a str>,
}

impl<'a> CustomerValues<'a> {
    fn read(fields: &mut CheckedFields<'a>) -> Self {
        let mut texts = Vec::new();
        let mut keep = |field: &'static str, text: Option<&'a str>| {
            texts.extend(text.map(|text| (field, text)));
        };
        keep("name", fields.filled("name"));
        keep("email", fields.email("email"));
        let password = fields.password("password");
        keep("dob", fields.date("dob"));
        for field in [
            "addressLine1",
            "addressLine2",
            "postcode",
            "city",
            "region",
            "countryId",
            "phone",
        ] {
            keep(field, fields.text(field));
        }
        let phone_code = fields.integer_or_null("phoneCode");
        CustomerValues {
            texts,
            phone_code,
            password,
        }
    }

    /// An empty text clears an optional field.
    fn put(&self, customer: &mut CompanyCustomer) {
        for (field, text) in &self.texts {
            let optional = Some((*text).to_owned()).filter(|text| !text.is_empty());
            match *field {
                "name" => customer.name = (*text).to_owned(),
                "email" => customer.email = (*text).to_owned(),
                "dob" => customer.dob = optional,
                "addressLine1" => customer.address_line1 = optional,
                "addressLine2" => customer.address_line2 = optional,
                "postcode" => customer.postcode = optional,
                "city" => customer.city = optional,
                "region" => customer.region = optional,
                "countryId" => customer.country_id = optional,
                "phone" => customer.phone = optional,
                _ => {}
            }
        }
        if let Some(code) = self.phone_code {
            customer.phone_code = code;
        }
    }
}

fn now() -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    // Formatting fails only for years above 9999.
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}

fn find(
    connection: &Connection,
    id: &str,
    company: i64,
) -> Result<Option<CompanyCustomer>, rusqlite::Error> {
    let Ok(id) = id.parse::<i64>() else {
        return Ok(None);
    };
    connection
        .prepare_cached("SELECT * FROM customer WHERE id = ?1 AND company_id = ?2")?
        .query_row([id, company], |row| {
            Ok(CompanyCustomer {
                id: row.get("id")?,
                company: row.get("company_id")?,
                name: row.get("name")?,
                email: row.get("email")?,
                phone: row.get("phone")?,
                phone_code: row.get("phone_code")?,
                img: row.get("img")?,
                locale: row.get("locale")?,
                dob: row.get("dob")?,
                address_line1: row.get("address_line1")?,
                address_line2: row.get("address_line2")?,
                postcode: row.get("postcode")?,
                city: row.get("city")?,
                region: row.get("region")?,
                country_id: row.get("country_id")?,
                password_hash: row.get("password_hash")?,
                created_at: row.get("created_at")?,
                updated_at: row.get("updated_at")?,
            })
        })
        .optional()
}

fn is_taken(connection: &Connection, customer: &CompanyCustomer) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT 1 FROM customer WHERE email = ?1 AND company_id = ?2 AND id <> ?3")?
        .exists((&customer.email, customer.company, customer.id))
}

/// Writes the fields that an update can change.
pub fn store(connection: &Connection, customer: &CompanyCustomer) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "UPDATE customer SET name = :name, email = :email, phone = :phone, phone_code = :phone_code, dob = :dob,
                address_line1 = :line1, address_line2 = :line2, postcode = :postcode, city = :city, region = :region,
                country_id = :country, password_hash = :hash, updated_at = :updated
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":name": customer.name,
            ":email": customer.email,
            ":phone": customer.phone,
            ":phone_code": customer.phone_code,
            ":dob": customer.dob,
            ":line1": customer.address_line1,
            ":line2": customer.address_line2,
            ":postcode": customer.postcode,
            ":city": customer.city,
            ":region": customer.region,
            ":country": customer.country_id,
            ":hash": customer.password_hash,
            ":updated": customer.updated_at,
            ":id": customer.id,
        })
        .map(drop)
}
