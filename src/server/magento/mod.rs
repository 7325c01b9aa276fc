//! Magento's customer area, as of 2.4.7 and later versions. Main type: [`Magento`].
//!
//! `pipeline` passes a request through `negotiate`, `store`, `routes` (with the type in `route`), `token` and `input`, and then as a `call`
//! to a function of `service`, which applies `rules` and stores its records in `storage`. `output`, `fields`, `php` and `xml` write the
//! response, `error` an error response. `change` lists the differences of later versions.

mod call;
mod change;
mod error;
mod fields;
mod input;
mod negotiate;
mod output;
mod php;
mod pipeline;
mod route;
mod routes;
mod rules;
mod service;
mod storage;
mod store;
mod token;
mod xml;

use super::database::{CreateError, Database};
use super::hashing::Hashing;
use super::seed::{ADMIN_PASSWORD, ADMIN_USER, CUSTOMER_EMAIL, CUSTOMER_PASSWORD_HASH};
use super::system::System;
use super::version::ReleaseLine;

use change::VersionChange;
use token::Tokens;

/// An instance: its data and its secret.
pub struct Magento {
    system: System,
    version: ReleaseLine,
    database: Database,
    tokens: Tokens,
    hashing: Hashing,
}

impl Magento {
    /// A new instance of one of the two systems, with the seeded accounts.
    pub fn new(
        system: System,
        version: ReleaseLine,
        hashing: Hashing,
    ) -> Result<Self, CreateError> {
        let database = Database::create(storage::SCHEMA)?;
        // The real cost would dominate the start-up time, for a password that is public.
        let admin_hash = Hashing::Cheap.hash(ADMIN_PASSWORD).unwrap_or_default();
        let secret = database.write(|tx| {
            storage::sign_in::insert_administrator(tx, ADMIN_USER, &admin_hash)?;
            if system == System::MagentoAdminSave {
                storage::customer::insert(tx, &seeded_customer())?;
            }
            tx.query_row("SELECT randomblob(32)", [], |row| row.get::<_, Vec<u8>>(0))
        })?;
        Ok(Magento {
            system,
            version,
            database,
            tokens: Tokens::new(&secret),
            hashing,
        })
    }

    /// The version that the instance imitates.
    pub fn version(&self) -> ReleaseLine {
        self.version
    }

    /// The customer's unused token from the mail about a forgotten password, if any.
    #[cfg(test)]
    pub fn mailed_token(&self, customer: i64) -> Option<String> {
        let found = self
            .database
            .read(|c| storage::customer::find(c, customer))
            .unwrap();
        found.and_then(|customer| customer.reset_token)
    }

    /// Sets the age of the customer's token in seconds.
    #[cfg(test)]
    pub fn age_token(&self, customer: i64, seconds: i64) {
        let made_at = rules::date::now_in_seconds() - seconds;
        self.database
            .write(|tx| {
                tx.execute(
                    "UPDATE customer SET reset_token_at = ?2 WHERE id = ?1",
                    (customer, made_at),
                )
            })
            .unwrap();
    }

    /// Whether the instance's version has the change.
    fn has(&self, change: VersionChange) -> bool {
        change.is_in(self.version)
    }
}

fn seeded_customer() -> storage::Customer {
    let now = rules::date::now();
    storage::Customer {
        website_id: 1,
        store_id: 1,
        group_id: 1,
        email: CUSTOMER_EMAIL.to_owned(),
        firstname: "Ada".to_owned(),
        lastname: "Lovelace".to_owned(),
        created_at: now.clone(),
        updated_at: now,
        created_in: "Default Store View".to_owned(),
        password_hash: Some(CUSTOMER_PASSWORD_HASH.to_owned()),
        ..storage::Customer::default()
    }
}
